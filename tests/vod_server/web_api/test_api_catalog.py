"""Home, titles, series, playback: what a box may see, and that nothing leaks."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from catalog.titles import service
from core.db import session_scope
from county.boxes import revoke_box
from county.tables import Box
from tests.factories import County, make_box, make_title
from tests.fakes import FakeClock
from vod_server.bootstrap import House


def add(house: House, **fields: object) -> int:
    with session_scope(house.sessions) as session:
        return make_title(session, **fields).id  # type: ignore[arg-type]


def names(reply: object) -> set[str]:
    return {card["title"] for card in reply.json["items"]}  # type: ignore[attr-defined]


def test_an_unpaired_box_sees_what_is_public(
    house: House, client: FlaskClient, places: County
) -> None:
    add(house, name="大家看", state="published")
    add(house, name="只给柳湾", state="published", place=places.village)
    add(house, name="草稿", state="draft")
    add(house, name="已撤回", state="withdrawn")
    assert names(client.get("/api/v1/titles")) == {"大家看"}
    rows = client.get("/api/v1/home").json["rows"]
    assert [[card["title"] for card in row["items"]] for row in rows] == [["大家看"]]


def test_a_box_sees_its_own_place_and_not_its_neighbours(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str]
) -> None:
    add(house, name="大家看", state="published")
    add(house, name="全镇看", state="published", place=places.town)
    add(house, name="本村看", state="published", place=places.village)
    sister = add(house, name="邻村看", state="published", place=places.sister)
    seen = names(client.get("/api/v1/titles", headers=village_box))
    assert seen == {"大家看", "全镇看", "本村看"}
    assert client.get(f"/api/v1/titles/{sister}", headers=village_box).status_code == 404
    assert client.get(f"/vod/{sister}/index.m3u8", headers=village_box).status_code == 404
    assert "邻村看" not in client.get("/api/v1/home", headers=village_box).text


def test_a_rendered_home_of_one_place_is_not_given_to_another(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str]
) -> None:
    add(house, name="本村看", state="published", place=places.village)
    mine = client.get("/api/v1/home", headers=village_box)
    assert "本村看" in mine.text
    assert mine.headers["Cache-Control"].startswith("private")
    assert "Authorization" in mine.headers["Vary"]
    assert "本村看" not in client.get("/api/v1/home").text


def test_a_revoked_token_is_refused(house: House, client: FlaskClient, places: County) -> None:
    with session_scope(house.sessions) as session:
        box, token = make_box(session, places.village)
        revoke_box(session, box.id, now=house.clock.now())
        assert session.get(Box, box.id) is not None
    reply = client.get("/api/v1/home", headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 401
    assert reply.mimetype == "application/problem+json"
    assert "重新绑定" in reply.json["detail"]
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_detail_says_what_the_page_needs_and_where_to_play(
    house: House, client: FlaskClient, places: County
) -> None:
    title_id = add(house, name="水稻病虫害", state="published", series="春耕", summary="看叶子。")
    detail = client.get(f"/api/v1/titles/{title_id}").json
    assert detail["title"] == "水稻病虫害"
    assert detail["series"]["title"] == "春耕"
    assert detail["duration_s"] == pytest.approx(18.0)
    playlist = client.get(detail["playback_url"])
    assert playlist.status_code == 200
    assert playlist.mimetype == "application/vnd.apple.mpegurl"
    assert "#EXT-X-STREAM-INF" in playlist.text
    assert f"/vod/{title_id}/" in playlist.text
    members = client.get(f"/api/v1/series/{detail['series']['id']}").json
    assert [card["id"] for card in members["items"]] == [title_id]


def test_a_playback_address_is_for_its_title_until_it_expires(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str], clock: FakeClock
) -> None:
    mine = add(house, name="本村看", state="published", place=places.village)
    other = add(house, name="邻村看", state="published", place=places.sister)
    url = client.get(f"/api/v1/titles/{mine}", headers=village_box).json["playback_url"]
    assert client.get(url).status_code == 200, "the player sends no token"
    assert client.get(url.replace(f"/vod/{mine}/", f"/vod/{other}/")).status_code == 403
    assert client.get(url.replace("e=", "e=1")).status_code == 403
    clock.advance(days=1)
    assert client.get(url).status_code == 410


def test_a_withdrawn_title_stops_playing_at_once(
    house: House, client: FlaskClient, places: County
) -> None:
    title_id = add(house, name="要撤的", state="published")
    url = client.get(f"/api/v1/titles/{title_id}").json["playback_url"]
    with session_scope(house.sessions) as session:
        title = service.get_title(session, title_id)
        service.move_title(session, title, "withdraw", actor="t", now=house.clock.now())
    assert client.get(url).status_code == 404
    assert client.get(f"/api/v1/titles/{title_id}").status_code == 404
    assert client.get("/api/v1/home").json["rows"] == []


def test_the_list_goes_on_by_cursor_and_refuses_nonsense(
    house: House, client: FlaskClient, places: County
) -> None:
    ids = [add(house, state="published") for _ in range(5)]
    first = client.get("/api/v1/titles?limit=2").json
    second = client.get(f"/api/v1/titles?limit=2&cursor={first['next']}").json
    third = client.get(f"/api/v1/titles?limit=2&cursor={second['next']}").json
    seen = [card["id"] for page in (first, second, third) for card in page["items"]]
    assert seen == sorted(ids, reverse=True)
    assert third["next"] is None
    for query in ("limit=0", "limit=x", "limit=101", "cursor=x", "series=-1"):
        reply = client.get(f"/api/v1/titles?{query}")
        assert reply.status_code == 400, query
        assert reply.json["field"] == query.partition("=")[0]


def test_an_unchanged_home_costs_304(house: House, client: FlaskClient, places: County) -> None:
    add(house, state="published")
    etag = client.get("/api/v1/home").headers["ETag"]
    again = client.get("/api/v1/home", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert not again.data
    add(house, state="published")
    changed = client.get("/api/v1/home", headers={"If-None-Match": etag})
    assert changed.status_code == 200


def test_resume_is_kept_per_box(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str]
) -> None:
    title_id = add(house, state="published")
    url = f"/api/v1/titles/{title_id}/resume"
    assert client.put(url, json={"position_s": 9.5}, headers=village_box).status_code == 204
    items = client.get("/api/v1/resume", headers=village_box).json["items"]
    assert [(row["title"]["id"], row["position_s"]) for row in items] == [(title_id, 9.5)]
    assert client.get("/api/v1/resume").json == {"items": []}
    assert client.put(url, json={"position_s": 1}).status_code == 401


@pytest.mark.parametrize("body", ["{", "[]", '{"position_s":"x"}', '{"position_s":true}', "1e9"])
def test_a_bad_position_is_refused(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str], body: str
) -> None:
    title_id = add(house, state="published")
    url = f"/api/v1/titles/{title_id}/resume"
    headers = village_box | {"Content-Type": "application/json"}
    assert client.put(url, data=body, headers=headers).status_code == 400


def test_a_box_cannot_mark_what_it_may_not_see(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str]
) -> None:
    hidden = add(house, state="published", place=places.far)
    reply = client.put(
        f"/api/v1/titles/{hidden}/resume", json={"position_s": 9}, headers=village_box
    )
    assert reply.status_code == 404


def test_a_flashed_app_of_any_origin_may_ask(house: House, client: FlaskClient) -> None:
    preflight = client.options("/api/v1/titles/1/resume")
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]


def test_errors_are_problems_in_chinese(client: FlaskClient) -> None:
    reply = client.get("/api/v1/nothing")
    assert reply.status_code == 404
    assert json.loads(reply.data) == {
        "type": "about:blank",
        "title": "找不到",
        "status": 404,
        "detail": "没有这个地址。",
    }
