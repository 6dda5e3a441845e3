"""What the pages of boxes share: boxes in sight, places in words, entries of the audit log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db import is_row_id
from core.errors import InvalidInputError, NotFoundError
from county import audit
from county.box_faults import count_faults
from county.box_tables import BoxFault
from county.boxes import find_box
from county.remotes import list_corrections
from county.tables import Box, Place
from vod_server.web.access import authorise, house, visitor

#: Only every hour is it written down that a box was heard of (`county.boxes.SEEN_EVERY`).
_JUST_NOW = timedelta(hours=1)
_DAY = timedelta(days=1)


def seen_words(seen_at: datetime | None, now: datetime) -> str:
    """Return when a box was last heard of: 刚刚, 3 小时前, 5 天前 or 从未. Pure."""
    if seen_at is None:
        return "从未"
    age = now - seen_at
    if age < _JUST_NOW:
        return "刚刚"
    return f"{age // timedelta(hours=1)} 小时前" if age < _DAY else f"{age // _DAY} 天前"


def known_box(session: Session, box_id: int) -> Box:
    """Return a box of the visitor's places.

    Raises:
        NotFoundError: there is none, or they may not know that there is.
    """
    box = find_box(session, box_id)
    if not visitor().may("box.manage", box.place.path):
        raise NotFoundError(f"没有编号为 {box_id} 的机顶盒。", field="box")
    return box


def chosen_place(session: Session, place_id: int) -> Place:
    """Return the place that a box shall belong to.

    Raises:
        InvalidInputError: there is none of that id.
        ForbiddenError: the visitor may not put boxes there.
    """
    place = session.get(Place, place_id) if is_row_id(place_id) else None
    if place is None:
        raise InvalidInputError("请选择地区。", field="place")
    authorise("box.manage", place.path)
    return place


def place_words(session: Session, paths: Collection[str]) -> Mapping[str, str]:
    """Return "柳河镇 · 柳湾村" for the path of each place; the county only where it is alone."""
    parts = {path: [int(part) for part in path.split("/") if part] for path in paths}
    wanted = {number for ids in parts.values() for number in ids}
    statement = select(Place.id, Place.name).where(Place.id.in_(wanted))
    names = {row.id: row.name for row in session.execute(statement)}
    return {path: " · ".join(names[n] for n in ids[1:] or ids) for path, ids in parts.items()}


def faults_of_the_day(
    session: Session, box_ids: Collection[int], *, now: datetime
) -> Mapping[int, int]:
    """Return how much fell on each box within a day, by box id; those without are left out."""
    sources = {f"box:{box_id}": box_id for box_id in box_ids}
    statement = (
        select(BoxFault.source, func.sum(BoxFault.count))
        .where(BoxFault.source.in_(sources), BoxFault.at > now - _DAY)
        .group_by(BoxFault.source)
    )
    return {sources[row[0]]: row[1] for row in session.execute(statement)}


def box_tabs(session: Session) -> dict[str, Any]:
    """Return what the head of each page of boxes says: whose pages, and the counts on them."""
    whole = visitor().may("box.manage")
    if not whole:
        return {"whole": False, "waiting": 0, "county_faults": 0}
    waiting = sum(one.state == "waiting" for one in list_corrections(session))
    faults = count_faults(session, now=house().clock.now())
    return {"whole": True, "waiting": waiting, "county_faults": faults}


def record_box(session: Session, box: Box, action: str, **detail: Any) -> None:
    """Write down what the visitor did with a box."""
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action=action,
        subject=f"box:{box.id}",
        place_id=box.place_id,
        detail={"name": box.name, **detail},
    )
