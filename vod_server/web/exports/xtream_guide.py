"""Programmes as Xtream players read them: base64 texts, the county's wall clock."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from catalog.titles.reading import COUNTY_ZONE
from epg.channels.tables import Channel
from epg.guide.model import Entry
from vod_server.web.playing import is_kept


def wall_clock(at_s: int) -> str:
    """Return an instant as Xtream writes it, `Y-m-d H:M:S` in Asia/Shanghai."""
    return datetime.fromtimestamp(at_s, COUNTY_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def listings(
    channel: Channel, guide_id: str, found: Iterable[Entry], now_s: int
) -> dict[str, list[dict[str, Any]]]:
    """Return programmes of a channel (get_short_epg, get_simple_data_table).

    Args:
        channel: whose.
        guide_id: its id in the XMLTV file.
        found: in order.
        now_s: epoch seconds.
    """
    return {"epg_listings": [_listing(channel, guide_id, entry, now_s) for entry in found]}


def _listing(channel: Channel, guide_id: str, entry: Entry, now_s: int) -> dict[str, Any]:
    is_past = entry.start_s <= now_s
    kept = channel.retention_days > 0 and is_kept(channel, entry.start_s, entry.stop_s, now_s)
    return {
        "id": str(entry.start_s),
        "epg_id": str(channel.id),
        "title": _coded(entry.title),
        "lang": "zh",
        "start": wall_clock(entry.start_s),
        "end": wall_clock(entry.stop_s),
        "description": _coded(entry.summary or entry.sub_title),
        "channel_id": guide_id,
        "start_timestamp": str(entry.start_s),
        "stop_timestamp": str(entry.stop_s),
        "now_playing": 1 if is_past and now_s < entry.stop_s else 0,
        "has_archive": 1 if kept and is_past else 0,
    }


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
