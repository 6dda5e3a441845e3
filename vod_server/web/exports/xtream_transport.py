"""A channel as one MPEG-TS, endless or a span of its past, for players that read no playlist."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from flask import Response, current_app
from flask.blueprints import BlueprintSetupState

from core.db import read_scope, session_scope
from core.errors import NotFoundError
from county.key_streams import note_stream
from county.keys import authenticate_key
from epg.channels.reading import pins, visible_channel
from epg.channels.tables import Channel
from epg.playout.reading import loop_timeline
from epg.timeline.model import Segment, Timeline
from epg.timeline.names import hour_of, retention_edge_ms
from epg.timeline.window import Window, select
from vod_server.bootstrap import House
from vod_server.recordings.reader import RecordedTimeline
from vod_server.web.access import house
from vod_server.web.errors import problem
from vod_server.web.exports import xtream
from vod_server.web.exports.asking import Asker, holder_of, note_use
from vod_server.web.exports.transport import LiveStream, Slots, span_pieces
from vod_server.web.live_rights import player

TRANSPORT_TYPE = "video/mp2t"


@xtream.record
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["transport"] = Slots()


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


def send_live(asker: Asker, channel: Channel) -> Response:
    """Return a channel's live end as a stream without end.

    It is cut off when the household's key or the channel is withdrawn; 503 where too many play.
    """
    here, holder = house(), holder_of(asker)
    subject = f"channel:{channel.id}"
    note_use(holder, subject)
    go_on = _still_allowed(asker, channel.id)
    source = _Source(here, channel)
    stream = LiveStream(source.timeline, source.open, source.now_ms, time.sleep, go_on)
    first = stream.begin()
    return _send(lambda: Response(stream.pieces(first), mimetype=TRANSPORT_TYPE))


def send_span(asker: Asker, channel: Channel, start_s: int, stop_s: int) -> Response:
    """Return what is recorded of a channel between two epoch seconds; 503 where too many play."""
    here = house()
    source = _Source(here, channel, pinned_ms=_pinned_ms(channel, start_s * 1000, stop_s * 1000))
    listing = select(source.timeline(), Window(start_s=start_s, stop_s=stop_s), source.now_ms())
    segments = listing.segments
    note_use(holder_of(asker), f"channel:{channel.id}")

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
    here, client, holder = house(), player(), holder_of(asker)

    def ask() -> None:
        now = here.clock.now()
        with session_scope(here.sessions) as session:
            authenticate_key(session, asker.key or "", now=now)
            visible_channel(session, channel_id, asker.place_path)
            note_stream(session, holder, client=client, subject=f"channel:{channel_id}", now=now)

    return ask
