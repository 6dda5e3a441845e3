"""Where the IDR pictures of a rendition lie and how long each stands for (RFC 8216 §4.3.3.6).

Pure.
"""

from __future__ import annotations

import dataclasses

from catalog.titles.renditions import Measured

MILLISECOND_S = 0.001


@dataclasses.dataclass(frozen=True, slots=True)
class IFrameRange:
    """One entry of an I-frames-only playlist."""

    name: str  #: the segment it lies in
    init_bytes: int  #: leading bytes of that segment: PAT and PMT
    offset_bytes: int
    size_bytes: int
    duration_s: float  #: up to the next I-frame, or for the last one to the rendition's end


def iframe_ranges(measured: Measured) -> list[IFrameRange]:
    """Return the IDR pictures of a rendition in order of presentation; none for audio only."""
    found = [(segment, iframe) for segment in measured.segments for iframe in segment.iframes]
    if not found:
        return []
    start_s = found[0][1].time_s
    ends = [iframe.time_s for _, iframe in found[1:]] + [start_s + measured.duration_s]
    return [
        IFrameRange(
            name=segment.name,
            init_bytes=segment.init_bytes,
            offset_bytes=iframe.offset_bytes,
            size_bytes=iframe.size_bytes,
            # A last picture measured at the very end still needs a length of its own.
            duration_s=max(end_s - iframe.time_s, MILLISECOND_S),
        )
        for (segment, iframe), end_s in zip(found, ends, strict=True)
    ]
