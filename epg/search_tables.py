"""Tables of the guide's side of search: names of programmes, and when they are shown.

A cache of the guide, brought in step by the indexer: an import writes programmes by the hundred
thousand and shall not pay for an index by title.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class ProgrammeName(Base):
    """A name that programmes go by, without the number of their episode."""

    __tablename__ = "programme_name"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class Showing(Base):
    """A programme as the guide shows it, corrections laid over (`epg.guide.reading.entries`)."""

    __tablename__ = "showing"
    __table_args__ = (Index(None, "name_id", "start_s"),)

    #: No foreign keys to channel and programme: those go first, this follows.
    channel_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    start_s: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stop_s: Mapped[int] = mapped_column(BigInteger)
    programme_id: Mapped[int] = mapped_column()
    name_id: Mapped[int] = mapped_column(ForeignKey("programme_name.id"))
