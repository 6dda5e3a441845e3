"""A recording in memory for the tests of windows: what a writer would have written."""

from __future__ import annotations

from collections.abc import Sequence

from epg.timeline.clock import LiveClock
from epg.timeline.index import Stored, count_after, first_count
from epg.timeline.model import Segment

MIDNIGHT = 1_777_593_600_000  # 2026-05-01T00:00:00Z


class Recording:
    """A timeline that grows.

    Args:
        target_duration_s: EXT-X-TARGETDURATION.
    """

    def __init__(self, target_duration_s: int = 3) -> None:
        self.target_duration_s = target_duration_s
        self.segments: list[Segment] = []
        self.not_before_ms = 0
        self._clock = LiveClock()
        self._media_s = 0.0

    def add(
        self,
        length_s: float = 2.0,
        *,
        silent_s: float = 0.0,
        step_s: float = 0.0,
        run: bool = False,
    ) -> Segment:
        """Add a segment.

        Args:
            length_s: its length.
            silent_s: for how long nothing came before it; then a new run begins.
            step_s: by how much the clock was set.
            run: begin a new run.
        """
        before = self.segments[-1].end_ms if self.segments else MIDNIGHT
        if run or silent_s:
            self._clock, self._media_s = self._clock.new_run(), 0.0
        end_s = self._media_s + length_s
        written_ms = before + round(1000 * (silent_s + step_s + length_s))
        placed, self._clock = self._clock.place(self._media_s, end_s, written_ms)
        self._media_s = end_s
        stored = Stored(placed.start_ms, placed.duration_ms, 1000)
        count = count_after(self.segments[-1]) if self.segments else first_count(placed.start_ms)
        self.segments.append(count.take(7, stored))
        return self.segments[-1]

    def between(self, from_ms: int, to_ms: int) -> Sequence[Segment]:
        """Return what overlaps `[from_ms, to_ms)` and is kept."""
        return [
            s
            for s in self.segments
            if s.end_ms > from_ms and s.start_ms < to_ms and s.start_ms >= self.not_before_ms
        ]

    def edge_ms(self) -> int | None:
        """Return the end of the newest segment."""
        return self.segments[-1].end_ms if self.segments else None


class PlayedOut:
    """A timeline that does not tell its edge, as of a loop channel.

    Args:
        recording: its segments, those to come included.
    """

    target_duration_s = 3

    def __init__(self, recording: Recording) -> None:
        self.between = recording.between
