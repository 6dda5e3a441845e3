"""Names, hour folders, the text of an index and the numbers of its segments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epg.timeline.index import (
    EPOCH_2024_MS,
    Count,
    Head,
    Stored,
    count_after,
    entries_of_names,
    first_count,
    format_head,
    format_line,
    head_of,
    number,
    parse_head,
    parse_lines,
    rebuild,
)
from epg.timeline.names import (
    DAY_MS,
    HOUR_MS,
    hour_folder,
    hour_of,
    parse_hour_folder,
    parse_segment_name,
    retention_edge_ms,
    segment_key,
    segment_name,
)

MIDNIGHT = 1_777_593_600_000  # 2026-05-01T00:00:00Z


def stored(*starts_s: float, duration_s: float = 2.0) -> list[Stored]:
    """Return segments that start so many seconds after midnight."""
    return [Stored(MIDNIGHT + round(s * 1000), round(duration_s * 1000), 100) for s in starts_s]


@given(st.integers(10**12, 10**13 - 1), st.integers(1, 9_999_999))
def test_a_name_says_what_it_was_made_of(start_ms: int, duration_ms: int) -> None:
    assert parse_segment_name(segment_name(start_ms, duration_ms)) == (start_ms, duration_ms)


@pytest.mark.parametrize(
    "name",
    ["index", "1.ts", f"{MIDNIGHT}-0.ts", f"{MIDNIGHT}-2000.ts.part", f"-{MIDNIGHT}-2000.ts",
     f"{MIDNIGHT}-2000", f"{MIDNIGHT}0-2000.ts", f"{MIDNIGHT}-٢٠٠٠.ts", ""],
)  # fmt: skip
def test_other_files_are_no_segments(name: str) -> None:
    assert parse_segment_name(name) is None


@given(st.integers(0, 4 * 10**12).map(hour_of))
def test_an_hour_folder_says_its_hour(hour_ms: int) -> None:
    assert parse_hour_folder(hour_folder(hour_ms)) == hour_ms


def test_folders_turn_at_midnight_and_at_the_hour() -> None:
    assert hour_folder(hour_of(MIDNIGHT - 1)) == "20260430/23"
    assert hour_folder(hour_of(MIDNIGHT)) == "20260501/00"
    assert hour_folder(hour_of(MIDNIGHT + HOUR_MS)) == "20260501/01"
    assert parse_hour_folder("20261301/00") is None
    assert parse_hour_folder("20260501/24") is None
    assert segment_key(7, MIDNIGHT - 500, 2000) == f"live/7/20260430/23/{MIDNIGHT - 500}-2000.ts"


def test_the_hour_of_the_retention_edge_is_listed_whole() -> None:
    now = MIDNIGHT + 30 * 60_000
    assert retention_edge_ms(now, 7) == MIDNIGHT - 7 * DAY_MS
    assert retention_edge_ms(now, 0) == MIDNIGHT - HOUR_MS


@pytest.mark.parametrize("opens", [None, False, True])
def test_a_head_is_read_as_it_was_written(opens: bool | None) -> None:
    head = Head(75_000_000, 12, opens)
    assert parse_head(format_head(head).removesuffix(b"\n")) == head


def test_the_text_of_the_architecture_is_read() -> None:
    assert parse_head(b"cuntai-index 1 75938168 12") == Head(75_938_168, 12, None)
    assert parse_head(b"cuntai-index 2 75938168 12") is None
    assert parse_head(b"") is None


def test_lines_are_read_and_a_half_one_is_left() -> None:
    segments = stored(0, 2, 4)
    text = b"".join(map(format_line, segments))
    assert parse_lines(text) == (segments, len(text))
    assert parse_lines(text[:-5]) == (segments[:2], len(text) // 3 * 2)


@pytest.mark.parametrize("damage", [b"\x00\x00\x00\n", b"1777593600000 2000\n", b"\n", b"x y z\n"])
def test_a_damaged_line_sends_to_the_names(damage: bytes) -> None:
    assert parse_lines(format_line(stored(0)[0]) + damage) is None


def test_lines_that_go_back_in_time_send_to_the_names() -> None:
    assert parse_lines(b"".join(map(format_line, stored(4, 2)))) is None
    assert parse_lines(b"".join(map(format_line, stored(4, 4)))) is None


def test_first_numbers_are_the_seconds_and_the_hours_since_2024() -> None:
    assert first_count(EPOCH_2024_MS + 1999) == Count(1, 0)
    assert first_count(EPOCH_2024_MS + 7_200_000) == Count(7200, 2)
    segments = number(7, stored(0, 2), first_count(MIDNIGHT))
    assert [s.sequence for s in segments] == [73_526_400, 73_526_401]
    assert not segments[0].opens


def test_gaps_open_and_count() -> None:
    segments = number(7, stored(0, 2, 4.05, 6.101, 20), Count(5, 9, MIDNIGHT - 1000))
    assert [(s.sequence, s.opens, s.discontinuity) for s in segments] == [
        (5, True, 10),
        (6, False, 10),
        (7, False, 10),  # 50 ms is no gap
        (8, True, 11),  # 51 ms is one
        (9, True, 12),
    ]


def test_an_overlap_opens_too() -> None:
    segments = number(7, stored(0, 1.98, 3.9), Count(5, 9, MIDNIGHT))
    assert [s.opens for s in segments] == [False, False, True]


HOURS = stored(0, 2, 5)


def test_an_hour_is_rebuilt_after_the_one_before() -> None:
    before = Count(100, 3, MIDNIGHT)
    truth = number(7, HOURS, before)
    assert rebuild(7, HOURS, before=before) == truth


def test_an_hour_is_rebuilt_before_the_next_one() -> None:
    truth = number(7, HOURS, Count(100, 3), opens=False)
    after = head_of(count_after(truth[-1]).take(7, stored(7)[0]))
    assert rebuild(7, HOURS, after=after) == truth


def test_an_hour_is_rebuilt_by_its_own_head() -> None:
    truth = number(7, HOURS, Count(100, 3, MIDNIGHT - 9000))
    assert truth[0].opens
    assert rebuild(7, HOURS, own=head_of(truth[0])) == truth
    # A head of two numbers does not say whether the first opens: the hour before does.
    own = Head(*head_of(truth[0])[:2])
    assert rebuild(7, HOURS, own=own, before=Count(1, 1, MIDNIGHT - 9000)) == truth


def test_an_hour_of_which_nothing_is_known_begins_anew() -> None:
    assert rebuild(7, HOURS)[0].sequence == 73_526_400
    assert rebuild(7, []) == []


def test_names_tell_the_segments_and_nothing_else() -> None:
    names = [
        (f"{MIDNIGHT + 2000}-2000.ts", 10),
        (f"{MIDNIGHT}-2000.ts", 20),
        (f"{MIDNIGHT + 4000}-2000.ts", 0),  # a power cut
        ("index", 99),
        (".index", 99),
    ]
    assert entries_of_names(names) == [
        Stored(MIDNIGHT, 2000, 20),
        Stored(MIDNIGHT + 2000, 2000, 10),
    ]


def test_of_two_that_start_together_the_longer_counts() -> None:
    names = [(f"{MIDNIGHT}-2000.ts", 10), (f"{MIDNIGHT}-1000.ts", 5)]
    assert entries_of_names(names) == [Stored(MIDNIGHT, 2000, 10)]
