"""What was measured of a finished rendition: values passed from media to streams.

Pure; the database keeps them as JSON (`Rendition.measured`), see `to_json` and `from_json`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

Mode = Literal["copy", "encode"]


@dataclasses.dataclass(frozen=True, slots=True)
class IFrame:
    """One IDR picture inside a segment, for the I-frames-only playlist (RFC 8216 §4.3.3.6)."""

    time_s: float  #: presentation time from the start of the rendition
    offset_bytes: int  #: where its first transport packet starts in the segment
    size_bytes: int  #: up to the first packet of the next access unit


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """One finished MPEG-TS segment."""

    name: str  #: file name, e.g. `s00000.ts`
    duration_s: float  #: measured from the first presentation time to the next segment's first
    size_bytes: int
    init_bytes: int = 0  #: leading bytes (PAT, PMT …) an I-frame needs before it; 0 for audio only
    iframes: tuple[IFrame, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Measured:
    """A complete rendition as it lies in the blob store."""

    name: str  #: `720p`, `480p`, `360p` or `audio`
    mode: Mode
    width: int | None  #: None for an audio-only rendition
    height: int | None
    frame_rate: float | None
    codecs: str  #: RFC 6381, e.g. `avc1.4d401f,mp4a.40.2`
    bandwidth_bps: int  #: peak segment bit rate (RFC 8216 §4.3.4.2)
    average_bandwidth_bps: int
    segments: tuple[Segment, ...]

    @property
    def duration_s(self) -> float:
        """Return the sum of the segments' durations."""
        return sum(segment.duration_s for segment in self.segments)

    @property
    def size_bytes(self) -> int:
        """Return the sum of the segments' sizes."""
        return sum(segment.size_bytes for segment in self.segments)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary that `from_json` reads back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Measured:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: the dictionary is not one of `to_json`'s.
        """
        segments = tuple(
            Segment(**{**raw, "iframes": tuple(IFrame(**frame) for frame in raw["iframes"])})
            for raw in value["segments"]
        )
        return cls(**{**value, "segments": segments})
