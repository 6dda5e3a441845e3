"""Add a channel, save its form, delete it."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from core.db import read_scope, session_scope
from core.errors import ConflictError, CuntaiError, InvalidInputError
from county.tables import Place
from epg.channels.service import (
    create_channel,
    delete_channel,
    edit_channel,
    next_number,
    set_places,
)
from epg.channels.tables import Channel
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_air import record_channel
from vod_server.web.admin.channel_forms import (
    Form,
    blank_form,
    check_version,
    field_facts,
    ids_of,
    outermost,
    read_form,
)
from vod_server.web.admin.channel_page import channel_with_fault
from vod_server.web.admin.channel_sight import channels_in_sight, groups_of, lock_channel
from vod_server.web.admin.layout import notice
from vod_server.web.errors import status_of

MOST_PLACES = 2000


@admin.get("/channels/new")
@requires("channel.edit")
def new_channel() -> str:
    """Show the form of a new channel, with the next free number."""
    authorise("channel.edit", None)
    with read_scope(house().sessions) as session:
        return _new_page(session, blank_form(next_number(session)))


@admin.post("/channels/new")
@requires("channel.edit")
def add_channel() -> AnyResponse:
    """Add a channel; what was typed stays where it is refused."""
    authorise("channel.edit", None)
    form = read_form(request.form)
    try:
        form.check()
        with session_scope(house().sessions) as session:
            # Off the air until it has a source or titles and somebody says so.
            fields = {**form.fields, "wanted": False}
            channel = create_channel(session, now=house().clock.now(), **fields)
            record_channel(session, channel, "channel.create", name=channel.name)
    except (InvalidInputError, ConflictError) as error:
        form.note(error)
        with read_scope(house().sessions) as session:
            return make_response(_new_page(session, form, error), status_of(error))
    notice(f"已建立 {channel.name}。{_next_step(channel)}")
    return redirect(url_for("admin.channel_page", channel_id=channel.id), 303)


def _next_step(channel: Channel) -> str:
    steps = {"live": "请加上信号源，再开播。", "loop": "请加入要轮播的节目，再开播。"}
    return steps.get(channel.kind, "请填上运营商的地址，再开播。")


def _new_page(session: Session, form: Form, fault: CuntaiError | None = None) -> str:
    groups = groups_of(channels_in_sight(session))
    return render_template("admin/channel_new.html", form=form, fault=fault, groups=groups)


@admin.post("/channels/<int:channel_id>/edit")
@requires("channel.edit")
def edit_channel_form(channel_id: int) -> AnyResponse:
    """Save the form; faults are told at their fields, and what was typed stays."""
    form, chosen = read_form(request.form), ids_of(request.form.getlist("place"), most=MOST_PLACES)
    try:
        with session_scope(house().sessions) as session:
            channel = lock_channel(session, channel_id, "channel.edit")
            check_version(request.form.get("version"), field_facts(channel))
            form.check()
            _save(session, channel, form, chosen)
    except (ConflictError, InvalidInputError) as error:
        form.note(error)
        return channel_with_fault(channel_id, error, form=form, chosen=chosen)
    notice("已保存。")
    return redirect(url_for("admin.channel_page", channel_id=channel_id), 303)


def _save(session: Session, channel: Channel, form: Form, chosen: list[int]) -> None:
    now = house().clock.now()
    fields = {name: value for name, value in form.fields.items() if getattr(channel, name) != value}
    if fields:
        edit_channel(session, channel, now=now, **fields)
    wanted = _wanted_places(session, channel, chosen)
    moved = wanted != sorted(place.id for place in channel.places)
    if moved:
        set_places(session, channel, wanted, now=now)
    names = sorted(fields) + (["place_ids"] if moved else [])
    if names:
        record_channel(session, channel, "channel.edit", fields=names)


def _wanted_places(session: Session, channel: Channel, chosen: list[int]) -> list[int]:
    """Return the places a channel shall be seen in; empty for everybody.

    Raises:
        InvalidInputError: none is chosen, or one is not the visitor's to choose.
    """
    if request.form.get("seen_by") != "places":
        if not visitor().may("channel.edit"):
            raise InvalidInputError("请选择您负责的地区。", field="place_ids")
        return []
    rows = session.execute(select(Place.id, Place.path).where(Place.id.in_(chosen))).all()
    paths = dict(rows)
    if not paths:
        raise InvalidInputError("请至少勾选一个地方，或者选“所有人”。", field="place_ids")
    kept = {place.id for place in channel.places}
    if any(not visitor().may("channel.edit", paths[one]) for one in paths.keys() - kept):
        raise InvalidInputError("请选择您负责的地区。", field="place_ids")
    return outermost(paths, paths)


def _check_off(channel: Channel) -> None:
    if channel.wanted:
        raise ConflictError("请先停播，再删除频道。")


@admin.post("/channels/<int:channel_id>/delete")
@requires("channel.edit")
def delete_channel_form(channel_id: int) -> Response | AnyResponse:
    """Delete a channel that is off the air; asked before, as it cannot be taken back."""
    try:
        with session_scope(house().sessions) as session:
            channel = lock_channel(session, channel_id, "channel.edit")
            _check_off(channel)
            name = channel.name
            record_channel(session, channel, "channel.delete", name=name, number=channel.number)
            delete_channel(session, channel_id)
    except (ConflictError, InvalidInputError) as error:
        return channel_with_fault(channel_id, error)
    notice(f"已删除频道 {name}。")
    return redirect(url_for("admin.channels"), 303)
