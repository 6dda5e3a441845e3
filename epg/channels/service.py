"""Verbs on channels: create, edit, sources, titles of a loop, who sees them, what is pinned."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.titles.tables import Title
from core.db import is_row_id
from core.errors import ConflictError, InvalidInputError, NotFoundError
from county.tables import Place
from epg.channels.deleting import delete_channel as delete_channel  # noqa: PLC0414 - a verb too
from epg.channels.model import (
    MAX_NUMBER,
    MAX_SOURCES,
    MODES,
    SourceSpec,
    check_source,
    clean_fields,
)
from epg.channels.tables import Channel, ChannelSource, LoopItem, RecordingPin
from epg.channels.version import touch_epg
from epg.noting import note_channel

MAX_LOOP = 1000
MAX_PIN_NAME = 200


def create_channel(
    session: Session, *, name: str, number: int | None = None, now: datetime, **fields: Any
) -> Channel:
    """Add a channel.

    Args:
        session: the unit of work.
        name: what it is called, 1 to 120 characters.
        number: what a viewer types, 1 to 9999; None for the next free one.
        now: the present instant.
        fields: others of `epg.channels.model.clean_fields`.

    Raises:
        InvalidInputError: a value does not fit; `field` names it.
        ConflictError: the number is taken; `field` is `number`.
    """
    values = clean_fields({"name": name, **fields})
    if number is None:
        number = next_number(session)
    number = clean_fields({"number": number})["number"]
    _require_free(session, number)
    channel = Channel(number=number, created_at=now, updated_at=now, **values)
    channel.sources, channel.places, channel.loop = [], [], []
    session.add(channel)
    _flush(session, number)
    note_channel(session, channel.id, hide=False, now=now)
    touch_epg(session)
    return channel


def next_number(session: Session) -> int:
    """Return the number after the highest; where that is the last, the lowest free one.

    Raises:
        ConflictError: all are taken.
    """
    taken = set(session.scalars(select(Channel.number)))
    highest = max(taken, default=0)
    if highest < MAX_NUMBER:
        return highest + 1
    free = next((number for number in range(1, MAX_NUMBER) if number not in taken), None)
    if free is None:
        raise ConflictError("频道号已经用完。", field="number")
    return free


def edit_channel(session: Session, channel: Channel, *, now: datetime, **fields: Any) -> None:
    """Change fields of a channel.

    Raises:
        InvalidInputError: a value does not fit; `field` names it.
        ConflictError: the number is taken; `field` is `number`.
    """
    values = clean_fields(fields)
    if values.get("number", channel.number) != channel.number:
        _require_free(session, values["number"])
    for field, value in values.items():
        setattr(channel, field, value)
    _changed(session, channel, now, hide=not channel.wanted)


def set_wanted(session: Session, channel: Channel, wanted: bool, *, now: datetime) -> None:
    """Put a channel on air, or take it off."""
    edit_channel(session, channel, now=now, wanted=wanted)


def set_sources(
    session: Session, channel: Channel, specs: Sequence[SourceSpec], *, now: datetime
) -> None:
    """Give a channel its sources, the preferred first; those that stay keep their ids.

    Raises:
        InvalidInputError: a source cannot be one, stands twice, or there are too many.
    """
    if len(specs) > MAX_SOURCES:
        raise InvalidInputError(f"一个频道最多 {MAX_SOURCES} 个信号源。", field="sources")
    wanted = [_checked(spec) for spec in specs]
    if len({(kind, url) for kind, url, _ in wanted}) < len(wanted):
        raise InvalidInputError("同一个信号源填了两次。", field="sources")
    known = {(row.kind, row.url): row for row in channel.sources}
    rows = []
    for position, (kind, url, mode) in enumerate(wanted):
        row = known.get((kind, url)) or ChannelSource(kind=kind, url=url)
        row.position, row.mode = position, mode
        rows.append(row)
    channel.sources = rows
    if channel.stream_key is None and any(kind == "push" for kind, _, _ in wanted):
        channel.stream_key = secrets.token_hex(16)
    _changed(session, channel, now)


def _checked(spec: SourceSpec) -> tuple[str, str, str]:
    if spec.mode not in MODES:
        raise InvalidInputError("请从列表里选择处理方式。", field="mode")
    return spec.kind, check_source(spec.kind, spec.url), spec.mode


def set_loop(
    session: Session, channel: Channel, title_ids: Sequence[int], *, now: datetime
) -> None:
    """Give a loop channel its titles in their order; a title may stand there twice.

    Raises:
        InvalidInputError: there is no such title, or there are too many.
    """
    if len(title_ids) > MAX_LOOP:
        raise InvalidInputError(f"轮播表最多 {MAX_LOOP} 个节目。", field="loop")
    wanted = {one for one in title_ids if is_row_id(one)}
    known = set(session.scalars(select(Title.id).where(Title.id.in_(wanted))))
    for one in title_ids:
        if one not in known:
            raise InvalidInputError(f"没有编号为 {one} 的节目。", field="loop")
    # The old rows go first: position is part of the key.
    channel.loop = []
    session.flush()
    channel.loop = [LoopItem(position=n, title_id=one) for n, one in enumerate(title_ids)]
    _changed(session, channel, now)


def set_places(
    session: Session, channel: Channel, place_ids: Sequence[int], *, now: datetime
) -> None:
    """Say which subtrees may see a channel; none is everybody.

    Raises:
        InvalidInputError: there is no such place.
    """
    wanted = {one for one in place_ids if is_row_id(one)}
    found = session.scalars(select(Place).where(Place.id.in_(wanted)).order_by(Place.id)).all()
    missing = set(place_ids) - {place.id for place in found}
    if missing:
        raise InvalidInputError(f"没有编号为 {min(missing)} 的地区。", field="place_ids")
    channel.places = list(found)
    _changed(session, channel, now, hide=True)


def new_stream_key(session: Session, channel: Channel, *, now: datetime) -> str:
    """Make a new key for encoders that push, and return it; the old one is dead at once."""
    key = secrets.token_hex(16)
    channel.stream_key = key
    _changed(session, channel, now)
    return key


def pin_recording(
    session: Session,
    channel: Channel,
    *,
    start_ms: int,
    stop_ms: int,
    name: str,
    by: str,
    now: datetime,
) -> RecordingPin:
    """Keep a stretch of a channel beyond its retention.

    Args:
        session: the unit of work.
        channel: whose.
        start_ms: epoch milliseconds.
        stop_ms: likewise, later.
        name: what it is called.
        by: login of who wants it.
        now: the present instant.

    Raises:
        InvalidInputError: the span is empty or of no time, or the name unusable.
    """
    if not 0 < start_ms < stop_ms < 1 << 53:
        raise InvalidInputError("结束要晚于开始。", field="stop")
    name = name.strip()
    if not name or len(name) > MAX_PIN_NAME or not name.isprintable():
        raise InvalidInputError(f"录像名称要有 1 到 {MAX_PIN_NAME} 个字。", field="name")
    pin = RecordingPin(
        channel_id=channel.id,
        start_ms=start_ms,
        stop_ms=stop_ms,
        name=name,
        created_by=by,
        created_at=now,
    )
    session.add(pin)
    session.flush()
    touch_epg(session)
    return pin


def unpin(session: Session, pin_id: int) -> None:
    """Let a pinned stretch go the way of its hours.

    Raises:
        NotFoundError: there is no such pin.
    """
    pin = session.get(RecordingPin, pin_id) if is_row_id(pin_id) else None
    if pin is None:
        raise NotFoundError("没有这段录像，可能已经取消保存。")
    session.delete(pin)
    session.flush()
    touch_epg(session)


def _changed(session: Session, channel: Channel, now: datetime, *, hide: bool = False) -> None:
    channel.updated_at = now
    _flush(session, channel.number)
    note_channel(session, channel.id, hide=hide, now=now)
    touch_epg(session)


def _require_free(session: Session, number: int) -> None:
    other = session.scalars(select(Channel.name).where(Channel.number == number)).first()
    if other is not None:
        raise ConflictError(f"频道号 {number} 已经给了“{other}”。", field="number")


def _flush(session: Session, number: int) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if "number" not in str(error.orig):
            raise
        # Two at once: the other was faster.
        raise ConflictError(f"频道号 {number} 刚刚被别人用了。", field="number") from None
