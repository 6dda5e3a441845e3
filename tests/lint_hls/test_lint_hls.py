"""The lint finds nothing in a good ladder, and every planted fault."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.front_door import free_port, local_conf, shipped_nginx
from core.blobs.local import LocalBlobs
from core.clock import SystemClock
from tests.lint_hls import RULES, Response, http_fetch, lint_vod, must
from tests.lint_hls import faults as plant
from tests.lint_hls.fault_table import FAULTS, MASTER, S1, SD
from tests.lint_hls.faults import Site
from tests.lint_hls.ladder import SCOPE, make_ladder, store_ladder, wsgi_fetch
from vod_server.streams.delivery import SegmentApp
from vod_server.streams.signing import media_key, media_prefix

pytestmark = pytest.mark.media

KEY = media_key("the lint's own secret key")
FAR = 4_102_441_200
PREFIX = media_prefix(KEY, SCOPE, FAR)
SUBTITLES = (
    b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:14\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    b"#EXTINF:14.000,\ns0.vtt\n#EXT-X-ENDLIST\n"
)
VTT = (
    "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:133200\n\n00:01.000 --> 00:03.000\n你好\n"
).encode()
SUBTITLES_TAG = (
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="中文",LANGUAGE="zh",URI="zh/index.m3u8"\n'
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not pytest's own folder: the shipped nginx runs as www-data, who may not read below that.
    path = Path(tempfile.mkdtemp(prefix="cuntai-lint-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def store(folder: Path) -> LocalBlobs:
    store = LocalBlobs(folder / "blobs")
    store_ladder(folder / "encoded", make_ladder(folder / "encoded"), store)
    return store


@pytest.fixture(scope="module")
def good(store: LocalBlobs) -> Site:
    """Everything SegmentApp answers for the ladder, and subtitles beside it."""
    fetch = wsgi_fetch(SegmentApp(store, KEY, SystemClock()))
    names = [key.removeprefix(f"{SCOPE}/") for key in store.keys(SCOPE)]
    site = Site({name: fetch(PREFIX + name) for name in names})
    playlist_headers = site.replies["index.m3u8"].headers
    site.replies["zh/index.m3u8"] = Response(200, SUBTITLES, playlist_headers)
    site.replies["zh/s0.vtt"] = Response(200, VTT, {"content-type": "text/vtt"})
    site.text("index.m3u8", "#EXT-X-STREAM-INF", SUBTITLES_TAG + "#EXT-X-STREAM-INF")
    return site


def test_good_ladder_from_segment_app_is_clean(store: LocalBlobs) -> None:
    fetch = wsgi_fetch(SegmentApp(store, KEY, SystemClock()))
    assert lint_vod(fetch, f"{PREFIX}index.m3u8") == []


@pytest.mark.nginx
@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_good_ladder_from_nginx_is_clean(folder: Path, store: LocalBlobs) -> None:
    port = free_port()
    (folder / "nginx").mkdir()
    local = local_conf(port=port, key=KEY, blobs=folder / "blobs", web_port=free_port())
    with shipped_nginx(folder / "nginx", local, port=port):
        findings = lint_vod(http_fetch, f"http://127.0.0.1:{port}{PREFIX}index.m3u8")
    assert findings == []


def test_good_site_with_subtitles_is_clean(good: Site) -> None:
    assert lint_vod(good.fetch, "index.m3u8") == []


def test_media_playlist_alone_is_clean(good: Site) -> None:
    assert lint_vod(good.fetch, "480p/index.m3u8") == []


@pytest.mark.parametrize(
    ("rule", "name", "spoil"), FAULTS, ids=[f"{rule} {name}" for rule, name, _ in FAULTS]
)
def test_planted_fault_is_found(
    good: Site, rule: str, name: str, spoil: Callable[[Site], object]
) -> None:
    site = good.copy()
    spoil(site)
    found = [finding for finding in lint_vod(site.fetch, MASTER) if finding.rule == rule]
    assert found, f"{name} was not found"
    assert {finding.level for finding in found} == {RULES[rule][0]}


def test_every_rule_has_a_planted_fault() -> None:
    assert {rule for rule, _, _ in FAULTS} == set(RULES)


def test_a_copied_rendition_may_have_its_idrs_where_the_source_has_them(good: Site) -> None:
    site = good.copy()
    site.data(S1, plant.without_idr(1))
    findings = lint_vod(site.fetch, SD, copied=lambda url: "480p" in url)
    assert [(finding.rule, finding.level) for finding in findings] == [("A1.13", "should")]
    assert must(findings) == []


def test_discontinuity_excuses_a_jump_between_segments(good: Site) -> None:
    site = good.copy()
    site.data(S1, plant.shift_times(100))
    site.data("480p/s00002.ts", plant.shift_times(100))
    assert "A8.13" in {finding.rule for finding in lint_vod(site.fetch, SD)}
    lines = (
        site.replies[SD]
        .body.decode()
        .replace(
            "#EXTINF:6.000000,\ns00001.ts", "#EXT-X-DISCONTINUITY\n#EXTINF:6.000000,\ns00001.ts"
        )
    )
    site.reply(SD, body=lines.encode())
    assert lint_vod(site.fetch, SD) == []


def test_a_clock_that_wraps_is_no_jump(good: Site) -> None:
    site = good.copy()
    for number in range(3):
        site.data(f"480p/s0000{number}.ts", plant.shift_times((1 << 33) / 90_000 - 8))
    assert lint_vod(site.fetch, SD) == []
