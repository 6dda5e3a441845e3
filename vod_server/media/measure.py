"""What a finished rendition is, from what its segmenter saw. Pure but for its input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice

from catalog.titles.renditions import Measured, Segment
from vod_server.media.ladder import Rung
from vod_server.media.mpegts import adts_frames, video_codec
from vod_server.media.segmenter import Segmenter


def measure(rung: Rung, done: Segmenter, frame_rate: Fraction | None) -> Measured:
    """Return what was measured of a rendition.

    Raises:
        BrokenStreamError: the stream lacks picture or sound parameters.
    """
    codecs = [video_codec(done.samples[True])] if True in done.samples else []
    codecs += [adts_frames(done.samples[False])[0]] if False in done.samples else []
    return Measured(
        name=rung.name,
        mode=rung.mode,
        width=rung.width,
        height=rung.height,
        frame_rate=round(float(frame_rate), 3) if frame_rate else None,
        codecs=",".join(codecs),
        bandwidth_bps=peak_bps(done.segments),
        average_bandwidth_bps=average_bps(done.segments),
        segments=tuple(done.segments),
    )


def average_bps(segments: Sequence[Segment]) -> int:
    """Return the average segment bit rate (RFC 8216 §4.1)."""
    bits = sum(segment.size_bytes for segment in segments) * 8
    return math.ceil(bits / sum(segment.duration_s for segment in segments))


def peak_bps(segments: Sequence[Segment]) -> int:
    """Return the peak segment bit rate (RFC 8216 §4.1).

    That is the largest of any contiguous run of segments whose length is between half and one and
    a half times the target duration; a short last segment does not count alone.
    """
    target_s = max(round(segment.duration_s) for segment in segments) or 1
    peak = 0.0
    for first in range(len(segments)):
        seconds, size = 0.0, 0
        for segment in islice(segments, first, None):
            seconds += segment.duration_s
            size += segment.size_bytes
            if seconds > 1.5 * target_s:
                break
            if seconds >= 0.5 * target_s:
                peak = max(peak, size * 8 / seconds)
    return math.ceil(peak) or average_bps(segments)
