"""Addresses a player plays a channel by: the live end, a span of the past."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from flask import g

from core.db import read_scope
from epg.channels.reading import pins
from epg.channels.tables import Channel
from epg.timeline.window import MAX_SPAN_S
from vod_server.streams.signing import expires_at, sign_live
from vod_server.web.access import house


def live_url(channel: Channel, now: datetime, key: str | None = None) -> str:
    """Return where a channel is watched live, relative to the server.

    It always holds a `?`, so that `&utc=…` can be appended. Of a reference channel it is the
    operator's own address, empty where none is known.

    Args:
        channel: with its places and sources.
        now: the present instant; a signed address is good for hours.
        key: a household's key, where a player shall use that instead of a signature.
    """
    if channel.kind == "reference":
        return channel.sources[0].url if channel.sources else ""
    return f"/live/{channel.id}/index.m3u8?{_right(channel, now, key)}"


def catchup_url(
    channel: Channel, start_s: int, stop_s: int, now: datetime, key: str | None = None
) -> str | None:
    """Return where a span of a channel is watched; while it runs, from its start (EVENT).

    A programme longer than a span may be is given its first hours.

    Args:
        channel: with its places.
        start_s: epoch seconds.
        stop_s: likewise; it may lie ahead.
        now: the present instant.
        key: see `live_url`.

    Returns:
        None where it has not begun, or the channel does not keep it (any more).
    """
    now_s = int(now.timestamp())
    if not is_kept(channel, start_s, stop_s, now_s):
        return None
    stop_s = min(stop_s, start_s + MAX_SPAN_S)
    return f"{live_url(channel, now, key)}&start={start_s}&end={stop_s}"


def is_kept(channel: Channel, start_s: int, stop_s: int, now_s: int) -> bool:
    """Say whether a span has begun and the channel still keeps some of it, if by a pin."""
    if start_s > now_s or channel.kind == "reference":
        return False
    return stop_s > now_s - window_s(channel) or _is_pinned(channel, start_s, stop_s)


def _is_pinned(channel: Channel, start_s: int, stop_s: int) -> bool:
    if "pins" not in g:
        # Once a request: a guide's page asks for every programme that is older than the retention.
        with read_scope(house().sessions) as session:
            g.pins = [(pin.channel_id, pin.start_ms, pin.stop_ms) for pin in pins(session)]
    return any(
        channel_id == channel.id and start_ms < stop_s * 1000 and stop_ms > start_s * 1000
        for channel_id, start_ms, stop_ms in g.pins
    )


def window_s(channel: Channel) -> int:
    """Return how far back a channel may be rewound, seconds; 0 of one that is only listed."""
    if channel.kind == "reference":
        return 0
    # Without any retention the last hour is kept all the same (epg.timeline.names).
    return max(channel.retention_days * 86400, 3600)


def catchup_days(channel: Channel) -> int:
    """Return for how many days a channel can be watched later."""
    return 0 if channel.kind == "reference" else channel.retention_days


def _right(channel: Channel, now: datetime, key: str | None) -> str:
    if key is not None:
        return f"key={quote(key, safe='')}"
    if not channel.places:
        return "v=1"
    here = house()
    expires = expires_at(now, here.settings.address_ttl_s)
    return f"e={expires}&s={sign_live(here.media_key, channel.id, expires)}"
