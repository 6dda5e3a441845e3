"""A presentation as the lint sees it: every playlist and segment fetched once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urljoin

from tests.lint_hls.fetching import Fetch, Response
from tests.lint_hls.playlist_text import Playlist, attributes, byte_range, read_playlist
from tests.lint_hls.timing import Timing, timing
from tests.lint_hls.transport_stream import (
    NotATransportStreamError,
    TransportStream,
    read_transport_stream,
)

Kind = Literal["variant", "iframes", "subtitles", "sound"]


@dataclass(slots=True)
class Segment:
    """One entry of a media playlist with what was fetched for it."""

    url: str
    extinf_s: float | None
    discontinuity: bool
    response: Response
    body: bytes  #: the entry's byte range, or the whole file
    init: bytes = b""  #: what EXT-X-MAP names
    stream: TransportStream | None = None  #: None where it is none
    timing: Timing | None = None


@dataclass(slots=True)
class Media:
    """A media playlist with its segments."""

    url: str
    kind: Kind
    response: Response
    playlist: Playlist
    declared: dict[str, str]  #: attributes of the tag that named it
    copied: bool = False  #: taken over from the source, whose pictures nobody chose
    segments: list[Segment] = field(default_factory=list)

    @property
    def target_s(self) -> float:
        """Return the target duration; 0 without a usable one."""
        values = self.playlist.values("EXT-X-TARGETDURATION")
        return float(values[0]) if values and values[0].isdigit() else 0.0

    @property
    def duration_s(self) -> float:
        """Return the sum of the EXTINFs."""
        return sum(segment.extinf_s or 0.0 for segment in self.segments)

    @property
    def has_pictures(self) -> bool:
        """Say whether the segments hold pictures."""
        return any(segment.stream and segment.stream.video for segment in self.segments)


@dataclass(slots=True)
class Presentation:
    """What an address leads to. `playlist` is None where that was a media playlist itself."""

    url: str
    response: Response
    playlist: Playlist | None
    media: list[Media]

    def of(self, kind: Kind) -> list[Media]:
        """Return the media playlists of a kind."""
        return [media for media in self.media if media.kind == kind]


def load(fetch: Fetch, url: str, copied: Callable[[str], bool]) -> Presentation:
    """Fetch a presentation.

    Args:
        copied: says of a media playlist's address whether it was copied from the source.
    """
    fetch = _once(fetch)
    response = fetch(url)
    playlist = read_playlist(_text(response))
    if not playlist.is_multivariant:
        media = _load_media(fetch, url, "variant", {}, copied(url))
        return Presentation(url, response, None, [media])
    return Presentation(
        url,
        response,
        playlist,
        [
            _load_media(fetch, urljoin(url, uri), kind, declared, copied(uri))
            for uri, kind, declared in _named(playlist)
        ],
    )


def _named(playlist: Playlist) -> list[tuple[str, Kind, dict[str, str]]]:
    named: list[tuple[str, Kind, dict[str, str]]] = [
        (entry.uri, "variant", attributes(entry.value("EXT-X-STREAM-INF") or ""))
        for entry in playlist.entries
    ]
    named.extend(
        (attributes(value).get("URI", ""), "iframes", attributes(value))
        for value in playlist.values("EXT-X-I-FRAME-STREAM-INF")
    )
    for value in playlist.values("EXT-X-MEDIA"):
        declared = attributes(value)
        if "URI" in declared:
            kind: Kind = "subtitles" if declared.get("TYPE") == "SUBTITLES" else "sound"
            named.append((declared["URI"], kind, declared))
    return named


def _load_media(
    fetch: Fetch, url: str, kind: Kind, declared: dict[str, str], copied: bool
) -> Media:
    response = fetch(url)
    playlist = read_playlist(_text(response))
    media = Media(url, kind, response, playlist, declared, copied)
    init, near_s, ends = b"", 0.0, dict[str, int]()
    for entry in playlist.entries:
        if (map_value := entry.value("EXT-X-MAP")) is not None:
            init = _map_bytes(fetch, url, map_value)
        segment = _load_segment(fetch, urljoin(url, entry.uri), entry.tags, ends)
        segment.init = init
        if kind in {"variant", "sound"}:
            segment.stream = _stream(segment.body)
            segment.timing = timing(segment.stream, near_s) if segment.stream else None
            near_s = segment.timing.end_s if segment.timing else near_s
        media.segments.append(segment)
    return media


def _load_segment(
    fetch: Fetch, url: str, tags: list[tuple[str, str]], ends: dict[str, int]
) -> Segment:
    values = dict(tags)
    response = fetch(url)
    body = response.body
    if "EXT-X-BYTERANGE" in values:
        offset, length = byte_range(values["EXT-X-BYTERANGE"], ends.get(url, 0))
        ends[url] = offset + length
        body = body[offset : offset + length]
    return Segment(
        url, _number(values.get("EXTINF", "")), "EXT-X-DISCONTINUITY" in values, response, body
    )


def _number(extinf: str) -> float | None:
    try:
        return float(extinf.partition(",")[0])
    except ValueError:
        return None


def _map_bytes(fetch: Fetch, base: str, value: str) -> bytes:
    named = attributes(value)
    body = fetch(urljoin(base, named.get("URI", ""))).body
    if "BYTERANGE" not in named:
        return body
    offset, length = byte_range(named["BYTERANGE"])
    return body[offset : offset + length]


def _stream(body: bytes) -> TransportStream | None:
    try:
        return read_transport_stream(body)
    except (NotATransportStreamError, IndexError):
        return None


def _text(response: Response) -> str:
    return response.body.decode("utf-8", "replace").removeprefix("\ufeff")


def _once(fetch: Fetch) -> Fetch:
    kept: dict[str, Response] = {}

    def fetch_once(url: str) -> Response:
        if url not in kept:
            kept[url] = fetch(url)
        return kept[url]

    return fetch_once
