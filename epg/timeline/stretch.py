"""Segments of a span as slices of hours kept in memory: nothing is copied to cut one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple, overload

from epg.timeline.model import Segment


@dataclass(frozen=True, eq=False)
class Block:
    """Segments of one channel and one UTC hour, as they were read together.

    Args:
        segments: in order of their starts.
    """

    segments: tuple[Segment, ...]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Return their starts, for searching; epoch milliseconds."""
        return tuple(segment.start_ms for segment in self.segments)

    @cached_property
    def latest_end_ms(self) -> int:
        """Return the latest end of any, epoch milliseconds; there is one segment at least."""
        return max(segment.end_ms for segment in self.segments)

    @cached_property
    def longest_ms(self) -> int:
        """Return the longest duration of any."""
        return max(segment.duration_ms for segment in self.segments)


class Slice(NamedTuple):
    """Segments `first` to `last` (left out) of a block; at least one."""

    block: Block
    first: int
    last: int


class Stretch(Sequence[Segment]):
    """The segments of some slices, in order.

    Args:
        slices: in order of time.
    """

    def __init__(self, slices: Sequence[Slice]) -> None:
        self.slices = slices

    @property
    def latest_end_ms(self) -> int:
        """Return an instant that none of them ends after, epoch milliseconds."""
        return max((one.block.latest_end_ms for one in self.slices), default=0)

    @property
    def longest_ms(self) -> int:
        """Return a duration that none of them exceeds."""
        return max((one.block.longest_ms for one in self.slices), default=0)

    @cached_property
    def _listed(self) -> list[Segment]:
        return list(self)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(last - first for _, first, last in self.slices)

    def __iter__(self) -> Iterator[Segment]:
        """Go through them."""
        cut = (block.segments[first:last] for block, first, last in self.slices)
        return chain.from_iterable(cut)

    @overload
    def __getitem__(self, at: int) -> Segment: ...

    @overload
    def __getitem__(self, at: slice) -> list[Segment]: ...

    def __getitem__(self, at: int | slice) -> Segment | list[Segment]:
        """Return one of them, or a list of some."""
        return self._listed[at]
