"""Rules about I-frame playlists: each range is one IDR picture and lasts to the next."""

from __future__ import annotations

from collections.abc import Iterator

from tests.lint_hls.findings import Finding, finding
from tests.lint_hls.loading import Media, Presentation
from tests.lint_hls.probing import decoded_pictures
from tests.lint_hls.segment_rules import SLACK_S
from tests.lint_hls.timing import timing
from tests.lint_hls.transport_stream import NotATransportStreamError, read_transport_stream
from tests.lint_hls.variant_rules import rate_rules


def iframe_rules(presentation: Presentation) -> Iterator[Finding]:
    """Look at the I-frame playlists of a multivariant playlist."""
    pictures = [media for media in presentation.of("variant") if media.has_pictures]
    playlists = presentation.of("iframes")
    if pictures and not playlists:
        yield finding("A6.1", presentation.url, "no I-FRAME-STREAM-INF")
    for media in playlists:
        if not media.playlist.has("EXT-X-I-FRAMES-ONLY"):
            yield finding("A6.8", media.url, "no EXT-X-I-FRAMES-ONLY")
        yield from _attributes(media)
        yield from _pictures(media)
        yield from _durations(media, _end_s(media, pictures))
        yield from rate_rules(media, [(s.extinf_s or 0.0, len(s.body)) for s in media.segments])


def _attributes(media: Media) -> Iterator[Finding]:
    needed = {"BANDWIDTH": "R4.3.4.2", "CODECS": "A9.1", "RESOLUTION": "A9.2"}
    for name, rule in needed.items():
        if name not in media.declared:
            yield finding(rule, media.url, f"no {name}")
    if "mp4a" in media.declared.get("CODECS", ""):
        yield finding("A9.1-probe", media.url, "CODECS of an I-frame playlist name sound")


def _pictures(media: Media) -> Iterator[Finding]:
    for index, segment in enumerate(media.segments):
        where = f"{segment.url} (I-frame {index})"
        try:
            units = read_transport_stream(segment.init + segment.body).video
        except (NotATransportStreamError, IndexError):
            yield finding("R4.3.3.6", where, "the range is cut through transport packets")
            continue
        if len(units) != 1 or not units[0].is_idr:
            kinds = [unit.nal_types for unit in units]
            yield finding("R4.3.3.6", where, f"{len(units)} pictures with NAL units {kinds[:3]}")
            continue
        shown = decoded_pictures(segment.init + segment.body)
        expected = f"I {media.declared.get('RESOLUTION', '')}"
        if len(shown) != 1 or not shown[0].startswith(expected):
            yield finding("R4.3.3.6", where, f"ffmpeg decodes {shown}, not {expected}")


def _durations(media: Media, end_s: float | None) -> Iterator[Finding]:
    starts: list[float] = []
    for segment in media.segments:
        try:
            found = timing(read_transport_stream(segment.init + segment.body), sum(starts[-1:]))
        except (NotATransportStreamError, IndexError):
            found = None
        if found is None:
            return  # said already by the rule of pictures
        starts.append(found.first_s)
    ends = [*starts[1:], *([end_s] if end_s is not None else [])]
    for segment, start_s, next_s in zip(media.segments, starts, ends, strict=False):
        real_s = next_s - start_s
        if abs((segment.extinf_s or 0.0) - real_s) > 0.04 + SLACK_S:
            message = f"EXTINF {segment.extinf_s}, the next comes after {real_s:.3f} s"
            yield finding("R4.3.3.6-duration", segment.url, message)


def _end_s(media: Media, pictures: list[Media]) -> float | None:
    """Return when the rendition ends whose segments the I-frame playlist points into."""
    for rendition in pictures:
        last = rendition.segments[-1]
        if last.timing and media.segments and media.segments[-1].url == last.url:
            return last.timing.end_s
    return None
