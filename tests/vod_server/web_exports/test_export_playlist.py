from __future__ import annotations

import gzip
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.db import session_scope
from epg.channels.m3u import Entry, Playlist, parse_m3u
from epg.channels.service import edit_channel
from epg.channels.tables import Channel
from tests.fakes import START
from tests.vod_server.web_exports.on_air import Household, Shown
from vod_server.bootstrap import House

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def read(client: FlaskClient, query: str = "") -> Playlist:
    reply = client.get(f"/playlist.m3u{query}")
    assert reply.status_code == 200, reply.text
    assert reply.mimetype == "audio/x-mpegurl"
    return parse_m3u(reply.text)


def by_number(playlist: Playlist) -> dict[str, Entry]:
    return {entry.attributes["tvg-chno"]: entry for entry in playlist.entries}


def test_the_public_list_letter_by_letter(client: FlaskClient, shown: Shown) -> None:
    lines = client.get("/playlist.m3u").text.splitlines()
    id_ = shown.public.id
    base = f"https://tv.example/live/{id_}/index.m3u8?v=1"
    assert lines == [
        '#EXTM3U x-tvg-url="https://tv.example/xmltv.xml.gz" '
        'url-tvg="https://tv.example/xmltv.xml.gz"',
        '#EXTINF:-1 tvg-id="news" tvg-name="新闻, 综合" tvg-chno="1" '
        'tvg-logo="https://tv.example/img/1/a/logo.png" group-title="本县;新闻" '
        f'catchup="default" catchup-days="7" '
        f'catchup-source="{base}&start={{utc}}&end={{utcend}}&vod=1",新闻， 综合',
        base,
        '#EXTINF:-1 tvg-id="op" tvg-name="运营商" tvg-chno="4" catchup="append" '
        'catchup-source="?t={utc}",运营商',
        "#KODIPROP:a=b",
        "http://operator.example:8080/rtp/239.1.1.1:1",
    ]


def test_a_households_list_has_its_key_in_every_address(
    client: FlaskClient, household: Household, shown: Shown
) -> None:
    found = read(client, f"?key={household.token}")
    guide = f"https://tv.example/xmltv.xml.gz?key={household.token}"
    assert found.attributes == {"x-tvg-url": guide, "url-tvg": guide}
    entries = by_number(found)
    assert sorted(entries) == ["1", "2", "4"]
    town = entries["2"]
    base = f"https://tv.example/live/{shown.town.id}/index.m3u8?key={household.token}"
    assert town.url == base
    assert town.attributes["catchup"] == "default"
    assert town.attributes["catchup-days"] == "3"
    assert town.attributes["catchup-source"] == f"{base}&start={{utc}}&end={{utcend}}&vod=1"
    assert town.attributes["x-odd"] == "1"
    assert town.attributes["tvg-id"] == f"cuntai-{shown.town.id}"
    assert household.token not in entries["4"].url


def filled(source: str) -> str:
    wall = {"(b)yyyyMMddHHmmss": "20260501095900", "(e)yyyyMMddHHmmss": "20260501095930"}
    for placeholder, text in wall.items():
        source = source.replace("${" + placeholder + "}", text)
    epoch = {"utc": int(START.timestamp()) - 60, "utcend": int(START.timestamp()) - 30}
    for name, value in epoch.items():
        source = source.replace("{" + name + "}", str(value))
    return source.removeprefix("https://tv.example")


@pytest.mark.parametrize("is_keyed", [False, True])
@pytest.mark.parametrize("form", ["", "cn"])
def test_what_players_make_of_the_sources_is_the_catch_up_asked_for(
    client: FlaskClient, household: Household, shown: Shown, form: str, is_keyed: bool
) -> None:
    key = f"key={household.token}" if is_keyed else ""
    entry = by_number(read(client, f"?{key}&format={form}"))["2" if is_keyed else "1"]
    source = entry.attributes["catchup-source"]
    for placeholder in ("{utc}", "{utcend}", "${(b)", "${(e)"):
        assert source.count(placeholder) == (1 if (form == "cn") == ("(" in placeholder) else 0)
    address = source if entry.attributes["catchup"] == "default" else entry.url + source
    assert address.count("?") == 1
    reply = client.get(filled(address))
    assert reply.status_code == 200
    assert "#EXT-X-PLAYLIST-TYPE" in reply.text
    assert reply.text.count("#EXTINF") == 15
    assert client.get(filled(entry.url)).status_code == 200
    del shown


def test_a_channel_that_keeps_nothing_offers_no_catch_up(
    client: FlaskClient, house: House, shown: Shown
) -> None:
    with session_scope(house.sessions) as session:
        channel = session.get_one(Channel, shown.public.id)
        edit_channel(session, channel, now=START, retention_days=0, radio=True)
    entry = by_number(read(client))["1"]
    assert not [name for name in entry.attributes if name.startswith("catchup")]
    assert entry.attributes["radio"] == "true"


def test_an_unknown_form_is_refused(client: FlaskClient) -> None:
    assert client.get("/playlist.m3u?format=exe").status_code == 400


def test_it_is_kept_by_version_zipped_and_told_when_unchanged(
    client: FlaskClient, house: House, household: Household, shown: Shown
) -> None:
    url = f"/playlist.m3u?key={household.token}"
    plain = client.get(url)
    zipped = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert plain.headers["Cache-Control"].startswith("private")
    assert client.get("/playlist.m3u").headers["Cache-Control"].startswith("public")
    tag = {"If-None-Match": plain.headers["ETag"]}
    assert client.get(url, headers=tag).status_code == 304
    with session_scope(house.sessions) as session:
        edit_channel(session, session.get_one(Channel, shown.town.id), now=START, name="柳河二")
    changed = client.get(url, headers=tag)
    assert changed.status_code == 200
    assert "柳河二" in changed.text


class TestWithoutAPublicAddress:
    @pytest.fixture
    def settings_overrides(self) -> dict[str, Any]:
        return {"snapshot_ttl_s": 0}

    def test_addresses_are_the_ones_it_was_asked_by(
        self, client: FlaskClient, shown: Shown
    ) -> None:
        for host in ("10.0.0.1:8000", "tv.local"):
            text = client.get("/playlist.m3u", base_url=f"http://{host}").text
            assert f'x-tvg-url="http://{host}/xmltv.xml.gz"' in text
            assert f"\nhttp://{host}/live/{shown.public.id}/" in text
