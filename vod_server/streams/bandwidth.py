"""Bit rates of a list of segments, as RFC 8216 §4.1 defines them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence


def average_bps(segments: Sequence[tuple[float, int]]) -> int:
    """Return the average bit rate of segments given as (duration in s, size in bytes)."""
    duration_s = sum(duration for duration, _ in segments)
    return math.ceil(sum(size for _, size in segments) * 8 / duration_s) if duration_s else 0


def peak_bps(segments: Sequence[tuple[float, int]], target_s: float) -> int:
    """Return the peak segment bit rate (RFC 8216 §4.1).

    It is the largest bit rate of any run of segments that lasts between half and one and a half
    of the target duration, so that a very short last segment does not count by itself.

    Args:
        segments: (duration in s, size in bytes), in order.
        target_s: the target duration.
    """
    peak = 0.0
    for first in range(len(segments)):
        duration_s, size = 0.0, 0
        for segment_s, segment_bytes in segments[first:]:
            duration_s += segment_s
            size += segment_bytes
            if duration_s > 1.5 * target_s:
                break
            if duration_s >= 0.5 * target_s:
                peak = max(peak, size * 8 / duration_s)
    return math.ceil(peak) or average_bps(segments)
