"""Where segments stand: drift, steps of the clock, new runs, jumps of media time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from epg.timeline.clock import BURST, SLEW_MS, LiveClock, Placed
from epg.timeline.model import GAP_MS

T = 1_777_593_600_000


def record(
    written_ms: Sequence[float], *, clock: LiveClock | None = None, length_s: float = 2.0
) -> tuple[list[Placed], LiveClock]:
    """Place segments of equal length, written at these instants."""
    clock = clock or LiveClock()
    placed: list[Placed] = []
    for number, written in enumerate(written_ms):
        begin_s, end_s = number * length_s, (number + 1) * length_s
        one, clock = clock.place(begin_s, end_s, round(written))
        placed.append(one)
    return placed, clock


def gaps(placed: Sequence[Placed]) -> list[int]:
    return [b.start_ms - a.start_ms - a.duration_ms for a, b in pairwise(placed)]


def test_the_first_segment_ends_when_it_was_written() -> None:
    placed, _ = record([T])
    assert placed[0] == Placed(T - 2000, 2000, 0)


def test_durations_of_odd_frame_rates_add_up_without_drift() -> None:
    length_s = 50 * 1001 / 30000  # not a whole number of milliseconds
    written = [T + n * length_s * 1000 for n in range(2000)]
    placed, _ = record(written, length_s=length_s)
    assert set(gaps(placed)) == {0}
    total_ms = placed[-1].start_ms + placed[-1].duration_ms - placed[0].start_ms
    assert abs(total_ms - 2000 * length_s * 1000) <= 1


def test_jitter_of_writing_does_not_move_the_timeline() -> None:
    written = [T + n * 2000 + (n * 37 % 90) for n in range(200)]
    placed, _ = record(written)
    assert set(gaps(placed)) == {0}


def test_drift_is_followed_without_a_gap() -> None:
    # The sender's clock is 0.1 % slow: its two seconds take 2.002 of ours.
    written = [T + n * 2002 for n in range(3000)]
    placed, _ = record(written)
    assert max(gaps(placed)) <= SLEW_MS + 1 < GAP_MS
    assert min(gaps(placed)) >= 0
    assert abs(placed[-1].start_ms + 2000 - written[-1]) < 300


def test_a_fast_sender_is_followed_back() -> None:
    written = [T + n * 1998 for n in range(3000)]
    placed, _ = record(written)
    assert min(gaps(placed)) >= -SLEW_MS - 1
    assert placed[-1].ahead_ms < 300


def test_one_late_segment_changes_nothing() -> None:
    written = [T + n * 2000 + (9000 if n == 20 else 0) for n in range(40)]
    placed, _ = record(written)
    assert set(gaps(placed)) == {0}


def test_pieces_of_one_fetch_come_at_once_and_stay_in_line() -> None:
    # A puller gets twelve seconds at a time and writes six files at once.
    written = [T + (n // 6) * 12_000 for n in range(300)]
    placed, _ = record(written)
    assert set(gaps(placed)) == {0}


def test_a_clock_set_forward_is_followed_by_a_gap_after_three() -> None:
    written = [T + n * 2000 + (3_600_000 if n >= 10 else 0) for n in range(20)]
    placed, _ = record(written)
    assert [n for n, gap in enumerate(gaps(placed), 1) if gap > GAP_MS] == [12]
    assert placed[12].start_ms + 2000 == written[12]


def test_a_clock_set_back_does_not_turn_time_back() -> None:
    back_ms = 60_000
    written = [T + n * 2000 - (back_ms if n >= 10 else 0) for n in range(4000)]
    placed, _ = record(written)
    assert min(gaps(placed)) >= -SLEW_MS - 1
    assert max(gaps(placed)) <= GAP_MS
    assert placed[10].ahead_ms == back_ms
    assert placed[10 + BURST + 100].ahead_ms < back_ms
    assert placed[-1].ahead_ms < 300


def test_a_new_run_leaves_a_gap_and_takes_the_time_anew() -> None:
    placed, clock = record([T, T + 2000])
    again, _ = record([T + 30_000], clock=clock.new_run())
    assert again[0].start_ms == T + 28_000
    # Also where the new one would continue to the millisecond, or overlap.
    for written in (T + 4000, T + 2500):
        again, _ = record([written], clock=clock.new_run())
        assert again[0].start_ms >= placed[-1].start_ms + 2000 + 2 * GAP_MS


def test_a_break_leaves_a_gap_though_media_time_goes_on() -> None:
    first, clock = LiveClock().place(0, 2, T)
    second, clock = clock.break_().place(2, 4, T + 2000)
    third, _ = clock.place(4, 6, T + 4000)
    assert gaps([first, second, third])[0] == 2 * GAP_MS
    assert abs(gaps([first, second, third])[1]) <= SLEW_MS


def test_media_time_that_jumps_is_taken_anew_with_a_gap() -> None:
    for begin_s in (95_443.7, 0.0):
        _, clock = record([T + n * 2000 for n in range(5)])
        end_ms = T + 8000
        placed, _ = clock.place(begin_s, begin_s + 2, T + 10_000)
        assert end_ms + 2 * GAP_MS == placed.start_ms


def test_a_hole_in_the_source_is_a_hole_in_the_timeline() -> None:
    _, clock = LiveClock().place(0, 2, T)
    placed, _ = clock.place(3.5, 5.5, T + 3500)
    assert placed.start_ms == T + 1500


def test_a_run_of_a_dead_process_goes_on_where_it_was() -> None:
    clock = LiveClock(end_ms=T).resume(1234.5)
    placed, _ = clock.place(1234.5, 1236.5, T + 2010)
    assert placed == Placed(T, 2000, 0)
    assert LiveClock().resume(3.0) == LiveClock()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["next", "run", "break"]),
        st.floats(0.04, 20),
        st.integers(-7_200_000, 7_200_000) | st.just(0),
        st.floats(-3, 5000) | st.just(0.0),
    ),
    min_size=2,
    max_size=40,
)


@given(STEPS)
def test_whatever_clocks_do_time_goes_on(
    steps: list[tuple[str, float, int, float]],
) -> None:
    """Never back, a gap wherever one is asked for, always at least a millisecond."""
    clock, media_s, wall_ms = LiveClock(), 100_000.0, T
    end_ms: int | None = None
    for kind, length_s, step_ms, jump_s in steps:
        clock = {"next": clock, "run": clock.new_run(), "break": clock.break_()}[kind]
        media_s = 5.0 if kind == "run" else media_s + jump_s
        wall_ms += round(length_s * 1000) + step_ms
        placed, clock = clock.place(media_s, media_s + length_s, wall_ms)
        media_s += length_s
        assert placed.duration_ms >= 1
        if end_ms is not None:
            assert placed.start_ms >= end_ms - SLEW_MS - 1
            if kind != "next":
                assert placed.start_ms >= end_ms + 2 * GAP_MS - 1
        end_ms = placed.start_ms + placed.duration_ms
