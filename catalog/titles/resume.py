"""Resume positions of boxes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from catalog.titles.model import worth_resuming
from catalog.titles.reading import published_to
from catalog.titles.tables import ResumePosition, Title
from core.db import changed_rows, is_row_id
from core.errors import InvalidInputError
from county.boxes import PairedBox


def save_position(
    session: Session, box: PairedBox, title_id: int, position_s: float, *, now: datetime
) -> None:
    """Remember where a box is; the caller has checked that the box may see the title.

    Raises:
        InvalidInputError: the position is no time.
    """
    if not math.isfinite(position_s) or not 0 <= position_s <= 10**6:
        raise InvalidInputError("播放位置不正确。", field="position_s")
    if not _move_position(session, box.id, title_id, position_s, now):
        row = ResumePosition(
            box_id=box.id, title_id=title_id, position_s=position_s, updated_at=now
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            # Another request of the same box was first with the row.
            _move_position(session, box.id, title_id, position_s, now)


def _move_position(
    session: Session, box_id: int, title_id: int, position_s: float, now: datetime
) -> bool:
    moved = changed_rows(
        session,
        update(ResumePosition)
        .where(ResumePosition.box_id == box_id, ResumePosition.title_id == title_id)
        .values(position_s=position_s, updated_at=now),
    )
    return moved == 1


def positions(
    session: Session, box: PairedBox, *, now: datetime, limit: int = 20
) -> Sequence[tuple[Title, ResumePosition]]:
    """Return what a box may go on with, newest first; finished and hidden titles are left out."""
    statement = (
        select(Title, ResumePosition)
        .join(ResumePosition, ResumePosition.title_id == Title.id)
        .where(ResumePosition.box_id == box.id, *published_to(box.place_path, now=now))
        .order_by(ResumePosition.updated_at.desc())
        .limit(limit * 3)
    )
    rows = session.execute(statement).all()
    return [(t, r) for t, r in rows if worth_resuming(r.position_s, t.duration_s)][:limit]


def history(
    session: Session, box: PairedBox, *, now: datetime, cursor: str | None = None, limit: int = 40
) -> tuple[Sequence[tuple[Title, ResumePosition]], str | None]:
    """Return a page of what a box has watched, newest first, and the cursor of the next page.

    Titles that are no longer shown to it are left out; finished ones are not.

    Raises:
        InvalidInputError: the cursor is unusable.
    """
    statement = (
        select(Title, ResumePosition)
        .join(ResumePosition, ResumePosition.title_id == Title.id)
        .where(ResumePosition.box_id == box.id, *published_to(box.place_path, now=now))
        .options(joinedload(Title.category))
    )
    if cursor is not None:
        at, title_id = _read_cursor(cursor)
        older = ResumePosition.updated_at < at
        same = and_(ResumePosition.updated_at == at, ResumePosition.title_id < title_id)
        statement = statement.where(or_(older, same))
    statement = statement.order_by(
        ResumePosition.updated_at.desc(), ResumePosition.title_id.desc()
    ).limit(limit + 1)
    found = [(row[0], row[1]) for row in session.execute(statement)]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1][1]
    return found[:limit], f"{last.updated_at.timestamp():.6f}-{last.title_id}"


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    match = re.fullmatch(r"(\d{1,11}\.\d{6})-(\d{1,10})", cursor, re.ASCII)
    if match is None or not is_row_id(int(match[2])):
        raise InvalidInputError("cursor 不正确。", field="cursor")
    return datetime.fromtimestamp(float(match[1]), UTC), int(match[2])


def forget(session: Session, box: PairedBox, title_id: int | None = None) -> None:
    """Forget where a box was in a title, or (None) in all of them."""
    if title_id is not None and not is_row_id(title_id):
        return
    statement = delete(ResumePosition).where(ResumePosition.box_id == box.id)
    if title_id is not None:
        statement = statement.where(ResumePosition.title_id == title_id)
    session.execute(statement)
