"""Sign in, sign out, change one's password."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from core.db import read_scope, session_scope
from core.errors import CuntaiError, InvalidInputError, RateLimitedError, UnauthenticatedError
from county import audit, people
from county.tables import Person
from vod_server.web.access import find_visitor, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.layout import notice
from vod_server.web.errors import status_of


@admin.get("/sign-in")
@requires("public")
def sign_in() -> AnyResponse:
    """Show the form, or go on when somebody is signed in."""
    if find_visitor() is not None:
        return redirect(_next())
    return _page()


@admin.post("/sign-in")
@requires("public")
def do_sign_in() -> AnyResponse:
    """Check login and password and start a session."""
    login = request.form.get("login", "").strip().lower()[:64]
    try:
        person = _verify(login, request.form.get("password", ""))
    except (UnauthenticatedError, RateLimitedError) as error:
        return _page(error, login)
    with session_scope(house().sessions) as unit:
        people.note_sign_in(unit, login)
        _record(unit, person, "person.sign_in")
    _start_session(person)
    return redirect(_next(), 303)


def _verify(login: str, password: str) -> Person:
    """Return the person of a login and password.

    Every try counts as a failure before the slow look at the password, so that many at once gain
    nothing; a right one takes it back. No transaction is open while the hash is computed.
    """
    here, address = house(), request.remote_addr or ""
    now = here.clock.now()
    with session_scope(here.sessions) as unit:
        people.check_sign_in_rate(unit, login, address, now=now)
        people.note_failure(unit, login, address, now=now)
    with read_scope(here.sessions) as unit:
        return people.verify_password(unit, login, password)


def _record(unit: Session, person: Person, action: str) -> None:
    audit.record(
        unit,
        at=house().clock.now(),
        actor=person.login,
        action=action,
        subject=f"person:{person.id}",
        detail={"address": request.remote_addr or ""},
    )


def _start_session(person: Person) -> None:
    # Nothing of what an earlier visitor (or an attacker) put there lives on.
    session.clear()
    session.permanent = True
    session["person_id"] = person.id
    session["epoch"] = person.session_epoch


def _page(error: CuntaiError | None = None, login: str = "") -> Response:
    page = render_template(
        "admin/sign_in.html", error=error, login=login, next=request.values.get("next", "")
    )
    reply = make_response(page, status_of(error) if error else 200)
    if isinstance(error, RateLimitedError):
        reply.headers["Retry-After"] = str(error.retry_after_s)
    return reply


def _next() -> str:
    """Return where to go after signing in: a page of the admin, whatever was asked for."""
    return local_path(request.values.get("next", "")) or url_for("admin.titles")


def local_path(address: str) -> str | None:
    """Return an address when it surely is a page of the admin, else None.

    Browsers take addresses that begin with two slashes, or hold backslashes or control characters,
    for other hosts.
    """
    strange = "\\" in address or ".." in address or not address.isprintable()
    if strange or not address.startswith("/admin/"):
        return None
    return address.removesuffix("?")


@admin.post("/sign-out")
@requires("public")
def sign_out() -> AnyResponse:
    """End the session of this browser."""
    session.clear()
    notice("已退出登录。")
    return redirect(url_for("admin.sign_in"), 303)


@admin.get("/password")
@requires("person")
def password() -> str:
    """Show the form for one's own password."""
    return render_template("admin/password.html", errors={}, shortest=people.MIN_PASSWORD)


@admin.post("/password")
@requires("person")
def change_password() -> AnyResponse:
    """Change one's own password; sessions elsewhere end, this one goes on."""
    try:
        person = _change()
    except (InvalidInputError, UnauthenticatedError, RateLimitedError) as error:
        errors = {error.field or "old": error.message}
        page = render_template("admin/password.html", errors=errors, shortest=people.MIN_PASSWORD)
        return make_response(page, status_of(error))
    _start_session(person)
    notice("密码已修改。其他地方的登录已经失效，需要用新密码重新登录。")
    return redirect(url_for("admin.titles"), 303)


def _change() -> Person:
    new, again = request.form.get("password", ""), request.form.get("again", "")
    if new != again:
        raise InvalidInputError("两次输入的新密码不一样。", field="again")
    try:
        # Counted as at the door: a browser left open is no way to guess the password.
        _verify(visitor().login, request.form.get("old", ""))
    except UnauthenticatedError:
        raise UnauthenticatedError("现在的密码不对。", field="old") from None
    with session_scope(house().sessions) as unit:
        person = unit.get_one(Person, visitor().person_id)
        people.set_password(unit, person, new)
        _record(unit, person, "person.password")
        return person
