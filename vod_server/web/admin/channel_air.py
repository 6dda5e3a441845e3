"""Take channels on and off the air, one from its row, many from the list."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.db import session_scope
from core.errors import CuntaiError, InvalidInputError
from county import audit
from epg.channels.service import edit_channel, set_wanted
from epg.channels.tables import Channel
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_forms import LONGEST, clean, ids_of
from vod_server.web.admin.channel_sight import known_channel, lock_channel
from vod_server.web.admin.channel_words import LEVEL_NAMES
from vod_server.web.admin.channels import render_live_channels
from vod_server.web.admin.layout import Undo, notice

MOST_AT_ONCE = 100

#: Notices travel in a cookie.
MOST_UNDO_BYTES = 1200


@admin.post("/channels/<int:channel_id>/air")
@requires("channel.edit")
def air(channel_id: int) -> Response:
    """Put a channel on the air or take it off; the switch says which it shall be."""
    on = request.form.get("on") == "1"
    with session_scope(house().sessions) as session:
        channel = lock_channel(session, channel_id, "channel.edit")
        _set_wanted(session, channel, on)
        name = channel.name
    if "HX-Request" in request.headers:
        return make_response(render_live_channels([channel_id]))
    undo = Undo(url_for("admin.air", channel_id=channel_id), {"on": "" if on else "1"})
    notice(f"{name} 已{'开播' if on else '停播'}。", undo_form=undo)
    return redirect(_back(), 303)


@admin.post("/channels/change")
@requires("channel.edit")
def change_channels() -> Response:
    """Make one change with each of the chosen channels; one that cannot follow stops no other."""
    wish = _read_wish()
    ids = ids_of(request.form.getlist("id"), most=MOST_AT_ONCE)
    done = Outcome()
    with session_scope(house().sessions) as session:
        for channel_id in ids:
            _change_one(session, channel_id, wish, done)
    _tell(wish, ids, done)
    return redirect(_back(), 303)


@admin.post("/channels/restore")
@requires("channel.edit")
def restore_channels() -> Response:
    """Give channels back what a change of many has taken: `was` is `wish:value:id,id`."""
    done = Outcome()
    with session_scope(house().sessions) as session:
        for text in request.form.getlist("was")[:MOST_AT_ONCE]:
            kind, _, rest = text.partition(":")
            value, _, numbers = rest.rpartition(":")
            for channel_id in ids_of(numbers.split(","), most=MOST_AT_ONCE):
                _change_one(session, channel_id, _checked(kind, value), done)
    if done.faults:
        notice("有频道没有恢复：", kind="bad", details=done.faults)
    else:
        notice(f"已恢复 {done.count} 个频道。")
    return redirect(_back(), 303)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of many channels: `air`, `level` or `group`, and its new value."""

    kind: str
    value: str

    def told(self) -> str:
        """Return what is said of channels that follow."""
        if self.kind == "air":
            return "已开播" if self.value else "已停播"
        if self.kind == "level":
            return f"已改为{LEVEL_NAMES[self.value]}"
        return f"已归入“{self.value}”" if self.value else "已移出分组"


@dataclass(slots=True)
class Outcome:
    """What came of a change: the channels by the value they had, and why some did not follow."""

    was: dict[str, list[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many channels have changed."""
        return sum(len(some) for some in self.was.values())


def _read_wish() -> Wish:
    do = request.form.get("do", "")
    if do in {"on", "off"}:
        return Wish("air", "1" if do == "on" else "")
    return _checked(do, clean(request.form.get(do, "")))


def _checked(kind: str, value: str) -> Wish:
    fits = {
        "air": value in {"", "1"},
        "level": value in LEVEL_NAMES,
        "group": len(value) <= LONGEST["group_title"],
    }
    if not fits.get(kind):
        raise InvalidInputError("请选择要做的改动。", field="do")
    return Wish(kind, value)


def _change_one(session: Session, channel_id: int, wish: Wish, done: Outcome) -> None:
    name = f"频道 {channel_id}"
    try:
        with session.begin_nested():
            name = known_channel(session, channel_id).name
            channel = lock_channel(session, channel_id, "channel.edit")
            before = _apply(session, channel, wish)
    except CuntaiError as error:
        done.faults.append(f"{name}：{error.message}")
    else:
        if before != wish.value:
            done.was.setdefault(before, []).append(channel_id)


def _apply(session: Session, channel: Channel, wish: Wish) -> str:
    """Make the change and return the value it had before."""
    if wish.kind == "air":
        before = "1" if channel.wanted else ""
        _set_wanted(session, channel, wish.value == "1")
        return before
    name = {"level": "level", "group": "group_title"}[wish.kind]
    before = str(getattr(channel, name))
    if before != wish.value:
        edit_channel(session, channel, now=house().clock.now(), **{name: wish.value})
        record_channel(session, channel, "channel.edit", fields=[name])
    return before


def _tell(wish: Wish, ids: list[int], done: Outcome) -> None:
    if not ids:
        notice("请先选择频道。", kind="bad")
    elif not done.count:
        words = "没有频道变动：" if done.faults else "这些频道本来就是这样，没有变动。"
        notice(words, kind="bad" if done.faults else "ok", details=done.faults)
    else:
        kind = "warn" if done.faults else "ok"
        told = f"{done.count} 个频道{wish.told()}。"
        notice(told, kind=kind, details=done.faults, undo_form=_undo(wish, done))


def _undo(wish: Wish, done: Outcome) -> Undo | None:
    """Return what brings the channels back; None where it would not fit in the cookie."""
    was = [
        f"{wish.kind}:{before}:{','.join(str(one) for one in ids)}"
        for before, ids in done.was.items()
    ]
    if sum(len(text.encode()) for text in was) > MOST_UNDO_BYTES:
        return None
    return Undo(url_for("admin.restore_channels"), {"was": was})


def _set_wanted(session: Session, channel: Channel, on: bool) -> None:
    if channel.wanted == on:
        return
    set_wanted(session, channel, on, now=house().clock.now())
    record_channel(session, channel, "channel.on" if on else "channel.off")


def record_channel(session: Session, channel: Channel, action: str, **detail: object) -> None:
    """Write down what was done to a channel, in the transaction of the change."""
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action=action,
        subject=f"channel:{channel.id}",
        place_id=channel.places[0].id if channel.places else None,
        detail=detail,
    )


def _back() -> str:
    """Return the list as it was filtered, or the page the switch stands on."""
    if request.form.get("on_page", "").isdecimal():
        return url_for("admin.channel_page", channel_id=int(request.form["on_page"][:9]))
    names = ("state", "group_was", "level_was", "q", "page")
    kept = {name.removesuffix("_was"): request.form.get(name) or None for name in names}
    return url_for("admin.channels", **kept)  # type: ignore[arg-type]  # None leaves a part out
