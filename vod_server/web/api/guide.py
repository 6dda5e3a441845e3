"""Now and next, the guide, reminders (docs/architecture.md, "HTTP API of live and guide")."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy.orm import Session

from catalog.titles.reading import COUNTY_ZONE
from core.db import read_scope, session_scope
from core.errors import InvalidInputError, UnauthenticatedError
from county.boxes import PairedBox
from epg.channels.reading import visible_channel, visible_channels
from epg.channels.tables import Channel
from epg.channels.version import epg_version
from epg.guide.model import Entry
from epg.guide.reading import entries, now_next
from epg.guide.reminders import drop_reminder, list_reminders, set_reminder
from vod_server.web.access import box_place_path, find_box, house, requires
from vod_server.web.api.guide_edges import Edges, next_edge
from vod_server.web.playing import catchup_url, window_s
from vod_server.web.rendered import RenderedCache
from vod_server.web.replies import rendered_reply

guide_api = Blueprint("guide_api", __name__)

NOW_MAX_AGE_S = 15
GUIDE_MAX_AGE_S = 30

DAY_S = 86400
HOUR_S = 3600

#: Longest stretch of one channel, and of several; most channels at once.
MAX_SPAN_S = 15 * DAY_S
MAX_ROWS_SPAN_S = 2 * DAY_S
MAX_ROWS = 20


class Made(NamedTuple):
    """An answer, and the instants at which something of it changes (epoch seconds)."""

    value: Any
    instants: Iterable[int]


@guide_api.get("/now")
@requires("box")
def now() -> Response:
    """Return what runs on each channel, and what comes next."""

    def make(session: Session, place: str | None, at: datetime) -> Made:
        channels = visible_channels(session, place)
        found = now_next(session, [channel.id for channel in channels], int(at.timestamp()))
        shown = [entry for pair in found.values() for entry in pair if entry is not None]
        items = [
            {
                "channel": channel.id,
                "now": programme_json(channel, found[channel.id][0], at),
                "next": programme_json(channel, found[channel.id][1], at),
            }
            for channel in channels
        ]
        # Since when this is so: the same in every process, so that ETags agree.
        since = max((e.start_s for e in shown if e.start_s <= at.timestamp()), default=0)
        value = {"version": str(epg_version(session)), "at": since, "items": items}
        return Made(value, [edge for entry in shown for edge in (entry.start_s, entry.stop_s)])

    return _held("now", make, max_age_s=NOW_MAX_AGE_S)


@guide_api.get("/guide")
@requires("box")
def guide() -> Response:
    """Return the programmes of a channel in a stretch of time."""
    channel_id = _whole_number("channel")
    if channel_id is None:
        raise InvalidInputError("缺少频道 channel。", field="channel")
    from_s, to_s = _stretch(MAX_SPAN_S)

    def make(session: Session, place: str | None, at: datetime) -> Made:
        channel = visible_channel(session, channel_id, place)
        shown = entries(session, [channel.id], from_s, to_s)[channel.id]
        value = {"items": [programme_json(channel, entry, at) for entry in shown]}
        return Made(value, _instants(channel, shown))

    return _held(("guide", channel_id, from_s, to_s), make, max_age_s=GUIDE_MAX_AGE_S)


@guide_api.get("/guide/rows")
@requires("box")
def rows() -> Response:
    """Return the programmes of several channels, as a grid shows them; unseen ones are left out."""
    wanted = _channel_ids()
    from_s, to_s = _stretch(MAX_ROWS_SPAN_S)

    def make(session: Session, place: str | None, at: datetime) -> Made:
        seen = {channel.id: channel for channel in visible_channels(session, place)}
        channels = [seen[channel_id] for channel_id in wanted if channel_id in seen]
        found = entries(session, [channel.id for channel in channels], from_s, to_s)
        value = [
            {
                "channel": channel.id,
                "items": [programme_json(channel, entry, at) for entry in found[channel.id]],
            }
            for channel in channels
        ]
        edges = [edge for c in channels for edge in _instants(c, found[c.id])]
        return Made({"rows": value}, edges)

    return _held(("rows", wanted, from_s, to_s), make, max_age_s=GUIDE_MAX_AGE_S)


@guide_api.get("/reminders")
@requires("box")
def reminders() -> Response:
    """Return what the box wants to be told of."""
    here, box = house(), _paired()
    with read_scope(here.sessions) as session:
        seen = [channel.id for channel in visible_channels(session, box.place_path)]
        found = list_reminders(session, box.id, seen, now=here.clock.now())
        items = [
            {"channel": row.channel_id, "start": row.start_s, "title": row.title} for row in found
        ]
    reply = jsonify({"items": items})
    reply.headers["Cache-Control"] = "no-store"
    return reply


@guide_api.put("/reminders/<int:channel_id>/<int:start_s>")
@requires("box")
def put_reminder(channel_id: int, start_s: int) -> Response:
    """Remind the box of the programme that begins then."""
    here, box = house(), _paired()
    with session_scope(here.sessions) as session:
        visible_channel(session, channel_id, box.place_path)
        set_reminder(session, box.id, channel_id, start_s, now=here.clock.now())
    return Response(status=204)


@guide_api.delete("/reminders/<int:channel_id>/<int:start_s>")
@requires("box")
def delete_reminder(channel_id: int, start_s: int) -> Response:
    """Forget a reminder."""
    here, box = house(), _paired()
    with session_scope(here.sessions) as session:
        drop_reminder(session, box.id, channel_id, start_s)
    return Response(status=204)


def _paired() -> PairedBox:
    box = find_box()
    if box is None:
        raise UnauthenticatedError("机顶盒还没有绑定，不能预约节目。")
    return box


def programme_json(channel: Channel, entry: Entry | None, at: datetime) -> dict[str, Any] | None:
    """Return a programme as boxes read it (docs/architecture.md, PROGRAMME)."""
    if entry is None:
        return None
    return {
        "id": entry.id,
        "channel": channel.id,
        "title": entry.title,
        "sub_title": entry.sub_title,
        "summary": entry.summary,
        "category": entry.category,
        "start": entry.start_s,
        "stop": entry.stop_s,
        "catchup_url": catchup_url(channel, entry.start_s, entry.stop_s, at),
        "now": entry.start_s <= at.timestamp() < entry.stop_s,
    }


def _instants(channel: Channel, shown: Sequence[Entry]) -> Iterable[int]:
    """Return when programmes begin, end, and are no longer kept."""
    kept_s = window_s(channel)
    for entry in shown:
        yield from (entry.start_s, entry.stop_s, entry.stop_s + kept_s)


def _held(
    key: Any, make: Callable[[Session, str | None, datetime], Made], *, max_age_s: int
) -> Response:
    """Answer from the rendered cache for as long as nothing of the answer begins or ends."""
    here, place = house(), box_place_path()
    at = here.clock.now()
    now_s = int(at.timestamp())
    edges = cast(Edges, current_app.extensions.setdefault("guide_edges", Edges()))
    cache = cast(RenderedCache, current_app.extensions["rendered"])
    asked = (key, place)
    since = edges.since(asked, now_s, lambda old_s: cache.forget((asked, old_s)))

    def body(session: Session) -> bytes:
        made = make(session, place, at)
        # Signatures change with the hour.
        hour_s = now_s // HOUR_S * HOUR_S + HOUR_S
        edges.until(asked, since, next_edge(made.instants, now_s, latest_s=hour_s))
        return json.dumps(made.value, ensure_ascii=False, separators=(",", ":")).encode()

    private = place is not None
    return rendered_reply((asked, since), body, max_age_s=max_age_s, private=private)


def _stretch(longest_s: int) -> tuple[int, int]:
    """Return `from` and `to`; without them the county's day."""
    from_s, to_s = _whole_number("from"), _whole_number("to")
    if from_s is None:
        today = house().clock.now().astimezone(COUNTY_ZONE)
        midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
        from_s = int(midnight.timestamp())
    if to_s is None:
        to_s = from_s + int(timedelta(days=1).total_seconds())
    if not from_s < to_s <= from_s + longest_s:
        raise InvalidInputError(f"from 到 to 最长 {longest_s // DAY_S} 天。", field="to")
    return from_s, to_s


def _channel_ids() -> tuple[int, ...]:
    words = [word for word in request.args.get("channels", "").split(",") if word]
    if not 1 <= len(words) <= MAX_ROWS:
        raise InvalidInputError(f"channels 要有 1 到 {MAX_ROWS} 个频道。", field="channels")
    if not all(word.isascii() and word.isdecimal() and len(word) <= 10 for word in words):
        raise InvalidInputError("channels 要是逗号分隔的频道编号。", field="channels")
    return tuple(dict.fromkeys(map(int, words)))


def _whole_number(name: str) -> int | None:
    raw = request.args.get(name)
    if raw is None:
        return None
    if not (raw.isascii() and raw.isdecimal()) or len(raw) > 10:
        raise InvalidInputError(f"{name} 要是一个整数。", field=name)
    return int(raw)
