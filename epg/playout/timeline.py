"""A loop channel's timeline: its rows one after the other, up to the present. Pure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterator, Sequence

from epg.playout.model import Schedule
from epg.timeline.model import Segment

#: EXT-X-TARGETDURATION of every loop channel, in seconds. It must not change while a channel is
#: watched, whatever joins the loop. Segments of titles aim at 6 s and end at the nearest keyframe;
#: a copied title may have those 6 s apart, so none lasts longer than 9 s.
TARGET_DURATION_S = 10


@dataclasses.dataclass(frozen=True, slots=True)
class PlayoutTimeline:
    """Implements `epg.timeline.model.Timeline` over successive schedules.

    Numbers and instants belong to the schedules. What is hidden is left out without renumbering
    the rest: whole items, so what follows a hole opens a discontinuity of its own.

    Args:
        schedules: by start; each is valid until the next one's start.
        now_ms: the present; a segment is listed once it has ended.
        not_before_ms: what ended earlier is not kept any more.
        hidden: ids of titles that may not be seen (any more).
        kept: pinned spans `(start_ms, stop_ms)` that are listed all the same.
    """

    schedules: Sequence[Schedule]
    now_ms: int
    not_before_ms: int = 0
    hidden: Collection[int] = ()
    kept: Sequence[tuple[int, int]] = ()

    @property
    def target_duration_s(self) -> int:
        """Return EXT-X-TARGETDURATION in seconds."""
        longest_ms = max((schedule.longest_ms for schedule in self.schedules), default=0)
        return max(TARGET_DURATION_S, math.floor(longest_ms / 1000 + 0.5))

    def between(self, from_ms: int, to_ms: int) -> Sequence[Segment]:
        """Return the segments that have ended and overlap `[from_ms, to_ms)`, in order."""
        oldest_ms = min([self.not_before_ms, *(start for start, _ in self.kept)])
        return list(self._between(max(from_ms, oldest_ms), to_ms))

    def _between(self, from_ms: int, to_ms: int) -> Iterator[Segment]:
        for schedule, until_ms in spans(self.schedules):
            end_ms = self.now_ms if until_ms is None else min(self.now_ms, until_ms)
            if schedule.start_ms >= min(to_ms, end_ms) or end_ms <= from_ms:
                continue
            for title_id, segment in schedule.segments(from_ms, min(to_ms, end_ms)):
                if segment.end_ms > end_ms or title_id in self.hidden:
                    continue
                if segment.end_ms > self.not_before_ms or self._is_kept(segment):
                    yield segment

    def _is_kept(self, segment: Segment) -> bool:
        return any(start < segment.end_ms and segment.start_ms < stop for start, stop in self.kept)


def spans(schedules: Sequence[Schedule]) -> Iterator[tuple[Schedule, int | None]]:
    """Yield each schedule and the instant at which the next takes over, None for the last."""
    for number, schedule in enumerate(schedules):
        last = number + 1 == len(schedules)
        yield schedule, None if last else schedules[number + 1].start_ms
