"""The project's own lint of what it streams: playlists read, segments fetched, bytes looked at.

Every rule of the streaming notes has its id: `A…` of Apple's authoring specification, `R…` of
RFC 8216. `lint_vod` looks at a title on demand. A live channel is watched for a while first, and
what was seen is judged afterwards, so that a planted fault needs no waiting:

    findings = lint_vod(http_fetch, "http://127.0.0.1:8000/vod/7/index.m3u8")
    assert not must(findings), findings

    seen = watch_live(http_fetch, "http://127.0.0.1:8000/live/1/index.m3u8", seconds=20)
    assert not must(lint_live(seen, behind_s=6.0))
"""

from tests.lint_hls.fetching import Fetch, Response, http_fetch
from tests.lint_hls.findings import LIVE_RULES, RULES, Finding, must
from tests.lint_hls.live import lint_live
from tests.lint_hls.live_watching import watch_live
from tests.lint_hls.vod import lint_vod

__all__ = [
    "LIVE_RULES",
    "RULES",
    "Fetch",
    "Finding",
    "Response",
    "http_fetch",
    "lint_live",
    "lint_vod",
    "must",
    "watch_live",
]
