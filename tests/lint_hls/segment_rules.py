"""Rules about the segments of a media playlist: durations, IDR pictures, counters, timestamps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.lint_hls.findings import Finding, Level, finding
from tests.lint_hls.loading import Media, Segment
from tests.lint_hls.timing import Timing, seconds
from tests.lint_hls.transport_stream import PPS, SPS, TransportStream, Unit, adts_frames

IDR_EVERY_S = 2.0
TARGETS_S = (4, 8)  # "about 6 s"
SLACK_S = 0.002  # what rounding to 1/90000 s and six digits may add up to
#: A step between two frames that is no gap yet: slow material may hold a picture for long.
LEAST_GAP_S = 0.25


def segment_rules(media: Media) -> Iterator[Finding]:
    """Look at the segments of a rendition, in order."""
    yield from _durations_declared(media)
    yield from _durations_real(media)
    for segment in media.segments:
        if segment.stream is None:
            yield finding("A7.2", segment.url, "is no transport stream")
            continue
        yield from _starts_with_idr(segment)
        yield from _inside(segment)
        yield from _sound(segment)
    yield from _idr_distance(media)
    for before, after in pairwise(media.segments):
        if before.stream and after.stream and not after.discontinuity:
            yield from _across(before, after)


def _durations_declared(media: Media) -> Iterator[Finding]:
    values = media.playlist.values("EXT-X-TARGETDURATION")
    if len(values) != 1 or not values[0].isdigit():
        yield finding("R4.3.3.1-present", media.url, f"TARGETDURATION {values}")
    elif not TARGETS_S[0] <= media.target_s <= TARGETS_S[1] and len(media.segments) > 1:
        yield finding("A7.5", media.url, f"target duration {values[0]} s")
    for segment in media.segments:
        if segment.extinf_s is None:
            yield finding("R4.3.2.1", segment.url, "no EXTINF")
        elif values and math.floor(segment.extinf_s + 0.5) > media.target_s:
            message = f"EXTINF {segment.extinf_s} is over the target {values[0]}"
            yield finding("R4.3.3.1-extinf", segment.url, message)


def _durations_real(media: Media) -> Iterator[Finding]:
    total_s = 0.0
    for segment, real_s in zip(media.segments, real_durations(media), strict=True):
        if segment.timing is None or real_s is None or segment.extinf_s is None:
            continue
        total_s += segment.extinf_s - real_s
        if abs(segment.extinf_s - real_s) > segment.timing.frame_s + SLACK_S:
            message = f"EXTINF {segment.extinf_s:.3f}, but it lasts {real_s:.3f} s"
            yield finding("A8.1", segment.url, message)
        elif abs(total_s) > segment.timing.frame_s + SLACK_S:
            yield finding("A8.1", segment.url, f"EXTINFs have drifted by {total_s:.3f} s")
            total_s = 0.0


def real_durations(media: Media) -> list[float | None]:
    """Return how long each segment really lasts: to the next one's first frame, or to its end."""
    durations: list[float | None] = []
    for segment, after in zip(media.segments, [*media.segments[1:], None], strict=True):
        if segment.timing is None:
            durations.append(None)
        elif after is not None and after.timing is not None and not after.discontinuity:
            durations.append(after.timing.first_s - segment.timing.first_s)
        else:
            durations.append(segment.timing.end_s - segment.timing.first_s)
    return durations


def _starts_with_idr(segment: Segment) -> Iterator[Finding]:
    pictures = segment.stream.video if segment.stream else []
    if not pictures:
        return
    types = pictures[0].nal_types
    if not pictures[0].is_idr:
        yield finding("A7.4", segment.url, f"begins with NAL units {types}")
    elif SPS not in types or PPS not in types:
        yield finding("A7.4", segment.url, f"the first picture has no parameter sets: {types}")


def _idr_distance(media: Media) -> Iterator[Finding]:
    level: Level = "should" if media.copied else "must"
    if not media.has_pictures:
        return
    for run in _runs(media):
        times = [time for timing in run for time in timing.idr_s] + [run[-1].end_s]
        steps = [(after - before, before) for before, after in pairwise(times)]
        worst_s, at_s = max(steps, default=(0.0, 0.0))
        if worst_s > IDR_EVERY_S + run[0].frame_s + SLACK_S:
            message = f"{worst_s:.2f} s without an IDR picture after {at_s:.2f}"
            yield finding("A1.13", media.url, message, level=level)


def _runs(media: Media) -> list[list[Timing]]:
    """Return the times of the segments, parted where EXT-X-DISCONTINUITY starts a new clock."""
    runs: list[list[Timing]] = []
    for segment in media.segments:
        if segment.timing is not None:
            if segment.discontinuity or not runs:
                runs.append([])
            runs[-1].append(segment.timing)
    return runs


def _inside(segment: Segment) -> Iterator[Finding]:
    assert segment.stream is not None
    for error in segment.stream.counter_errors:
        yield finding("A7.2", segment.url, error)
    near_s = segment.timing.first_s if segment.timing else 0.0
    for units in (segment.stream.video, segment.stream.audio):
        times = _decode_times(units, near_s)
        limit_s = _gap_limit_s(times)
        for before, after in pairwise(times):
            if not 0 < after - before <= limit_s:
                yield finding("A7.3", segment.url, f"DTS goes from {before:.3f} to {after:.3f} s")
        early = [unit for unit in units if _is_early(unit, near_s)]
        if early:
            yield finding("A7.3", segment.url, f"{len(early)} frames are shown before decoding")


def _is_early(unit: Unit, near_s: float) -> bool:
    return seconds(unit.pts, near_s) < seconds(unit.dts, near_s)


def _across(before: Segment, after: Segment) -> Iterator[Finding]:
    assert before.stream is not None
    assert after.stream is not None
    for pid, first in after.stream.first_counter.items():
        last = before.stream.last_counter.get(pid)
        if last is not None and first != (last + 1) & 0x0F:
            yield finding("A8.13", after.url, f"PID {pid}: counter {first} after {last}")
    near_s = before.timing.end_s if before.timing else 0.0
    for name in ("video", "audio"):
        old, new = _times(before.stream, name, near_s), _times(after.stream, name, near_s)
        if old and new and not 0 < new[0] - old[-1] <= _gap_limit_s(old):
            message = f"{name} DTS goes from {old[-1]:.3f} to {new[0]:.3f} s"
            yield finding("A8.13", after.url, message)


def _times(stream: TransportStream, name: str, near_s: float) -> list[float]:
    return _decode_times(stream.video if name == "video" else stream.audio, near_s)


def _decode_times(units: Sequence[Unit], near_s: float) -> list[float]:
    return [seconds(unit.dts, near_s) for unit in units if unit.dts is not None]


def _gap_limit_s(times: Sequence[float]) -> float:
    steps = sorted(after - before for before, after in pairwise(times))
    return max(LEAST_GAP_S, 2.5 * steps[len(steps) // 2] if steps else LEAST_GAP_S)


def _sound(segment: Segment) -> Iterator[Finding]:
    assert segment.stream is not None
    if not segment.stream.audio:
        others = set(segment.stream.types.values()) - {0x1B}
        if others:
            yield finding("A2.3", segment.url, f"stream types {sorted(others)} are not AAC")
        return
    for unit in segment.stream.audio:
        frames = adts_frames(bytes(unit.payload))
        if not frames or any(frame.channels != 2 for frame in frames):
            yield finding("A2.3", segment.url, f"ADTS frames {frames[:1]}")
            return
