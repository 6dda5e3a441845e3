"""When a play-out changes: never what is on air, except for what may not be seen any more."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from epg.playout.model import Item, Schedule, first_number
from epg.playout.planning import (
    CHANGE_LEAD_MS,
    CUT_LEAD_MS,
    HEAD_START_MS,
    Change,
    plan_change,
)
from tests.epg.playout.loop_rows import item

START_MS = 1_777_600_000_000

A = item(6000, 6000, 6000, title_id=1)
B = item(6000, 6000, 2000, title_id=2)
C = item(5000, title_id=3)
LOOP_AB = Schedule(START_MS, 100, 4, (A, B))  # rounds of 32 s: A to 18 s, B to 32 s


def plan(
    begun: Schedule | None,
    wanted: tuple[Item, ...],
    *,
    at_ms: int,
    ahead: Schedule | None = None,
    hidden: frozenset[int] = frozenset(),
) -> Change | None:
    return plan_change(begun, ahead, wanted, hidden=hidden, now_ms=START_MS + at_ms)


def test_a_new_channel_has_a_live_window_at_once() -> None:
    change = plan(None, (A, B), at_ms=0)
    assert change is not None
    start_ms = START_MS - HEAD_START_MS
    assert change.add == Schedule(start_ms, first_number(start_ms), 0, (A, B))


def test_nothing_wanted_and_nothing_there_needs_no_row() -> None:
    assert plan(None, (), at_ms=0) is None


def test_the_same_titles_change_nothing() -> None:
    assert plan(LOOP_AB, (A, B), at_ms=1000) is None


def test_a_change_waits_for_the_end_of_the_item_on_air() -> None:
    # 60 s from 1 s on: round 2 began at 32 s, its A ends at 50 s and its B at 64 s.
    change = plan(LOOP_AB, (A, B, C), at_ms=1000)
    assert change is not None
    assert change.add == Schedule(START_MS + 64_000, 100 + 12, 4 + 4, (A, B, C))


@settings(max_examples=60)
@given(st.integers(0, 10**7))
def test_a_change_never_cuts_an_item_and_is_announced(at_ms: int) -> None:
    change = plan(LOOP_AB, (C,), at_ms=at_ms)
    assert change is not None
    assert change.add is not None
    lead_ms = change.add.start_ms - (START_MS + at_ms)
    assert CHANGE_LEAD_MS <= lead_ms <= CHANGE_LEAD_MS + A.duration_ms
    assert (change.add.start_ms - START_MS) % 32_000 in (0, 18_000)


def test_a_row_ahead_that_fits_stays() -> None:
    ahead = Schedule(START_MS + 64_000, 112, 8, (A, B, C))
    assert plan(LOOP_AB, (A, B, C), at_ms=5000, ahead=ahead) is None


def test_a_row_ahead_that_fits_no_more_is_replaced_where_it_stands() -> None:
    ahead = Schedule(START_MS + 64_000, 112, 8, (A, B, C))
    change = plan(LOOP_AB, (C,), at_ms=50_000, ahead=ahead)
    assert change is not None
    assert change.add == Schedule(START_MS + 64_000, 112, 8, (C,))


def test_taking_a_change_back_leaves_what_is_on_air() -> None:
    ahead = Schedule(START_MS + 64_000, 112, 8, (A, B, C))
    assert plan(LOOP_AB, (A, B), at_ms=5000, ahead=ahead) == Change(None)


def test_what_was_withdrawn_on_air_is_cut_at_the_next_segment() -> None:
    # A is on air until 18 s; at 7 s its third segment (12–18 s) is the first not to be played.
    change = plan(LOOP_AB, (B,), at_ms=7000, hidden=frozenset({1}))
    assert change is not None
    assert change.add == Schedule(START_MS + 12_000, 102, 5, (B,))


def test_what_was_withdrawn_and_comes_soon_never_begins() -> None:
    # A ends at 18 s, within the minute that other changes wait.
    change = plan(LOOP_AB, (A,), at_ms=1000, hidden=frozenset({2}))
    assert change is not None
    assert change.add == Schedule(START_MS + 18_000, 103, 5, (A,))


def test_what_was_withdrawn_does_not_wait_for_a_row_ahead() -> None:
    ahead = Schedule(START_MS + 64_000, 112, 8, (A,))
    change = plan(LOOP_AB, (A,), at_ms=1000, ahead=ahead, hidden=frozenset({2}))
    assert change is not None
    assert change.add is not None
    assert change.add.start_ms == START_MS + 18_000
    assert plan(LOOP_AB, (A,), at_ms=2000, ahead=change.add, hidden=frozenset({2})) is None


def test_a_cut_leaves_other_machines_clocks_some_seconds() -> None:
    # B's last segment starts at 30 s; 5 s from 26 s on it has begun, so round 2 is cut at once.
    change = plan(LOOP_AB, (A,), at_ms=26_000, hidden=frozenset({2}))
    assert change is not None
    assert change.add is not None
    assert change.add.start_ms - START_MS - 26_000 >= CUT_LEAD_MS
    assert change.add.start_ms == START_MS + 32_000 + 18_000, "A follows untouched, then B would"


def test_with_nothing_left_the_channel_is_off_and_its_numbers_wait() -> None:
    change = plan(LOOP_AB, (), at_ms=1000)
    assert change is not None
    assert change.add == Schedule(START_MS + 64_000, 112, 8, ())


def test_a_channel_comes_back_with_a_window_that_never_reaches_before_its_end() -> None:
    off = Schedule(START_MS, 112, 8, ())
    change = plan(off, (C,), at_ms=30_000)
    assert change is not None
    assert change.add == Schedule(START_MS + 1, 112, 8, (C,))
    change = plan(off, (C,), at_ms=10**6)
    assert change is not None
    assert change.add == Schedule(START_MS + 10**6 - HEAD_START_MS, 112, 8, (C,))


def test_a_clock_that_was_set_back_begins_anew() -> None:
    ahead = Schedule(START_MS + 10**7, 112, 8, (A, B))
    change = plan(None, (A, B), at_ms=0, ahead=ahead)
    assert change is not None
    assert change.add is not None
    assert change.add.start_ms == START_MS - HEAD_START_MS
