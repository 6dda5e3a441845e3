"""Resume positions of boxes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.titles.model import worth_resuming
from catalog.titles.reading import published_to
from catalog.titles.tables import ResumePosition, Title
from core.db import changed_rows
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
