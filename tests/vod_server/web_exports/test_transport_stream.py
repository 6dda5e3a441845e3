"""The endless stream of a timeline: nothing twice, nothing missing, and it ends."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import BinaryIO

import pytest

from core.errors import ForbiddenError, NotFoundError
from epg.timeline.model import Segment
from vod_server.web.exports.transport import (
    LOOK_EVERY_S,
    MOST_BEHIND_MS,
    SILENCE_S,
    LiveStream,
    Slots,
    span_pieces,
)


def segment(number: int) -> Segment:
    return Segment(2000 * number, 2000, 10, f"k{number}", 100 + number, 0, opens=False)


class Air:
    """A timeline that grows with a clock of its own, until its source goes silent."""

    def __init__(self, *, silent_from_s: float = 1e9, allowed_for_s: float = 1e9) -> None:
        self.now_s = 60.0
        self.silent_from_s = silent_from_s
        self.allowed_until_s = self.now_s + allowed_for_s
        self.asked: list[float] = []
        self.gone: set[str] = set()

    target_duration_s = 2

    def between(self, from_ms: int, to_ms: int) -> Sequence[Segment]:
        last = int(min(self.now_s, self.silent_from_s)) // 2
        found = (segment(n) for n in range(last))
        return [s for s in found if s.start_ms < to_ms and s.end_ms > from_ms]

    def open(self, one: Segment) -> BinaryIO:
        if one.key in self.gone:
            raise NotFoundError("没有了。")
        return io.BytesIO(one.key.encode() + b" ")

    def ask(self) -> None:
        self.asked.append(self.now_s)
        if self.now_s > self.allowed_until_s:
            raise ForbiddenError("不行了。")

    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    def stream(self) -> LiveStream:
        return LiveStream(
            lambda: self, self.open, lambda: int(self.now_s * 1000), self.wait, self.ask
        )


def numbers(pieces: Sequence[bytes]) -> list[int]:
    return [int(word[1:]) for word in b"".join(pieces).split()]


def test_it_begins_near_the_live_end_and_goes_on_until_the_source_is_silent() -> None:
    air = Air(silent_from_s=120)
    stream = air.stream()
    found = numbers(list(stream.pieces(stream.begin())))
    assert found == list(range(27, 60))
    assert 120 + SILENCE_S <= air.now_s <= 121 + SILENCE_S + LOOK_EVERY_S


def test_it_ends_when_the_right_ends() -> None:
    air = Air(allowed_for_s=20)
    stream = air.stream()
    found = numbers(list(stream.pieces(stream.begin())))
    assert found[-1] * 2 < 60 + 20 + 15
    assert found == list(range(found[0], found[-1] + 1))


def test_the_right_is_asked_a_few_times_a_minute_however_slowly_it_is_read() -> None:
    air = Air(silent_from_s=180)
    stream = air.stream()
    pieces = stream.pieces(stream.begin())
    for _, _ in zip(pieces, range(200), strict=False):
        air.now_s += 2.0
    gaps = [after - before for before, after in zip(air.asked, air.asked[1:], strict=False)]
    assert len(air.asked) > 10
    assert max(gaps) < 16


def test_who_was_paused_for_long_goes_on_at_the_live_end() -> None:
    air = Air(silent_from_s=2000)
    stream = air.stream()
    pieces = stream.pieces(stream.begin())
    begun = [next(pieces) for _ in range(3)]
    air.now_s += MOST_BEHIND_MS / 1000 + 60
    later = numbers([next(pieces)])[0]
    assert numbers(begun) == [27, 28, 29]
    assert later * 2 > air.now_s - 10
    pieces.close()  # type: ignore[attr-defined]  # a generator


def test_a_slow_reader_of_a_silent_source_is_not_given_the_same_again() -> None:
    air = Air(silent_from_s=100)
    stream = air.stream()
    found = []
    for piece in stream.pieces(stream.begin()):
        found.append(piece)
        air.now_s += 60
        assert len(found) < 100
    assert len(numbers(found)) == len(set(numbers(found)))


def test_a_segment_that_has_gone_is_passed_over() -> None:
    air = Air(silent_from_s=70)
    air.gone = {"k28", "k31"}
    stream = air.stream()
    found = numbers(list(stream.pieces(stream.begin())))
    assert found == [27, 29, 30, 32, 33, 34]


def test_a_channel_without_a_signal_does_not_begin() -> None:
    with pytest.raises(NotFoundError):
        Air(silent_from_s=0).stream().begin()


def test_a_span_breaks_off_where_something_is_missing() -> None:
    air = Air()
    air.gone = {"k2"}
    pieces = span_pieces([segment(1), segment(2)], air.open)
    assert next(pieces) == b"k1 "
    with pytest.raises(NotFoundError):
        next(pieces)


def test_slots_are_given_back_once() -> None:
    slots = Slots(2)
    first, second = slots.take(), slots.take()
    assert first is not None
    assert second is not None
    assert slots.take() is None
    first()
    first()
    assert slots.take() is not None
    assert slots.take() is None
