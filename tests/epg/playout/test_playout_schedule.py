"""The arithmetic of loops, held against a plain walk along the items."""

from __future__ import annotations

import json
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epg.playout.blocks import blocks
from epg.playout.model import SEGMENT_NAME, Item, Schedule, first_number, item_of
from epg.playout.timeline import PlayoutTimeline
from epg.timeline.model import Segment
from tests.epg.playout.loop_rows import item, measured

START_MS = 1_777_600_000_000

durations = st.lists(st.integers(300, 12_000), min_size=1, max_size=5)
loops = st.lists(durations, min_size=1, max_size=3).map(
    lambda lists: tuple(item(*lengths, title_id=n) for n, lengths in enumerate(lists, start=1))
)
schedules = st.builds(
    Schedule,
    start_ms=st.integers(START_MS - 10**9, START_MS + 10**9),
    first_sequence=st.integers(0, 10**9),
    first_discontinuity=st.integers(0, 50),
    items=loops,
)


def walk(schedule: Schedule, rounds: int) -> list[tuple[int, Segment]]:
    """Say by walking, without any arithmetic, what a schedule plays in its first rounds."""
    found = []
    at_ms, sequence = schedule.start_ms, schedule.first_sequence
    discontinuity = schedule.first_discontinuity - 1
    for _ in range(rounds):
        for played in schedule.items:
            discontinuity += 1
            for n, (name, length, size) in enumerate(
                zip(played.names, played.durations_ms, played.sizes, strict=True)
            ):
                opens = n == 0 and discontinuity > 0
                key = played.prefix + name
                made = Segment(at_ms, length, size, key, sequence, discontinuity, opens)
                found.append((played.title_id, made))
                at_ms, sequence = at_ms + length, sequence + 1
    return found


@settings(max_examples=50)
@given(schedules, st.integers(-5000, 60_000), st.integers(0, 60_000))
def test_any_stretch_is_what_a_walk_finds(schedule: Schedule, after_ms: int, span_ms: int) -> None:
    from_ms = schedule.start_ms + after_ms
    to_ms = from_ms + span_ms
    rounds = max(0, to_ms - schedule.start_ms) // schedule.length_ms + 1
    expected = [
        pair
        for pair in walk(schedule, rounds)
        if pair[1].start_ms < to_ms and pair[1].end_ms > from_ms
    ]
    assert list(schedule.segments(from_ms, to_ms)) == expected


@settings(max_examples=50)
@given(schedules, st.integers(0, 10**12))
def test_years_later_segments_still_follow_each_other(schedule: Schedule, after_ms: int) -> None:
    from_ms = schedule.start_ms + after_ms
    found = [s for _, s in schedule.segments(from_ms, from_ms + 2 * schedule.length_ms + 1)]
    assert found[0].start_ms <= from_ms < found[0].end_ms
    for one, other in pairwise(found):
        assert other.start_ms == one.end_ms
        assert other.sequence == one.sequence + 1
        assert other.discontinuity == one.discontinuity + other.opens


