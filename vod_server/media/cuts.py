"""Where segments end. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class UnfitStreamError(Exception):
    """The stream cannot be cut as wanted: a copied source must be encoded instead."""


class Cuts(Protocol):
    """Decides where segments end."""

    def choose(self, start_s: float, known: Sequence[float]) -> int | None:
        """Return which of the possible cuts to take, or None to wait for the next.

        Args:
            start_s: where the segment in the making starts.
            known: times of possible cuts after it, the last one just seen; never empty.

        Raises:
            UnfitStreamError: the cut that is due is not possible.
        """
        ...


@dataclass(frozen=True, slots=True)
class NearestCuts:
    """Cut at the keyframe nearest to the target duration."""

    target_s: float

    def choose(self, start_s: float, known: Sequence[float]) -> int | None:
        """Return the possible cut nearest to the target, once one at or beyond it was seen."""
        wanted = start_s + self.target_s
        if known[-1] < wanted - 1e-4:
            return None
        return min(range(len(known)), key=lambda at: abs(known[at] - wanted))


@dataclass(frozen=True, slots=True)
class GivenCuts:
    """Cut where another rendition was cut, so that players can change between them."""

    times_s: Sequence[float]  #: ascending
    match_s: float  #: a cut matches a keyframe so near

    def choose(self, start_s: float, known: Sequence[float]) -> int | None:
        """Return the cut that is due, if it was just seen."""
        due = bisect_right(self.times_s, start_s + self.match_s)
        if due == len(self.times_s) or known[-1] < self.times_s[due] - self.match_s:
            return None
        if known[-1] > self.times_s[due] + self.match_s:
            raise UnfitStreamError(f"no keyframe at {self.times_s[due]:.3f} s")
        return len(known) - 1
