"""Groups, levels and guide ids of channels, as lists and guides name them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable


def group_names(group_title: str) -> list[str]:
    """Return the groups of an M3U `group-title`, `;` between them."""
    return list(dict.fromkeys(name.strip() for name in group_title.split(";") if name.strip()))


def guess_level(name: str, group_title: str = "") -> str:
    """Return the level a channel is likely of, by its name: central, province, else county."""
    text = f"{name} {group_title}".upper()
    if re.search(r"CCTV|CGTN|CETV|央视|中央", text):
        return "central"
    return "province" if "卫视" in text else "county"


def guide_ids(channels: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Return the id each channel has in our playlist and guide: unique, its own where it can be.

    Many channels may share one `tvg-id` (the same programmes in two qualities), and XMLTV knows an
    id only once: the lowest channel keeps it.

    Args:
        channels: channel ids and their `tvg_id`, in any order.
    """
    found: dict[int, str] = {}
    used: set[str] = set()
    for channel_id, tvg_id in sorted(channels):
        own = tvg_id if tvg_id and tvg_id not in used else f"cuntai-{channel_id}"
        found[channel_id] = own
        used.add(own)
    return found
