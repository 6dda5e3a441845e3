"""录像: what is kept beyond its time, and what the recordings take of the disk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from catalog.titles.reading import COUNTY_ZONE
from core.db import is_row_id, read_scope, session_scope
from core.errors import ConflictError, CuntaiError, InvalidInputError, NotFoundError
from epg.channels.service import pin_recording, unpin
from epg.channels.tables import Channel, RecordingPin
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_air import record_channel
from vod_server.web.admin.channel_forms import Form, clean
from vod_server.web.admin.channel_sight import (
    authorise_channel,
    channels_in_sight,
    known_channel,
    may_know,
    may_with_channel,
)
from vod_server.web.admin.disk_use import disk_use
from vod_server.web.admin.layout import Undo, notice
from vod_server.web.errors import status_of

LONGEST_NAME = 200
#: As long as one span may be asked for of a channel (docs/architecture.md, windows).
MOST_SPAN_MS = 12 * 3600 * 1000


@admin.get("/recordings")
@requires("channel.view")
def recordings() -> str:
    """Show what is pinned, and what each channel keeps."""
    return _render()


def _render(form: Form | None = None, fault: CuntaiError | None = None) -> str:
    with read_scope(house().sessions) as session:
        channels = [one for one in channels_in_sight(session) if one.kind == "live"]
        return render_template(
            "admin/recordings.html",
            pins=_pins(session),
            use=disk_use(house().settings.effective_recordings_dir, channels),
            channels=[one for one in channels if may_with_channel(one, "channel.edit")],
            form=form or Form(dict.fromkeys(("channel", "start", "stop", "name"), "")),
            fault=fault,
        )


def _pins(session: Session) -> list[tuple[RecordingPin, bool]]:
    """Return the pins of the channels in sight, newest first, and whether they may be let go."""
    statement = (
        select(RecordingPin)
        .order_by(RecordingPin.start_ms.desc(), RecordingPin.id.desc())
        .options(joinedload(RecordingPin.channel).selectinload(Channel.places))
    )
    me = visitor()
    return [
        (pin, may_with_channel(pin.channel, "channel.edit"))
        for pin in session.scalars(statement)
        if may_know(me, pin.channel)
    ]


@admin.post("/recordings/pin")
@requires("channel.edit")
def pin() -> Response:
    """Keep a span of a channel: from the form, or a programme's from the guide."""
    form = _read_form()
    try:
        form.check()
        with session_scope(house().sessions) as session:
            channel = known_channel(session, form.fields["channel"])
            authorise_channel(channel, "channel.edit")
            kept = _pin(session, channel, form.fields)
    except (ConflictError, InvalidInputError) as error:
        form.note(error)
        return make_response(_render(form, error), status_of(error))
    notice(f"已保存录像“{kept.name}”，到期也不会删除。")
    return redirect(url_for("admin.recordings"), 303)


def _pin(session: Session, channel: Channel, fields: dict[str, Any]) -> RecordingPin:
    now = house().clock.now()
    kept = pin_recording(
        session,
        channel,
        start_ms=fields["start_ms"],
        stop_ms=fields["stop_ms"],
        name=fields["name"] or channel.name,
        by=visitor().login,
        now=now,
    )
    record_channel(session, channel, "recording.pin", name=kept.name)
    return kept


@admin.post("/recordings/<int:pin_id>/unpin")
@requires("channel.edit")
def unpin_recording(pin_id: int) -> Response:
    """Let a pinned span go the way of its hours; the notice offers to pin it again."""
    with session_scope(house().sessions) as session:
        found = session.get(RecordingPin, pin_id) if is_row_id(pin_id) else None
        if found is None or not may_know(visitor(), found.channel):
            raise NotFoundError("没有这段录像，可能已经取消保存。")
        authorise_channel(found.channel, "channel.edit")
        undo = Undo(
            url_for("admin.pin"),
            {
                "channel": str(found.channel_id),
                "start_ms": str(found.start_ms),
                "stop_ms": str(found.stop_ms),
                "name": found.name,
            },
        )
        record_channel(session, found.channel, "recording.unpin", name=found.name)
        name = found.name
        unpin(session, pin_id)
    notice(f"已取消保存“{name}”。超过保留天数的部分会在一小时后删除。", undo_form=undo)
    return redirect(url_for("admin.recordings"), 303)


def _read_form() -> Form:
    typed = request.form
    names = ("channel", "start", "stop", "name")
    form = Form({name: clean(typed.get(name, "")) for name in names})
    form.fields["name"] = form.values["name"]
    if len(form.values["name"]) > LONGEST_NAME:
        form.errors["name"] = f"名称最多 {LONGEST_NAME} 个字。"
    number = form.values["channel"]
    form.fields["channel"] = int(number) if number.isdecimal() and len(number) < 10 else 0
    if not form.fields["channel"]:
        form.errors["channel"] = "请选择频道。"
    for name in ("start", "stop"):
        _read_instant(form, name, typed.get(f"{name}_ms", ""))
    if form.errors:
        return form
    span_ms = form.fields["stop_ms"] - form.fields["start_ms"]
    if span_ms <= 0:
        form.errors["stop"] = "结束要晚于开始。"
    elif span_ms > MOST_SPAN_MS:
        form.errors["stop"] = "一段最长 12 小时，更长请分成几段。"
    return form


def _read_instant(form: Form, name: str, exact_ms: str) -> None:
    """Read an instant: exact from a button, or as the county's clock shows it."""
    if exact_ms.isascii() and exact_ms.isdigit() and len(exact_ms) < 15:
        form.fields[f"{name}_ms"] = int(exact_ms)
        return
    try:
        typed = datetime.fromisoformat(form.values[name])
    except ValueError:
        form.errors[name] = "请填日期和时间，例如 2026-03-31 19:00。"
        return
    here = typed if typed.tzinfo else typed.replace(tzinfo=COUNTY_ZONE)
    form.fields[f"{name}_ms"] = int(here.timestamp() * 1000)


@admin.get("/recordings/play")
@requires("channel.view")
def play_recording() -> str:
    """Show a player of a past span: `channel`, `start` and `stop` in epoch seconds."""
    number, start, stop = (_whole(name) for name in ("channel", "start", "stop"))
    if not 0 < stop - start <= MOST_SPAN_MS // 1000:
        raise InvalidInputError("这段时间不能播放：要在 12 小时以内，结束晚于开始。")
    with read_scope(house().sessions) as session:
        channel = known_channel(session, number)
        name = clean(request.args.get("name", ""))[:LONGEST_NAME]
        return render_template(
            "admin/recording.html",
            channel=channel,
            start_s=start,
            stop_s=stop,
            name=name or channel.name,
            src=f"/live/{channel.id}/index.m3u8?start={start}&end={stop}",
            may_pin=may_with_channel(channel, "channel.edit"),
        )


def _whole(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise InvalidInputError("地址不完整，请从录像页或节目单打开。", field=name)
    return int(text)
