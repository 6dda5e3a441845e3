from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree

from core.db import session_scope
from epg.channels.m3u import parse_m3u
from epg.guide.editing import add_programme
from tests.fakes import START, FakeClock
from tests.vod_server.web_exports.on_air import START_S, Household, Shown
from vod_server.bootstrap import House

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

H, DAY = 3600, 86400


def programme(house: House, channel_id: int, start: int, stop: int, title: str) -> None:
    with session_scope(house.sessions) as session:
        add_programme(
            session,
            channel_id,
            start_s=START_S + start,
            stop_s=START_S + stop,
            title=title,
            now=START,
        )


@pytest.fixture
def guide(house: House, shown: Shown) -> None:
    id_ = shown.public.id
    programme(house, id_, -8 * DAY, -8 * DAY + H, "太旧")
    programme(house, id_, -6 * DAY, -6 * DAY + H, "还在")
    programme(house, id_, 0, H, "现在 & <此刻>")
    programme(house, id_, 6 * DAY, 6 * DAY + H, "下周")
    programme(house, id_, 8 * DAY, 8 * DAY + H, "太远")
    programme(house, shown.town.id, -4 * DAY, -4 * DAY + H, "镇上旧")
    programme(house, shown.town.id, -2 * DAY, -2 * DAY + H, "镇上")


def titles(body: bytes) -> list[str | None]:
    return [node.text for node in etree.fromstring(body).iterfind("programme/title")]


@pytest.mark.usefixtures("guide")
def test_it_holds_what_is_kept_and_a_week(client: FlaskClient, household: Household) -> None:
    assert titles(client.get("/xmltv.xml").data) == ["还在", "现在 & <此刻>", "下周"]
    keyed = client.get(f"/xmltv.xml?key={household.token}").data
    assert titles(keyed) == ["还在", "现在 & <此刻>", "下周", "镇上"]


@pytest.mark.usefixtures("guide")
def test_it_is_valid_and_its_ids_are_the_playlists(
    client: FlaskClient, household: Household, shared_dir: Path
) -> None:
    body = client.get(f"/xmltv.xml?key={household.token}").data
    tree = etree.fromstring(body)
    dtd = etree.DTD(str(shared_dir / "guide" / "xmltv.dtd"))
    assert dtd.validate(tree), dtd.error_log
    ids = {node.get("id") for node in tree.iterfind("channel")}
    playlist = parse_m3u(client.get(f"/playlist.m3u?key={household.token}").text)
    assert ids == {entry.attributes["tvg-id"] for entry in playlist.entries}
    assert len(ids) == 3
    icons = [node.get("src") for node in tree.iterfind("channel/icon")]
    assert icons == ["https://tv.example/img/1/a/logo.png"]


@pytest.mark.usefixtures("guide")
def test_the_file_is_the_same_zipped(client: FlaskClient) -> None:
    plain = client.get("/xmltv.xml")
    file = client.get("/xmltv.xml.gz")
    assert file.mimetype == "application/gzip"
    assert "Content-Encoding" not in file.headers
    assert gzip.GzipFile(fileobj=io.BytesIO(file.data)).read() == plain.data
    over_the_wire = client.get("/xmltv.xml", headers={"Accept-Encoding": "gzip"})
    assert over_the_wire.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(over_the_wire.data) == plain.data


@pytest.mark.usefixtures("guide")
def test_who_has_it_is_told_so_until_it_changes(
    client: FlaskClient, house: House, shown: Shown, clock: FakeClock
) -> None:
    first = client.get("/xmltv.xml.gz")
    clock.advance(minutes=10)
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = client.get("/xmltv.xml.gz", headers=headers)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get("/xmltv.xml.gz", headers={"If-Modified-Since": "soon"}).status_code == 200
    programme(house, shown.public.id, 2 * H, 3 * H, "新加")
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        assert client.get("/xmltv.xml.gz", headers=headers).status_code == 200


@pytest.mark.usefixtures("guide")
def test_xtream_players_may_ask_for_fewer_days(client: FlaskClient, household: Household) -> None:
    def asked(more: str) -> list[str | None]:
        return titles(client.get(f"/xmltv.php?{household.login}{more}").data)

    assert asked("") == ["还在", "现在 & <此刻>", "下周", "镇上"]
    assert asked("&days=1") == ["还在", "现在 & <此刻>", "镇上"]
    assert asked("&prev_days=1") == ["现在 & <此刻>", "下周"]
    assert asked("&days=x&prev_days=-1") == asked("")
