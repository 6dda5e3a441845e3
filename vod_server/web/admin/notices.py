"""通知: the list of notices, and the page on which one is written, published and withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog.notices import reading
from catalog.notices.model import MAX_PAGES, STATE_NAMES, Move, State
from catalog.notices.service import create_notice, edit_notice, move_notice
from catalog.notices.tables import Notice
from core.db import read_scope, session_scope
from core.errors import ConflictError, CuntaiError, InvalidInputError, NotFoundError
from county.tables import Place
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_forms import STALE, Form
from vod_server.web.admin.layout import notice as tell
from vod_server.web.admin.notice_forms import (
    LABELS,
    blank_form,
    form_of,
    read_form,
    version_of,
)
from vod_server.web.admin.notice_sight import (
    choosable,
    history_of,
    known_notice,
    paths_of,
    picture_url,
    record,
)
from vod_server.web.errors import status_of

PAGE_SIZE = 30

DONE: dict[Move, str] = {
    "publish": "已发布，{place}的电视上马上可以看到。",
    "withdraw": "已撤回，电视上看不到了。",
}


@admin.get("/notices")
@requires("notice.edit")
def notices() -> str:
    """Show a page of the list, filtered by state."""
    state, text = request.args.get("state", ""), request.args.get("page", "1")
    state = state if state in get_args(State) else ""
    page = max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
    paths = paths_of("notice.edit")
    with read_scope(house().sessions) as session:
        counts = reading.count_by_state(session, paths)
        matching = counts.get(state, 0) if state else sum(counts.values())
        page = min(page, max(1, -(-matching // PAGE_SIZE)))
        found = reading.list_for_staff(
            session, paths, state=state, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )
        return render_template(
            "admin/notices.html",
            found=found,
            counts=counts,
            state=state,
            page=page,
            pages=max(1, -(-matching // PAGE_SIZE)),
            notice_states=STATE_NAMES,
            small=reading.SMALL,
            page_url=picture_url,
        )


@admin.get("/notices/new")
@requires("notice.edit")
def new_notice() -> str:
    """Show an empty form."""
    with read_scope(house().sessions) as session:
        form = blank_form(choosable(session, "notice.edit")[0].id)
        return _render_new(session, form)


def _render_new(session: Session, form: Form, fault: CuntaiError | None = None) -> str:
    shown = choosable(session, "notice.edit")
    return render_template("admin/notice_new.html", form=form, fault=fault, places=shown)


@admin.post("/notices")
@requires("notice.edit")
def add_notice() -> Response:
    """Save a new draft and show its page."""
    now = house().clock.now()
    with session_scope(house().sessions) as session:
        shown = choosable(session, "notice.edit")
        form = read_form(request.form, places=[place.id for place in shown])
        try:
            form.check()
        except InvalidInputError as error:
            return make_response(_render_new(session, form, error), status_of(error))
        place = session.get_one(Place, form.fields["place_id"])
        fields = {name: value for name, value in form.fields.items() if name != "place_id"}
        added = create_notice(session, place=place, owner_id=visitor().person_id, now=now, **fields)
        record(session, added, "notice.create", {"title": added.title})
    tell("草稿已保存。可以上传扫描件，核对后发布。")
    return redirect(url_for("admin.notice_page", notice_id=added.id), 303)


@admin.get("/notices/<int:notice_id>")
@requires("notice.edit")
def notice_page(notice_id: int) -> str:
    """Show everything of a notice."""
    return render_notice(notice_id)


def render_notice(
    notice_id: int, *, form: Form | None = None, fault: CuntaiError | None = None
) -> str:
    """Return the page, with a form that was refused or a fault to tell of.

    Raises:
        NotFoundError: there is no such notice, or the visitor may not know of it.
    """
    with read_scope(house().sessions) as session:
        one = known_notice(session, notice_id)
        shown = form or form_of(one)
        if fault is not None and fault.field in {"title", "body"}:
            shown.errors[fault.field] = fault.message
        return render_template(
            "admin/notice.html",
            one=one,
            form=shown,
            version=request.form.get("version") if form else version_of(one),
            fault=fault,
            places=choosable(session, "notice.edit"),
            editable=one.state != "published",
            notice_states=STATE_NAMES,
            most_pages=MAX_PAGES,
            small=reading.SMALL,
            page_url=picture_url,
            history=history_of(session, one),
            labels=LABELS,
        )


def act_on_notice(
    notice_id: int, act: Callable[[Session, Notice], Any], *, form: Form | None = None
) -> Response | None:
    """Do something with a notice in one transaction.

    Returns:
        The page with the fault when it could not be done, None when it was.

    Raises:
        NotFoundError: there is no such notice, or the visitor may not know of it.
    """
    try:
        with session_scope(house().sessions) as session:
            one = known_notice(session, notice_id)
            authorise("notice.edit", one.place.path)
            act(session, one)
    except NotFoundError as error:
        if error.field is None:
            raise
        fault: CuntaiError = error
    except CuntaiError as error:
        fault = error
    else:
        return None
    return make_response(render_notice(notice_id, form=form, fault=fault), status_of(fault))


@admin.post("/notices/<int:notice_id>/edit")
@requires("notice.edit")
def save_notice(notice_id: int) -> Response:
    """Save the form; faults are told at their fields, and what was typed stays."""
    with read_scope(house().sessions) as session:
        shown = [place.id for place in choosable(session, "notice.edit")]
    form = read_form(request.form, places=shown)

    def save(session: Session, one: Notice) -> None:
        session.refresh(one, with_for_update={"of": Notice})
        form.check()
        if request.form.get("version") != version_of(one):
            raise ConflictError(STALE)
        changed = {
            name: value for name, value in form.fields.items() if getattr(one, name) != value
        }
        if changed:
            edit_notice(session, one, now=house().clock.now(), **changed)
            record(session, one, "notice.edit", {"fields": sorted(changed)})

    refused = act_on_notice(notice_id, save, form=form)
    if refused is not None:
        return refused
    tell("已保存。")
    return redirect(url_for("admin.notice_page", notice_id=notice_id), 303)


@admin.post("/notices/<int:notice_id>/move")
@requires("notice.edit")
def move_one_notice(notice_id: int) -> Response:
    """Publish or withdraw."""
    move = request.form.get("move", "")
    if move not in DONE:
        raise InvalidInputError("没有这个操作。", field="move")
    names = []

    def run(session: Session, one: Notice) -> None:
        now = house().clock.now()
        move_notice(session, one, move, actor=visitor().login, now=now)
        names.append(one.place.name)

    refused = act_on_notice(notice_id, run)
    if refused is not None:
        return refused
    tell(DONE[move].format(place=names[0]))
    return redirect(url_for("admin.notice_page", notice_id=notice_id), 303)
