"""The Xtream paths that play: live, films and series, the past; as playlists or as one MPEG-TS."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast
from urllib.parse import quote

from flask import Response, current_app, redirect, request
from flask.blueprints import BlueprintSetupState

from catalog.titles.reading import visible_title
from core.db import is_row_id, read_scope, session_scope
from core.errors import InvalidInputError, NotFoundError
from county.key_streams import KeyHolder, note_stream
from county.keys import authenticate_key
from epg.channels.reading import pins, visible_channel
from epg.channels.tables import Channel
from epg.playout.reading import loop_timeline
from epg.timeline.asking import read_start
from epg.timeline.model import Segment, Timeline
from epg.timeline.names import hour_of, retention_edge_ms
from epg.timeline.window import MAX_SPAN_S, Window, select
from vod_server.bootstrap import House
from vod_server.recordings.reader import RecordedTimeline
from vod_server.streams.signing import expires_at, sign_playback
from vod_server.web.access import house, requires
from vod_server.web.errors import problem
from vod_server.web.exports import xtream
from vod_server.web.exports.asking import Asker, asker_by_login, asker_by_query, note_use
from vod_server.web.exports.transport import LiveStream, Slots, span_pieces
from vod_server.web.live_rights import player

TRANSPORT_TYPE = "video/mp2t"


class Name(NamedTuple):
    """The last part of an Xtream path: `7`, `7.m3u8`, `7.ts`."""

    id: int
    ending: str


@xtream.record
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["transport"] = Slots()


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
    note_use(_holder(asker), f"title:{title.id}")
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


def _holder(asker: Asker) -> KeyHolder:
    assert asker.holder is not None  # noqa: S101 - who asks by login has one
    return asker.holder


def _to(address: str) -> Response:
    reply = cast(Response, redirect(address, 302))
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _live(asker: Asker, name: Name) -> Response:
    channel = _channel(asker, name.id)
    if channel.kind == "reference":
        return _to_operator(channel)
    if name.ending == "ts":
        return _send_live(asker, channel)
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
        return _send_span(asker, channel, begin_s, stop_s)
    query = f"key={_quoted(asker)}&start={begin_s}&end={stop_s}&vod=1"
    return _to(f"/live/{channel.id}/index.m3u8?{query}")


def _seconds(minutes: str) -> int:
    if not (minutes.isascii() and minutes.isdecimal() and 0 < len(minutes) < 7 and int(minutes)):
        raise InvalidInputError("时长要是分钟数。", field="duration")
    return int(minutes) * 60


class _Source:
    """A channel's timeline and the bytes behind it."""

    def __init__(self, here: House, channel: Channel, *, pinned_ms: int | None = None) -> None:
        self._here = here
        self._channel = channel
        self._pinned_ms = pinned_ms  # from here on it is kept beyond its retention
        self._root: Path = here.settings.effective_recordings_dir

    def now_ms(self) -> int:
        return int(self._here.clock.now().timestamp() * 1000)

    def timeline(self) -> Timeline:
        channel, now_ms = self._channel, self.now_ms()
        if channel.kind == "loop":
            with read_scope(self._here.sessions) as session:
                return loop_timeline(session, channel, now_ms=now_ms)
        edge_ms = retention_edge_ms(now_ms, channel.retention_days)
        return RecordedTimeline(
            self._root,
            channel.id,
            target_duration_s=channel.target_duration_s,
            not_before_ms=edge_ms if self._pinned_ms is None else min(edge_ms, self._pinned_ms),
        )

    def open(self, segment: Segment) -> BinaryIO:
        if self._channel.kind == "loop":
            return self._here.blobs.open(segment.key)
        try:
            return (self._root / segment.key.removeprefix("live/")).open("rb")
        except FileNotFoundError:
            raise NotFoundError("这段录像已经删除。") from None


def _send_live(asker: Asker, channel: Channel) -> Response:
    here, holder = house(), _holder(asker)
    subject = f"channel:{channel.id}"
    note_use(holder, subject)
    go_on = _still_allowed(asker, channel.id)
    source = _Source(here, channel)
    stream = LiveStream(source.timeline, source.open, source.now_ms, time.sleep, go_on)
    first = stream.begin()
    return _send(lambda: Response(stream.pieces(first), mimetype=TRANSPORT_TYPE))


def _send_span(asker: Asker, channel: Channel, start_s: int, stop_s: int) -> Response:
    here = house()
    source = _Source(here, channel, pinned_ms=_pinned_ms(channel, start_s * 1000, stop_s * 1000))
    listing = select(source.timeline(), Window(start_s=start_s, stop_s=stop_s), source.now_ms())
    segments = listing.segments
    note_use(_holder(asker), f"channel:{channel.id}")

    def reply() -> Response:
        body = Response(span_pieces(segments, source.open), mimetype=TRANSPORT_TYPE)
        body.headers["Content-Length"] = str(sum(segment.size_bytes for segment in segments))
        return body

    return _send(reply)


def _pinned_ms(channel: Channel, start_ms: int, stop_ms: int) -> int | None:
    """Return from where on a span is pinned, None where it is not."""
    with read_scope(house().sessions) as session:
        found = pins(session, channel.id)
        touched = [p.start_ms for p in found if p.start_ms < stop_ms and p.stop_ms > start_ms]
    return hour_of(max(min(touched), start_ms)) if touched else None


def _send(make: Callable[[], Response]) -> Response:
    give_back = cast(Slots, current_app.extensions["transport"]).take()
    if give_back is None:
        busy = problem(503, "同时播放传输流的人太多，请换用 m3u8 地址，或稍后再试。")
        busy.headers["Retry-After"] = "10"
        return busy
    reply = make()
    reply.call_on_close(give_back)
    reply.headers["Cache-Control"] = "no-store"
    reply.headers["Accept-Ranges"] = "none"
    reply.headers["X-Accel-Buffering"] = "no"  # nginx must not gather an endless reply
    return reply


def _still_allowed(asker: Asker, channel_id: int) -> Callable[[], None]:
    """Return what asks again and counts the stream on, when the request itself is over."""
    here, client, holder = house(), player(), _holder(asker)

    def ask() -> None:
        now = here.clock.now()
        with session_scope(here.sessions) as session:
            authenticate_key(session, asker.key or "", now=now)
            visible_channel(session, channel_id, asker.place_path)
            note_stream(session, holder, client=client, subject=f"channel:{channel_id}", now=now)

    return ask
