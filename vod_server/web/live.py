"""`/live/<channel_id>/…`: the playlist of a window on a channel, signed for its segments."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import cast

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from core.db import read_scope
from core.errors import NotFoundError
from epg.channels.tables import Channel
from epg.playout.reading import loop_timeline
from epg.timeline.asking import read_question
from epg.timeline.model import Timeline
from epg.timeline.names import hour_of, retention_edge_ms
from epg.timeline.window import Window, edge_of, is_over, kind_of
from vod_server.bootstrap import House
from vod_server.recordings.reader import RecordedTimeline
from vod_server.streams.kept import KeptPlaylists, Playlist
from vod_server.web.access import house, requires
from vod_server.web.live_channels import ChannelFacts, KnownChannels
from vod_server.web.live_polls import LivePolls, answer, is_plain
from vod_server.web.live_rights import KeyGate, check_right

live = Blueprint("live", __name__)

#: A catch-up of the past does not change; its addresses stay good for half their life at least.
VOD_MAX_AGE_S = 120
LIVE_MAX_AGE_S = 1

#: Where nothing tells that there is something new, it is looked for so often.
LOOK_EVERY_MS = 250


class LiveParts:
    """What the polls of a process share.

    Args:
        here: the installation.
    """

    def __init__(self, here: House) -> None:
        settings = here.settings
        self.channels = KnownChannels(here.sessions, ttl_s=settings.snapshot_ttl_s)
        self.gate = KeyGate(here.sessions)
        self.polls = LivePolls()
        self.root = settings.effective_recordings_dir
        self.playlists = KeptPlaylists(
            here.media_key,
            address_ttl_s=settings.address_ttl_s,
            live_window_s=settings.live_window_s,
        )


@live.record
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["live"] = LiveParts(state.app.extensions["house"])


@live.get("/live/<int:channel_id>/<name>")
@requires("box")
def window_of_channel(channel_id: int, name: str) -> Response:
    """Return the playlist that an address asks for."""
    here = house()
    parts = cast(LiveParts, current_app.extensions["live"])
    now, since = here.clock.now(), parts.polls.monotonic()
    channel = parts.channels.get(channel_id)
    if channel is None:
        raise NotFoundError("没有这个频道，或者您这里看不到。")
    check_right(here, parts.gate, channel, now)
    if channel.kind == "reference":
        raise NotFoundError("这个频道只登记了运营商的地址，本站没有它的信号。")
    window = read_question(name, request.args, now_s=int(now.timestamp()))
    playlist = _playlist(here, parts, channel, window, now)
    is_public = channel.is_wanted and not channel.place_paths
    cache_control = _cache_control(playlist, is_public=is_public)
    if is_public and window == Window() and is_plain(request.environ):
        parts.polls.keep(channel_id, playlist, cache_control, since=since)
    status, headers, body = answer(playlist, request.environ, cache_control)
    return Response(body, status, headers)


def _playlist(
    here: House, parts: LiveParts, channel: ChannelFacts, window: Window, now: datetime
) -> Playlist:
    now_ms = int(now.timestamp() * 1000)
    if channel.kind == "loop":
        # Titles come and go: what may be seen is asked anew with every version.
        loop = (channel.channel_id, channel.version, _stamp_of_loop(window, now_ms))
        return parts.playlists.get(loop, window, now_ms, _loop(here, channel.channel_id, now_ms))
    not_before_ms = first_kept_ms(channel, window, now_ms)
    timeline = RecordedTimeline(
        parts.root,
        channel.channel_id,
        target_duration_s=channel.target_duration_s,
        not_before_ms=not_before_ms,
        looks_once=True,
    )
    is_cut = window.start_s is None or window.start_s * 1000 < not_before_ms
    recording = (
        channel.channel_id,
        channel.target_duration_s,
        not_before_ms if is_cut else 0,
        _stamp_of_recording(timeline, window, now_ms),
    )
    return parts.playlists.get(recording, window, now_ms, lambda: timeline)


def _loop(here: House, channel_id: int, now_ms: int) -> Callable[[], Timeline]:
    def read() -> Timeline:
        with read_scope(here.sessions) as session:
            channel = session.get_one(Channel, channel_id)
            return loop_timeline(session, channel, now_ms=now_ms)

    return read


def first_kept_ms(channel: ChannelFacts, window: Window, now_ms: int) -> int:
    """Return from where on a window may list a recording: its retention, or a pin it touches.

    Args:
        channel: whose recording.
        window: what is asked for.
        now_ms: epoch milliseconds.
    """
    edge_ms = retention_edge_ms(now_ms, channel.retention_days)
    if window.start_s is None or window.stop_s is None or window.start_s * 1000 >= edge_ms:
        return edge_ms
    start_ms, stop_ms = window.start_s * 1000, window.stop_s * 1000
    pinned = [pin[0] for pin in channel.pins if pin[0] < stop_ms and pin[1] > start_ms]
    return min([edge_ms, *(hour_of(max(pin_ms, start_ms)) for pin_ms in pinned)])


def _stamp_of_recording(timeline: RecordedTimeline, window: Window, now_ms: int) -> Hashable:
    """Return what an answer depends on: nothing of a past that the recording has gone beyond."""
    if window.stop_s is None:
        return (timeline.tail(), now_ms // LOOK_EVERY_MS if window.delay_s else 0)
    stop_ms = window.stop_s * 1000
    kind, edge_ms = kind_of(window, now_ms), edge_of(timeline, now_ms)
    if edge_ms is None:
        return None
    return (kind, is_over(stop_ms, edge_ms, now_ms), edge_ms if edge_ms < stop_ms else 0)


def _stamp_of_loop(window: Window, now_ms: int) -> Hashable:
    """Return what an answer depends on: a loop tells nobody that a segment is over."""
    is_past = kind_of(window, now_ms) == "vod"
    if is_past and window.stop_s is not None and now_ms >= window.stop_s * 1000:
        return None
    return now_ms // LOOK_EVERY_MS


def _cache_control(playlist: Playlist, *, is_public: bool) -> str:
    # A catch-up is one household's choice; the live end is the same for everybody.
    scope = "public" if is_public and playlist.kind != "vod" else "private"
    # One that was closed before its end lists more a moment later.
    return f"{scope}, max-age={VOD_MAX_AGE_S if playlist.is_settled else LIVE_MAX_AGE_S}"
