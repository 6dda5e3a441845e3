"""When a play-out changes, and what its next row is. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from epg.playout.model import Item, Schedule, first_number

#: A change comes no sooner than this, and then where an item ends: what guides and boxes have
#: just been told stays true.
CHANGE_LEAD_MS = 60_000
#: What may not be seen any more is cut off at the first end of a segment after this. A row that
#: starts within it counts as begun, for another machine's clock may be so far ahead.
CUT_LEAD_MS = 5_000
#: A channel that played nothing begins so long ago, so that its live window is whole at once.
HEAD_START_MS = 120_000


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the rows: those ahead go in any case, `add` comes where it is not None."""

    add: Schedule | None


def plan_change(
    begun: Schedule | None,
    ahead: Schedule | None,
    wanted: tuple[Item, ...],
    *,
    hidden: Collection[int],
    now_ms: int,
) -> Change | None:
    """Return how the rows must change for `wanted` to be played, None when they need not.

    Args:
        begun: the row that is valid `CUT_LEAD_MS` from now, if there is any.
        ahead: the row that comes after it, if there is any.
        wanted: what shall play; empty: nothing.
        hidden: titles of `begun` that may not be seen any more.
        now_ms: the present instant.
    """
    if begun is None:
        return _first(ahead, wanted, now_ms)
    if _plays(begun, wanted):
        return Change(None) if ahead else None
    start_ms = _change_at(begun, hidden, now_ms)
    if ahead is not None:
        if _plays(ahead, wanted) and ahead.start_ms <= start_ms:
            return None
        # Change after change shall not put it off for ever.
        start_ms = min(start_ms, ahead.start_ms)
    return Change(Schedule(start_ms, *begun.numbers_at(start_ms), wanted))


def _first(ahead: Schedule | None, wanted: tuple[Item, ...], now_ms: int) -> Change | None:
    if not wanted:
        return Change(None) if ahead else None
    start_ms = now_ms - HEAD_START_MS
    return Change(Schedule(start_ms, first_number(start_ms), 0, wanted))


def _plays(schedule: Schedule, wanted: tuple[Item, ...]) -> bool:
    return [item.identity for item in schedule.items] == [item.identity for item in wanted]


def _change_at(begun: Schedule, hidden: Collection[int], now_ms: int) -> int:
    """Return the instant at which another row may take over: always the end of a segment."""
    if not begun.items:
        return max(now_ms - HEAD_START_MS, begun.start_ms + 1)
    item_end_ms = begun.item_end(now_ms + CHANGE_LEAD_MS)
    if hidden:
        earliest_ms = max(now_ms + CUT_LEAD_MS, begun.start_ms + 1)
        for title_id, segment in begun.segments(earliest_ms, item_end_ms):
            if title_id in hidden and segment.start_ms >= earliest_ms:
                return segment.start_ms
    return item_end_ms
