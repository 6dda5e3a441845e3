"""What boxes want to find again: titles, series, channels, by id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db import is_row_id
from core.errors import ConflictError
from county.box_tables import Favourite

KINDS = ("title", "series", "channel")
MOST = 500


def add_favourite(session: Session, box_id: int, kind: str, ref_id: int, *, now: datetime) -> None:
    """Keep something; keeping it twice changes nothing. The caller has checked that it is seen.

    Raises:
        ConflictError: the box keeps too much.
    """
    if session.get(Favourite, (box_id, kind, ref_id)) is not None:
        return
    count = session.scalar(select(func.count()).where(Favourite.box_id == box_id)) or 0
    if count >= MOST:
        raise ConflictError(f"收藏最多 {MOST} 个，请先删掉一些。")
    try:
        with session.begin_nested():
            session.add(Favourite(box_id=box_id, kind=kind, ref_id=ref_id, created_at=now))
    except IntegrityError:
        return  # the same, a moment ago


def drop_favourite(session: Session, box_id: int, kind: str, ref_id: int) -> None:
    """Keep something no longer; what was not kept changes nothing."""
    if not is_row_id(ref_id):
        return
    session.execute(
        delete(Favourite).where(
            Favourite.box_id == box_id, Favourite.kind == kind, Favourite.ref_id == ref_id
        )
    )


def list_favourites(session: Session, box_id: int) -> Sequence[Favourite]:
    """Return what a box keeps, newest first; of the same instant in an order that stays."""
    statement = select(Favourite).where(Favourite.box_id == box_id)
    order = (Favourite.created_at.desc(), Favourite.kind, Favourite.ref_id.desc())
    return session.scalars(statement.order_by(*order)).all()
