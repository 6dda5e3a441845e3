"""What a loop channel plays: items that follow each other for ever, as arithmetic. Pure.

Nothing runs while a loop channel is on air. A schedule says from which instant on its items follow
each other, so which segment stands at which instant, and which numbers it has, can be computed.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple, Self

from catalog.titles.renditions import Measured
from epg.timeline.index import EPOCH_2024_MS
from epg.timeline.model import Segment

#: How the transcoder names segments; an item whose files are named otherwise lists its names.
SEGMENT_NAME = "s{:05d}.ts"


def first_number(start_ms: int) -> int:
    """Return the first Media Sequence Number of a channel of which nothing older is known.

    Seconds since 2024-01-01, as recordings count: segments last longer than a second, so a channel
    that begins anew never goes back in its numbers.
    """
    return max(0, (start_ms - EPOCH_2024_MS) // 1000)


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """One title in the loop, in the rendition that is played.

    Args:
        title_id: the title.
        title: its name when the row was made; readers prefer the present one.
        prefix: blob key of the rendition's folder, `vod/<id>/<gen>/<rendition>/`.
        names: of its segments, in order.
        durations_ms: of each; whole milliseconds that add up to the rounded whole.
        sizes: bytes of each.
    """

    title_id: int
    title: str
    prefix: str
    names: tuple[str, ...]
    durations_ms: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def duration_ms(self) -> int:
        """Return how long the item lasts."""
        return sum(self.durations_ms)

    @property
    def identity(self) -> tuple[int, str]:
        """Return what makes two items the same on air: title, generation, rendition."""
        return self.title_id, self.prefix

    def to_json(self) -> dict[str, Any]:
        """Return a compact dictionary that `from_json` reads back."""
        value = {
            "id": self.title_id,
            "title": self.title,
            "prefix": self.prefix,
            "ms": list(self.durations_ms),
            "bytes": list(self.sizes),
        }
        if self.names != _usual_names(len(self.names)):
            value["names"] = list(self.names)
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            KeyError: the dictionary is not one of `to_json`'s.
        """
        return cls(
            title_id=value["id"],
            title=value["title"],
            prefix=value["prefix"],
            names=tuple(value.get("names") or _usual_names(len(value["ms"]))),
            durations_ms=tuple(value["ms"]),
            sizes=tuple(value["bytes"]),
        )


def item_of(title_id: int, title: str, gen: str, measured: Measured) -> Item:
    """Return a title's rendition as an item of a loop.

    A segment's duration is the difference of the rounded instants at its two ends, so that what is
    lost by rounding never adds up (half a millisecond at most, however long the title).
    """
    ends = [round(end * 1000) for end in accumulate(s.duration_s for s in measured.segments)]
    return Item(
        title_id=title_id,
        title=title,
        prefix=f"vod/{title_id}/{gen}/{measured.name}/",
        names=tuple(segment.name for segment in measured.segments),
        durations_ms=tuple(end - start for start, end in zip([0, *ends], ends, strict=False)),
        sizes=tuple(segment.size_bytes for segment in measured.segments),
    )


def _usual_names(count: int) -> tuple[str, ...]:
    return tuple(SEGMENT_NAME.format(number) for number in range(count))


class _Slot(NamedTuple):
    """A segment within one round of the loop."""

    start_ms: int  #: since the round began
    duration_ms: int
    size_bytes: int
    key: str
    item: int  #: which of the items
    first: bool  #: of its item


@dataclasses.dataclass(frozen=True)
class Schedule:
    """From `start_ms` on the items follow each other, round after round.

    Args:
        start_ms: the first segment's start, epoch milliseconds.
        first_sequence: its Media Sequence Number.
        first_discontinuity: its Discontinuity Sequence Number; 0 says that the channel played
            nothing before, so that the very first segment opens no discontinuity.
        items: what plays, each longer than 0 ms; empty: the channel is off.
    """

    start_ms: int
    first_sequence: int
    first_discontinuity: int
    items: tuple[Item, ...]

    @cached_property
    def length_ms(self) -> int:
        """Return how long a round lasts; 0 without items."""
        return sum(item.duration_ms for item in self.items)

    @cached_property
    def longest_ms(self) -> int:
        """Return the longest segment's duration; 0 without items."""
        return max((ms for item in self.items for ms in item.durations_ms), default=0)

    @cached_property
    def _slots(self) -> tuple[_Slot, ...]:
        slots, start_ms = [], 0
        for number, item in enumerate(self.items):
            columns = zip(item.names, item.durations_ms, item.sizes, strict=True)
            for place, (name, duration_ms, size) in enumerate(columns):
                key = item.prefix + name
                slots.append(_Slot(start_ms, duration_ms, size, key, number, place == 0))
                start_ms += duration_ms
        return tuple(slots)

    @cached_property
    def _starts(self) -> list[int]:
        return [slot.start_ms for slot in self._slots]

    @cached_property
    def _item_starts(self) -> list[int]:
        return [0, *accumulate(item.duration_ms for item in self.items)][:-1]

    def segments(self, from_ms: int, to_ms: int) -> Iterator[tuple[int, Segment]]:
        """Yield (title id, segment) of every segment that overlaps `[from_ms, to_ms)`, in order."""
        if not self.items:
            return
        turn, at = self._position(from_ms)
        slots = self._slots
        while True:
            base_ms = self.start_ms + turn * self.length_ms
            sequence = self.first_sequence + turn * len(slots)
            discontinuity = self.first_discontinuity + turn * len(self.items)
            for place in range(at, len(slots)):
                slot = slots[place]
                if base_ms + slot.start_ms >= to_ms:
                    return
                number = discontinuity + slot.item
                yield (
                    self.items[slot.item].title_id,
                    Segment(
                        start_ms=base_ms + slot.start_ms,
                        duration_ms=slot.duration_ms,
                        size_bytes=slot.size_bytes,
                        key=slot.key,
                        sequence=sequence + place,
                        discontinuity=number,
                        opens=slot.first and number > 0,
                    ),
                )
            turn, at = turn + 1, 0

    def item_end(self, not_before_ms: int) -> int:
        """Return the first instant at or after another at which an item ends and one begins.

        The schedule has items.
        """
        turn, rest = divmod(max(0, not_before_ms - self.start_ms), self.length_ms)
        edges = [*self._item_starts, self.length_ms]
        edge_ms = self.start_ms + turn * self.length_ms + edges[bisect_left(edges, rest)]
        # The schedule's own start ends nothing of it.
        return edge_ms if edge_ms > self.start_ms else self.start_ms + self.items[0].duration_ms

    def numbers_at(self, end_ms: int) -> tuple[int, int]:
        """Return the numbers of the segment that follows where another row takes over.

        Args:
            end_ms: an end of a segment of this schedule, or its start; any instant without items.

        Returns:
            Media Sequence Number and Discontinuity Sequence Number, its own opening included.
        """
        if not self.items or end_ms <= self.start_ms:
            return self.first_sequence, self.first_discontinuity
        turn, at = self._position(end_ms - 1)
        sequence = self.first_sequence + turn * len(self._slots) + at
        item = self._slots[at].item
        discontinuity = self.first_discontinuity + turn * len(self.items) + item
        return sequence + 1, discontinuity + 1

    def _position(self, at_ms: int) -> tuple[int, int]:
        """Return the round, and the place in it of the segment on air at an instant."""
        turn, rest = divmod(max(0, at_ms - self.start_ms), self.length_ms)
        return turn, bisect_right(self._starts, rest) - 1
