"""A notice is withdrawn: its pages are gone through the shipped gunicorn, nginx and edge."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.front_door import (
    edge_local_conf,
    free_port,
    local_conf,
    shipped_gunicorn,
    shipped_nginx,
)
from catalog.notices.model import Move
from catalog.notices.service import add_page, create_notice, move_notice
from catalog.notices.tables import Notice
from core.db import session_scope
from core.settings import Settings
from county import places
from tests.vod_server.streams.delivery_site import PICTURE, Reply, request
from vod_server.bootstrap import House
from vod_server.installing import prepare

pytestmark = [
    pytest.mark.nginx,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]

SHA256 = "5e" * 32
PATIENCE_S = 10.0


@dataclass(frozen=True)
class Doors:
    """A notice with a page, and the ports at which it may be asked for."""

    house: House
    notice_id: int
    gunicorn: int
    nginx: int
    edge: int
    folder: Path

    def move(self, move: Move) -> None:
        with session_scope(self.house.sessions) as session:
            notice = session.get_one(Notice, self.notice_id)
            move_notice(session, notice, move, actor="admin", now=self.house.clock.now())

    def ask(self, port: int, name: str = "page.jpg", **headers: str) -> Reply:
        return request(port, f"/notices/{self.notice_id}/{SHA256}/{name}", **headers)


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    # Not pytest's own folder: the shipped user, www-data, may not read below that one.
    folder = Path(tempfile.mkdtemp(prefix="cuntai-notices-"))
    folder.chmod(0o755)
    house, _ = prepare(Settings(home=folder / "var"), admin="admin", password="not-secret-here")
    with session_scope(house.sessions) as session:
        now = house.clock.now()
        notice = create_notice(session, place=places.county(session), title="账目", now=now)
        page = add_page(session, notice, sha256=SHA256, width=1810, height=2560, now=now)
        assert page is not None
        for name in ("page.jpg", "small.jpg"):
            house.blobs.put_bytes(f"{page.folder}/{name}", PICTURE)
    web, front, edge = free_port(), free_port(), free_port()
    for name in ("app", "nginx", "edge"):
        (folder / name).mkdir()
    env = {"CUNTAI_HOME": str(folder / "var"), "CUNTAI_WEB_WORKERS": "1"}
    local = local_conf(port=front, key="00" * 32, blobs=folder / "var" / "blobs", web_port=web)
    town = edge_local_conf(port=edge, key="00" * 32, county_port=front)
    with (
        shipped_gunicorn(folder / "app", "vod_server.web.wsgi", port=web, env=env),
        shipped_nginx(folder / "nginx", local, port=front),
        shipped_nginx(folder / "edge", town, port=edge, main="nginx-edge.conf"),
    ):
        yield Doors(house, notice.id, web, front, edge, folder)
    house.engine.dispose()
    shutil.rmtree(folder)


def eventually(doors: Doors, port: int, status: int) -> Reply:
    """Ask until the answer is `status`; the edge asks the county once a second."""
    deadline = time.monotonic() + PATIENCE_S
    while (reply := doors.ask(port)).status != status and time.monotonic() < deadline:
        time.sleep(0.1)
    return reply


def test_withdrawn_is_gone_at_every_door(doors: Doors) -> None:
    assert [doors.ask(port).status for port in (doors.gunicorn, doors.nginx)] == [404, 404]
    for _ in range(2):
        doors.move("publish")
        kept = {}
        for port in (doors.gunicorn, doors.nginx, doors.edge):
            shown = eventually(doors, port, 200)
            assert (shown.status, shown.body) == (200, PICTURE)
            assert shown.headers["cache-control"] == "private, no-cache"
            assert shown.headers["content-type"] == "image/jpeg"
            kept[port] = shown.headers["etag"]
            again = doors.ask(port, if_none_match=kept[port])
            assert again.status == 304
        doors.move("withdraw")
        for port in (doors.gunicorn, doors.nginx):  # at once
            assert doors.ask(port).status == 404
            assert doors.ask(port, if_none_match=kept[port]).status == 404
        assert eventually(doors, doors.edge, 404).status == 404
        assert doors.ask(doors.edge, if_none_match=kept[doors.edge]).status == 404


def test_the_edge_fetches_a_page_once_and_then_asks_whether_it_is_good(doors: Doors) -> None:
    doors.move("publish")
    assert eventually(doors, doors.edge, 200).body == PICTURE
    seen = set()
    deadline = time.monotonic() + PATIENCE_S
    while "REVALIDATED" not in seen and time.monotonic() < deadline:
        reply = doors.ask(doors.edge)
        assert reply.body == PICTURE
        seen.add(reply.headers["x-cache"])
        time.sleep(0.1)
    assert "REVALIDATED" in seen
    doors.move("withdraw")


def test_nginx_alone_finds_no_page_in_the_store(doors: Doors) -> None:
    doors.move("publish")
    for port in (doors.nginx, doors.edge):
        for path in ("/img/notices/{}/{}/page.jpg", "/img/../notices/{}/{}/page.png"):
            assert request(port, path.format(doors.notice_id, SHA256)).status == 404
    doors.move("withdraw")


def test_logs_do_not_tell_what_a_page_is_called(doors: Doors) -> None:
    doors.ask(doors.nginx, "small.jpg")
    request(doors.nginx, "/api/v1/pairing/the-secret-of-a-box")
    log = doors.folder / "nginx" / "access.log"
    deadline = time.monotonic() + PATIENCE_S
    while "/api/v1/pairing/- " not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    text = log.read_text()
    assert f"GET /notices/{doors.notice_id}/-/small.jpg 404" in text
    assert "GET /api/v1/pairing/- " in text
    assert f"GET /notices/{doors.notice_id}/{SHA256}" not in text
    assert "the-secret-of-a-box" not in text
