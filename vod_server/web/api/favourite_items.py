"""Favourites as the list shows them, in a few queries however many they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog.titles import reading
from catalog.titles.tables import Title
from county.box_tables import Favourite
from county.boxes import PairedBox
from epg.channels.reading import visible_channels


def shown(
    session: Session, box: PairedBox, rows: Sequence[Favourite], *, now: datetime
) -> list[dict[str, Any]]:
    """Return what the box still sees of its favourites, in their order."""
    ids: dict[str, list[int]] = {"title": [], "series": [], "channel": []}
    for row in rows:
        ids[row.kind].append(row.ref_id)
    found = {
        "title": _titles(session, box, ids["title"], now),
        "series": _series(session, box, ids["series"], now),
        "channel": _channels(session, box, ids["channel"]),
    }
    return [
        {"kind": row.kind, "id": row.ref_id, row.kind: found[row.kind][row.ref_id]}
        for row in rows
        if row.ref_id in found[row.kind]
    ]


def _titles(
    session: Session, box: PairedBox, ids: Sequence[int], now: datetime
) -> Mapping[int, Any]:
    titles = reading.visible_titles(session, ids, box.place_path, now=now)
    return {title.id: reading.card(title) for title in titles}


def _channels(session: Session, box: PairedBox, ids: Sequence[int]) -> Mapping[int, Any]:
    channels = visible_channels(session, box.place_path) if ids else ()
    return {channel.id: channel.id for channel in channels}


def _series(
    session: Session, box: PairedBox, ids: Sequence[int], now: datetime
) -> Mapping[int, Any]:
    statement = (
        select(Title)
        .where(Title.series_id.in_(ids), *reading.published_to(box.place_path, now=now))
        .options(joinedload(Title.category), joinedload(Title.series))
        .order_by(Title.episode.nulls_last(), Title.id)
    )
    told: dict[int, dict[str, Any]] = {}
    for title in session.scalars(statement) if ids else ():
        if title.series is None:
            continue
        new = {"id": title.series.id, "title": title.series.name, "poster": None, "count": 0}
        one = told.setdefault(title.series.id, new)
        one["count"] += 1
        one["poster"] = one["poster"] or reading.card(title)["poster"]
    return told
