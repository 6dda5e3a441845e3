"""The same way with the files in an object store: originals and renditions never touch a folder."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from catalog.titles.service import move_title
from catalog.titles.tables import Title
from core.db import session_scope
from core.jobs.runner import Runner
from core.jobs.tables import Job
from tests.lint_hls import lint_vod, must
from tests.lint_hls.fetching import Response
from vod_server.bootstrap import House
from vod_server.web.app import make_wsgi

pytestmark = [
    pytest.mark.media,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@pytest.fixture
def settings_overrides(blob_s3_endpoint: str, blob_s3_bucket: str) -> dict[str, Any]:
    return {"blob_url": f"s3://{blob_s3_bucket}/county?endpoint={blob_s3_endpoint}"}


def test_an_upload_is_transcoded_and_served_from_an_object_store(
    house: House,
    runner: Runner,
    clips: Callable[..., Path],
    upload_file: Callable[[bytes, str], str],
    jobs: Callable[[], dict[str, Job]],
) -> None:
    upload_file(clips(8).read_bytes(), "lesson.mp4")
    runner.run_due()
    assert {job.state for job in jobs().values()} == {"done"}
    assert not house.settings.path("blobs").exists()
    assert list(house.settings.path("uploads").glob("*.part")) == []
    with session_scope(house.sessions) as session:
        title = session.query(Title).one()
        for move in ("submit", "publish"):
            move_title(session, title, move, actor="test", now=house.clock.now())
        poster = f"/img/{title.id}/{title.pictures['gen']}/{title.pictures['poster']}"
        master = f"http://county/vod/{title.id}/index.m3u8"
    client = Client(make_wsgi(house))
    assert client.get(poster).data.startswith(b"\xff\xd8\xff")

    def fetch(url: str) -> Response:
        reply = client.get(url.removeprefix("http://county"), headers={"Accept-Encoding": "gzip"})
        headers = {name.lower(): value for name, value in reply.headers}
        packed = headers.get("content-encoding") == "gzip"
        return Response(
            reply.status_code, gzip.decompress(reply.data) if packed else reply.data, headers
        )

    assert must(lint_vod(fetch, master)) == []
