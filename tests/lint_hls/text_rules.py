"""Rules about any playlist's text and how it is served."""

from __future__ import annotations

from collections.abc import Iterator

from tests.lint_hls.fetching import Response
from tests.lint_hls.findings import Finding, finding
from tests.lint_hls.loading import Presentation
from tests.lint_hls.playlist_text import Playlist, required_version

PLAYLIST_TYPES = {"application/vnd.apple.mpegurl", "audio/mpegurl"}
BOM = b"\xef\xbb\xbf"

MULTIVARIANT_TAGS = {
    "EXT-X-STREAM-INF",
    "EXT-X-I-FRAME-STREAM-INF",
    "EXT-X-MEDIA",
    "EXT-X-SESSION-DATA",
    "EXT-X-SESSION-KEY",
}
MEDIA_TAGS = {
    "EXTINF",
    "EXT-X-TARGETDURATION",
    "EXT-X-MEDIA-SEQUENCE",
    "EXT-X-DISCONTINUITY-SEQUENCE",
    "EXT-X-ENDLIST",
    "EXT-X-PLAYLIST-TYPE",
    "EXT-X-I-FRAMES-ONLY",
    "EXT-X-BYTERANGE",
    "EXT-X-DISCONTINUITY",
    "EXT-X-KEY",
    "EXT-X-MAP",
    "EXT-X-PROGRAM-DATE-TIME",
    "EXT-X-DATERANGE",
}


def text_rules(presentation: Presentation) -> Iterator[Finding]:
    """Look at every playlist of the presentation."""
    if presentation.playlist is not None:
        yield from _text(presentation.url, presentation.response, presentation.playlist)
        yield from _mixed(presentation.url, presentation.playlist, MEDIA_TAGS)
    for media in presentation.media:
        yield from _text(media.url, media.response, media.playlist)
        yield from _mixed(media.url, media.playlist, MULTIVARIANT_TAGS)


def segment_reply_rules(presentation: Presentation) -> Iterator[Finding]:
    """Look at how segments are served."""
    for media in presentation.media:
        for segment in media.segments:
            yield from _answered(segment.url, segment.response)
            kind = _mime(segment.response)
            if segment.url.partition("?")[0].endswith(".ts") and kind != "video/mp2t":
                yield finding("R4-mime", segment.url, f"served as {kind or 'nothing'}")


def _text(url: str, response: Response, playlist: Playlist) -> Iterator[Finding]:
    yield from _answered(url, response)
    if response.body.startswith(BOM):
        yield finding("R4.1-bom", url, "begins with a byte order mark")
    try:
        response.body.decode()
    except UnicodeDecodeError as error:
        yield finding("R4.1-utf8", url, str(error))
    if not playlist.lines or playlist.lines[0] != "#EXTM3U":
        yield finding("R4.1-extm3u", url, f"begins with {playlist.lines[:1]}")
    if _mime(response) not in PLAYLIST_TYPES:
        yield finding("R4-mime", url, f"served as {_mime(response) or 'nothing'}")
    if response.headers.get("content-encoding") != "gzip":
        yield finding("A10.1", url, "not packed for a client that accepts gzip")
    yield from _version(url, playlist)


def _version(url: str, playlist: Playlist) -> Iterator[Finding]:
    declared, needed = playlist.values("EXT-X-VERSION"), required_version(playlist)
    version = int(declared[0]) if declared and declared[0].isdigit() else 1
    if len(declared) > 1 or version < needed:
        yield finding("R7-version", url, f"EXT-X-VERSION {declared}, but {needed} is used")


def _mixed(url: str, playlist: Playlist, foreign: set[str]) -> Iterator[Finding]:
    found = sorted({name for name, _ in playlist.tags} & foreign)
    if found:
        yield finding("R4.3-mixed", url, f"{', '.join(found)} belong to the other kind")


def _answered(url: str, response: Response) -> Iterator[Finding]:
    if response.status != 200:
        yield finding("A8.18", url, f"answers {response.status}")


def _mime(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()
