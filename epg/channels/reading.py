"""Read channels: all of them, those a place may see, what they are doing, what is pinned."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from core.db import is_row_id
from core.errors import NotFoundError
from county.tables import Place
from epg.channels.naming import guide_ids
from epg.channels.tables import Channel, ChannelPlace, ChannelRun, RecordingPin


def visible_at(place_path: str | None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `Channel` for what is visible from a place.

    Args:
        place_path: path of the asker's place; None for one that sees only what is public.
    """
    restricted = select(ChannelPlace.place_id).where(ChannelPlace.channel_id == Channel.id)
    seen: ColumnElement[bool] = ~restricted.exists()
    if place_path:
        covering = restricted.join(Place, Place.id == ChannelPlace.place_id)
        seen = or_(seen, covering.where(Place.path.in_(_ancestors(place_path))).exists())
    return (Channel.wanted.is_(True), seen)


def _ancestors(path: str) -> list[str]:
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:n]) + "/" for n in range(1, len(parts) + 1)]


_WHOLE = (selectinload(Channel.sources), selectinload(Channel.places))


def list_channels(session: Session) -> Sequence[Channel]:
    """Return all channels by number, with their sources and places."""
    return session.scalars(select(Channel).options(*_WHOLE).order_by(Channel.number)).all()


def visible_channels(session: Session, place_path: str | None) -> Sequence[Channel]:
    """Return the wanted channels a place may see, by number, with their sources and places.

    Args:
        session: the unit of work.
        place_path: see `visible_at`.
    """
    statement = select(Channel).where(*visible_at(place_path)).options(*_WHOLE)
    return session.scalars(statement.order_by(Channel.number)).all()


def visible_channel(session: Session, channel_id: int, place_path: str | None) -> Channel:
    """Return one channel.

    Raises:
        NotFoundError: there is none, or the asker may not know that there is.
    """
    statement = select(Channel).where(Channel.id == channel_id, *visible_at(place_path))
    found = (
        session.scalars(statement.options(*_WHOLE)).one_or_none() if is_row_id(channel_id) else None
    )
    if found is None:
        raise NotFoundError("没有这个频道，或者您这里看不到。")
    return found


def get_channel(session: Session, channel_id: int) -> Channel:
    """Return a channel, whoever may see it.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Channel, channel_id) if is_row_id(channel_id) else None
    if found is None:
        raise NotFoundError("没有这个频道，可能已被删除。")
    return found


def channel_runs(session: Session) -> dict[int, ChannelRun]:
    """Return what live channels are doing, by channel id; those never started have none."""
    return {run.channel_id: run for run in session.scalars(select(ChannelRun))}


def pins(session: Session, channel_id: int | None = None) -> Sequence[RecordingPin]:
    """Return what is kept beyond retention, of one channel or of all, in order of time."""
    statement = select(RecordingPin)
    if channel_id is not None:
        statement = statement.where(RecordingPin.channel_id == channel_id)
    return session.scalars(statement.order_by(RecordingPin.start_ms, RecordingPin.id)).all()


def exported_ids(session: Session) -> dict[int, str]:
    """Return every channel's id in our playlist and guide (`epg.channels.model.guide_ids`)."""
    rows = session.execute(select(Channel.id, Channel.tvg_id))
    return guide_ids((row.id, row.tvg_id) for row in rows)
