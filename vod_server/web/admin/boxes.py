"""机顶盒: the boxes of one's places; found, renamed, moved, revoked and restored."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.db import read_scope, session_scope
from core.errors import ConflictError, CuntaiError, InvalidInputError
from county.box_faults import list_faults
from county.boxes import NAME_MAX, edit_box, list_boxes, restore_box, revoke_box
from county.tables import Box
from vod_server.web.access import house, requires
from vod_server.web.admin import admin
from vod_server.web.admin.box_sight import (
    box_tabs,
    chosen_place,
    faults_of_the_day,
    known_box,
    place_words,
    record_box,
    seen_words,
)
from vod_server.web.admin.channel_forms import Form, check_version, clean, word_of
from vod_server.web.admin.layout import Undo, notice
from vod_server.web.admin.notice_sight import choosable, paths_of
from vod_server.web.errors import status_of

PAGE_SIZE = 50
WORDS_MAX = 80


@admin.get("/boxes")
@requires("box.manage")
def boxes() -> str:
    """Show the boxes of the visitor's places; `q` looks for household, place or model."""
    words = clean(request.args.get("q", ""))[:WORDS_MAX]
    text = request.args.get("after", "")
    after = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    now = house().clock.now()
    with read_scope(house().sessions) as session:
        found = list_boxes(
            session, paths_of("box.manage"), words=words, after=after, limit=PAGE_SIZE + 1
        )
        shown = found[:PAGE_SIZE]
        return render_template(
            "admin/boxes.html",
            boxes=shown,
            places=place_words(session, {box.place.path for box in shown}),
            faults=faults_of_the_day(session, [box.id for box in shown], now=now),
            seen={box.id: seen_words(box.seen_at, now) for box in shown},
            words=words,
            after=after,
            next=shown[-1].id if len(found) > PAGE_SIZE else None,
            tabs=box_tabs(session),
        )


@admin.get("/boxes/<int:box_id>")
@requires("box.manage")
def box_page(box_id: int) -> str:
    """Show one box: whose it is, where, and what fell on it."""
    return _render(box_id)


def _render(box_id: int, form: Form | None = None, fault: CuntaiError | None = None) -> str:
    now = house().clock.now()
    with read_scope(house().sessions) as session:
        box = known_box(session, box_id)
        version = form.values["version"] if form else word_of(box_facts(box))
        return render_template(
            "admin/boxes_one.html",
            box=box,
            place=place_words(session, [box.place.path])[box.place.path],
            seen=seen_words(box.seen_at, now),
            faults=list_faults(session, box_id=box.id, limit=20),
            places=choosable(session, "box.manage"),
            form=form or Form({"name": box.name, "place": str(box.place_id)}),
            version=version,
            name_max=NAME_MAX,
            fault=fault,
        )


def box_facts(box: Box) -> dict[str, Any]:
    """Return what the form of a box shows."""
    return {"name": box.name, "place": box.place_id}


@admin.post("/boxes/<int:box_id>")
@requires("box.manage")
def change_box(box_id: int) -> Response:
    """Rename a box or move it to another place; the notice offers to take that back."""
    form = read_household()
    form.values["version"] = request.form.get("version", "")
    try:
        form.check()
        with session_scope(house().sessions) as session:
            box = known_box(session, box_id)
            before = box_facts(box)
            check_version(form.values["version"], before)
            place = chosen_place(session, form.fields["place"])
            edit_box(session, box, name=form.values["name"], place=place)
            after = box_facts(box)
            if after != before:
                record_box(session, box, "box.edit", before=before, after=after)
    except (ConflictError, InvalidInputError) as error:
        form.note(error)
        return make_response(_render(box_id, form, error), status_of(error))
    if after == before:
        notice("没有改动。")
    else:
        fields = {"name": before["name"], "place": str(before["place"]), "version": word_of(after)}
        undo = Undo(url_for("admin.change_box", box_id=box_id), fields)
        notice(f"“{form.values['name']}”已保存。", undo_form=undo)
    return redirect(url_for("admin.boxes"), 303)


def read_household() -> Form:
    """Read whose box it is: the household's name and the place."""
    form = Form({name: clean(request.form.get(name, "")) for name in ("name", "place")})
    if not form.values["name"]:
        form.errors["name"] = "请填写户名，例如：三组 王秀兰家。"
    elif len(form.values["name"]) > NAME_MAX:
        form.errors["name"] = f"户名最多 {NAME_MAX} 个字。"
    place = form.values["place"]
    good = place.isascii() and place.isdecimal() and len(place) < 10
    form.fields["place"] = int(place) if good else 0
    if not form.fields["place"]:
        form.errors["place"] = "请选择地区。"
    return form


@admin.post("/boxes/<int:box_id>/revoke")
@requires("box.manage")
def revoke_one_box(box_id: int) -> Response:
    """Make a box a stranger again; the notice offers to take that back."""
    with session_scope(house().sessions) as session:
        box = known_box(session, box_id)
        name = box.name
        if box.revoked_at is None:
            _revoke(session, box)
    undo = Undo(url_for("admin.restore_one_box", box_id=box_id), {})
    notice(f"“{name}”的机顶盒已解除绑定，只能看公开的内容。", undo_form=undo)
    return redirect(url_for("admin.boxes"), 303)


def _revoke(session: Session, box: Box) -> None:
    record_box(session, box, "box.revoke", model=box.model)
    revoke_box(session, box.id, now=house().clock.now())


@admin.post("/boxes/<int:box_id>/restore")
@requires("box.manage")
def restore_one_box(box_id: int) -> Response:
    """Take a revocation back; the box need not be paired anew."""
    with session_scope(house().sessions) as session:
        box = known_box(session, box_id)
        name = box.name
        if box.revoked_at is not None:
            restore_box(session, box.id)
            record_box(session, box, "box.restore", model=box.model)
    notice(f"“{name}”的机顶盒已恢复，不用重新绑定。")
    return redirect(url_for("admin.boxes"), 303)
