"""What the signed-in person may see of notices, and what was done with the one at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.notices import reading
from catalog.notices.tables import Notice, NoticePage
from county import audit, places
from county.rights import ROLE_ACTIONS, Action
from county.tables import AuditEntry, Person, Place
from vod_server.web.access import house, visitor


def paths_of(action: Action) -> list[str]:
    """Return the places for whose subtrees the visitor may do something."""
    return [g.place_path for g in visitor().grants if action in ROLE_ACTIONS[g.role]]


def choosable(session: Session, action: Action) -> Sequence[Place]:
    """Return the places at which the visitor may do something, parents first."""
    root, me = places.county(session), visitor()
    return [one for one in places.subtree(session, root.path) if me.may(action, one.path)]


def known_notice(session: Session, notice_id: int) -> Notice:
    """Return a notice of the visitor's places.

    Raises:
        NotFoundError: there is none, or they may not know that there is.
    """
    return reading.notice_for_staff(session, notice_id, paths_of("notice.edit"))


def picture_url(page: NoticePage, name: str = reading.WHOLE) -> str:
    """Return the address at which staff see one of a page's pictures, published or not."""
    return url_for("admin.notice_picture", notice_id=page.notice_id, page_id=page.id, name=name)


def record(session: Session, one: Notice, action: str, detail: dict[str, Any]) -> None:
    """Write down what the visitor did with a notice."""
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action=action,
        subject=f"notice:{one.id}",
        place_id=one.place_id,
        detail=detail,
    )


def history_of(session: Session, one: Notice) -> list[tuple[AuditEntry, str]]:
    """Return the entries about a notice with the names of who made them."""
    entries = audit.history(session, f"notice:{one.id}", limit=50)
    statement = select(Person.login, Person.name).where(
        Person.login.in_({entry.actor for entry in entries})
    )
    names = {row[0]: row[1] for row in session.execute(statement)}
    return [(entry, names.get(entry.actor, entry.actor)) for entry in entries]
