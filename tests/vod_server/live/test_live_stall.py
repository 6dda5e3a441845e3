"""A run without new segments: silent, or coming in with nothing to cut at."""

from __future__ import annotations

import pytest

from vod_server.live.stall import GROWTH_S, Stall

STALL_S = 10.0


def test_nothing_is_stalled_before_its_time() -> None:
    stall = Stall(STALL_S)
    stall.begin(100.0)
    assert stall.look(100.0 + STALL_S, lambda: ("0.ts", 0)) is None
    assert stall.look(100.1 + STALL_S, lambda: ("0.ts", 0)) == "silent"
    stall.begin(200.0)
    assert stall.look(205.0, lambda: ("1.ts", 9)) is None


@pytest.mark.parametrize(("last", "word"), [(900, "uncut"), (500, "silent")])
def test_a_file_that_grows_comes_in_and_one_that_stands_still_does_not(
    last: int, word: str
) -> None:
    stall = Stall(STALL_S)
    stall.begin(0.0)
    assert stall.look(STALL_S - GROWTH_S + 0.1, lambda: ("0.ts", 500)) is None
    assert stall.look(STALL_S + 0.1, lambda: ("0.ts", last)) == word


def test_a_segment_begins_the_count_anew() -> None:
    stall = Stall(STALL_S)
    stall.begin(0.0)
    assert stall.look(STALL_S - 1, lambda: ("0.ts", 500)) is None
    stall.begin(STALL_S)
    assert stall.look(STALL_S + 1, lambda: ("1.ts", 100)) is None
    assert stall.look(2 * STALL_S - 1, lambda: ("1.ts", 500)) is None
    assert stall.look(2 * STALL_S + 1, lambda: ("1.ts", 500)) == "silent"
