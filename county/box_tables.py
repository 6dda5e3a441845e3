"""Tables of what boxes tell: their pairing, their faults, their remotes, what they like."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime
from county.tables import Box


class PairingOffer(Base):
    """A box that shows a code and waits for somebody to say whose it is."""

    __tablename__ = "pairing_offer"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("secret_hash"),
        UniqueConstraint("token_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(6))
    #: The secret stands in addresses, and so in logs; the token is made of it with a key of the
    #: house. Neither is kept in clear.
    secret_hash: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(80))
    #: Where it was asked from, hashed with a key of the house, to count how often.
    address: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    box_id: Mapped[int | None] = mapped_column(ForeignKey("box.id"))


class BoxFault(Base):
    """What fell in the TV app of a box within an hour."""

    __tablename__ = "box_fault"
    __table_args__ = (UniqueConstraint("source", "hour"), Index(None, "source", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    #: `box:<id>`, or a hash of the address of one that is not paired.
    source: Mapped[str] = mapped_column(String(64))
    #: Whole hours since 1970: two told at once are one.
    hour: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    model: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(40))
    count: Mapped[int] = mapped_column()
    last: Mapped[str] = mapped_column(Text)
    screen: Mapped[str] = mapped_column(String(40))


class KeyCorrection(Base):
    """Codes of a remote's keys, taught on one box, for every box of the model once approved."""

    __tablename__ = "key_correction"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'approved', 'refused', 'replaced')", name="state"),
        CheckConstraint("(state = 'waiting') = (waits IS NOT NULL)", name="waits"),
        CheckConstraint("(state = 'approved') = (holds IS NOT NULL)", name="holds"),
        # NULL equals nothing: one may wait of a box and model, one may hold for a model.
        UniqueConstraint("box_id", "model", "waits"),
        UniqueConstraint("model", "holds"),
        Index(None, "model", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80))
    profile: Mapped[str] = mapped_column(String(20))
    #: Function of `stb_app/src/30-keymaps.js` → codes.
    keys: Mapped[dict[str, Any]] = mapped_column(JSON)
    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"))
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    #: True while it waits, else NULL.
    waits: Mapped[bool | None] = mapped_column(default=True)
    #: True while it is approved, else NULL.
    holds: Mapped[bool | None] = mapped_column()
    #: What held before it and holds again when the approval is taken back.
    before_id: Mapped[int | None] = mapped_column(ForeignKey("key_correction.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(64), default="")

    box: Mapped[Box] = relationship()


class Favourite(Base):
    """What a box wants to find again."""

    __tablename__ = "favourite"
    __table_args__ = (CheckConstraint("kind IN ('title', 'series', 'channel')", name="kind"),)

    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    #: Id of the title, series or channel; one that is gone is left out when read.
    ref_id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
