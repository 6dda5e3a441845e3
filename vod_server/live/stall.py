"""Whether a run that finishes no segment is silent, or sends what cannot be cut. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

#: A file that grew within so long comes in, though no keyframe ends it. (ffmpeg writes 32 KiB at
#: once: seconds of a poor picture.)
GROWTH_S = 4.0


class Stall:
    """Watches a run.

    Args:
        stall_s: without a new segment for so long it is stalled.
    """

    def __init__(self, stall_s: float) -> None:
        self._stall_s = stall_s
        self._since = 0.0
        #: The file that was being written a while before a stall, and its size.
        self._growing: tuple[str, int] | None = None

    def begin(self, now: float) -> None:
        """Count from an instant on, monotonic seconds: a run's start, its newest segment."""
        self._since, self._growing = now, None

    def look(
        self, now: float, newest_file: Callable[[], tuple[str, int]]
    ) -> Literal["uncut", "silent"] | None:
        """Return how a run is stalled, `uncut` when its file grows all the same; None: it is not.

        Args:
            now: monotonic seconds.
            newest_file: tells name and size of the file that is being written.
        """
        silent_s = now - self._since
        if self._growing is None and silent_s > self._stall_s - GROWTH_S:
            self._growing = newest_file()
        if silent_s <= self._stall_s:
            return None
        newest = newest_file()
        return "uncut" if newest[1] > 0 and newest != self._growing else "silent"
