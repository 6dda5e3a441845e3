"""Segments as slices of hours: a sequence like any other, and windows on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epg.timeline.model import Segment
from epg.timeline.stretch import Block, Slice, Stretch
from epg.timeline.window import Window, select, target_duration
from tests.epg.timeline.recordings import MIDNIGHT, Recording


def recorded(count: int) -> list[Segment]:
    recording = Recording()
    return [recording.add() for _ in range(count)]


SEGMENTS = recorded(10)
FIRST, SECOND = Block(tuple(SEGMENTS[:6])), Block(tuple(SEGMENTS[6:]))
STRETCH = Stretch([Slice(FIRST, 2, 6), Slice(SECOND, 0, 3)])


def test_it_is_the_sequence_of_its_segments() -> None:
    wanted = SEGMENTS[2:9]
    assert list(STRETCH) == list(STRETCH[:]) == wanted
    assert len(STRETCH) == 7
    assert (STRETCH[0], STRETCH[-1], STRETCH[1:3]) == (wanted[0], wanted[-1], wanted[1:3])
    assert wanted[3] in STRETCH
    with pytest.raises(IndexError):
        STRETCH[7]
    assert not Stretch([])


def test_bounds_are_those_of_the_hours() -> None:
    assert STRETCH.latest_end_ms == SEGMENTS[-1].end_ms
    assert STRETCH.longest_ms == 2000
    assert FIRST.starts == tuple(s.start_ms for s in SEGMENTS[:6])
    assert Stretch([]).latest_end_ms == Stretch([]).longest_ms == 0


def test_the_target_duration_is_that_of_what_is_listed() -> None:
    long = Block((*SEGMENTS[:3], replace(SEGMENTS[3], duration_ms=7600)))
    assert target_duration(3, Stretch([Slice(long, 0, 4)])) == 8
    assert target_duration(3, Stretch([Slice(long, 0, 3)])) == 3


class Reader:
    """A timeline that gives stretches, and has come so far."""

    target_duration_s = 3

    def __init__(self, edge_ms: int) -> None:
        self._edge_ms = edge_ms

    def between(self, from_ms: int, to_ms: int) -> Stretch:
        assert from_ms < to_ms
        return STRETCH

    def edge_ms(self) -> int:
        return self._edge_ms


@pytest.mark.parametrize("finished", [5, 7, 10])
def test_what_is_not_finished_is_not_listed(finished: int) -> None:
    window = Window(start_s=MIDNIGHT // 1000, stop_s=MIDNIGHT // 1000 + 3600)
    edge_ms = SEGMENTS[finished - 1].end_ms
    listed = select(Reader(edge_ms), window, edge_ms).segments
    assert list(listed) == SEGMENTS[2 : min(finished, 9)]
    assert isinstance(listed, Stretch) == (finished == 10)
