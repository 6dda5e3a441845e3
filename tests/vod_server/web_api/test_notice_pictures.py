"""Scanned pages of notices: seen while their notice is published, by those who were told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from catalog.notices.model import Move
from catalog.notices.service import add_page, create_notice, move_notice, remove_page
from catalog.notices.tables import Notice
from core.db import session_scope
from county.tables import Place
from tests.factories import County, make_box
from tests.fakes import FakeClock
from vod_server.bootstrap import House
from vod_server.web.app import make_wsgi

SHA256 = "5e" * 32
PICTURE = b"\xff\xd8\xff\xe0 a scanned page \xff\xd9"


@pytest.fixture
def door(house: House) -> Client:
    """Return a client of all that gunicorn runs, not of Flask alone."""
    return Client(make_wsgi(house))


def scan(house: House, place: Place, **fields: Any) -> int:
    """Add a draft with a page whose pictures lie in the store."""
    with session_scope(house.sessions) as session:
        now = house.clock.now()
        notice = create_notice(session, place=place, title="账目", now=now, **fields)
        page = add_page(session, notice, sha256=SHA256, width=1810, height=2560, now=now)
        assert page is not None
        for name in ("page.jpg", "small.jpg"):
            house.blobs.put_bytes(f"{page.folder}/{name}", PICTURE)
        return notice.id


def move(house: House, notice_id: int, move: Move) -> None:
    with session_scope(house.sessions) as session:
        notice = session.get_one(Notice, notice_id)
        move_notice(session, notice, move, actor="admin", now=house.clock.now())


def ask(door: Client, path: str, **headers: str) -> TestResponse:
    reply = door.open(path, headers={name.replace("_", "-"): v for name, v in headers.items()})
    reply.get_data()
    reply.close()
    return reply


def address(notice_id: int, name: str = "page.jpg") -> str:
    return f"/notices/{notice_id}/{SHA256}/{name}"


def test_a_page_is_there_while_its_notice_is_published(
    house: House, places: County, door: Client
) -> None:
    notice_id = scan(house, places.village)
    assert ask(door, address(notice_id)).status_code == 404
    move(house, notice_id, "publish")
    for name in ("page.jpg", "small.jpg"):
        shown = ask(door, address(notice_id, name))
        assert (shown.status_code, shown.data) == (200, PICTURE)
        assert shown.mimetype == "image/jpeg"
        assert shown.headers["Access-Control-Allow-Origin"] == "*"
    move(house, notice_id, "withdraw")
    gone = ask(door, address(notice_id))
    assert gone.status_code == 404
    assert gone.mimetype == "application/problem+json"
    assert gone.headers["Cache-Control"] == "no-store"
    move(house, notice_id, "publish")
    assert ask(door, address(notice_id)).data == PICTURE


def test_a_kept_copy_is_asked_about_and_dies_with_its_notice(
    house: House, places: County, door: Client
) -> None:
    notice_id = scan(house, places.village)
    move(house, notice_id, "publish")
    first = ask(door, address(notice_id))
    assert first.headers["Cache-Control"] == "private, no-cache"
    etag = first.headers["ETag"]
    assert ask(door, address(notice_id), If_None_Match=etag).status_code == 304
    assert ask(door, address(notice_id), Range="bytes=0-3").data == PICTURE[:4]
    move(house, notice_id, "withdraw")
    assert ask(door, address(notice_id), If_None_Match=etag).status_code == 404
    assert ask(door, address(notice_id), If_None_Match="*").status_code == 404
    assert ask(door, address(notice_id), Range="bytes=0-3").status_code == 404


def test_after_its_last_day_a_page_is_gone(
    house: House, places: County, door: Client, clock: FakeClock
) -> None:
    notice_id = scan(house, places.village, expires_on=date(2026, 5, 1))
    move(house, notice_id, "publish")
    assert ask(door, address(notice_id)).status_code == 200
    clock.advance(days=1)
    assert ask(door, address(notice_id)).status_code == 404


def test_a_page_taken_out_and_the_notices_of_others_are_not_there(
    house: House, places: County, door: Client
) -> None:
    notice_id = scan(house, places.village)
    other_id = scan(house, places.far)
    with session_scope(house.sessions) as session:
        notice = session.get_one(Notice, notice_id)
        [page] = notice.pages
        remove_page(session, notice, page.id, now=house.clock.now())
        notice.body = "请看。"
    move(house, notice_id, "publish")
    # Its pictures still lie there, as they do when a process dies between row and file.
    assert house.blobs.exists(f"notices/{notice_id}/{SHA256}/page.jpg")
    assert ask(door, address(notice_id)).status_code == 404
    assert ask(door, address(other_id)).status_code == 404


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "path",
    [
        "/img/notices/{id}/{sha}/page.jpg",
        "/img/../notices/{id}/{sha}/page.jpg",
        "/img/notice-{id}/{sha}/page.jpg",
        "/notices/{id}/{sha}/page.png",
        "/notices/{id}/{sha}/page.jpg/",
        "/notices/{id}/{sha}/page.jpg%0a",
        "/notices/{id}/{sha}/",
        "/notices/{id}/{sha}/../{sha}/page.jpg",
        "/notices/{id}/{other}/page.jpg",
        "/notices/0{id}/{sha}/page.jpg",
        "/notices/1{id}/{sha}/page.jpg",
        "/notices/",
        "/media/x/4102441200/notices/{id}/{sha}/page.jpg",
    ],
)
def test_no_other_address_leads_to_a_page(
    house: House, places: County, door: Client, path: str
) -> None:
    notice_id = scan(house, places.village)
    move(house, notice_id, "publish")
    asked = path.format(id=notice_id, sha=SHA256, other="00" * 32)
    assert ask(door, asked).status_code in {400, 403, 404}


def test_a_box_of_elsewhere_is_told_no_address(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str]
) -> None:
    notice_id = scan(house, places.village)
    move(house, notice_id, "publish")
    with session_scope(house.sessions) as session:
        _, token = make_box(session, places.sister)
    neighbour = {"Authorization": f"Bearer {token}"}
    mine: Any = client.get(f"/api/v1/notices/{notice_id}", headers=village_box)
    assert mine.json["pages"][0]["url"] == address(notice_id)
    for headers in (neighbour, {}):
        assert client.get(f"/api/v1/notices/{notice_id}", headers=headers).status_code == 404
        assert SHA256 not in client.get("/api/v1/notices", headers=headers).text


def test_what_is_withdrawn_is_gone_from_a_box_that_has_just_read_it(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str]
) -> None:
    notice_id = scan(house, places.village)
    move(house, notice_id, "publish")
    for path in ("/api/v1/notices", f"/api/v1/notices/{notice_id}"):
        reply = client.get(path, headers=village_box)
        assert reply.headers["Cache-Control"] == "private, max-age=0"
    etag = reply.headers["ETag"]
    move(house, notice_id, "withdraw")
    headers = village_box | {"If-None-Match": etag}
    assert client.get(f"/api/v1/notices/{notice_id}", headers=headers).status_code == 404
    listed: Any = client.get("/api/v1/notices", headers=village_box).json
    assert listed["items"] == []
