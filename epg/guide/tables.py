"""Tables of the guide: feeds, their channels, programmes, reminders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime
from epg.channels.tables import Channel


class GuideFeed(Base):
    """An XMLTV source: an address fetched on a schedule, or files handed in (`url` empty)."""

    __tablename__ = "guide_feed"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("every_s >= 60", name="every_s"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(Text, default="")
    #: Zone of times without one.
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    every_s: Mapped[int] = mapped_column(default=6 * 3600)
    enabled: Mapped[bool] = mapped_column(default=True)
    etag: Mapped[str] = mapped_column(String(200), default="")
    last_modified: Mapped[str] = mapped_column(String(80), default="")
    #: Last time it was asked for; last time it gave a guide that was taken.
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Programmes in the guide last taken.
    programmes: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")


class GuideChannel(Base):
    """A channel as a feed knows it, and which of ours it is."""

    __tablename__ = "guide_channel"
    __table_args__ = (
        UniqueConstraint("feed_id", "ref"),
        CheckConstraint("matched_by IN ('', 'id', 'name', 'person', 'none')", name="matched_by"),
        Index(None, "channel_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("guide_feed.id"))
    #: XMLTV `channel@id`.
    ref: Mapped[str] = mapped_column(String(200))
    names: Mapped[list[str]] = mapped_column(JSON, default=list)
    icon: Mapped[str] = mapped_column(Text, default="")
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"))
    #: How it was matched; `none` is a person's word that it is none of ours, empty is not yet.
    matched_by: Mapped[str] = mapped_column(String(8), default="")
    programmes: Mapped[int] = mapped_column(default=0)

    feed: Mapped[GuideFeed] = relationship()
    channel: Mapped[Channel | None] = relationship()


class Programme(Base):
    """A programme of a channel; integers, because feeds hold them by the hundred thousand.

    A row without a feed was written by a person: it stands before every feed's.
    """

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("stop_s > start_s", name="span"),
        # None by feed: only a feed that is deleted would ask it, and every import would pay.
        Index(None, "channel_id", "start_s"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("guide_feed.id"))
    #: Epoch seconds.
    start_s: Mapped[int] = mapped_column(BigInteger)
    stop_s: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(Text)
    sub_title: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(200), default="")
    #: What else XMLTV says of it, by element name, for the export; None when nothing.
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Reminder(Base):
    """A programme a box wants to be told of when it begins."""

    __tablename__ = "reminder"

    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    start_s: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
