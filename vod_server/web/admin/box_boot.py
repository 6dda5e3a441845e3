"""开机画面: what televisions show first, place by place."""

from __future__ import annotations

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.db import is_row_id, read_scope, session_scope
from core.errors import InvalidInputError, NotFoundError
from county import audit
from county.place_settings import CHOICES, set_setting, settings_named
from county.tables import Place
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.box_sight import box_tabs
from vod_server.web.admin.layout import Undo, notice
from vod_server.web.admin.notice_sight import choosable

NAME = "boot"
#: What the choices are called; empty is what the place above says.
CHOICE_NAMES: Mapping[str, str] = {"live": "看电视", "home": "首页"}
AS_ABOVE = "跟上级一样"


@admin.get("/boxes/boot")
@requires("box.manage")
def boot() -> str:
    """Show what holds at each of the visitor's places."""
    with read_scope(house().sessions) as session:
        places = choosable(session, "box.manage")
        own = settings_named(session, NAME)
        return render_template(
            "admin/box_boot.html",
            places=places,
            own=own,
            holds={place.id: holding(place.path, own) for place in places},
            names=CHOICE_NAMES,
            as_above=AS_ABOVE,
            tabs=box_tabs(session),
        )


def holding(path: str, own: Mapping[int, str]) -> str:
    """Return what holds at a path: what the nearest place says, else the first choice. Pure.

    Args:
        path: of the place, `1/4/`.
        own: what places say themselves, by id.
    """
    ids = [int(part) for part in path.split("/") if part]
    said = (own[number] for number in reversed(ids) if own.get(number) in CHOICES[NAME])
    return next(said, CHOICES[NAME][0])


@admin.post("/boxes/boot/<int:place_id>")
@requires("box.manage")
def set_boot(place_id: int) -> Response:
    """Let a place say what its televisions show first; the notice offers to take that back."""
    value = request.form.get(NAME)
    if value is None or value not in {"", *CHOICES[NAME]}:
        raise InvalidInputError("没有这个选项。", field=NAME)
    with session_scope(house().sessions) as session:
        place = _locked_place(session, place_id)
        before = settings_named(session, NAME).get(place.id, "")
        if value != before:
            set_setting(session, place, NAME, value or None)
            _record(session, place, before, value)
        name = place.name
    if value != before:
        undo = Undo(url_for("admin.set_boot", place_id=place_id), {NAME: before})
        words = CHOICE_NAMES.get(value, AS_ABOVE)
        notice(f"{name}的开机画面：{words}。下次开机起用。", undo_form=undo)
    return redirect(url_for("admin.boot"), 303)


def _locked_place(session: Session, place_id: int) -> Place:
    """Return a place of the visitor's, which two who set it at once take in turn."""
    lock = {"key_share": True}
    place = session.get(Place, place_id, with_for_update=lock) if is_row_id(place_id) else None
    if place is None or not visitor().may("box.manage", place.path):
        raise NotFoundError("没有这个地区。")
    return place


def _record(session: Session, place: Place, before: str, after: str) -> None:
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action="place.boot",
        subject=f"place:{place.id}",
        place_id=place.id,
        detail={"before": before, "after": after},
    )
