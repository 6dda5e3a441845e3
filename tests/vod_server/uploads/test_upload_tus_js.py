"""The vendored tus-js-client, under node, against a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.vod_server.uploads.up_server import CHECKOUT, PREFIX, Server

LIBRARY = CHECKOUT / "vod_server/web/static/vendor/tus/tus.min.js"
SIZE = 9_000_000


def drive(server: Server, file: Path, abort_after: int) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    script = Path(__file__).with_name("tus_client.mjs")
    done = subprocess.run(
        [node, str(script), str(LIBRARY), server.url, str(file), str(abort_after)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "video"
    path.write_bytes(os.urandom(SIZE))
    return path


def arrived(server: Server, seen: dict[str, Any]) -> bytes:
    return (server.home / "uploads" / f"{seen['url'].rsplit('/', 1)[-1]}.part").read_bytes()


def test_a_file_goes_up(up_shared_server: Server, video: Path) -> None:
    server = up_shared_server
    seen = drive(server, video, 0)
    # The relative address of the reply is put to the address that was asked.
    assert seen["url"].startswith(f"http://127.0.0.1:{server.port}{PREFIX}/")
    assert seen["requests"] == [["POST", 201], ["PATCH", 204]]
    assert arrived(server, seen) == video.read_bytes()


def test_a_file_broken_off_in_the_middle_is_resumed(up_shared_server: Server, video: Path) -> None:
    server = up_shared_server
    seen = drive(server, video, 5_000_000)
    assert seen["requests"][0] == ["POST", 201]
    assert ["HEAD", 200] in seen["requests"]
    assert seen["requests"][-1] == ["PATCH", 204]
    # It went on where the server stood, and did not begin again.
    assert 2_000_000 < seen["resumedAt"] < SIZE
    assert arrived(server, seen) == video.read_bytes()
