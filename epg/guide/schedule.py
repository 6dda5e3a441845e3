"""A channel's programmes put right: ends that are missing, overlaps, doubles. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from epg.guide.model import LONGEST_S

#: The last programme of a channel, where it does not say when it ends.
LAST_LENGTH_S = 3600

#: A programme without an end goes on to the next start, but not longer.
LONGEST_OPEN_S = 86400

#: An end before its start is the next day's, when that makes no longer a programme.
LONGEST_NIGHT_S = 18 * 3600

#: Days without anything in the whole feed that part its time into spans.
GAP_DAYS = 3

DAY_S = 86400

#: start_s, stop_s or None, title, sub_title, summary, category, facts or None.
Row = tuple[int, int | None, str, str, str, str, Any]


class Closed(NamedTuple):
    """A channel's programmes in order, without overlaps, and what had to be mended."""

    rows: list[Row]
    doubles: int
    mended: int


def close_rows(rows: Iterable[Row]) -> Closed:
    """Put a channel's programmes in order.

    Of several with one start the last in the file stays. A missing end, or one that makes no
    sense, becomes the next start, the last one's an hour later; an end before its start is the
    next day's; a later start cuts the earlier.

    Args:
        rows: in the order of the file.
    """
    ordered = sorted(rows, key=itemgetter(0))
    closed: list[Row] = []
    doubles = mended = 0
    following: list[int | None] = [row[0] for row in ordered[1:]]
    for row, following_s in zip(ordered, (*following, None), strict=False):
        start_s, stop_s = row[0], row[1]
        if stop_s and following_s and start_s < stop_s <= following_s and stop_s - start_s < DAY_S:
            closed.append(row)  # as nearly all are
            continue
        if following_s == start_s:
            doubles += 1
            continue
        right_s = _stop(start_s, stop_s, following_s)
        if right_s != stop_s:
            mended += 1
            row = (start_s, right_s, *row[2:])  # noqa: PLW2901 - the row, put right
        closed.append(row)
    return Closed(closed, doubles, mended)


def _stop(start_s: int, stop_s: int | None, following_s: int | None) -> int:
    if stop_s is not None and following_s is not None and start_s < stop_s <= following_s:
        return stop_s if stop_s - start_s <= LONGEST_S else start_s + LONGEST_OPEN_S
    if stop_s is not None and stop_s < start_s:
        stop_s += DAY_S
        if not 0 < stop_s - start_s <= LONGEST_NIGHT_S:
            stop_s = None
    if stop_s is None or stop_s == start_s or stop_s - start_s > LONGEST_S:
        if following_s is None:
            return start_s + LAST_LENGTH_S
        return min(following_s, start_s + LONGEST_OPEN_S)
    return stop_s if following_s is None else min(stop_s, following_s)


def widen(days: dict[int, tuple[int, int]], start_s: int, stop_s: int) -> None:
    """Note that a programme runs from one instant to another, see `spans`."""
    if not 0 < stop_s - start_s <= LONGEST_S:
        stop_s = start_s + LAST_LENGTH_S
    first_s, last_s = days.get(start_s // DAY_S, (start_s, stop_s))
    days[start_s // DAY_S] = (min(first_s, start_s), max(last_s, stop_s))


def spans(days: Mapping[int, tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Return the stretches of time a feed speaks of.

    A single slip (a programme of the year 2000) must not make the feed speak of all the time in
    between: a few empty days part one stretch from the next.

    Args:
        days: number of the day to first start and last end of what begins on it, epoch seconds.
    """
    found: list[tuple[int, int]] = []
    last_day = 0
    for day in sorted(days):
        start_s, stop_s = days[day]
        if found and day - last_day <= GAP_DAYS:
            found[-1] = (found[-1][0], max(found[-1][1], stop_s))
        else:
            found.append((start_s, stop_s))
        last_day = day
    return found
