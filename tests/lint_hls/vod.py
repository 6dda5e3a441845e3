"""The lint of a title on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.lint_hls.fetching import Fetch
from tests.lint_hls.findings import Finding, finding
from tests.lint_hls.iframe_rules import iframe_rules
from tests.lint_hls.loading import Presentation, load
from tests.lint_hls.segment_rules import segment_rules
from tests.lint_hls.subtitle_rules import subtitle_rules
from tests.lint_hls.text_rules import segment_reply_rules, text_rules
from tests.lint_hls.variant_rules import variant_rules


def lint_vod(
    fetch: Fetch, url: str, *, copied: Callable[[str], bool] = lambda _: False
) -> list[Finding]:
    """Look at a title on demand, from its multivariant playlist down to the bytes.

    Args:
        fetch: gets an address; must ask for gzip and must not follow redirects (`http_fetch`).
        url: of a multivariant playlist, or of a media playlist alone.
        copied: says of a media playlist's address as written whether the rendition was copied
            from the source, whose IDR pictures are then only asked to come every 2 s.

    Returns:
        What is not as it should be, each with its rule; empty when all is well.
    """
    return list(_findings(load(fetch, url, copied)))


def _findings(presentation: Presentation) -> Iterator[Finding]:
    yield from text_rules(presentation)
    yield from segment_reply_rules(presentation)
    for media in presentation.of("variant") + presentation.of("sound"):
        yield from segment_rules(media)
    if presentation.playlist is not None:
        yield from variant_rules(presentation)
        yield from iframe_rules(presentation)
        yield from subtitle_rules(presentation)
    yield from vod_rules(presentation)


def vod_rules(presentation: Presentation) -> Iterator[Finding]:
    """Ask what only a title on demand must have (A8.6)."""
    for media in presentation.media:
        if media.playlist.values("EXT-X-PLAYLIST-TYPE") != ["VOD"]:
            yield finding("A8.6-type", media.url, "PLAYLIST-TYPE is not VOD")
        if not media.playlist.has("EXT-X-ENDLIST"):
            yield finding("A8.6-endlist", media.url, "no ENDLIST")
