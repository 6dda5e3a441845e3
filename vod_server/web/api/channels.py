"""`/api/v1/channels`: what a box may watch live."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from epg.channels.reading import visible_channels
from epg.channels.tables import Channel
from epg.channels.version import epg_version
from epg.playout.timeline import TARGET_DURATION_S
from vod_server.streams.signing import expires_at
from vod_server.web.access import box_place_path, house, requires
from vod_server.web.playing import catchup_days, live_url, window_s
from vod_server.web.replies import rendered_reply

channels_api = Blueprint("channels_api", __name__)

MAX_AGE_S = 30


@channels_api.get("/channels")
@requires("box")
def channels() -> Response:
    """Return the channels the asker may see, by number."""
    here, place = house(), box_place_path()
    now = here.clock.now()

    def render(session: Session) -> bytes:
        items = [channel_json(channel, now) for channel in visible_channels(session, place)]
        value = {"version": str(epg_version(session)), "items": items}
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    # The addresses are signed until a full hour: within it all boxes of a place get the same.
    key = ("channels", place, expires_at(now, here.settings.address_ttl_s))
    return rendered_reply(key, render, max_age_s=MAX_AGE_S, private=place is not None)


def channel_json(channel: Channel, now: datetime) -> dict[str, Any]:
    """Return a channel as boxes read it (docs/architecture.md, CHANNEL)."""
    return {
        "id": channel.id,
        "number": channel.number,
        "name": channel.name,
        "logo": channel.logo or None,
        "group": channel.group_title,
        "level": channel.level,
        "radio": channel.radio,
        "kind": channel.kind,
        "live_url": live_url(channel, now),
        "catchup_days": catchup_days(channel),
        "window_s": window_s(channel),
        "target_s": TARGET_DURATION_S if channel.kind == "loop" else channel.target_duration_s,
    }
