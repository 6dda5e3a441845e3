"""Rules about a multivariant playlist: what it declares against what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.lint_hls.findings import Finding, finding
from tests.lint_hls.loading import Media, Presentation
from tests.lint_hls.playlist_text import attributes
from tests.lint_hls.probing import probe_streams, rfc6381
from tests.lint_hls.segment_rules import SLACK_S

TOLERANCE = 0.10


def variant_rules(presentation: Presentation) -> Iterator[Finding]:
    """Look at the variants of a multivariant playlist and compare them with each other."""
    assert presentation.playlist is not None
    if not presentation.playlist.has("EXT-X-INDEPENDENT-SEGMENTS"):
        for media in presentation.of("variant"):
            if not media.playlist.has("EXT-X-INDEPENDENT-SEGMENTS"):
                yield finding("A9.11", media.url, "neither here nor in the multivariant playlist")
    for media in presentation.of("variant"):
        yield from _attributes(media)
        yield from _rates(media)
        yield from _probed(media)
    for value in presentation.playlist.values("EXT-X-MEDIA"):
        declared = attributes(value)
        if declared.get("TYPE") in {"AUDIO", "SUBTITLES"} and "LANGUAGE" not in declared:
            yield finding("A8.10", presentation.url, f"{declared.get('NAME')} has no LANGUAGE")
    yield from _alignment(presentation.of("variant"))


def _attributes(media: Media) -> Iterator[Finding]:
    needed = {"BANDWIDTH": "R4.3.4.2", "AVERAGE-BANDWIDTH": "A9.14", "CODECS": "A9.1"}
    if media.has_pictures:
        needed |= {"RESOLUTION": "A9.2", "FRAME-RATE": "A9.15"}
    for name, rule in needed.items():
        if name not in media.declared:
            yield finding(rule, media.url, f"no {name}")


def _rates(media: Media) -> Iterator[Finding]:
    sizes = [(segment.extinf_s or 0.0, len(segment.body)) for segment in media.segments]
    yield from rate_rules(media, sizes)


def rate_rules(media: Media, sizes: list[tuple[float, int]]) -> Iterator[Finding]:
    """Compare declared with measured bit rates (RFC 8216 §4.1).

    Args:
        sizes: duration in s and size in bytes of every segment.
    """
    total_s = sum(duration for duration, _ in sizes)
    if not total_s:
        return
    average = sum(size for _, size in sizes) * 8 / total_s
    peak = _peak(sizes, media.target_s) or average
    pairs = (("A1.26", "BANDWIDTH", peak), ("A1.27", "AVERAGE-BANDWIDTH", average))
    for rule, name, measured in pairs:
        declared = float(media.declared.get(name, "0"))
        if declared and abs(declared - measured) > TOLERANCE * measured:
            yield finding(rule, media.url, f"{name} {declared:.0f}, measured {measured:.0f}")
    if peak > 2 * average and media.kind == "variant":
        yield finding("A1.30", media.url, f"peak {peak:.0f} over twice the average {average:.0f}")


def _peak(sizes: list[tuple[float, int]], target_s: float) -> float:
    """The largest rate of any run of segments of half to one and a half of the target."""
    rates = []
    for first in range(len(sizes)):
        for last in range(first, len(sizes)):
            run = sizes[first : last + 1]
            run_s = sum(duration for duration, _ in run)
            if run_s > 1.5 * target_s:
                break
            if run_s >= 0.5 * target_s:
                rates.append(sum(size for _, size in run) * 8 / run_s)
    return max(rates, default=0.0)


def _probed(media: Media) -> Iterator[Finding]:
    if not media.segments:
        return
    streams = probe_streams(media.segments[0].body)
    codecs = [rfc6381(stream) for stream in streams]
    declared = [codec.strip() for codec in media.declared.get("CODECS", "").split(",")]
    if "CODECS" in media.declared and not _same_codecs(declared, codecs):
        yield finding("A9.1-probe", media.url, f"CODECS {declared}, ffprobe says {codecs}")
    for stream in streams:
        if stream.get("codec_type") == "video":
            yield from _probed_picture(media, stream)


def _same_codecs(declared: list[str], probed: list[str]) -> bool:
    return len(declared) == len(probed) and all(
        any(re.fullmatch(pattern, codec.lower()) for codec in declared) for pattern in probed
    )


def _probed_picture(media: Media, stream: dict[str, object]) -> Iterator[Finding]:
    size = f"{stream['width']}x{stream['height']}"
    if media.declared.get("RESOLUTION", size) != size:
        message = f"RESOLUTION {media.declared['RESOLUTION']}, ffprobe says {size}"
        yield finding("A9.2-probe", media.url, message)
    above, _, below = str(stream["avg_frame_rate"]).partition("/")
    if "FRAME-RATE" in media.declared and below not in {"", "0"}:
        rate = float(above) / float(below)
        if abs(float(media.declared["FRAME-RATE"]) - rate) > 0.02 * rate:
            message = f"FRAME-RATE {media.declared['FRAME-RATE']}, ffprobe says {rate:.3f}"
            yield finding("A9.15-probe", media.url, message)


def _alignment(variants: list[Media]) -> Iterator[Finding]:
    """Compare where the variants are cut and what time the same pictures have."""
    filled = [media for media in variants if media.segments]
    for media in filled[1:]:
        leading = filled[0]
        if len(media.segments) != len(leading.segments):
            message = f"{len(media.segments)} segments, {leading.url} has {len(leading.segments)}"
            yield finding("A8.22", media.url, message)
            continue
        yield from _same_cuts(leading, media)


def _same_cuts(leading: Media, media: Media) -> Iterator[Finding]:
    for ours, theirs in zip(media.segments, leading.segments, strict=True):
        if ours.timing is None or theirs.timing is None:
            continue
        frame_s = max(ours.timing.frame_s, theirs.timing.frame_s) + SLACK_S
        if abs((ours.extinf_s or 0) - (theirs.extinf_s or 0)) > frame_s:
            yield finding("A8.22", ours.url, f"lasts {ours.extinf_s}, not {theirs.extinf_s} s")
            return
        if abs(ours.timing.first_s - theirs.timing.first_s) > frame_s:
            message = f"begins at {ours.timing.first_s:.3f}, not {theirs.timing.first_s:.3f} s"
            yield finding("R6.2.4", ours.url, message)
            return
