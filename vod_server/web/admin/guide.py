"""节目单: a channel's day, and the corrections people make to it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog.titles.reading import COUNTY_ZONE
from core.db import read_scope, session_scope
from core.errors import ConflictError, CuntaiError, InvalidInputError, NotFoundError
from epg.channels.tables import Channel
from epg.guide.editing import add_programme, drop_programme, edit_programme
from epg.guide.model import Entry
from epg.guide.reading import entries
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_air import record_channel
from vod_server.web.admin.channel_forms import Form, check_version, word_of
from vod_server.web.admin.channel_sight import (
    authorise_channel,
    channels_in_sight,
    known_channel,
    lock_channel,
    may_with_channel,
)
from vod_server.web.admin.guide_forms import (
    blank_programme,
    entry_facts,
    programme_form,
    read_programme,
)
from vod_server.web.admin.layout import Undo, notice
from vod_server.web.errors import status_of

#: Where the form shows what the service says of an instant.
FORM_FIELDS = {"start_s": "start", "stop_s": "stop"}
#: How far from today the day may lie.
REACH = timedelta(days=400)


@admin.get("/guide")
@requires("channel.view")
def guide() -> str:
    """Show a channel's day, with the form of a new programme or of the one in `edit`."""
    with read_scope(house().sessions) as session:
        known = [one for one in channels_in_sight(session) if one.kind != "reference" or one.tvg_id]
        channel = _chosen(known)
        if channel is None:
            return render_template("admin/guide.html", channel=None, channels=known, fault=None)
        return _render(session, channel, known)


def _chosen(known: list[Channel]) -> Channel | None:
    text = request.args.get("channel", "")
    wanted = int(text) if text.isdecimal() and len(text) < 10 else 0
    for channel in known:
        if channel.id == wanted:
            return channel
    if text:
        raise NotFoundError("没有这个频道，可能已被删除。")
    return known[0] if known else None


def _render(
    session: Session,
    channel: Channel,
    known: list[Channel],
    *,
    form: Form | None = None,
    editing: str = "",
    fault: CuntaiError | None = None,
) -> str:
    now = house().clock.now()
    day = _day(now)
    listed = _entries(session, channel.id, day)
    editing = editing or request.args.get("edit", "")
    edited = next((one for one in listed if one.id == editing), None)
    return render_template(
        "admin/guide.html",
        channel=channel,
        channels=known,
        day=day,
        days=[day + timedelta(days=step) for step in range(-3, 4)],
        today=now.astimezone(COUNTY_ZONE).date(),
        listed=listed,
        now_s=int(now.timestamp()),
        oldest_s=int((now - timedelta(days=channel.retention_days)).timestamp()),
        form=form or (programme_form(edited) if edited else blank_programme(day, listed)),
        edited=edited,
        version=request.form.get("version", "") if form else _version(edited),
        may_edit=channel.kind != "loop" and may_with_channel(channel, "guide.edit"),
        may_pin=channel.kind == "live" and may_with_channel(channel, "channel.edit"),
        may_feeds=visitor().may("guide.edit"),
        fault=fault,
    )


def _version(entry: Entry | None) -> str:
    return word_of(entry_facts(entry)) if entry else ""


def _day(now: datetime) -> date:
    """Return the day the request asks for, today when it asks for none that can be."""
    today = now.astimezone(COUNTY_ZONE).date()
    try:
        day = date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return today
    return day if abs(day - today) <= REACH else today


def _entries(session: Session, channel_id: int, day: date) -> list[Entry]:
    from_s = int(datetime.combine(day, time(), COUNTY_ZONE).timestamp())
    return list(entries(session, [channel_id], from_s, from_s + 86400).get(channel_id, ()))


@admin.post("/guide/<int:channel_id>/add")
@requires("guide.edit")
def add_entry(channel_id: int) -> Response:
    """Add a programme by hand."""
    form = read_programme(request.form)
    try:
        form.check()
        with session_scope(house().sessions) as session:
            channel = _channel_to_change(session, channel_id)
            now = house().clock.now()
            add_programme(session, channel_id, now=now, **form.fields)
            record_channel(session, channel, "guide.add", name=form.fields["title"])
    except (ConflictError, InvalidInputError) as error:
        return _refused(channel_id, form, error)
    notice(f"已加入《{form.fields['title']}》。以后再导入节目单，它也不会变。")
    return _back(channel_id)


@admin.post("/guide/<int:channel_id>/<entry_id>/edit")
@requires("guide.edit")
def edit_entry(channel_id: int, entry_id: str) -> Response:
    """Correct a programme; what was a feed's becomes a person's and survives imports."""
    form = read_programme(request.form)
    try:
        form.check()
        with session_scope(house().sessions) as session:
            channel = _channel_to_change(session, channel_id)
            entry = _entry(session, channel_id, entry_id)
            check_version(request.form.get("version"), entry_facts(entry))
            edit_programme(session, entry_id, now=house().clock.now(), **form.fields)
            record_channel(session, channel, "guide.edit", name=form.fields["title"])
    except (ConflictError, InvalidInputError) as error:
        return _refused(channel_id, form, error, editing=entry_id)
    notice(f"已保存《{form.fields['title']}》。以后再导入节目单，您的修改会留着。")
    return _back(channel_id)


@admin.post("/guide/<int:channel_id>/<entry_id>/drop")
@requires("guide.edit")
def drop_entry(channel_id: int, entry_id: str) -> Response:
    """Take a person's programme away; what the feed says shows again. Undone by adding it."""
    with session_scope(house().sessions) as session:
        channel = _channel_to_change(session, channel_id)
        entry = _entry(session, channel_id, entry_id)
        if entry.origin != "person":
            raise ConflictError("这条节目来自节目单文件，请直接改成正确的内容。")
        drop_programme(session, int(entry_id.removeprefix("p")), now=house().clock.now())
        record_channel(session, channel, "guide.drop", name=entry.title)
    again = Undo(
        url_for("admin.add_entry", channel_id=channel_id),
        {**programme_form(entry).values, "day": request.form.get("day", "")},
    )
    notice(f"已去掉人工写的《{entry.title}》，节目单文件里有的会重新显示。", undo_form=again)
    return _back(channel_id)


def _channel_to_change(session: Session, channel_id: int) -> Channel:
    channel = lock_channel(session, channel_id, "guide.edit")
    if channel.kind == "loop":
        raise ConflictError("轮播频道的节目单由轮播表算出，请改轮播表。")
    return channel


def _entry(session: Session, channel_id: int, entry_id: str) -> Entry:
    """Return the entry of an id, as the day that is open shows it.

    Raises:
        ConflictError: it is no longer there: an import or a colleague has replaced it.
    """
    day = _day(house().clock.now())
    for entry in _entries(session, channel_id, day):
        if entry.id == entry_id:
            return entry
    raise ConflictError("这条节目已经变了，请对照最新的节目单再改。")


def _refused(channel_id: int, form: Form, fault: CuntaiError, *, editing: str = "") -> Response:
    form.note(fault, FORM_FIELDS)
    with read_scope(house().sessions) as session:
        channel = known_channel(session, channel_id)
        authorise_channel(channel, "guide.edit")
        known = channels_in_sight(session)
        page = _render(session, channel, known, form=form, editing=editing, fault=fault)
    return make_response(page, status_of(fault))


def _back(channel_id: int, **more: Any) -> Response:
    day = _day(house().clock.now()).isoformat()
    return redirect(url_for("admin.guide", channel=channel_id, day=day, **more), 303)
