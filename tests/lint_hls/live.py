"""The lint of a live channel: a playlist watched over time, its segments down to the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.lint_hls.fetching import Response
from tests.lint_hls.findings import Finding, finding
from tests.lint_hls.live_listing import Capture, Listed, Snapshot
from tests.lint_hls.live_rules import (
    change_rules,
    clock_rules,
    fetch_rules,
    freshness,
    window_rules,
)
from tests.lint_hls.loading import Media, Presentation, Segment
from tests.lint_hls.segment_rules import segment_rules
from tests.lint_hls.text_rules import segment_reply_rules, text_rules
from tests.lint_hls.timing import timing
from tests.lint_hls.transport_stream import (
    PACKET_BYTES,
    NotATransportStreamError,
    TransportStream,
    read_transport_stream,
)

NULL_PID = 0x1FFF
#: Rules of a ladder made for on-demand that say nothing of a channel with short segments.
NOT_LIVE = {"A7.5"}


def lint_live(
    capture: Capture,
    *,
    copied: bool = False,
    behind_s: float | None = None,
    ahead_s: float = 0.5,
) -> list[Finding]:
    """Judge what was seen of a live, EVENT or ended playlist.

    Args:
        capture: what `watch_live` kept; its instants are the clock that PROGRAM-DATE-TIME is
            compared with.
        copied: whether the pictures were copied from a source that cuts where it likes.
        behind_s: how far the newest segment may end behind the clock; None does not ask (a
            window of the past).
        ahead_s: how far it may end ahead of it.

    Returns:
        What is not as it should be, each thing once; empty when all is well.
    """
    return list(dict.fromkeys(_findings(capture, copied, behind_s, ahead_s)))


def _findings(
    capture: Capture, copied: bool, behind_s: float | None, ahead_s: float
) -> Iterator[Finding]:
    for snapshot in _versions(capture):
        yield from _text(snapshot)
        yield from window_rules(snapshot)
    for before, after in pairwise(capture.snapshots):
        yield from change_rules(before, after)
    yield from freshness(capture)
    yield from fetch_rules(capture)
    if behind_s is not None:
        yield from clock_rules(capture, behind_s, ahead_s)
    media = _media(capture, copied)
    yield from segment_reply_rules(Presentation(capture.url, _last(capture), None, [media]))
    yield from (found for found in segment_rules(media) if found.rule not in NOT_LIVE)
    for segment in media.segments:
        yield from _tables(segment)


def _versions(capture: Capture) -> list[Snapshot]:
    """Return each version of the playlist once."""
    kept: dict[bytes, Snapshot] = {}
    for snapshot in capture.snapshots:
        kept.setdefault(snapshot.response.body, snapshot)
    return list(kept.values())


def _last(capture: Capture) -> Response:
    return capture.snapshots[-1].response


def _text(snapshot: Snapshot) -> Iterator[Finding]:
    media = Media(snapshot.url, "variant", snapshot.response, snapshot.playlist, {})
    yield from text_rules(Presentation(snapshot.url, snapshot.response, None, [media]))


def _media(capture: Capture, copied: bool) -> Media:
    """Return all segments ever listed as if they stood in one playlist."""
    last = capture.snapshots[-1]
    media = Media(capture.url, "variant", last.response, last.playlist, {}, copied)
    near_s = 0.0
    for listed in capture.segments():
        segment = _segment(capture, listed)
        segment.timing = timing(segment.stream, near_s) if segment.stream else None
        near_s = segment.timing.end_s if segment.timing else near_s
        media.segments.append(segment)
    return media


def _segment(capture: Capture, listed: Listed) -> Segment:
    replies = capture.fetched.get(listed.url)
    response = replies[0][1] if replies else Response(0, b"")
    extinf = None if listed.extinf_s != listed.extinf_s else listed.extinf_s  # NaN
    segment = Segment(listed.url, extinf, listed.discontinuity, response, response.body)
    segment.stream = _stream(response.body)
    return segment


def _stream(body: bytes) -> TransportStream | None:
    try:
        return read_transport_stream(body)
    except (NotATransportStreamError, IndexError):
        return None


def _tables(segment: Segment) -> Iterator[Finding]:
    """Ask for PAT and PMT before anything that needs them (RFC 8216 §3.2)."""
    if segment.stream is None:
        return
    seen = [
        (segment.body[at + 1] & 0x1F) << 8 | segment.body[at + 2]
        for at in range(0, min(len(segment.body), 16 * PACKET_BYTES), PACKET_BYTES)
    ]
    media = set(segment.stream.types)
    before = seen[: next((n for n, pid in enumerate(seen) if pid in media), len(seen))]
    # PAT on PID 0; the PMT on a PID it names: not the service description's 17, no stuffing.
    has_map = any(pid not in {0, 17, NULL_PID} for pid in before)
    if not media or 0 not in before or not has_map:
        yield finding("R3.2", segment.url, f"begins with PIDs {seen[:4]}")
