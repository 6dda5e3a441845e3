"""HLS playlists of a title on demand, written from what was measured (RFC 8216).

Pure. The text is put together by the m3u8 library's model objects.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import m3u8
from m3u8.model import InitializationSection

from catalog.titles.renditions import Measured
from core.errors import InvalidInputError
from vod_server.streams.bandwidth import average_bps, peak_bps
from vod_server.streams.iframes import IFrameRange, iframe_ranges

# RFC 8216 §7: fractional EXTINF needs 3; EXT-X-MAP beside EXT-X-I-FRAMES-ONLY needs 5. A
# multivariant playlist of ours needs none; 4 is where I-frame playlists came in.
MEDIA_VERSION = 3
IFRAME_VERSION = 5
MULTIVARIANT_VERSION = 4

# What a village line carries without a stall while the first segments come in. The player moves
# up by itself, but a first picture late is what people remember.
START_BANDWIDTH_BPS = 2_500_000


def media_playlist(measured: Measured) -> str:
    """Return the media playlist of a finished rendition; its addresses are the segments' names.

    Raises:
        InvalidInputError: the rendition has no segment.
    """
    _require_segments(measured)
    playlist = _vod(MEDIA_VERSION, [segment.duration_s for segment in measured.segments])
    # For audio too: every AAC frame can be decoded by itself (RFC 8216 §4.3.5.1).
    playlist.is_independent_segments = True
    for segment in measured.segments:
        playlist.add_segment(m3u8.Segment(uri=segment.name, duration=segment.duration_s))
    return _text(playlist)


def iframe_playlist(measured: Measured) -> str:
    """Return the I-frames-only playlist of a rendition (RFC 8216 §4.3.3.6).

    Every entry is the byte range of one IDR picture; EXT-X-MAP names the PAT and PMT before it.

    Raises:
        InvalidInputError: the rendition has no picture.
    """
    frames = _require_frames(measured)
    playlist = _vod(IFRAME_VERSION, [frame.duration_s for frame in frames])
    playlist.is_i_frames_only = True
    init_section: Any = None
    for frame in frames:
        # One muxer writes one PAT and PMT: the first segment's serve until their size changes.
        byterange = f"{frame.init_bytes}@0"
        if init_section is None or init_section.byterange != byterange:
            init_section = InitializationSection(None, frame.name, byterange)
        entry = m3u8.Segment(
            uri=frame.name,
            duration=frame.duration_s,
            byterange=f"{frame.size_bytes}@{frame.offset_bytes}",
        )
        entry.init_section = init_section
        playlist.add_segment(entry)
    return _text(playlist)


def multivariant_playlist(
    renditions: Sequence[Measured],
    uri: Callable[[Measured], str],
    iframe_uri: Callable[[Measured], str],
) -> str:
    """Return the playlist that offers all renditions of a title (RFC 8216 §4.3.4).

    Args:
        renditions: the finished ones, in any order.
        uri: the address of a rendition's media playlist.
        iframe_uri: the address of its I-frame playlist; asked only of those that have pictures.

    Raises:
        InvalidInputError: there is no rendition, or one has no segment.
    """
    if not renditions:
        raise InvalidInputError("节目还没有可以播放的清晰度。")
    playlist = m3u8.M3U8()
    playlist.version = MULTIVARIANT_VERSION
    playlist.is_independent_segments = True
    for measured in variant_order(renditions):
        _require_segments(measured)
        playlist.add_playlist(m3u8.Playlist(uri(measured), _stream_inf(measured), [], None))
        if _has_pictures(measured):
            inf = _iframe_stream_inf(measured)
            playlist.add_iframe_playlist(m3u8.IFramePlaylist(None, iframe_uri(measured), inf))
    return _text(playlist)


def variant_order(renditions: Sequence[Measured]) -> list[Measured]:
    """Return the renditions as a player should see them: the one to start with first.

    Players start with the first variant: the best picture within `START_BANDWIDTH_BPS`, else the
    smallest one. The others follow from best to smallest; sound without picture comes last.
    """
    pictures = [m for m in renditions if m.width is not None]
    sounds = [m for m in renditions if m.width is None]
    pictures.sort(key=lambda m: m.bandwidth_bps, reverse=True)
    sounds.sort(key=lambda m: m.bandwidth_bps, reverse=True)
    within = [m for m in pictures if m.bandwidth_bps <= START_BANDWIDTH_BPS]
    start = (within or pictures[-1:])[:1]
    return start + [m for m in pictures if m not in start] + sounds


def target_duration(durations_s: Sequence[float]) -> int:
    """Return EXT-X-TARGETDURATION: no EXTINF, rounded, may exceed it (RFC 8216 §4.3.3.1)."""
    return max(1, *(math.floor(duration + 0.5) for duration in durations_s))


def _vod(version: int, durations_s: Sequence[float]) -> m3u8.M3U8:
    playlist = m3u8.M3U8()
    playlist.version = version
    playlist.target_duration = target_duration(durations_s)
    playlist.playlist_type = "vod"
    playlist.is_endlist = True
    return playlist


def _stream_inf(measured: Measured) -> dict[str, Any]:
    return {
        # Of sound alone the average may be the larger by a rounding; the peak is never below it.
        "bandwidth": max(measured.bandwidth_bps, measured.average_bandwidth_bps),
        "average_bandwidth": measured.average_bandwidth_bps,
        "codecs": measured.codecs,
        "resolution": _resolution(measured),
        "frame_rate": measured.frame_rate,
        # Said outright, or players look for captions inside the picture and show a menu for them.
        "closed_captions": "NONE",
    }


def _iframe_stream_inf(measured: Measured) -> dict[str, Any]:
    frames = iframe_ranges(measured)
    sizes = [(frame.duration_s, frame.size_bytes) for frame in frames]
    return {
        "bandwidth": peak_bps(sizes, target_duration([frame.duration_s for frame in frames])),
        "average_bandwidth": average_bps(sizes),
        "codecs": _picture_codecs(measured.codecs),
        "resolution": _resolution(measured),
    }


def _picture_codecs(codecs: str) -> str:
    """Leave out the sound: an I-frame playlist has none (RFC 8216 §4.3.4.3)."""
    return ",".join(codec for codec in codecs.split(",") if not codec.strip().startswith("mp4a"))


def _resolution(measured: Measured) -> str | None:
    return None if measured.width is None else f"{measured.width}x{measured.height}"


def _has_pictures(measured: Measured) -> bool:
    return any(segment.iframes for segment in measured.segments)


def _require_segments(measured: Measured) -> None:
    if not measured.segments:
        raise InvalidInputError(f"清晰度 {measured.name} 没有任何分片，无法播放。")


def _require_frames(measured: Measured) -> list[IFrameRange]:
    frames = iframe_ranges(measured)
    if not frames:
        raise InvalidInputError(f"清晰度 {measured.name} 没有画面，不能做快进列表。")
    return frames


def _text(playlist: m3u8.M3U8) -> str:
    return str(playlist.dumps(infspec="microseconds"))
