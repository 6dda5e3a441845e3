"""What a box may read of notices, by the place it stands at; and what staff may know of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalog.notices.tables import Notice, NoticePage
from catalog.titles.reading import COUNTY_ZONE
from core.db import is_row_id
from core.errors import InvalidInputError, NotFoundError
from county.tables import Place

PAGE_LIMIT = 100

#: Names of a page's pictures: to be read, and for lists.
WHOLE, SMALL = "page.jpg", "small.jpg"


def published_to(place_path: str | None, *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `Notice` for what is visible from a place.

    Args:
        place_path: path of the box's place; None for an unpaired box, which sees the county's.
        now: the present instant; a notice is shown up to and including its last day.
    """
    return (*_in_force(now), _heard_at(place_path))


def _heard_at(place_path: str | None) -> ColumnElement[bool]:
    """Return the condition on `Notice` that it is of the place or one above it, or the county's."""
    heard: ColumnElement[bool] = Place.parent_id.is_(None)
    if place_path:
        ids = [int(part) for part in place_path.split("/") if part]
        heard = or_(heard, Place.id.in_(ids))
    return Notice.place_id.in_(select(Place.id).where(heard))


def _in_force(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `Notice` for what somebody may see at all."""
    today = now.astimezone(COUNTY_ZONE).date()
    return (
        Notice.state == "published",
        or_(Notice.expires_on.is_(None), Notice.expires_on >= today),
    )


def list_notices(
    session: Session,
    place_path: str | None,
    *,
    now: datetime,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[Sequence[Notice], str | None]:
    """Return a page of visible notices, newest first, and the cursor of the next page or None.

    Args:
        session: the unit of work.
        place_path: see `published_to`.
        now: the present instant.
        cursor: what an earlier page returned.
        limit: notices on a page, 1 to 100.

    Raises:
        InvalidInputError: the limit or the cursor is unusable.
    """
    if not 1 <= limit <= PAGE_LIMIT:
        raise InvalidInputError(f"limit 要在 1 到 {PAGE_LIMIT} 之间。", field="limit")
    statement = select(Notice).where(*published_to(place_path, now=now))
    if cursor is not None:
        statement = statement.where(_after(session, cursor, place_path))
    statement = statement.options(joinedload(Notice.place), selectinload(Notice.pages))
    statement = statement.order_by(Notice.published_at.desc(), Notice.id.desc())
    found = session.scalars(statement.limit(limit + 1)).all()
    more = len(found) > limit
    return found[:limit], str(found[limit - 1].id) if more else None


def _after(session: Session, cursor: str, place_path: str | None) -> ColumnElement[bool]:
    """Return the condition for what stands below a notice, which may be withdrawn by now.

    One of elsewhere is none: nobody shall learn that it is there, nor since when.
    """
    known = cursor.isascii() and cursor.isdecimal() and len(cursor) <= 10
    number = int(cursor) if known and is_row_id(int(cursor)) else 0
    statement = select(Notice.published_at).where(Notice.id == number, _heard_at(place_path))
    at = session.scalar(statement)
    if at is None:
        raise InvalidInputError("cursor 不正确。", field="cursor")
    return or_(Notice.published_at < at, and_(Notice.published_at == at, Notice.id < number))


def count_notices(session: Session, place_path: str | None, *, now: datetime) -> int:
    """Return how many notices are visible from a place."""
    statement = select(func.count(Notice.id)).where(*published_to(place_path, now=now))
    return session.scalar(statement) or 0


def visible_notice(
    session: Session, notice_id: int, place_path: str | None, *, now: datetime
) -> Notice:
    """Return one notice with its place and pages.

    Raises:
        NotFoundError: there is none, or the box may not know that there is.
    """
    statement = (
        select(Notice)
        .where(Notice.id == notice_id, *published_to(place_path, now=now))
        .options(joinedload(Notice.place), selectinload(Notice.pages))
    )
    notice = session.scalars(statement).one_or_none() if is_row_id(notice_id) else None
    if notice is None:
        raise NotFoundError("没有这条通知，可能已经撤下了。")
    return notice


def card(notice: Notice) -> dict[str, Any]:
    """Return a notice as lists show it (docs/architecture.md, NOTICE)."""
    return {
        "id": notice.id,
        "title": notice.title,
        "place": notice.place.name,
        "published_at": int(notice.published_at.timestamp()) if notice.published_at else 0,
        "important": notice.important,
        "pages": len(notice.pages),
        "picture": page_url(notice.pages[0], SMALL) if notice.pages else None,
    }


def detail(notice: Notice) -> dict[str, Any]:
    """Return a notice as the reader shows it: its words, and its pages with their sizes."""
    pages = [
        {"url": page_url(page), "width": page.width, "height": page.height} for page in notice.pages
    ]
    return {**card(notice), "body": notice.body, "pages": pages}


def page_url(page: NoticePage, name: str = WHOLE) -> str:
    """Return the address of one of a page's pictures."""
    return f"/{page.folder}/{name}"


def is_page_shown(session: Session, notice_id: int, sha256: str, *, now: datetime) -> bool:
    """Say whether a page's pictures may go out: its notice is published, and not past its last day.

    Who is asked for is not asked: only those who may read the notice were told the address.
    """
    statement = (
        select(NoticePage.id)
        .join(NoticePage.notice)
        .where(NoticePage.notice_id == notice_id, NoticePage.sha256 == sha256, *_in_force(now))
    )
    return session.scalar(statement) is not None


def list_for_staff(
    session: Session, paths: Sequence[str], *, state: str = "", offset: int, limit: int
) -> Sequence[Notice]:
    """Return the notices of some subtrees, the latest changed first.

    Args:
        session: the unit of work.
        paths: of the places whose subtrees the person works for.
        state: only of this state; empty for all.
        offset: how many to leave out.
        limit: how many at most.
    """
    statement = select(Notice).where(_below(paths))
    if state:
        statement = statement.where(Notice.state == state)
    statement = statement.options(
        joinedload(Notice.place), joinedload(Notice.owner), selectinload(Notice.pages)
    ).order_by(Notice.updated_at.desc(), Notice.id.desc())
    return session.scalars(statement.offset(offset).limit(limit)).all()


def count_by_state(session: Session, paths: Sequence[str]) -> dict[str, int]:
    """Return how many notices of each state the person works for."""
    statement = select(Notice.state, func.count(Notice.id)).where(_below(paths))
    rows = session.execute(statement.group_by(Notice.state)).all()
    return {row[0]: row[1] for row in rows}


def notice_for_staff(session: Session, notice_id: int, paths: Sequence[str]) -> Notice:
    """Return a notice.

    Raises:
        NotFoundError: there is none, or the person may not know that there is.
    """
    statement = (
        select(Notice)
        .where(Notice.id == notice_id, _below(paths))
        .options(joinedload(Notice.place), joinedload(Notice.owner), selectinload(Notice.pages))
    )
    notice = session.scalars(statement).one_or_none() if is_row_id(notice_id) else None
    if notice is None:
        raise NotFoundError("没有这条通知，可能已被删除。")
    return notice


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    if not paths:
        return false()
    below = [Place.path.startswith(path, autoescape=True) for path in paths]
    return Notice.place_id.in_(select(Place.id).where(or_(*below)))
