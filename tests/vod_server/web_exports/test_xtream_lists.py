from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.db import session_scope
from county.key_streams import note_stream
from county.keys import authenticate_key
from epg.guide.editing import add_programme
from tests.factories import County, make_title
from tests.fakes import START
from tests.vod_server.web_exports.on_air import START_S, Household, Shown
from vod_server.bootstrap import House

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def ask(client: FlaskClient, who: Household, action: str = "", **more: object) -> Any:
    query = "".join(f"&{name}={value}" for name, value in more.items())
    reply = client.get(f"/player_api.php?{who.login}&action={action}{query}")
    assert reply.status_code == 200, reply.text
    assert reply.mimetype == "application/json"
    return json.loads(reply.text)


def test_who_and_where(client: FlaskClient, house: House, household: Household) -> None:
    with session_scope(house.sessions) as session:
        holder = authenticate_key(session, household.token, now=START)
        note_stream(session, holder, client="a", subject="channel:1", now=START)
    for action in ("", "make_coffee"):
        about = ask(client, household, action)
        assert about["user_info"] == {
            "username": f"h{household.id}",
            "password": household.token,
            "message": "",
            "auth": 1,
            "status": "Active",
            "exp_date": "4102444800",
            "is_trial": "0",
            "active_cons": "1",
            "created_at": str(START_S),
            "max_connections": "2",
            "allowed_output_formats": ["m3u8", "ts"],
        }
        assert about["server_info"] == {
            "url": "tv.example",
            "port": "443",
            "https_port": "443",
            "server_protocol": "https",
            "rtmp_port": "",
            "timezone": "Asia/Shanghai",
            "timestamp_now": START_S,
            "time_now": "2026-05-01 10:00:00",
            "process": True,
        }


def test_a_login_may_be_posted(client: FlaskClient, household: Household) -> None:
    form = {"username": f"h{household.id}", "password": household.token}
    assert json.loads(client.post("/player_api.php", data=form).text)["user_info"]["auth"] == 1


def test_channels_and_their_groups(client: FlaskClient, household: Household, shown: Shown) -> None:
    groups = ask(client, household, "get_live_categories")
    assert [group["category_name"] for group in groups] == ["本县", "新闻", "乡镇", "其他"]
    assert all(isinstance(group["category_id"], str) for group in groups)
    streams = ask(client, household, "get_live_streams")
    assert [one["stream_id"] for one in streams] == [
        shown.public.id,
        shown.town.id,
        shown.operator.id,
    ]
    assert streams[1] == {
        "num": 2,
        "name": "柳河",
        "stream_type": "live",
        "stream_id": shown.town.id,
        "stream_icon": "",
        "epg_channel_id": f"cuntai-{shown.town.id}",
        "added": str(START_S),
        "is_adult": "0",
        "category_id": groups[2]["category_id"],
        "category_ids": [int(groups[2]["category_id"])],
        "custom_sid": "",
        "tv_archive": 1,
        "direct_source": "",
        "tv_archive_duration": 3,
    }
    assert streams[0]["stream_icon"] == "https://tv.example/img/1/a/logo.png"
    assert (streams[2]["tv_archive"], streams[2]["tv_archive_duration"]) == (0, 0)
    for group, ids in ((groups[1], [shown.public.id]), (groups[3], [shown.operator.id])):
        found = ask(client, household, "get_live_streams", category_id=group["category_id"])
        assert [one["stream_id"] for one in found] == ids
    assert ask(client, household, "get_live_streams", category_id="77") == []


def decoded(text: str) -> str:
    return base64.b64decode(text).decode()