@settings(max_examples=50)
@given(schedules, st.integers(0, 200_000))
def test_an_item_ends_where_it_is_said_to(schedule: Schedule, after_ms: int) -> None:
    not_before_ms = schedule.start_ms + after_ms
    end_ms = schedule.item_end(not_before_ms)
    assert end_ms >= not_before_ms
    ends = accumulate(i.duration_ms for i in schedule.items * (after_ms // schedule.length_ms + 2))
    assert end_ms == next(
        schedule.start_ms + end for end in ends if schedule.start_ms + end >= not_before_ms
    )


@settings(max_examples=50)
@given(schedules, loops, st.integers(0, 40))
def test_numbers_run_on_where_another_row_takes_over(
    schedule: Schedule, items: tuple[Item, ...], cut: int
) -> None:
    played = [segment for _, segment in walk(schedule, cut + 1)][: cut + 1]
    cut_ms = played[-1].end_ms
    following = Schedule(cut_ms, *schedule.numbers_at(cut_ms), items)
    timeline = PlayoutTimeline([schedule, following], now_ms=cut_ms + 3 * following.length_ms)
    found = timeline.between(schedule.start_ms, timeline.now_ms)
    assert found[: len(played)] == played
    assert found[len(played)].opens, "another title, so other timestamps"
    for one, other in pairwise(found):
        assert other.start_ms == one.end_ms
        assert other.sequence == one.sequence + 1
        assert other.discontinuity == one.discontinuity + other.opens


@settings(max_examples=50)
@given(schedules, st.integers(0, 100_000), st.integers(0, 100_000))
def test_nothing_is_listed_before_it_has_ended(
    schedule: Schedule, after_ms: int, ahead_ms: int
) -> None:
    now_ms = schedule.start_ms + after_ms
    found = PlayoutTimeline([schedule], now_ms).between(schedule.start_ms, now_ms + ahead_ms)
    assert all(segment.end_ms <= now_ms for segment in found)
    missing_ms = now_ms - (found[-1].end_ms if found else schedule.start_ms)
    assert 0 <= missing_ms < schedule.longest_ms, "nothing that has ended is held back"


def test_the_first_title_ever_opens_nothing_every_other_one_does() -> None:
    first = Schedule(START_MS, 7, 0, (item(1000, 1000), item(1000)))
    found = [segment for _, segment in first.segments(START_MS, START_MS + 6000)]
    assert [s.opens for s in found] == [False, False, True, True, False, True]
    assert [s.discontinuity for s in found] == [0, 0, 1, 2, 2, 3]
    assert [s.sequence for s in found] == [7, 8, 9, 10, 11, 12]


def test_a_loop_of_one_title_opens_at_each_repetition() -> None:
    """Its timestamps begin anew each time."""
    alone = Schedule(START_MS, 0, 0, (item(2000, 2000),))
    found = [segment for _, segment in alone.segments(START_MS, START_MS + 8000)]
    assert [s.opens for s in found] == [False, False, True, False]


def test_midnight_is_no_edge() -> None:
    midnight_ms = 1_777_651_200_000  # 2026-05-02 00:00 in Asia/Shanghai
    schedule = Schedule(midnight_ms - 10_000, 0, 0, (item(6000, 6000), item(6000, 3000)))
    found = PlayoutTimeline([schedule], midnight_ms + 60_000).between(
        midnight_ms - 5000, midnight_ms + 20_000
    )
    assert [s.start_ms - midnight_ms for s in found] == [-10_000, -4000, 2000, 8000, 11_000, 17_000]


def test_hidden_titles_leave_a_hole_and_everything_else_as_it_was() -> None:
    items = (item(1000, 1000, title_id=1), item(2000, title_id=2), item(1000, title_id=3))
    schedule = Schedule(START_MS, 0, 0, items)
    now_ms = START_MS + 10_000
    whole = PlayoutTimeline([schedule], now_ms).between(START_MS, now_ms)
    found = PlayoutTimeline([schedule], now_ms, hidden={2}).between(START_MS, now_ms)
    assert found == [s for s in whole if not s.key.startswith("vod/2/")]
    assert [s.sequence for s in found] == [0, 1, 3, 4, 5, 7]
    after_holes = [b for a, b in pairwise(found) if b.sequence != a.sequence + 1]
    assert after_holes
    assert all(segment.opens for segment in after_holes)


def test_what_is_past_retention_is_not_listed_unless_pinned() -> None:
    schedule = Schedule(START_MS, 0, 0, (item(1000),))
    timeline = PlayoutTimeline(
        [schedule],
        START_MS + 100_000,
        not_before_ms=START_MS + 90_000,
        kept=[(START_MS + 10_000, START_MS + 12_000)],
    )
    found = timeline.between(0, START_MS + 100_000)
    assert [s.sequence for s in found] == [10, 11, *range(90, 100)]


def test_a_channel_that_is_off_lists_nothing() -> None:
    on = Schedule(START_MS, 5, 0, (item(1000, 1000),))
    off_ms = START_MS + 4000
    off = Schedule(off_ms, *on.numbers_at(off_ms), ())
    again = Schedule(off_ms + 5000, *off.numbers_at(off_ms + 5000), on.items)
    found = PlayoutTimeline([on, off, again], off_ms + 7000).between(START_MS, off_ms + 7000)
    assert [s.sequence for s in found] == [5, 6, 7, 8, 9, 10]
    assert [s.discontinuity for s in found] == [0, 0, 1, 1, 2, 2]
    assert (found[4].start_ms, found[4].opens) == (off_ms + 5000, True)
    assert list(off.segments(0, 10**15)) == []


def test_the_target_duration_stays_whatever_joins_the_loop() -> None:
    short = Schedule(START_MS, 0, 0, (item(2000),))
    long = Schedule(START_MS + 2000, 1, 1, (item(9400),))
    assert PlayoutTimeline([], 0).target_duration_s == 10
    assert PlayoutTimeline([short], 0).target_duration_s == 10
    assert PlayoutTimeline([short, long], 0).target_duration_s == 10
    odd = Schedule(START_MS + 11_400, 2, 2, (item(12_600),))
    assert PlayoutTimeline([short, long, odd], 0).target_duration_s == 13


@settings(max_examples=50)
@given(st.lists(st.floats(0.04, 9.0), min_size=1, max_size=60))
def test_rounding_never_adds_up(durations_s: list[float]) -> None:
    made = item_of(3, "节目", "abc", measured(*durations_s))
    ends = zip(accumulate(made.durations_ms), accumulate(durations_s), strict=True)
    assert all(abs(end_ms - end_s * 1000) <= 0.501 for end_ms, end_s in ends)


def test_an_item_is_what_lies_in_the_blob_store() -> None:
    made = item_of(7, "节目", "0a1b", measured(6.0, 5.96, 1.04, name="720p"))
    assert made.prefix == "vod/7/0a1b/720p/"
    assert made.names == ("s00000.ts", "s00001.ts", "s00002.ts")
    assert made.durations_ms == (6000, 5960, 1040)
    assert made.sizes == (1000, 1001, 1002)


def test_items_are_written_compactly_and_read_back() -> None:
    usual = item(6000, 6000, 2000)
    odd = Item(9, "怪", "vod/9/x/360p/", ("a.ts", "b.ts"), (1, 2), (3, 4))
    for one in (usual, odd):
        assert Item.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert "names" not in usual.to_json()
    assert usual.names[2] == SEGMENT_NAME.format(2)


def test_first_numbers_are_the_seconds_since_2024() -> None:
    assert first_number(1_704_067_200_000) == 0
    assert first_number(1_704_067_261_999) == 61
    assert first_number(0) == 0


@settings(max_examples=50)
@given(schedules, st.integers(0, 200_000), st.integers(1, 100_000))
def test_every_programme_is_an_item_and_they_follow_each_other(
    schedule: Schedule, after_ms: int, span_ms: int
) -> None:
    from_ms = schedule.start_ms + after_ms
    found = list(blocks([schedule], from_ms, from_ms + span_ms))
    assert found[0].start_ms <= from_ms < found[0].stop_ms
    assert found[-1].start_ms < from_ms + span_ms <= found[-1].stop_ms
    for one, other in pairwise(found):
        assert (other.start_ms, other.number) == (one.stop_ms, one.number + 1)
    for block in found:
        segments = [s for _, s in schedule.segments(block.start_ms, block.stop_ms)]
        assert (segments[0].start_ms, segments[-1].end_ms) == (block.start_ms, block.stop_ms)
        assert {s.discontinuity for s in segments} == {block.number}
        assert all(s.key.startswith(block.items[0].prefix) for s in segments)


@settings(max_examples=50)
@given(schedules, st.integers(1, 100_000), st.integers(0, 300_000), st.integers(0, 300_000))
def test_blocks_do_not_depend_on_what_is_asked_for(
    schedule: Schedule, at_least_ms: int, one_ms: int, other_ms: int
) -> None:
    end_ms = schedule.start_ms + 400_000
    one, other = (
        list(blocks([schedule], schedule.start_ms + ms, end_ms, at_least_ms=at_least_ms))
        for ms in sorted((one_ms, other_ms))
    )
    assert other == one[len(one) - len(other) :]
    assert all(block.stop_ms - block.start_ms >= at_least_ms for block in one)
    assert all(b.start_ms == a.stop_ms for a, b in pairwise(one))
    assert all(b.number == a.number + len(a.items) for a, b in pairwise(one))


@pytest.mark.parametrize("at_least_ms", [0, 5000])
def test_a_programme_ends_where_another_row_cuts_it(at_least_ms: int) -> None:
    first = Schedule(START_MS, 0, 0, (item(2000, 2000),))
    cut_ms = START_MS + 6000
    second = Schedule(cut_ms, *first.numbers_at(cut_ms), (item(3000),))
    found = list(blocks([first, second], START_MS, START_MS + 9000, at_least_ms=at_least_ms))
    assert [b.stop_ms - START_MS for b in found if b.start_ms < cut_ms][-1] == 6000
    assert next(b for b in found if b.start_ms >= cut_ms).start_ms == cut_ms
