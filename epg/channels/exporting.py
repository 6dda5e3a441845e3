"""Channels as entries of an M3U list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from epg.channels.m3u import Entry, Playlist
from epg.channels.tables import Channel

#: Kinds of source an address in a list can name.
EXPORTABLE = frozenset({"hls", "http", "udp", "rtp", "srt", "rtmp"})

#: Where a channel's unknown directives are kept among its attributes.
DIRECTIVES = "#directives"


def export_entries(channel: Channel) -> list[Entry]:
    """Return the entries that say what a channel is: one a source that an address can name.

    They are what another house imports; the addresses are the sources', not ours.
    """
    attributes = channel_attributes(channel, tvg_id=channel.tvg_id, names=channel.names)
    directives = tuple(str(line) for line in channel.attributes.get(DIRECTIVES, ()))
    return [
        Entry(channel.name, source.url, attributes, directives)
        for source in channel.sources
        if source.kind in EXPORTABLE
    ]


def channel_attributes(channel: Channel, *, tvg_id: str, names: Sequence[str]) -> dict[str, str]:
    """Return a channel's #EXTINF attributes: the house's own first, then the kept ones.

    Args:
        channel: whose.
        tvg_id: the id guides know it by.
        names: its other names; the first, else its own, becomes `tvg-name`.
    """
    own = {
        "tvg-id": tvg_id,
        "tvg-name": names[0] if names else channel.name,
        "tvg-chno": str(channel.number),
        "tvg-logo": channel.logo,
        "group-title": channel.group_title,
        "radio": "true" if channel.radio else "",
    }
    kept = kept_attributes(channel.attributes)
    return {name: value for name, value in own.items() if value} | kept


def kept_attributes(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes a list once said, which this house has no use for."""
    return {n: v for n, v in attributes.items() if isinstance(v, str) and not n.startswith("#")}


def export_playlist(channels: Iterable[Channel]) -> Playlist:
    """Return all channels that have an address of their own, as a list another house imports."""
    return Playlist(tuple(entry for channel in channels for entry in export_entries(channel)))