def test_programmes_are_coded_and_say_what_is_kept(
    client: FlaskClient, house: House, household: Household, shown: Shown
) -> None:
    with session_scope(house.sessions) as session:
        for hour, title in ((-100, "太早"), (-2, "早间"), (0, "上午"), (1, "午间"), (2, "下午")):
            start_s = START_S + hour * 3600
            add_programme(
                session,
                shown.town.id,
                start_s=start_s,
                stop_s=start_s + 3600,
                title=title,
                summary=f"{title}的事",
                now=START,
            )
    [now, following] = ask(client, household, "get_short_epg", stream_id=shown.town.id, limit=2)[
        "epg_listings"
    ]
    assert now == {
        "id": str(START_S),
        "epg_id": str(shown.town.id),
        "title": base64.b64encode("上午".encode()).decode(),
        "lang": "zh",
        "start": "2026-05-01 10:00:00",
        "end": "2026-05-01 11:00:00",
        "description": base64.b64encode("上午的事".encode()).decode(),
        "channel_id": f"cuntai-{shown.town.id}",
        "start_timestamp": str(START_S),
        "stop_timestamp": str(START_S + 3600),
        "now_playing": 1,
        "has_archive": 1,
    }
    assert (decoded(following["title"]), following["has_archive"]) == ("午间", 0)
    table = ask(client, household, "get_simple_data_table", stream_id=shown.town.id)
    assert [(decoded(one["title"]), one["has_archive"]) for one in table["epg_listings"]] == [
        ("早间", 1),
        ("上午", 1),
        ("午间", 0),
        ("下午", 0),
    ]
    for id_ in (shown.far.id, 99_999, "x", ""):
        empty = ask(client, household, "get_short_epg", stream_id=id_)
        assert empty == {"epg_listings": []}


@pytest.fixture
def titles(house: House, places: County) -> dict[str, int]:
    with session_scope(house.sessions) as session:
        made = {
            "film": make_title(session, name="养鸡", state="published", summary="怎样养鸡"),
            "two": make_title(
                session, name="二", state="published", series="讲座", episode=2, category="党建"
            ),
            "one": make_title(
                session,
                name="一",
                state="published",
                series="讲座",
                episode=1,
                category="党建",
                place=places.village,
            ),
            "plain": make_title(session, name="无类", state="published", category=""),
            "far": make_title(session, name="远", state="published", place=places.far),
            "draft": make_title(session, name="草稿"),
        }
        return {name: title.id for name, title in made.items()}


def test_films(client: FlaskClient, household: Household, titles: dict[str, int]) -> None:
    categories = ask(client, household, "get_vod_categories")
    assert [one["category_name"] for one in categories] == ["农技", "其他"]
    films = ask(client, household, "get_vod_streams")
    assert [one["stream_id"] for one in films] == [titles["plain"], titles["film"]]
    assert films[1]["container_extension"] == "m3u8"
    assert films[1]["added"] == str(START_S)
    some = ask(client, household, "get_vod_streams", category_id=categories[1]["category_id"])
    assert [one["name"] for one in some] == ["无类"]
    info = ask(client, household, "get_vod_info", vod_id=titles["film"])
    assert info["info"]["plot"] == "怎样养鸡"
    assert info["info"]["duration_secs"] == 18
    assert info["info"]["duration"] == "00:00:18"
    assert info["movie_data"]["stream_id"] == titles["film"]
    for name in ("far", "draft"):
        reply = client.get(
            f"/player_api.php?{household.login}&action=get_vod_info&vod_id={titles[name]}"
        )
        assert (reply.status_code, reply.json) == (404, {})


def test_series(client: FlaskClient, household: Household, titles: dict[str, int]) -> None:
    categories = ask(client, household, "get_series_categories")
    assert [one["category_name"] for one in categories] == ["党建"]
    [card] = ask(client, household, "get_series", category_id=categories[0]["category_id"])
    assert (card["name"], card["last_modified"]) == ("讲座", str(START_S))
    info = ask(client, household, "get_series_info", series_id=card["series_id"])
    episodes = info["episodes"]["1"]
    assert [(one["id"], one["episode_num"]) for one in episodes] == [
        (str(titles["one"]), 1),
        (str(titles["two"]), 2),
    ]
    assert info["seasons"][0]["episode_count"] == 2


def test_everything_at_once(
    client: FlaskClient, household: Household, shown: Shown, titles: dict[str, int]
) -> None:
    panel = json.loads(client.get(f"/panel_api.php?{household.login}").text)
    assert panel["user_info"]["auth"] == 1
    assert sorted(panel["categories"]) == ["live", "movie", "series"]
    assert str(shown.town.id) in panel["available_channels"]
    assert titles["film"] in {
        one["stream_id"]
        for one in panel["available_channels"].values()
        if one["stream_type"] == "movie"
    }
