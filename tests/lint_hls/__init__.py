"""The project's own lint of what it streams: playlists read, segments fetched, bytes looked at.

Every rule of the streaming notes has its id: `A…` of Apple's authoring specification, `R…` of
RFC 8216. `lint_vod` looks at a title on demand; rules of live streams will stand beside `vod_rules`
and use the same loader, reader of transport streams and findings.

    findings = lint_vod(http_fetch, "http://127.0.0.1:8000/vod/7/index.m3u8")
    assert not must(findings), findings
"""

from tests.lint_hls.fetching import Fetch, Response, http_fetch
from tests.lint_hls.findings import RULES, Finding, must
from tests.lint_hls.vod import lint_vod

__all__ = ["RULES", "Fetch", "Finding", "Response", "http_fetch", "lint_vod", "must"]
