"""Verbs on notices: create, edit, order their pages, publish, withdraw.

What a box can see changes the catalogue's version, by which kept replies are known to be old.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import update
from sqlalchemy.orm import Session

from catalog.notices.model import (
    MAX_PAGES,
    Move,
    State,
    check_editable,
    check_publishable,
    clean_fields,
    transition_from,
)
from catalog.notices.tables import Notice, NoticePage
from catalog.titles.service import touch_catalog
from core.db import changed_rows, expect_one_row
from core.errors import ConflictError, InvalidInputError, NotFoundError
from county import audit
from county.tables import Place


def create_notice(
    session: Session,
    *,
    place: Place,
    title: str,
    now: datetime,
    owner_id: int | None = None,
    **fields: Any,
) -> Notice:
    """Add a draft.

    Args:
        session: the unit of work.
        place: whose notice it is; its subtree will see it.
        title: 1 to 80 characters.
        now: the present instant.
        owner_id: the person who writes it.
        fields: others of `catalog.notices.model.EDITABLE`.

    Raises:
        InvalidInputError: a value does not fit; `field` names it.
    """
    values = clean_fields({"title": title, **fields})
    notice = Notice(place_id=place.id, owner_id=owner_id, created_at=now, updated_at=now, **values)
    session.add(notice)
    session.flush()
    return notice


def edit_notice(session: Session, notice: Notice, *, now: datetime, **fields: Any) -> None:
    """Change fields of a notice that is not published.

    Raises:
        ConflictError: it is published.
        InvalidInputError: a value does not fit; `field` names it.
    """
    _take(session, notice)
    for field, value in clean_fields(fields).items():
        setattr(notice, field, value)
    _changed(session, notice, now)


def add_page(
    session: Session, notice: Notice, *, sha256: str, width: int, height: int, now: datetime
) -> NoticePage | None:
    """Add a page at the end, its pictures already stored; None where the notice has it already.

    Raises:
        ConflictError: it is published.
        InvalidInputError: it has as many pages as it may have.
    """
    _take(session, notice)
    pages = notice.pages
    if any(page.sha256 == sha256 for page in pages):
        return None
    if len(pages) >= MAX_PAGES:
        raise InvalidInputError(f"一条通知最多 {MAX_PAGES} 页。", field="pages")
    last = max((page.position for page in pages), default=0)
    page = NoticePage(
        notice_id=notice.id, position=last + 1, sha256=sha256, width=width, height=height
    )
    pages.append(page)
    _changed(session, notice, now)
    return page


def order_pages(
    session: Session, notice: Notice, page_ids: Sequence[int], *, now: datetime
) -> None:
    """Put the pages in an order.

    Args:
        session: the unit of work.
        notice: whose pages.
        page_ids: all of them, first page first.
        now: the present instant.

    Raises:
        ConflictError: it is published, or has other pages by now.
    """
    _take(session, notice)
    known = {page.id: page for page in notice.pages}
    if sorted(page_ids) != sorted(known):
        raise ConflictError("页面刚刚有变动，请刷新后再调整。", field="pages")
    for position, page_id in enumerate(page_ids, start=1):
        known[page_id].position = position
    _changed(session, notice, now)


def remove_page(session: Session, notice: Notice, page_id: int, *, now: datetime) -> str:
    """Take a page out; return the folder of its pictures, which the caller removes.

    Raises:
        ConflictError: it is published.
        NotFoundError: it has no such page.
    """
    _take(session, notice)
    page = next((page for page in notice.pages if page.id == page_id), None)
    if page is None:
        raise NotFoundError("没有这一页，可能已被删除。", field="pages")
    folder = page.folder
    session.delete(page)
    _changed(session, notice, now)
    return folder


def move_notice(session: Session, notice: Notice, move: Move, *, actor: str, now: datetime) -> None:
    """Publish or withdraw a notice, and write it down.

    Raises:
        ConflictError: it is not in the state the move starts from.
        InvalidInputError: what it says may not be published; `field` names the text.
    """
    session.refresh(notice, with_for_update={"of": Notice})
    transition = transition_from(move, cast(State, notice.state))
    values: dict[str, Any] = {"state": transition.after, "updated_at": now}
    if move == "publish":
        check_publishable(notice.title, notice.body, len(notice.pages))
        values["published_at"] = now
    moved = changed_rows(
        session,
        update(Notice)
        .where(Notice.id == notice.id, Notice.state.in_(transition.before))
        .values(**values)
        .execution_options(synchronize_session=False),
    )
    expect_one_row(moved, "状态已被别人改变，请刷新页面。")
    session.refresh(notice)
    audit.record(
        session,
        at=now,
        actor=actor,
        action=f"notice.{move}",
        subject=f"notice:{notice.id}",
        place_id=notice.place_id,
        detail={"title": notice.title},
    )
    touch_catalog(session)


def _take(session: Session, notice: Notice) -> None:
    """Lock a notice for a change, and see it as it is now; nobody publishes it meanwhile."""
    session.refresh(notice, with_for_update={"of": Notice})
    session.expire(notice, ["pages"])
    check_editable(cast(State, notice.state))


def _changed(session: Session, notice: Notice, now: datetime) -> None:
    notice.updated_at = now
    session.flush()
    session.expire(notice, ["pages"])
