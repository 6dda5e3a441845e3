"""Programmes of a loop channel: one item each, or short ones joined to blocks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from epg.playout.model import Item, Schedule
from epg.playout.timeline import spans


class Block(NamedTuple):
    """Items that follow each other, as one programme; `number` is its first item's."""

    start_ms: int
    stop_ms: int
    items: tuple[Item, ...]
    number: int


def blocks(
    schedules: Sequence[Schedule], from_ms: int, to_ms: int, *, at_least_ms: int = 0
) -> Iterator[Block]:
    """Yield the programmes that overlap `[from_ms, to_ms)`, past and to come, in order.

    Where blocks begin depends on the schedule alone, not on what is asked for. What another row
    cuts short ends there.

    Args:
        schedules: by start; each is valid until the next one's start.
        from_ms: epoch milliseconds.
        to_ms: likewise.
        at_least_ms: how long a programme shall last at least; 0: every item is one.
    """
    for schedule, until_ms in spans(schedules):
        end_ms = to_ms if until_ms is None else min(to_ms, until_ms)
        if not schedule.items or schedule.start_ms >= end_ms:
            continue
        for block in _of_schedule(schedule, from_ms, end_ms, at_least_ms):
            cut = (
                block if until_ms is None else block._replace(stop_ms=min(block.stop_ms, until_ms))
            )
            if cut.stop_ms > from_ms:
                yield cut


def _of_schedule(schedule: Schedule, from_ms: int, to_ms: int, at_least_ms: int) -> Iterator[Block]:
    """Yield the blocks of a schedule; a short loop is repeated within each."""
    repeats = max(1, -(-at_least_ms // schedule.length_ms))
    groups = [schedule.items * repeats] if repeats > 1 else _groups(schedule.items, at_least_ms)
    count = sum(map(len, groups))
    lengths = [sum(item.duration_ms for item in group) for group in groups]
    turn = max(0, from_ms - schedule.start_ms) // sum(lengths)
    start_ms = schedule.start_ms + turn * sum(lengths)
    number = schedule.first_discontinuity + turn * count
    while True:
        for group, length_ms in zip(groups, lengths, strict=True):
            if start_ms >= to_ms:
                return
            if start_ms + length_ms > from_ms:
                yield Block(start_ms, start_ms + length_ms, group, number)
            start_ms, number = start_ms + length_ms, number + len(group)


def _groups(items: tuple[Item, ...], at_least_ms: int) -> list[tuple[Item, ...]]:
    """Divide a round into groups that last long enough; what is left over joins the last."""
    groups: list[tuple[Item, ...]] = []
    begun: tuple[Item, ...] = ()
    for item in items:
        begun = (*begun, item)
        if sum(member.duration_ms for member in begun) >= at_least_ms:
            groups.append(begun)
            begun = ()
    if begun:
        groups[-1:] = [(*groups[-1], *begun)] if groups else [begun]
    return groups
