"""Rules about WebVTT subtitles (RFC 8216 §3.5)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.lint_hls.findings import Finding, finding
from tests.lint_hls.loading import Presentation

SLACK_S = 0.5


def subtitle_rules(presentation: Presentation) -> Iterator[Finding]:
    """Look at the subtitles of a multivariant playlist."""
    whole_s = max((media.duration_s for media in presentation.of("variant")), default=0.0)
    for media in presentation.of("subtitles"):
        for segment in media.segments:
            if b"X-TIMESTAMP-MAP" not in segment.body.partition(b"\n\n")[0]:
                yield finding("A5.3", segment.url, "no X-TIMESTAMP-MAP in the header")
        if abs(media.duration_s - whole_s) > SLACK_S:
            message = f"{media.duration_s:.2f} s of subtitles for {whole_s:.2f} s"
            yield finding("A5.5", media.url, message)
