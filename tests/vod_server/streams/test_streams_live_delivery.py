"""SegmentApp over the folder of recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vod_server.streams.delivery_site import (
    KEY,
    LIVE_NAME,
    NOON,
    PAST,
    SEGMENT,
    fill,
    live_url,
    record,
    url,
)
from tests.vod_server.streams.test_streams_segment_app import call
from vod_server.streams.delivery import SegmentApp
from vod_server.streams.signing import expires_at


@pytest.fixture
def app(tmp_path: Path) -> SegmentApp:
    recordings = record(tmp_path / "recordings")
    return SegmentApp(fill(tmp_path / "blobs"), KEY, NOON, recordings)


def test_a_recorded_segment_of_a_good_address(app: SegmentApp) -> None:
    reply = call(app, live_url(expires=expires_at(NOON.now(), 3600)))
    assert (reply.status, reply.body) == (200, SEGMENT)
    assert reply.headers["content-type"] == "video/mp2t"
    assert reply.headers["cache-control"] == "private, max-age=7200, immutable"
    assert reply.headers["access-control-allow-origin"] == "*"
    part = call(app, live_url(), HTTP_RANGE="bytes=10-19")
    assert (part.status, part.body) == (206, SEGMENT[10:20])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (live_url(key="00" * 32), 403),
        (live_url().replace("live/7", "live/8"), 403),
        (live_url(expires=PAST), 410),
        (live_url("20260501/03/1777600800000-2000.ts"), 404),
        (live_url("20260501/02/index"), 404),
        (live_url("20260501/02/1777600802000-2000.mp4"), 404),
        (live_url("../../../etc/passwd"), 404),
        (live_url("20260501/../7/" + LIVE_NAME), 404),
        (live_url(LIVE_NAME + "\n"), 404),
        (live_url(scope="live/07/.."), 404),
        (live_url(".lock"), 404),
        (url("480p/s00000.ts"), 200),
    ],
)
def test_only_segments_by_the_form_of_their_names(app: SegmentApp, path: str, status: int) -> None:
    assert call(app, path).status == status


def test_a_house_without_recordings_has_none(tmp_path: Path) -> None:
    assert call(SegmentApp(fill(tmp_path / "blobs"), KEY, NOON), live_url()).status == 404


def test_an_hour_that_was_deleted_is_gone(app: SegmentApp, tmp_path: Path) -> None:
    hour = tmp_path / "recordings" / "7" / "20260501" / "02"
    hour.rename(tmp_path / "recordings" / "7" / ".gone-20260501-02")
    assert call(app, live_url()).status == 404
