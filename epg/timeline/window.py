"""Windows on a timeline: which segments a playlist lists, and with which numbers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import NotFoundError
from epg.timeline.model import Segment, Timeline
from epg.timeline.stretch import Stretch

#: A span of the past, and a start-over, are at most so long.
MAX_SPAN_S = 12 * 3600

#: A live playlist lists at least so many segments (Apple's authoring specification, 8.11).
LEAST_SEGMENTS = 6

#: Without a `Window.length_s` or a setting.
LIVE_WINDOW_S = 60

#: A source that is silent when a span ends holds its ENDLIST up for no longer.
GRACE_MS = 30_000

#: So long after its end a span is still an EVENT, for those who have watched it grow: the type of
#: a playlist must not change while it is loaded again (RFC 8216 §6.2.1). They have seen ENDLIST.
AFTERGLOW_MS = 120_000

#: How far a live window looks back for its least segments when the channel was silent.
_LOOKS_BACK_MS = (180_000, 3_600_000, 24 * 3_600_000, 366 * 24 * 3_600_000)

Kind = Literal["live", "event", "vod"]


@dataclass(frozen=True, slots=True)
class Window:
    """What an address asks for: the live end of a channel, or a span of it.

    Args:
        length_s: of a live window; None for the house's own.
        delay_s: how far a live window lies behind, seconds.
        start_s: epoch seconds; given for a span only.
        stop_s: likewise; it may lie ahead.
        is_closed: the span ends with what is recorded now: a VOD, whatever its end.
    """

    length_s: int | None = None
    delay_s: int = 0
    start_s: int | None = None
    stop_s: int | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """What a playlist says.

    Args:
        kind: live, EVENT or VOD (RFC 8216 §4.3.3.5).
        segments: in order.
        media_sequence: EXT-X-MEDIA-SEQUENCE, of the first segment.
        discontinuity_sequence: EXT-X-DISCONTINUITY-SEQUENCE.
        first_opens: whether EXT-X-DISCONTINUITY stands before the first segment.
        target_duration_s: EXT-X-TARGETDURATION.
        is_ended: whether nothing will be added (EXT-X-ENDLIST).
        is_settled: whether the same question will be answered so later, too.
    """

    kind: Kind
    segments: Sequence[Segment]
    media_sequence: int
    discontinuity_sequence: int
    first_opens: bool
    target_duration_s: int
    is_ended: bool
    is_settled: bool = False


def select(
    timeline: Timeline, window: Window, now_ms: int, *, live_window_s: int = LIVE_WINDOW_S
) -> Listing:
    """Return what a window lists now.

    Args:
        timeline: where the segments come from; what it does not keep is not listed.
        window: what is asked for.
        now_ms: epoch milliseconds.
        live_window_s: length of a live window that does not say its own.

    Raises:
        NotFoundError: there is no segment in it.
    """
    if window.start_s is not None and window.stop_s is not None:
        return _select_span(timeline, window, now_ms)
    edge_ms = edge_of(timeline, now_ms)
    if edge_ms is None:
        raise NotFoundError("频道还没有节目信号。")
    upto_ms = min(edge_ms, now_ms - window.delay_s * 1000) if window.delay_s else edge_ms
    found = _tail(timeline, upto_ms, 1000 * (window.length_s or live_window_s))
    if not found:
        raise NotFoundError("这段时间没有录像。")
    return _live(found, timeline.target_duration_s)


def edge_of(timeline: Timeline, now_ms: int) -> int | None:
    """Return how far a timeline has come, epoch milliseconds; None when it has not begun."""
    # Not `isinstance(timeline, Recorded)`: with a protocol that costs more than the rest of a poll.
    tell: Callable[[], int | None] | None = getattr(timeline, "edge_ms", None)
    return now_ms if tell is None else tell()


def kind_of(window: Window, now_ms: int) -> Kind:
    """Say whether a window is live, an EVENT that may still be watched growing, or all past."""
    if window.stop_s is None:
        return "live"
    grows = not window.is_closed and now_ms < window.stop_s * 1000 + AFTERGLOW_MS
    return "event" if grows else "vod"


def is_over(stop_ms: int, edge_ms: int, now_ms: int) -> bool:
    """Say whether nothing will be added to a span."""
    return edge_ms >= stop_ms or now_ms >= stop_ms + GRACE_MS


def target_duration(least_s: int, segments: Sequence[Segment]) -> int:
    """Return EXT-X-TARGETDURATION: no EXTINF, rounded, may exceed it (RFC 8216 §4.3.3.1)."""
    if isinstance(segments, Stretch) and (segments.longest_ms + 500) // 1000 <= least_s:
        return least_s
    longest_ms = max(segment.duration_ms for segment in segments)
    return max(least_s, (longest_ms + 500) // 1000)


def _finished(segments: Sequence[Segment], edge_ms: int) -> Sequence[Segment]:
    """Return those that end by an instant."""
    if isinstance(segments, Stretch) and segments.latest_end_ms <= edge_ms:
        return segments
    return [segment for segment in segments if segment.end_ms <= edge_ms]


def _select_span(timeline: Timeline, window: Window, now_ms: int) -> Listing:
    start_ms, stop_ms = 1000 * (window.start_s or 0), 1000 * (window.stop_s or 0)
    edge_ms = edge_of(timeline, now_ms)
    if edge_ms is None:
        raise NotFoundError("频道还没有录像。")
    found = _finished(timeline.between(start_ms, stop_ms), edge_ms)
    if not found:
        raise NotFoundError("这段时间没有录像。")
    target_s = target_duration(timeline.target_duration_s, found)
    kind, over = kind_of(window, now_ms), is_over(stop_ms, edge_ms, now_ms)
    is_past = kind == "vod"
    return Listing(kind, found, 0, 0, False, target_s, is_past or over, is_past and over)


def _live(segments: Sequence[Segment], target_s: int) -> Listing:
    """Return a live listing, numbered by its first segment.

    While that one opens, its tag stays, and the playlist's own number is the one before it
    (RFC 8216 §6.2.2): the tag has not been removed yet.
    """
    first = segments[0]
    return Listing(
        kind="live",
        segments=segments,
        media_sequence=first.sequence,
        discontinuity_sequence=first.discontinuity - first.opens,
        first_opens=first.opens,
        target_duration_s=target_duration(target_s, segments),
        is_ended=False,
    )


def _tail(timeline: Timeline, upto_ms: int, length_ms: int) -> Sequence[Segment]:
    """Return the last segments that end by `upto_ms`: the window's, and the least there must be."""
    least_ms = 3000 * timeline.target_duration_s  # RFC 8216 §6.2.2
    found: list[Segment] = []
    for look_ms in (length_ms + _LOOKS_BACK_MS[0], *_LOOKS_BACK_MS[1:]):
        if found and look_ms < length_ms:
            continue
        between = timeline.between(upto_ms - look_ms, upto_ms)
        found = _last_run([s for s in between if s.end_ms <= upto_ms])
        if len(found) > LEAST_SEGMENTS and _media_ms(found) >= least_ms:
            break
    if not found:
        return found
    cut_ms = found[-1].end_ms - length_ms
    listed_ms, first = 0, len(found)
    while first and (
        found[first - 1].end_ms > cut_ms
        or len(found) - first < LEAST_SEGMENTS
        or listed_ms < least_ms
    ):
        first -= 1
        listed_ms += found[first].duration_ms
    return found[first:]


def _media_ms(segments: Iterable[Segment]) -> int:
    return sum(segment.duration_ms for segment in segments)


def _last_run(segments: list[Segment]) -> list[Segment]:
    """Return the last segments whose numbers follow each other: a playlist counts by position."""
    for index in range(len(segments) - 1, 0, -1):
        if segments[index - 1].sequence != segments[index].sequence - 1:
            return segments[index:]
    return segments
