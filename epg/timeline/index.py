"""The index of an hour: its text, and how its segments are numbered. Pure.

The text is written down in docs/architecture.md, "Recordings on disk". The head has a third number
beside the two of there, which may be missing: 1 where the hour's first segment opens, so that an
hour can be read without the one before, also when that one is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from epg.timeline.model import GAP_MS, Segment
from epg.timeline.names import parse_segment_name, segment_key

#: 2024-01-01T00:00:00Z, where first numbers are counted from, epoch milliseconds.
EPOCH_2024_MS = 1_704_067_200_000

_HEAD = re.compile(rb"cuntai-index 1 ([0-9]{1,15}) ([0-9]{1,15})(?: ([01]))?")
_LINE = re.compile(rb"([0-9]{13}) ([0-9]{1,7}) ([0-9]{1,15})")


class Stored(NamedTuple):
    """A segment as its file tells of it: epoch milliseconds, milliseconds, bytes."""

    start_ms: int
    duration_ms: int
    size_bytes: int

    @property
    def end_ms(self) -> int:
        """Return the instant after its last picture, epoch milliseconds."""
        return self.start_ms + self.duration_ms


class Head(NamedTuple):
    """The first line of an index.

    Args:
        sequence: Media Sequence Number of the hour's first segment.
        discontinuity: Discontinuity Sequence Number before it.
        opens: whether it opens; None where the line does not tell.
    """

    sequence: int
    discontinuity: int
    opens: bool | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How far the numbering of a channel has come.

    Args:
        sequence: number of the segment that comes next.
        discontinuity: Discontinuity Sequence Number reached.
        end_ms: end of the segment before, None when nothing is known of it.
    """

    sequence: int
    discontinuity: int
    end_ms: int | None = None

    def opens(self, start_ms: int) -> bool:
        """Say whether a segment that starts then does not continue the one before."""
        return self.end_ms is not None and abs(start_ms - self.end_ms) > GAP_MS

    def take(self, channel_id: int, stored: Stored, opens: bool | None = None) -> Segment:
        """Return the next segment with its numbers; `opens` where it is known otherwise."""
        opens = self.opens(stored.start_ms) if opens is None else opens
        return Segment(
            stored.start_ms,
            stored.duration_ms,
            stored.size_bytes,
            segment_key(channel_id, stored.start_ms, stored.duration_ms),
            self.sequence,
            self.discontinuity + opens,
            opens,
        )


def count_after(segment: Segment) -> Count:
    """Return the count that goes on after a segment."""
    return Count(segment.sequence + 1, segment.discontinuity, segment.end_ms)


def first_count(start_ms: int) -> Count:
    """Return the count of a segment before which nothing is known.

    Segments: seconds since 2024. Discontinuities: hours, because hls.js keeps an array as long as
    their number and walks through it at every reload.
    """
    seconds = max(0, (start_ms - EPOCH_2024_MS) // 1000)
    return Count(seconds, seconds // 3600)


def head_of(segment: Segment) -> Head:
    """Return the head of the hour that begins with this segment."""
    return Head(segment.sequence, segment.discontinuity - segment.opens, segment.opens)


def format_head(head: Head) -> bytes:
    """Return the first line of an index, its end of line included."""
    opens = "" if head.opens is None else f" {head.opens:d}"
    return f"cuntai-index 1 {head.sequence} {head.discontinuity}{opens}\n".encode()


def format_line(stored: Stored | Segment) -> bytes:
    """Return a segment's line, its end of line included."""
    return f"{stored.start_ms} {stored.duration_ms} {stored.size_bytes}\n".encode()


def parse_head(line: bytes) -> Head | None:
    """Read the first line of an index without its end; None when it is damaged."""
    match = _HEAD.fullmatch(line)
    if match is None:
        return None
    opens = None if match[3] is None else match[3] == b"1"
    return Head(int(match[1]), int(match[2]), opens)


def parse_lines(text: bytes) -> tuple[list[Stored], int] | None:
    """Read lines of segments.

    Returns:
        The segments, and how many bytes of `text` they took: a half line at the end is left. None
        when a whole line is damaged or goes back in time, so that the names must be asked.
    """
    end = text.rfind(b"\n") + 1
    found: list[Stored] = []
    for line in text[:end].split(b"\n")[:-1]:
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        stored = Stored(int(match[1]), int(match[2]), int(match[3]))
        if found and stored.start_ms <= found[-1].start_ms:
            return None
        found.append(stored)
    return found, end


def number(
    channel_id: int, entries: Iterable[Stored], count: Count, opens: bool | None = None
) -> list[Segment]:
    """Return numbered segments of entries in order.

    Args:
        channel_id: whose they are.
        entries: in order of time.
        count: how far the numbering had come before the first.
        opens: whether the first one opens; None to see that by the gap.
    """
    segments: list[Segment] = []
    for stored in entries:
        segment = count.take(channel_id, stored, opens)
        segments.append(segment)
        count, opens = count_after(segment), None
    return segments


def rebuild(
    channel_id: int,
    entries: Sequence[Stored],
    *,
    before: Count | None = None,
    own: Head | None = None,
    after: Head | None = None,
) -> list[Segment]:
    """Return the segments of an hour whose index is lost or damaged, numbered anew.

    Args:
        channel_id: whose it is.
        entries: what the names tell, in order.
        before: the count after the hour before, when there is one.
        own: its own head, when that line was still readable.
        after: the head of the next hour, when there is one: numbers must not fall there.
    """
    if not entries:
        return []
    if own is not None:
        count = Count(own.sequence, own.discontinuity, before.end_ms if before else None)
        return number(channel_id, entries, count, own.opens)
    if before is None and after is not None:
        loose = number(channel_id, entries, Count(0, 0))
        opened = loose[-1].discontinuity
        before = Count(max(0, after.sequence - len(entries)), max(0, after.discontinuity - opened))
    return number(channel_id, entries, before or first_count(entries[0].start_ms))


def entries_of_names(files: Iterable[tuple[str, int]]) -> list[Stored]:
    """Return what names and sizes of an hour's files tell, in order.

    Empty files are what a power cut leaves of segments that had not reached the disk. Of two that
    start together the longer is taken.
    """
    named = ((parse_segment_name(name), size) for name, size in files if size > 0)
    found = sorted(Stored(*times, size) for times, size in named if times is not None)
    latest = {stored.start_ms: stored for stored in found}
    return list(latest.values())
