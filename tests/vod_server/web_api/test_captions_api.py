"""DETAIL tells of captions, and their addresses lead to them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from catalog.titles.caption_files import read_captions
from catalog.titles.captions import attach_captions, remove_captions, store_captions
from catalog.titles.service import get_title
from core.db import session_scope
from tests.factories import County, make_title
from tests.fakes import FakeClock
from vod_server.bootstrap import House
from vod_server.web.app import make_wsgi


@pytest.fixture
def title_id(house: House, places: County) -> int:
    with session_scope(house.sessions) as session:
        return make_title(session, name="剪枝", state="published").id


@pytest.fixture
def site(house: House) -> Client:
    """Return a client of everything that gunicorn runs, files too."""
    return Client(make_wsgi(house))


def add(house: House, title_id: int, words: str, language: str = "zh-CN") -> None:
    captions = read_captions(f"1\n00:00:01,000 --> 00:00:02,000\n{words}\n".encode())
    stored = store_captions(house.blobs, title_id, captions, language=language)
    with session_scope(house.sessions) as session:
        title = get_title(session, title_id)
        now = house.clock.now()
        attach_captions(session, title, stored, actor="li", now=now, keep_s=60)


def captions(client: FlaskClient | Client, title_id: int) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = client.get(f"/api/v1/titles/{title_id}").json["captions"]
    return shown


def test_a_title_without_captions_says_so(client: FlaskClient, title_id: int) -> None:
    assert captions(client, title_id) == []


def test_detail_lists_captions_with_addresses_that_work(
    house: House, site: Client, title_id: int
) -> None:
    add(house, title_id, "look", "en")
    add(house, title_id, "四看")
    shown = captions(site, title_id)
    assert [(one["language"], one["label"]) for one in shown] == [
        ("zh-CN", "中文"),
        ("en", "English"),
    ]
    reply = site.get(shown[0]["url"], buffered=True)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.get_data() == ("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n四看\n".encode())
    assert shown[0]["url"].endswith("/captions/zh-CN.vtt")
    assert site.get(shown[1]["url"].replace("/en.vtt", "/zh-CN.vtt")).status_code == 404


def test_a_change_is_seen_at_once(house: House, client: FlaskClient, title_id: int) -> None:
    add(house, title_id, "四看")
    first = captions(client, title_id)[0]["url"]
    etag = client.get(f"/api/v1/titles/{title_id}").headers["ETag"]
    add(house, title_id, "五看")
    assert captions(client, title_id)[0]["url"] != first
    reply = client.get(f"/api/v1/titles/{title_id}", headers={"If-None-Match": etag})
    assert reply.status_code == 200
    with session_scope(house.sessions) as session:
        title = get_title(session, title_id)
        remove_captions(session, title, "zh-CN", now=house.clock.now(), keep_s=60)
    assert captions(client, title_id) == []


def test_an_address_dies_and_detail_gives_a_new_one(
    house: House, site: Client, title_id: int, clock: FakeClock
) -> None:
    add(house, title_id, "四看")
    url = captions(site, title_id)[0]["url"]
    clock.advance(days=1)
    assert site.get(url).status_code == 410
    assert site.get(captions(site, title_id)[0]["url"], buffered=True).status_code == 200
    assert site.get(url.replace("/vod/", "/vod/1")).status_code == 403
