"""When a segment's pictures and sound are shown: in seconds, without the 33-bit wrap."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tests.lint_hls.transport_stream import (
    AAC_SAMPLES,
    CLOCK_HZ,
    TransportStream,
    Unit,
    adts_frames,
)

WRAP = 1 << 33
DEFAULT_FRAME_S = 0.04


@dataclass(frozen=True, slots=True)
class Timing:
    """Presentation times of the stream that leads a segment: pictures, else sound."""

    first_s: float
    end_s: float  #: where the last frame ends
    frame_s: float  #: the usual length of one frame
    idr_s: tuple[float, ...]


def timing(stream: TransportStream, near_s: float = 0.0) -> Timing | None:
    """Return a segment's times; None without any timestamp.

    Args:
        near_s: the time that is expected about here, for telling how often the clock wrapped.
    """
    units = [unit for unit in stream.video or stream.audio if unit.pts is not None]
    if not units:
        return None
    times = sorted(seconds(unit.pts, near_s) for unit in units)
    last_s = _audio_unit_s(units[-1]) if not stream.video else None
    frame_s = _frame_s(times) if stream.video else _audio_frame_s(units[0])
    return Timing(
        first_s=times[0],
        end_s=times[-1] + (last_s if last_s is not None else frame_s),
        frame_s=frame_s,
        idr_s=tuple(sorted(seconds(u.pts, near_s) for u in units if stream.video and u.is_idr)),
    )


def seconds(stamp: int | None, near_s: float) -> float:
    """Return a 33-bit timestamp in seconds, in the turn of the clock nearest to `near_s`."""
    turns = round((near_s * CLOCK_HZ - (stamp or 0)) / WRAP)
    return ((stamp or 0) + turns * WRAP) / CLOCK_HZ


def _frame_s(times: list[float]) -> float:
    steps = [after - before for before, after in pairwise(times)]
    return median(steps) if steps else DEFAULT_FRAME_S


def _audio_frame_s(unit: Unit) -> float:
    frames = adts_frames(bytes(unit.payload))
    return AAC_SAMPLES / frames[0].sample_rate if frames else DEFAULT_FRAME_S


def _audio_unit_s(unit: Unit) -> float:
    return sum(AAC_SAMPLES / frame.sample_rate for frame in adts_frames(bytes(unit.payload)))
