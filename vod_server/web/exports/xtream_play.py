"""The Xtream paths that play: live, films and series, the past."""

from __future__ import annotations

from typing import NamedTuple, cast
from urllib.parse import quote

from flask import Response, redirect, request

from catalog.titles.reading import visible_title
from core.db import is_row_id, read_scope
from core.errors import InvalidInputError, NotFoundError
from epg.channels.reading import visible_channel
from epg.channels.tables import Channel
from epg.timeline.asking import read_start
from epg.timeline.window import MAX_SPAN_S
from vod_server.streams.signing import expires_at, sign_playback
from vod_server.web.access import house, requires
from vod_server.web.exports import xtream
from vod_server.web.exports.asking import (
    Asker,
    asker_by_login,
    asker_by_query,
    holder_of,
    note_use,
)
from vod_server.web.exports.xtream_transport import send_live, send_span


class Name(NamedTuple):
    """The last part of an Xtream path: `7`, `7.m3u8`, `7.ts`."""

    id: int
    ending: str


@xtream.get("/live/<username>/<password>/<name>")
@requires("public")
def play_live(username: str, password: str, name: str) -> Response:
    """Play a channel live: `.ts` is one endless stream, anything else its playlist."""
    return _live(asker_by_login(username, password), _read(name))


@xtream.get("/h<int:key_id>/<password>/<name>")
@requires("public")
def play_short(key_id: int, password: str, name: str) -> Response:
    """Play a channel by the short path, whose user names are ours alone."""
    return _live(asker_by_login(f"h{key_id}", password), _read(name))


@xtream.get("/movie/<username>/<password>/<name>")
@xtream.get("/series/<username>/<password>/<name>")
@requires("public")
def play_title(username: str, password: str, name: str) -> Response:
    """Play a title: the way to its playlist, whatever ending is asked for."""
    asker = asker_by_login(username, password)
    here = house()
    now = here.clock.now()
    with read_scope(here.sessions) as session:
        title = visible_title(session, _read(name).id, asker.place_path, now=now)
    note_use(holder_of(asker), f"title:{title.id}")
    expires = expires_at(now, here.settings.address_ttl_s)
    signature = sign_playback(here.media_key, title.id, expires)
    return _to(f"/vod/{title.id}/index.m3u8?e={expires}&s={signature}")


@xtream.get("/timeshift/<username>/<password>/<minutes>/<start>/<name>")
@requires("public")
def play_past(username: str, password: str, minutes: str, start: str, name: str) -> Response:
    """Play a span of a channel's past by its start and length in minutes."""
    asker = asker_by_login(username, password)
    return _past(asker, _read(name), start, minutes)


@xtream.route("/streaming/timeshift.php", methods=["GET", "POST"])
@requires("public")
def play_past_by_query() -> Response:
    """Play a span of a channel's past: `stream`, `start`, `duration` in minutes, `extension`."""
    asker = asker_by_query()
    values = request.values
    name = Name(_read(values.get("stream", "")).id, values.get("extension", "").lower())
    return _past(asker, name, values.get("start", ""), values.get("duration", ""))


def _read(name: str) -> Name:
    number, _, ending = name.partition(".")
    if not (
        number.isascii() and number.isdecimal() and len(number) < 10 and is_row_id(int(number))
    ):
        raise NotFoundError("没有这个频道或节目。")
    return Name(int(number), ending.lower())


def _to(address: str) -> Response:
    reply = cast(Response, redirect(address, 302))
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _live(asker: Asker, name: Name) -> Response:
    channel = _channel(asker, name.id)
    if channel.kind == "reference":
        return _to_operator(channel)
    if name.ending == "ts":
        return send_live(asker, channel)
    return _to(f"/live/{channel.id}/index.m3u8?key={_quoted(asker)}")


def _to_operator(channel: Channel) -> Response:
    if not channel.sources or channel.sources[0].kind not in {"http", "hls"}:
        raise NotFoundError("这个频道只登记了运营商的地址，播放器不能从这里打开。")
    return _to(channel.sources[0].url)


def _channel(asker: Asker, channel_id: int) -> Channel:
    with read_scope(house().sessions) as session:
        return visible_channel(session, channel_id, asker.place_path)


def _quoted(asker: Asker) -> str:
    return quote(asker.key or "", safe="")


def _past(asker: Asker, name: Name, start: str, minutes: str) -> Response:
    channel = _channel(asker, name.id)
    if channel.kind == "reference":
        raise NotFoundError("这个频道没有回看。")
    begin_s = read_start(start)
    stop_s = begin_s + min(_seconds(minutes), MAX_SPAN_S)
    if name.ending == "ts":
        return send_span(asker, channel, begin_s, stop_s)
    query = f"key={_quoted(asker)}&start={begin_s}&end={stop_s}&vod=1"
    return _to(f"/live/{channel.id}/index.m3u8?{query}")


def _seconds(minutes: str) -> int:
    if not (minutes.isascii() and minutes.isdecimal() and 0 < len(minutes) < 7 and int(minutes)):
        raise InvalidInputError("时长要是分钟数。", field="duration")
    return int(minutes) * 60
