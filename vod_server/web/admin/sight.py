"""What the signed-in person may see of titles, and do with the one at hand."""

from __future__ import annotations

from typing import cast

from sqlalchemy.orm import Session

from catalog.titles.listing import Sight, title_for_staff
from catalog.titles.model import State, Transition, moves_from
from catalog.titles.tables import Title
from county.rights import ROLE_ACTIONS, Action
from vod_server.web.access import Visitor, authorise, visitor


def sight_of(person: Visitor) -> Sight:
    """Return which titles a person may know of."""
    paths = tuple(
        grant.place_path for grant in person.grants if "title.view" in ROLE_ACTIONS[grant.role]
    )
    return Sight(person.person_id, paths, everything=person.may("title.view"))


def known_title(session: Session, title_id: int) -> Title:
    """Return a title the visitor may know of.

    Raises:
        NotFoundError: there is none, or they may not know that there is.
    """
    return title_for_staff(session, sight_of(visitor()), title_id)


def place_path(title: Title) -> str | None:
    """Return the path of the place a title belongs to; None is the whole county."""
    return title.place.path if title.place else None


def may_with(title: Title, action: Action) -> bool:
    """Say whether the visitor may do something with a title.

    The right is asked for at the title's place. Work on one's own draft needs it somewhere only:
    a village's upload has no place before its recorder gives it one.
    """
    return _is_own_work(title, action) or visitor().may(action, place_path(title))


def authorise_title(title: Title, action: Action) -> None:
    """Check what `may_with` says.

    Raises:
        ForbiddenError: they may not.
    """
    if not _is_own_work(title, action):
        authorise(action, place_path(title))


def _is_own_work(title: Title, action: Action) -> bool:
    me = visitor()
    own_draft = title.owner_id == me.person_id and title.state == "draft"
    return own_draft and action in {"title.edit", "job.control"} and me.may_anywhere(action)


def allowed_moves(title: Title) -> tuple[Transition, ...]:
    """Return the moves the visitor may make with a title in its present state."""
    me = visitor()
    return tuple(
        move
        for move in moves_from(cast(State, title.state))
        if me.may(move.action, place_path(title))
    )
