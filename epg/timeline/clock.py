"""From media time to instants: where each segment of a recording stands on the timeline. Pure.

A recorder's media time runs by the sender's clock, files are written by ours. The timeline follows
media time, so that durations add up, and is led back gently to our clock when the two drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from epg.timeline.model import GAP_MS

#: How far a segment is moved at most to follow the clock; less than GAP_MS, so nothing opens.
SLEW_MS = 20

#: Differences up to this are the jitter of writing, no drift.
TOLERANCE_MS = 100

#: Being behind the clock by more than this, for `HELD` segments, is no drift but a jump.
JUMP_MS = 2000
HELD = 3

#: A puller writes the pieces of one fetched segment at once, so the earliest of so many counts.
BURST = 10

#: Media time may overlap by this much (audio beside video) before it counts as having jumped.
OVERLAP_US = 500_000


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a segment stands.

    Args:
        start_ms: instant of its first picture, epoch milliseconds.
        duration_ms: to its end.
        ahead_ms: how far its end lies ahead of the clock; much after the clock was set back.
    """

    start_ms: int
    duration_ms: int
    ahead_ms: int


@dataclass(frozen=True, slots=True)
class LiveClock:
    """Gives segments their instants; each step returns the clock for the next one.

    Args:
        end_ms: end of the timeline so far, None where it is empty.
        zero_us: instant of media time zero in epoch microseconds; None: set by the next segment.
        media_end_us: media time at which the last segment ended.
        seen_us: zero as each of the last segments' writing tells it.
        breaks: whether the next segment must open.
    """

    end_ms: int | None = None
    zero_us: int | None = None
    media_end_us: int = 0
    seen_us: tuple[int, ...] = ()
    breaks: bool = False

    def new_run(self) -> LiveClock:
        """Return the clock for a new run of the recorder: media time begins anew, with a gap."""
        return LiveClock(end_ms=self.end_ms, breaks=True)

    def break_(self) -> LiveClock:
        """Return a clock whose next segment opens, though media time goes on."""
        return replace(self, breaks=True)

    def resume(self, media_end_s: float) -> LiveClock:
        """Return the clock of a run that another process began, whose last segment ended there.

        Args:
            media_end_s: media time, seconds, that `end_ms` stands for.
        """
        if self.end_ms is None:
            return self
        media_end_us = round(media_end_s * 1e6)
        zero_us = self.end_ms * 1000 - media_end_us
        return LiveClock(self.end_ms, zero_us, media_end_us, (zero_us,))

    def place(self, begin_s: float, end_s: float, written_ms: int) -> tuple[Placed, LiveClock]:
        """Give a segment its instants.

        Args:
            begin_s: media time of its first picture, seconds.
            end_s: media time after its last picture.
            written_ms: when its last byte was written, by our clock.

        Returns:
            Where it stands, and the clock for the next one.
        """
        begin_us, end_us = round(begin_s * 1e6), round(end_s * 1e6)
        told_us = written_ms * 1000 - end_us
        if self.zero_us is None or self._jumped(begin_us):
            zero_us, breaks = told_us, self.zero_us is not None
            seen_us: tuple[int, ...] = (told_us,)
        else:
            seen_us = (*self.seen_us, told_us)[-BURST:]
            zero_us, breaks = _follow(self.zero_us, seen_us)
        zero_us = self._not_back(zero_us, begin_us, breaks=breaks or self.breaks)
        start_ms = _round_ms(zero_us + begin_us)
        duration_ms = max(1, _round_ms(zero_us + end_us) - start_ms)
        end_ms = start_ms + duration_ms
        placed = Placed(start_ms, duration_ms, max(0, end_ms - written_ms))
        return placed, LiveClock(end_ms, zero_us, end_us, seen_us)

    def _jumped(self, begin_us: int) -> bool:
        """Say whether media time itself has jumped, as when a source starts anew."""
        step_us = begin_us - self.media_end_us
        return not -OVERLAP_US <= step_us <= JUMP_MS * 1000

    def _not_back(self, zero_us: int, begin_us: int, *, breaks: bool) -> int:
        """Move on so far that the segment starts after the last, with a gap where it breaks."""
        if self.end_ms is None:
            return zero_us
        earliest_ms = self.end_ms + (2 * GAP_MS if breaks else -SLEW_MS)
        return max(zero_us, earliest_ms * 1000 - begin_us)


def _follow(zero_us: int, seen_us: tuple[int, ...]) -> tuple[int, bool]:
    """Lead media time towards the clock; also say whether that took a jump.

    Files are never written too early, but often late or several at once. So time is led on only
    when the last few all came late, and back only when none of many came in time.
    """
    if len(seen_us) < HELD:
        return zero_us, False
    late_us = min(seen_us[-HELD:]) - zero_us
    if late_us > JUMP_MS * 1000:
        return zero_us + late_us, True
    if late_us > TOLERANCE_MS * 1000:
        return zero_us + SLEW_MS * 1000, False
    if max(seen_us) - zero_us < -TOLERANCE_MS * 1000:
        return zero_us - SLEW_MS * 1000, False
    return zero_us, False


def _round_ms(instant_us: int) -> int:
    return (instant_us + 500) // 1000
