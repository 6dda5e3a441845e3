"""RTMP: encoders push through the shipped nginx-rtmp with the real question, we pull."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.db import session_scope
from epg.channels.model import SourceSpec
from epg.channels.service import set_sources
from tests.conftest import CHECKOUT
from tests.factories import make_channel
from tests.vod_server.live.deck import (
    check_contiguous,
    endless,
    on_deck,
    sender,
    wait_until,
    wanted,
)
from tests.vod_server.live.front_desk import answering, hooked_app
from tests.vod_server.live.test_live_sources import free_port
from tests.vod_server.media.clips import run
from vod_server.bootstrap import House

MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")

pytestmark = [
    pytest.mark.media,
    pytest.mark.nginx,
    pytest.mark.skipif(
        shutil.which("nginx") is None or not MODULE.exists(),
        reason="nginx-rtmp is not installed: apt-get install libnginx-mod-rtmp",
    ),
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@contextmanager
def front_door(folder: Path, web_port: int) -> Iterator[str]:
    """Run the shipped nginx-rtmp; give the address encoders push to."""
    port = free_port(socket.SOCK_STREAM)
    folder.mkdir()
    shutil.copy(CHECKOUT / "deploy" / "nginx-rtmp.conf", folder)
    local = (CHECKOUT / "deploy" / "nginx-rtmp-local.conf.example").read_text()
    local = local.replace("listen 1935;", f"listen 127.0.0.1:{port};").replace(
        ":8000/", f":{web_port}/"
    )
    (folder / "nginx-rtmp-local.conf").write_text(local)
    errors = folder / "error.log"
    settings = f"daemon off; pid {folder}/nginx.pid;"
    command = ["nginx", "-c", str(folder / "nginx-rtmp.conf"), "-e", str(errors), "-g", settings]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, "nginx")
        assert process.poll() is None, errors.read_text()
        yield f"rtmp://127.0.0.1:{port}/push"
    finally:
        process.terminate()
        process.wait()


def flv_of(clip: Path, folder: Path) -> Path:
    """Return a clip as FLV: the filter that makes its sound fit stops at a loop's first seam."""
    flv = folder / "clip.flv"
    run("ffmpeg", "-v", "error", "-i", clip, "-c", "copy", "-bsf:a", "aac_adtstoasc", flv)
    return flv


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_an_encoder_pushes_and_is_recorded(house: House, tmp_path: Path, clips: Path) -> None:
    with session_scope(house.sessions) as session:
        channel = make_channel(session)
        set_sources(session, channel, [SourceSpec("push")], now=SystemClock().now())
        key = channel.stream_key or ""
    given = wanted(("push", ""), stream_key=key)
    push = [*endless(flv_of(clips / "small.ts", tmp_path)), "-f", "flv"]
    with (
        answering(hooked_app(house)) as web_port,
        front_door(tmp_path / "nginx", web_port) as door,
        on_deck(tmp_path, given, rtmp_url=door) as deck,
    ):
        # Nobody pushes yet: it is told at once, and in vain tries cost no long pause.
        deck.wait(lambda: deck.airing.state().restarts >= 2, "two tries in vain")
        refused = ["ffmpeg", "-v", "error", "-nostdin", *push, f"{door}/not-a-key"]
        assert subprocess.run(refused, check=False, capture_output=True, timeout=60).returncode != 0
        with sender(*push, f"{door}/{key}"):
            check_contiguous(deck.record(5))  # over the seam
            state = deck.airing.state()
            assert (state.state, state.mode) == ("on_air", "copy")
        deck.wait(lambda: deck.airing.state().state == "waiting", "the encoder's end noticed")
        assert key not in deck.airing.state().last_error
        with sender(*push, f"{door}/{key}"):
            deck.record(2)
        opens = [segment.opens for segment in deck.segments()[1:]]
        assert opens.count(True) == 1


def test_rtmp_is_pulled(house: House, tmp_path: Path, clips: Path) -> None:
    with session_scope(house.sessions) as session:
        make_channel(session, stream_key="source-of-others")
        channel = make_channel(session, stream_key="pulled")
        set_sources(session, channel, [SourceSpec("push")], now=SystemClock().now())
    push = [*endless(flv_of(clips / "small.ts", tmp_path)), "-f", "flv"]
    with (
        answering(hooked_app(house)) as web_port,
        front_door(tmp_path / "nginx", web_port) as door,
        sender(*push, f"{door}/pulled"),
        on_deck(tmp_path, wanted(("rtmp", f"{door}/pulled"))) as deck,
    ):
        check_contiguous(deck.record(2))
