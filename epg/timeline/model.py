"""One segment of a channel's timeline, and where a timeline's segments come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

#: Segments further apart than this do not continue each other: a gap, so EXT-X-DISCONTINUITY.
GAP_MS = 50


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished segment on the timeline.

    Args:
        start_ms: instant of its first picture, epoch milliseconds (EXT-X-PROGRAM-DATE-TIME).
        duration_ms: from its first picture to the next segment's (EXTINF).
        size_bytes: of the file.
        key: the file's place below `/media/<sig>/<expires>/`, scope first.
        sequence: Media Sequence Number (RFC 8216 §3); the same for ever.
        discontinuity: Discontinuity Sequence Number (RFC 8216 §6.2.1), this segment's own
            `opens` included.
        opens: whether EXT-X-DISCONTINUITY stands before it.
    """

    start_ms: int
    duration_ms: int
    size_bytes: int
    key: str
    sequence: int
    discontinuity: int
    opens: bool

    @property
    def end_ms(self) -> int:
        """Return the instant after its last picture, epoch milliseconds."""
        return self.start_ms + self.duration_ms


class Timeline(Protocol):
    """Where segments come from: a recording on disk, or the play-out of a loop channel."""

    @property
    def target_duration_s(self) -> int:
        """Return EXT-X-TARGETDURATION in seconds, constant for as long as the source is."""
        ...

    def between(self, from_ms: int, to_ms: int) -> Sequence[Segment]:
        """Return the finished segments that overlap `[from_ms, to_ms)`, in order."""
        ...


@runtime_checkable
class Recorded(Protocol):
    """A timeline that says itself how far it has come.

    A recording may lie behind our clock (its source is silent) or ahead of it (the clock was set
    back). Of a timeline that does not say, everything that has ended by our clock is finished.
    """

    def edge_ms(self) -> int | None:
        """Return the end of the newest finished segment, None when there is none."""
        ...
