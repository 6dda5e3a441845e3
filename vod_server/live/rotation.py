"""Which of a channel's sources is on, when the next one is tried, when the first again. Pure."""

from __future__ import annotations

from collections.abc import Sequence

SHORT_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
#: A file that is being made, or an encoder that begins to send, shall not wait half a minute.
LONGEST_NEAR_PAUSE_S = 3.0
#: On air for so long, a source has recovered: its next failure is the first one again.
RECOVERED_S = 60.0
#: How often the preferred source is tried while another one is on air.
RETURN_S = 30.0
#: A preferred source that comes back only to fail again is tried more and more seldom.
LONGEST_RETURN_S = 600.0


class Rotation:
    """The order in which a channel's sources are tried; instants are monotonic seconds.

    Args:
        near: of each source, whether looking for it costs nobody anything.
        now: from when on the first one may start.
    """

    def __init__(self, near: Sequence[bool], now: float) -> None:
        self.index = 0
        self.not_before = now
        self._near = near
        self._failures = 0
        self._return_s = RETURN_S
        self._left_at = now
        self._has_returned = False

    def fail(self, now: float) -> float:
        """Turn to the next source; return the pause before it, seconds.

        All sources are tried at once after each other, then with pauses of 1, 2, 4 … seconds.
        """
        if self._has_returned and self.index == 0:
            self._return_s = min(self._return_s * 2, LONGEST_RETURN_S)
        self._failures += 1
        self.index = (self.index + 1) % len(self._near)
        pause_s = self._pause_s()
        self.not_before = now + pause_s
        self._left_at = now
        self._has_returned = False
        return pause_s

    def _pause_s(self) -> float:
        rounds = self._failures - len(self._near)
        if rounds < 0:
            return SHORT_PAUSE_S
        longest_s = LONGEST_NEAR_PAUSE_S if self._near[self.index] else LONGEST_PAUSE_S
        return min(longest_s, 2.0 ** min(rounds, 10))

    def again(self, now: float, pause_s: float) -> None:
        """Start the same source again: it was not the source that failed."""
        self.not_before = now + pause_s

    def recovered(self) -> None:
        """Forget failures: a source has been on air for `RECOVERED_S`."""
        self._failures = 0
        if self.index == 0:
            self._return_s, self._has_returned = RETURN_S, False

    def may_return(self, now: float) -> bool:
        """Say whether the preferred source is to be tried beside the one that is on air."""
        return self.index > 0 and now - self._left_at >= self._return_s

    def tried(self, now: float) -> None:
        """Note that the preferred source is being tried."""
        self._left_at = now

    def go_back(self, now: float) -> None:
        """Turn to the preferred source."""
        self.index, self._failures, self.not_before = 0, 0, now
        self._has_returned = True
