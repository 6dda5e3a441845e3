"""One endless MPEG-TS, or one of a span: a timeline's segments sent one after the other.

Every segment begins with its own PAT and PMT and a keyframe, so that a player joins anywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from core.errors import CuntaiError, NotFoundError
from epg.timeline.model import Segment, Timeline
from epg.timeline.window import Window, edge_of, select
from vod_server.web.exports.continuity import PACKET, Continuity

#: Each such stream holds a thread of the web server for as long as it is watched.
MAX_STREAMS = 6

#: A stream begins with so many segments: players want some seconds before they show a picture.
BEGIN_SEGMENTS = 3
LOOK_EVERY_S = 0.25
#: Without a new segment for so long a stream ends; players then ask again.
SILENCE_S = 30.0
#: Who reads so slowly (or was paused so long) goes on at the live end.
MOST_BEHIND_MS = 120_000
#: The right to watch is asked again so often.
ASK_EVERY_S = 5.0

PIECE_BYTES = 350 * PACKET


class Slots:
    """How many streams a process sends at once.

    Args:
        count: at most so many.
    """

    def __init__(self, count: int = MAX_STREAMS) -> None:
        self._free = threading.BoundedSemaphore(count)

    def take(self) -> Callable[[], None] | None:
        """Return what gives the slot back, however often it is called; None where all are taken."""
        if not self._free.acquire(blocking=False):
            return None
        return _Once(self._free.release)


class _Once:
    """Calls something the first time it is called."""

    def __init__(self, what: Callable[[], None]) -> None:
        self._what: Callable[[], None] | None = what
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            what, self._what = self._what, None
        if what is not None:
            what()


class LiveStream:
    """Follows a timeline's live end.

    Args:
        timeline: gives the timeline as it is now.
        open_segment: opens a segment's bytes; NotFoundError where they are gone.
        now_ms: tells the time, epoch milliseconds.
        wait: sleeps for seconds; whoever waits lets other threads work.
        may_go_on: raises where the asker may not watch any longer; asked every few seconds.
    """

    def __init__(
        self,
        timeline: Callable[[], Timeline],
        open_segment: Callable[[Segment], BinaryIO],
        now_ms: Callable[[], int],
        wait: Callable[[float], None],
        may_go_on: Callable[[], None],
    ) -> None:
        self._timeline = timeline
        self._open = open_segment
        self._now_ms = now_ms
        self._wait = wait
        self._may_go_on = may_go_on
        self._continuity = Continuity()

    def begin(self) -> Sequence[Segment]:
        """Return the segments to begin with.

        Raises:
            NotFoundError: the channel has no signal yet.
        """
        listing = select(self._timeline(), Window(), self._now_ms())
        return listing.segments[-BEGIN_SEGMENTS:]

    def pieces(self, first: Sequence[Segment]) -> Iterator[bytes]:
        """Yield the bytes of segments from the first ones on, until there is nothing more."""
        found, last = first, first[-1]
        silent_s = asked_s = 0.0
        while silent_s < SILENCE_S:
            for segment in found:
                yield from self._bytes_of(segment)
                last, silent_s = segment, 0.0
            self._wait(LOOK_EVERY_S)
            silent_s += LOOK_EVERY_S
            asked_s += LOOK_EVERY_S + sum(segment.duration_ms for segment in found) / 1000
            if asked_s >= ASK_EVERY_S:
                asked_s = 0.0
                if not self._is_allowed():
                    return
            found = self._after(last)

    def _is_allowed(self) -> bool:
        try:
            self._may_go_on()
        except CuntaiError:
            return False
        return True

    def _after(self, last: Segment) -> Sequence[Segment]:
        """Return what has been finished since; the live end where that is too much."""
        now_ms = self._now_ms()
        timeline = self._timeline()
        edge_ms = edge_of(timeline, now_ms)
        if edge_ms is None or edge_ms <= last.end_ms:
            return ()
        if edge_ms - last.end_ms > MOST_BEHIND_MS:
            found = self.begin()
        else:
            # A segment may start a little before the last one's end (the slew of the clock).
            found = timeline.between(last.start_ms, edge_ms)
        return [s for s in found if s.sequence > last.sequence and s.end_ms <= edge_ms]

    def _bytes_of(self, segment: Segment) -> Iterator[bytes]:
        try:
            stream = self._open(segment)
        except NotFoundError:
            return
        yield from _read(stream, segment, self._continuity)


def span_pieces(
    segments: Sequence[Segment], open_segment: Callable[[Segment], BinaryIO]
) -> Iterator[bytes]:
    """Yield the bytes of a span's segments.

    Raises:
        NotFoundError: one has gone meanwhile; the reply breaks off, and the player sees that.
    """
    continuity = Continuity()
    for segment in segments:
        yield from _read(open_segment(segment), segment, continuity)


def _read(stream: BinaryIO, segment: Segment, continuity: Continuity) -> Iterator[bytes]:
    continuity.begin_segment(opens=segment.opens)
    with stream:
        while piece := stream.read(PIECE_BYTES):
            if packets := continuity.pass_on(piece):
                yield packets
    if rest := continuity.end_segment():
        yield rest
