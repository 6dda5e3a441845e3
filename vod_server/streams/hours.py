"""Playlists of spans, put together from the texts of hours: a cut of each, and what joins them.

A catch-up of two hours has thousands of lines, and everybody begins at another second. What an hour
says of its segments is the same for all, so it is written once for each prefix of its addresses.
The result is byte for byte what `vod_server.streams.windows.window_playlist` writes.
"""

from __future__ import annotations

import hashlib
import threading
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from epg.timeline.model import Segment
from epg.timeline.stretch import Block, Stretch
from epg.timeline.window import Listing
from vod_server.streams.windows import END, SegmentAddresses, entry, head

#: Texts of hours kept by a process. Of an hour of two-second segments it is some 200 KB, and its
#: segments, which a text holds on to, are more: as many hours as `recordings.memory` keeps anyway.
MAX_BYTES = 16 * 1024 * 1024


class Written(NamedTuple):
    """A playlist's text, and a tag that changes when it does."""

    body: bytes
    etag: str


class HourText:
    """What follows the first segment of an hour, each with what stands before it.

    Args:
        segments: the hour's.
        addresses: gives the address of a segment.
        before: the text of the same hour when it had fewer segments.
    """

    def __init__(
        self,
        segments: tuple[Segment, ...],
        addresses: SegmentAddresses,
        before: HourText | None = None,
    ) -> None:
        # Of segment `n`: where its text ends, and a checksum of all text up to there. The first
        # has none: what stands before it depends on the hour before.
        self._ends: array[int] = before._ends[:] if before else array("I", [0])
        self._checks: array[int] = before._checks[:] if before else array("I", [0])
        self.segments = segments
        end, check = self._ends[-1], self._checks[-1]
        added = [before.body] if before else []
        known = len(self._ends)
        end_ms = segments[known - 1].end_ms
        for segment in segments[known:]:
            text = entry(
                segment, addresses, opens=segment.opens, dated=segment.start_ms != end_ms
            ).encode()
            end_ms = segment.end_ms
            end, check = end + len(text), zlib.crc32(text, check)
            self._ends.append(end)
            self._checks.append(check)
            added.append(text)
        self.body: bytes = b"".join(added)

    def after(self, first: int, last: int) -> memoryview:
        """Return the text of the segments after `first` and before `last`."""
        return memoryview(self.body)[self._ends[first] : self._ends[last - 1]]

    def word(self, first: int, last: int) -> bytes:
        """Return a few bytes that tell this cut from every other of an hour's texts."""
        return b"%d-%d-%d-%d" % (first, last, self._checks[first], self._checks[last - 1])


class HourTexts:
    """Keeps the texts of hours, the longest unused going when there are too many.

    Args:
        max_bytes: of texts that are kept.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, int], HourText] = OrderedDict()
        self._lock = threading.Lock()

    def write(self, listing: Listing, stretch: Stretch, addresses: SegmentAddresses) -> Written:
        """Return the media playlist of a span.

        Args:
            listing: what is listed, EVENT or VOD.
            stretch: its segments, at least one.
            addresses: gives the address of a segment.
        """
        pieces: list[bytes | memoryview] = [head(listing).encode()]
        tag = hashlib.sha256(pieces[0])
        end_ms = -1
        for block, first, last in stretch.slices:
            segment = block.segments[first]
            opens = segment.opens if end_ms >= 0 else listing.first_opens
            joint = entry(segment, addresses, opens=opens, dated=segment.start_ms != end_ms)
            text = self._of(block, addresses)
            pieces += (joint.encode(), text.after(first, last))
            tag.update(pieces[-2])
            tag.update(text.word(first, last))
            end_ms = block.segments[last - 1].end_ms
        if listing.is_ended:
            pieces.append(END.encode())
            tag.update(END.encode())
        return Written(b"".join(pieces), tag.hexdigest()[:24])

    def _of(self, block: Block, addresses: SegmentAddresses) -> HourText:
        """Return the text of an hour, written or gone on with where it is new."""
        first = block.segments[0]
        key = (addresses.prefix(first), first.start_ms)
        known = self._kept.get(key)
        if known is None or known.segments is not block.segments:
            goes_on = known is not None and _goes_on(known.segments, block.segments)
            text = HourText(block.segments, addresses, known if goes_on else None)
            self._keep(key, text)
            return text
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
        return known

    def _keep(self, key: tuple[str, int], text: HourText) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._bytes += len(text.body) - (len(old.body) if old else 0)
            self._kept[key] = text
            while self._bytes > self._max_bytes and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.body)


def _goes_on(known: Sequence[Segment], now: Sequence[Segment]) -> bool:
    """Say whether an hour has only been added to: what is the same object is compared at once."""
    return len(known) <= len(now) and now[: len(known)] == known
