"""Every route declares its right; one hook enforces it before the view runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, TypeVar, cast

from flask import Flask, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from core.db import read_scope
from core.errors import ForbiddenError, UnauthenticatedError
from county import people, places, rights
from county.boxes import PairedBox, authenticate_box
from county.rights import Action, Grant
from vod_server.bootstrap import House

View = TypeVar("View", bound=Callable[..., Any])

#: `public`: anybody. `box`: anybody, a paired box sees more. `person`: anybody signed in.
Right = Action | Literal["public", "box", "person"]


def requires(right: Right) -> Callable[[View], View]:
    """Declare what a view needs; for an action, that the person may do it somewhere.

    Whether they may do it at the place of the thing at hand is asked by `authorise`.
    """

    def mark(view: View) -> View:
        cast(Any, view).required_right = right
        return view

    return mark


def declared_right(app: Flask, endpoint: str) -> str | None:
    """Return the right that an endpoint's view declares, None when it declares none."""
    return getattr(app.view_functions[endpoint], "required_right", None)


def house() -> House:
    """Return the installation that this application serves."""
    return cast(House, current_app.extensions["house"])


class Visitor:
    """The signed-in person of a request, as values.

    Args:
        person_id: who.
        login: name in the audit log.
        name: name on the screen.
        grants: roles held.
    """

    def __init__(self, person_id: int, login: str, name: str, grants: tuple[Grant, ...]) -> None:
        self.person_id = person_id
        self.login = login
        self.name = name
        self.grants = grants

    def may(self, action: Action, place_path: str | None = None) -> bool:
        """Say whether they may do this at a place; None is the whole county."""
        return rights.may(self.grants, action, place_path or self._root)

    def may_anywhere(self, action: Action) -> bool:
        """Say whether they may do this at some place."""
        return rights.may_anywhere(self.grants, action)

    @cached_property
    def _root(self) -> str:
        with read_scope(house().sessions) as reading:
            return places.county(reading).path


def authorise(action: Action, place_path: str | None) -> None:
    """Check that the visitor may do this at the place (None: the whole county).

    Raises:
        ForbiddenError: they may not.
    """
    if not visitor().may(action, place_path):
        raise ForbiddenError("您没有这项权限，请联系县管理员。")


def visitor() -> Visitor:
    """Return the signed-in person.

    Raises:
        UnauthenticatedError: nobody is signed in.
    """
    found = find_visitor()
    if found is None:
        raise UnauthenticatedError("请先登录。")
    return found


def find_visitor() -> Visitor | None:
    """Return the signed-in person or None; looked up once a request."""
    if "visitor" not in g:
        g.visitor = _load_visitor()
    return cast("Visitor | None", g.visitor)


def _load_visitor() -> Visitor | None:
    person_id, epoch = session.get("person_id"), session.get("epoch")
    if not isinstance(person_id, int) or not isinstance(epoch, int):
        return None
    with read_scope(house().sessions) as reading:
        person = people.find_signed_in(reading, person_id, epoch)
        if person is None:
            return None
        grants = people.grants_of(reading, person_id)
        return Visitor(person.id, person.login, person.name, grants)


def box_place_path() -> str | None:
    """Return the place of the paired box that asks, None for an unpaired one."""
    box = find_box()
    return box.place_path if box else None


def find_box() -> PairedBox | None:
    """Return the paired box that asks, None when no token is sent.

    Raises:
        UnauthenticatedError: a token is sent that is unknown or revoked.
    """
    header = request.headers.get("Authorization", "")
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("授权的格式不对。")
    with read_scope(house().sessions) as reading:
        return authenticate_box(reading, token)


def register_access(app: Flask) -> None:
    """Enforce declared rights before every view; a view without one is never run."""
    app.before_request(_enforce)


def _enforce() -> Response | None:
    if request.endpoint is None or request.method == "OPTIONS":
        return None
    right = declared_right(current_app, request.endpoint)
    if right in {"public", "box"} or request.endpoint.endswith("static"):
        return None
    if right is None:
        raise ForbiddenError(f"{request.endpoint} 没有声明权限。")
    if find_visitor() is None and _wants_page():
        return redirect(url_for("admin.sign_in", next=request.full_path))
    person = visitor()
    if right != "person" and not person.may_anywhere(cast(Action, right)):
        raise ForbiddenError("您没有这项权限，请联系县管理员。")
    return None


def _wants_page() -> bool:
    return (
        request.method in {"GET", "HEAD"}
        and request.path.startswith("/admin")
        and "HX-Request" not in request.headers
    )
