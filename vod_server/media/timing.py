"""What the times of a file's packets say: cadence, keyframes, ends. Pure.

A window is a run of packets as ffprobe prints them, in file order; several windows sample a file.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

Packet = dict[str, Any]
Window = list[Packet]

#: A step between pictures may differ so much from the usual one (rounding to milliseconds does).
STEP_TOLERANCE_S = 0.0025
#: So many steps may be off (a dropped frame here and there) before a file counts as VFR.
ODD_STEPS = 2
ODD_STEPS_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Cadence:
    """How pictures follow each other in time."""

    start_s: float
    last_s: float  #: presentation time of the last picture seen
    rate: Fraction | None  #: from the usual step; None for a single picture
    vfr: bool
    max_keyframe_gap_s: float | None
    starts_with_keyframe: bool


def read_cadence(windows: list[Window], index: int) -> Cadence:
    """Return the cadence of one stream.

    Args:
        windows: sampled packets; where presentation times are missing (AVI), decoding times serve.
        index: of the stream.
    """
    runs = [_own(window, index) for window in windows]
    runs = [run for run in runs if run]
    if not runs:
        return Cadence(0.0, 0.0, None, False, None, False)
    times = [sorted({_time(packet) for packet in run}) for run in runs]
    steps = [b - a for run in times for a, b in pairwise(run)]
    usual = statistics.median(steps) if steps else None
    odd = [step for step in steps if usual and abs(step - usual) > STEP_TOLERANCE_S]
    return Cadence(
        start_s=times[0][0],
        last_s=max(run[-1] for run in times),
        rate=Fraction(1 / usual).limit_denominator(1001) if usual else None,
        vfr=len(odd) > max(ODD_STEPS, len(steps) * ODD_STEPS_SHARE),
        max_keyframe_gap_s=max((_longest_gap(run) for run in runs), default=None),
        starts_with_keyframe="K" in runs[0][0].get("flags", ""),
    )


def stream_ends(windows: list[Window]) -> dict[int, float]:
    """Return for each stream the end of its last packet, in the file's own time."""
    ends: dict[int, float] = {}
    for window in windows:
        for packet in window:
            if _has_time(packet):
                end = _time(packet) + float(packet.get("duration_time", "0"))
                index = packet["stream_index"]
                ends[index] = max(ends.get(index, end), end)
    return ends


def first_time(windows: list[Window], index: int) -> float:
    """Return the first presentation time of a stream, 0 when nothing of it was seen."""
    own = [_time(packet) for window in windows[:1] for packet in _own(window, index)]
    return min(own, default=0.0)


def _longest_gap(run: Window) -> float:
    """Return the longest time without a keyframe, up to the window's end."""
    keys = sorted(_time(packet) for packet in run if "K" in packet.get("flags", ""))
    last = max(_time(packet) for packet in run)
    first = min(_time(packet) for packet in run)
    # The stretch before the first keyframe of a window is unknown, unless there is none at all.
    stops = [*keys, last] if keys else [first, last]
    return max((b - a for a, b in pairwise(stops)), default=0.0)


def _own(window: Window, index: int) -> Window:
    return [packet for packet in window if packet["stream_index"] == index and _has_time(packet)]


def _has_time(packet: Packet) -> bool:
    return "pts_time" in packet or "dts_time" in packet


def _time(packet: Packet) -> float:
    return float(packet["pts_time"] if "pts_time" in packet else packet["dts_time"])
