"""What a guide is made of, and how its layers lie over each other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Origin = Literal["feed", "person", "loop"]

#: Nothing runs longer; what says so is a slip. Readers look no further back than this.
LONGEST_S = 7 * 86400


@dataclass(frozen=True, slots=True)
class Entry:
    """A programme as it is shown.

    Args:
        id: `p<row>`, or `l<channel>-<number>` of a loop channel's play-out.
        channel_id: whose.
        start_s: epoch seconds; it runs from here,
        stop_s: until just before here.
        title: what it is called.
        sub_title: of the episode; may be empty, as may all that follow.
        summary: what it is about.
        category: its first category.
        origin: who says so: a feed, a person, or the play-out itself.
        facts: what else XMLTV says of it, see `epg.guide.facts`.
    """

    id: str
    channel_id: int
    start_s: int
    stop_s: int
    title: str
    sub_title: str = ""
    summary: str = ""
    category: str = ""
    origin: Origin = "feed"
    facts: dict[str, Any] | None = None


def overlay(upper: Sequence[Entry], lower: Iterable[Entry], *, shortest_s: int = 1) -> list[Entry]:
    """Lay entries over others: where both speak, the upper ones are right.

    Args:
        upper: entries in order that do not overlap each other.
        lower: likewise; of each, the parts that no upper one covers stay.
        shortest_s: parts that were cut and are shorter are left out.

    Returns:
        all of them in order, without overlaps.
    """
    if not upper:
        return list(lower)
    shown = list(upper)
    first = 0
    for entry in lower:
        # Upper ones that end before this entry can cut none of the later ones either.
        while first < len(upper) and upper[first].stop_s <= entry.start_s:
            first += 1
        shown += _uncovered(entry, upper, first, shortest_s)
    return sorted(shown, key=lambda entry: entry.start_s)


def _uncovered(
    entry: Entry, upper: Sequence[Entry], first: int, shortest_s: int
) -> Iterable[Entry]:
    start_s, at = entry.start_s, first
    while at < len(upper) and upper[at].start_s < entry.stop_s:
        if upper[at].start_s - start_s >= shortest_s:
            yield replace(entry, start_s=start_s, stop_s=upper[at].start_s)
        start_s = upper[at].stop_s
        at += 1
    if at == first:
        yield entry
    elif entry.stop_s - start_s >= shortest_s:
        yield replace(entry, start_s=start_s)


def without_overlaps(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries in order; a later start cuts the earlier, of one start the last stays."""
    shown: list[Entry] = []
    for entry in sorted(entries, key=lambda entry: entry.start_s):
        if shown and shown[-1].start_s == entry.start_s:
            shown.pop()
        if shown and shown[-1].stop_s > entry.start_s:
            shown[-1] = replace(shown[-1], stop_s=entry.start_s)
        shown.append(entry)
    return shown
