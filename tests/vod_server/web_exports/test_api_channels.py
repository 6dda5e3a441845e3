from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.db import session_scope
from epg.channels.service import pin_recording, set_wanted, unpin
from epg.channels.tables import Channel
from tests.factories import County, make_box
from tests.fakes import START, FakeClock
from tests.vod_server.web_exports.on_air import START_S, Shown
from vod_server.bootstrap import House
from vod_server.web.playing import catchup_url

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def box(house: House, places: County) -> dict[str, str]:
    with session_scope(house.sessions) as session:
        _, token = make_box(session, places.village)
    return {"Authorization": f"Bearer {token}"}


def items(client: FlaskClient, headers: dict[str, str] | None = None) -> list[Any]:
    reply = client.get("/api/v1/channels", headers=headers or {})
    assert reply.status_code == 200
    found: list[Any] = json.loads(reply.text)["items"]
    return found


def test_a_channel_as_boxes_read_it(client: FlaskClient, shown: Shown) -> None:
    public, operator = items(client)
    assert public == {
        "id": shown.public.id,
        "number": 1,
        "name": "新闻, 综合",
        "logo": "/img/1/a/logo.png",
        "group": "本县;新闻",
        "level": "county",
        "radio": False,
        "kind": "live",
        "live_url": f"/live/{shown.public.id}/index.m3u8?v=1",
        "catchup_days": 7,
        "window_s": 7 * 86400,
        "target_s": 3,
    }
    assert operator["live_url"] == "http://operator.example:8080/rtp/239.1.1.1:1"
    assert (operator["catchup_days"], operator["window_s"], operator["logo"]) == (0, 0, None)


def test_a_box_sees_its_places_channels_by_signed_addresses_that_play(
    client: FlaskClient, shown: Shown, box: dict[str, str], clock: FakeClock
) -> None:
    found = {one["id"]: one for one in items(client, box)}
    assert sorted(found) == sorted([shown.public.id, shown.town.id, shown.operator.id])
    address = found[shown.town.id]["live_url"]
    assert "?e=" in address
    for url in (address, f"{address}&utc={START_S - 60}&lutc={START_S}"):
        assert client.get(url).status_code == 200
    other = address.replace(f"/live/{shown.town.id}/", f"/live/{shown.far.id}/")
    assert client.get(other).status_code == 403
    clock.advance(days=1)
    assert client.get(address).status_code == 410
    renewed = {one["id"]: one for one in items(client, box)}[shown.town.id]["live_url"]
    assert client.get(f"{renewed}&start={START_S - 60}&end={START_S}").status_code == 200


def test_the_list_is_told_when_unchanged_and_changes_with_the_version(
    client: FlaskClient, house: House, shown: Shown, box: dict[str, str]
) -> None:
    first = client.get("/api/v1/channels", headers=box)
    assert first.headers["Cache-Control"] == "private, max-age=30"
    tag = {"If-None-Match": first.headers["ETag"], **box}
    assert client.get("/api/v1/channels", headers=tag).status_code == 304
    with session_scope(house.sessions) as session:
        set_wanted(session, session.get_one(Channel, shown.town.id), False, now=START)
    again = client.get("/api/v1/channels", headers=tag)
    assert again.status_code == 200
    assert json.loads(again.text)["version"] != json.loads(first.text)["version"]
    assert shown.town.id not in {one["id"] for one in json.loads(again.text)["items"]}


def test_a_revoked_box_is_refused(client: FlaskClient, shown: Shown) -> None:
    headers = {"Authorization": "Bearer nothing"}
    assert client.get("/api/v1/channels", headers=headers).status_code == 401
    del shown


def test_what_is_pinned_can_be_watched_whatever_the_retention(
    client: FlaskClient, house: House, shown: Shown
) -> None:
    day, long_ago = 86400, START_S - 30 * 86400

    def offered(channel: Channel, start_s: int, stop_s: int) -> bool:
        with client.application.test_request_context():
            return catchup_url(channel, start_s, stop_s, START) is not None

    assert not offered(shown.public, long_ago, long_ago + 3600)
    with session_scope(house.sessions) as session:
        channel = session.get_one(Channel, shown.public.id)
        start_ms = (long_ago + 600) * 1000
        pin = pin_recording(
            session,
            channel,
            start_ms=start_ms,
            stop_ms=start_ms + 1_200_000,
            name="村民大会",
            by="县管理员",
            now=START,
        )
    assert offered(shown.public, long_ago, long_ago + 3600)
    assert offered(shown.public, long_ago + 1799, long_ago + 3600)
    assert not offered(shown.public, long_ago + 1800, long_ago + 3600)
    assert not offered(shown.public, long_ago - day, long_ago + 600)
    assert not offered(shown.town, long_ago, long_ago + 3600)
    with session_scope(house.sessions) as session:
        unpin(session, pin.id)
    assert not offered(shown.public, long_ago, long_ago + 3600)


def test_what_can_be_watched_later(client: FlaskClient, shown: Shown) -> None:
    day = 86400
    with client.application.test_request_context():
        channel = shown.public
        running = catchup_url(channel, START_S - 60, START_S + 60, START)
        assert running == (
            f"/live/{channel.id}/index.m3u8?v=1&start={START_S - 60}&end={START_S + 60}"
        )
        assert catchup_url(channel, START_S + 1, START_S + 60, START) is None
        assert catchup_url(channel, START_S - 8 * day, START_S - 7 * day, START) is None
        assert catchup_url(channel, START_S - 7 * day, START_S - 7 * day + 60, START) is not None
        long = catchup_url(channel, START_S - day, START_S, START)
        assert long is not None
        assert long.endswith(f"&start={START_S - day}&end={START_S - day + 12 * 3600}")
        assert catchup_url(shown.operator, START_S - 60, START_S, START) is None
        keyed = catchup_url(shown.town, START_S - 60, START_S, START, key="k&y")
        assert keyed is not None
        assert "?key=k%26y&start=" in keyed
    assert client.get(running).status_code == 200
