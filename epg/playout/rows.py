"""Rows of the play-out, and which titles a channel's viewers may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from catalog.titles import reading as titles
from catalog.titles.tables import Title
from county.tables import Place
from epg.channels.tables import ChannelPlace, Playout
from epg.playout.model import Item, Schedule


def milliseconds(instant: datetime) -> int:
    """Return an aware instant as epoch milliseconds."""
    return int(instant.timestamp() * 1000)


def playout_rows(session: Session, channel_id: int) -> Sequence[Playout]:
    """Return a channel's rows by start."""
    statement = select(Playout).where(Playout.channel_id == channel_id)
    return session.scalars(statement.order_by(Playout.start_ms)).all()


def schedule_of(row: Playout) -> Schedule:
    """Return a row as a value."""
    return Schedule(
        start_ms=row.start_ms,
        first_sequence=row.first_sequence,
        first_discontinuity=row.first_discontinuity,
        items=tuple(map(Item.from_json, row.items)),
    )


def row_of(channel_id: int, schedule: Schedule) -> Playout:
    """Return a value as a new row."""
    return Playout(
        channel_id=channel_id,
        start_ms=schedule.start_ms,
        first_sequence=schedule.first_sequence,
        first_discontinuity=schedule.first_discontinuity,
        items=[item.to_json() for item in schedule.items],
    )


def shown_on(
    session: Session, channel_id: int, *, now: datetime
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `Title` for what every viewer of a channel may see.

    A public channel shows what is public; a channel of places only what may be seen at each of
    them, so that a title meant for one village never goes out to its whole town.
    """
    statement = (
        select(Place.path)
        .join(ChannelPlace, ChannelPlace.place_id == Place.id)
        .where(ChannelPlace.channel_id == channel_id)
    )
    paths = cast("Sequence[str | None]", session.scalars(statement).all()) or (None,)
    return tuple(c for path in paths for c in titles.published_to(path, now=now))


def shown_titles(
    session: Session, channel_id: int, title_ids: Iterable[int], *, now: datetime
) -> dict[int, str]:
    """Return the present names, by id, of those of the titles that the channel may show."""
    statement = select(Title.id, Title.name).where(
        Title.id.in_(set(title_ids)), *shown_on(session, channel_id, now=now)
    )
    return {row.id: row.name for row in session.execute(statement)}
