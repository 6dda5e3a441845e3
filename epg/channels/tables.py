"""Tables of channels: what is wanted, what is so, what is pinned."""

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

from catalog.titles.tables import Title
from core.db import Base, UtcDateTime
from county.tables import Place


class Channel(Base):
    """A channel of the county.

    `live` is recorded from its sources, `loop` is played out from the catalogue, `reference` is
    only listed, with the operator's own address.
    """

    __tablename__ = "channel"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("stream_key"),
        CheckConstraint("number BETWEEN 1 AND 9999", name="number"),
        CheckConstraint("length(name) > 0", name="name"),
        CheckConstraint("level IN ('central', 'province', 'city', 'county', 'town')", name="level"),
        CheckConstraint("kind IN ('live', 'loop', 'reference')", name="kind"),
        CheckConstraint("retention_days BETWEEN 0 AND 366", name="retention_days"),
        CheckConstraint("target_duration_s BETWEEN 1 AND 20", name="target_duration_s"),
        Index(None, "tvg_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(String(120))
    #: Other names it goes by, for matching a guide: `["CCTV1", "中央一台"]`.
    names: Mapped[list[str]] = mapped_column(JSON, default=list)
    logo: Mapped[str] = mapped_column(String(500), default="")
    #: Groups, `;` between them (M3U `group-title`).
    group_title: Mapped[str] = mapped_column(String(200), default="")
    level: Mapped[str] = mapped_column(String(16), default="county")
    kind: Mapped[str] = mapped_column(String(16), default="live")
    #: The id guides know it by (M3U `tvg-id`, XMLTV `channel@id`); may be shared or empty.
    tvg_id: Mapped[str] = mapped_column(String(200), default="")
    radio: Mapped[bool] = mapped_column(default=False)
    #: Whether it shall be on air, and boxes shall see it.
    wanted: Mapped[bool] = mapped_column(default=True)
    retention_days: Mapped[int] = mapped_column(default=7)
    #: EXT-X-TARGETDURATION; raised by the recorder when a source's keyframes are further apart.
    target_duration_s: Mapped[int] = mapped_column(default=3)
    #: What an RTMP encoder must send to push to this channel.
    stream_key: Mapped[str | None] = mapped_column(String(64))
    #: M3U attributes and directives this house has no use for, kept for the export.
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    #: Subtrees that may see it; empty is everybody.
    places: Mapped[list[Place]] = relationship(secondary="channel_place", order_by=Place.id)
    sources: Mapped[list[ChannelSource]] = relationship(
        back_populates="channel",
        order_by="ChannelSource.position",
        cascade="all, delete-orphan",
    )
    loop: Mapped[list[LoopItem]] = relationship(
        order_by="LoopItem.position", cascade="all, delete-orphan"
    )


class ChannelPlace(Base):
    """A subtree that may see a channel."""

    __tablename__ = "channel_place"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True, index=True)


class ChannelSource(Base):
    """Where a channel's signal comes from; the lowest position is preferred."""

    __tablename__ = "channel_source"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('hls', 'http', 'udp', 'rtp', 'srt', 'rtmp', 'push', 'file', 'card')",
            name="kind",
        ),
        CheckConstraint("mode IN ('auto', 'copy', 'encode')", name="mode"),
        Index(None, "channel_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(8))
    url: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(String(8), default="auto")

    channel: Mapped[Channel] = relationship(back_populates="sources")


class ChannelRun(Base):
    """What a live channel is doing now; its lease says which supervisor may record it."""

    __tablename__ = "channel_run"
    __table_args__ = (
        CheckConstraint(
            "state IN ('off', 'starting', 'on_air', 'stalled', 'waiting')", name="state"
        ),
    )

    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80), default="")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default="off")
    #: Id of the source in use; no foreign key, as sources come and go in the admin.
    source_id: Mapped[int | None] = mapped_column()
    #: `copy`, `encode` or empty.
    mode: Mapped[str] = mapped_column(String(8), default="")
    on_air_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_segment_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bitrate_bps: Mapped[int] = mapped_column(default=0)
    restarts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordingPin(Base):
    """A stretch of a channel that is kept beyond its retention."""

    __tablename__ = "recording_pin"
    __table_args__ = (
        CheckConstraint("stop_ms > start_ms", name="span"),
        Index(None, "channel_id", "start_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    start_ms: Mapped[int] = mapped_column(BigInteger)
    stop_ms: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    channel: Mapped[Channel] = relationship()


class LoopItem(Base):
    """A title of a loop channel, in its order."""

    __tablename__ = "loop_item"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"), index=True)

    title: Mapped[Title] = relationship()


class Playout(Base):
    """What a loop channel plays from an instant on, until the next row's; never changed."""

    __tablename__ = "playout"
    __table_args__ = (UniqueConstraint("channel_id", "start_ms"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    start_ms: Mapped[int] = mapped_column(BigInteger)
    first_sequence: Mapped[int] = mapped_column(BigInteger)
    first_discontinuity: Mapped[int] = mapped_column(BigInteger)
    #: `epg.playout.model.Item` values as JSON.
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class EpgVersion(Base):
    """One row; raised by every change of channels or guide that a box could see."""

    __tablename__ = "epg_version"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
