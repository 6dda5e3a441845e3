"""Tables of search: documents, the keys they are found by, what waits to be indexed.

All but the outbox is a cache that can be made again (`cuntai reindex`); what failed is noted there
again when its time comes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, UtcDateTime

#: Keys are compared byte by byte, or a prefix would be no range (PostgreSQL's own order differs).
KEY_TEXT = String(24).with_variant(String(24, collation="C"), "postgresql")


class SearchDocument(Base):
    """What is indexed of a thing."""

    __tablename__ = "search_document"
    __table_args__ = (UniqueConstraint("kind", "ref"), Index(None, "family"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    ref: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Text)
    #: Name and aliases normalised, a line each, in which longer questions are looked up.
    folded: Mapped[str] = mapped_column(Text)
    #: Readings of the name's units: a space between units, a comma between a unit's readings.
    readings: Mapped[str] = mapped_column(Text)
    #: Of everything the keys are made of; another one means that they are old.
    fingerprint: Mapped[str] = mapped_column(String(16))
    #: Ref of the series a title belongs to; empty for all else.
    family: Mapped[str] = mapped_column(String(64), default="", server_default="")


class SearchKey(Base):
    """A key of a document in a scope; the primary key is what questions read, whole."""

    __tablename__ = "search_key"
    __table_args__ = (Index(None, "document_id"), {"sqlite_with_rowid": False})

    alphabet: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    #: `catalog.search.model.EVERYBODY` or the id of a place.
    scope: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Place in `catalog.search.model.KINDS`.
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    #: 0 where the key begins where the name does, 1 inside it.
    inside: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    key: Mapped[str] = mapped_column(KEY_TEXT, primary_key=True)
    rank: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    #: Unit of the name at which the key begins; -1 in an alias.
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("search_document.id"), primary_key=True, autoincrement=False
    )


class SearchOutbox(Base):
    """Something has changed and is to be indexed; written in the transaction of the change."""

    __tablename__ = "search_outbox"
    __table_args__ = (Index(None, "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    ref: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SearchFailure(Base):
    """What could not be indexed: out of the way of all else, and tried again later."""

    __tablename__ = "search_failure"
    __table_args__ = (Index(None, "next_try_at"),)

    #: As in the outbox.
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempts: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: For who looks after the house: the kind of error and what it said.
    error: Mapped[str] = mapped_column(String(500))
