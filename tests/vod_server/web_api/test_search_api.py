"""`/suggest`, `/search`, `/search/popular` as boxes read them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from catalog.titles.resume import save_position
from catalog.titles.service import move_title
from core.db import session_scope
from epg.channels.service import create_channel, set_places
from epg.guide.editing import add_programme
from tests.factories import County, make_box, make_title, paired
from tests.fakes import START
from vod_server.bootstrap import House
from vod_server.searching import make_indexer

NOW_S = int(START.timestamp())


@pytest.fixture
def filled(house: House, places: County) -> None:
    with session_scope(house.sessions) as session:
        make_title(
            session,
            name="农业保险怎么买",
            series="农业课堂",
            state="published",
            summary="春耕之前，把农业保险的条款讲清楚。" * 8,
        )
        make_title(session, name="农闲话家常", state="published", place=places.village)
        channel = create_channel(session, name="农业农村频道", number=17, now=START)
        village = create_channel(session, name="农家小院", number=18, now=START)
        set_places(session, village, [places.village.id], now=START)
        for one, title in ((channel, "农业天气(3)"), (village, "农忙时节")):
            add_programme(
                session, one.id, start_s=NOW_S - 60, stop_s=NOW_S + 600, title=title, now=START
            )
    make_indexer(house).drain()


def get(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> Any:
    reply = client.get(f"/api/v1{path}", headers=headers or {})
    assert reply.status_code == 200, reply.text
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    return reply.get_json()


@pytest.mark.usefixtures("filled")
def test_a_suggestion_of_each_kind(client: FlaskClient) -> None:
    found = get(client, "/suggest?q=ny&form=initials&kind=&limit=30")
    assert found["counts"] == {"channel": 1, "programme": 1, "series": 1, "title": 1}
    items = {item["kind"]: item for item in found["items"]}
    assert [item["kind"] for item in found["items"]] == ["channel", "series", "title", "programme"]
    assert {item["name"][slice(*item["mark"])] for item in items.values()} == {"农业"}
    assert items["title"]["card"]["id"] == items["title"]["id"]
    assert items["title"]["detail"] == "农技 · 1分钟"
    assert items["series"]["detail"] == "共 1 集"
    assert (items["channel"]["channel"], items["channel"]["detail"]) == (
        items["channel"]["id"],
        "17 频道",
    )
    assert items["programme"]["name"] == "农业天气"
    assert items["programme"]["programme"]["title"] == "农业天气(3)"
    assert items["programme"]["programme"]["now"] is True
    assert items["programme"]["channel"] == items["channel"]["id"]
    assert items["programme"]["detail"] == "农业农村频道 · 正在播出"
    assert found["next"] == "BKNT"


@pytest.mark.usefixtures("filled")
def test_digits_and_one_kind(client: FlaskClient) -> None:
    found = get(client, "/suggest?q=69&form=t9&kind=channel")
    assert [item["name"] for item in found["items"]] == ["农业农村频道"]
    assert found["counts"]["title"] == 1
    assert found["next"] == "6"
    assert get(client, "/suggest?q=nyz&form=initials") == {"items": [], "counts": {}, "next": ""}
    assert get(client, "/suggest?q=") == {"items": [], "counts": {}, "next": ""}


@pytest.mark.usefixtures("filled")
def test_a_village_sees_its_own_and_others_do_not_learn_of_it(
    client: FlaskClient, village_box: dict[str, str]
) -> None:
    assert get(client, "/suggest?q=n")["next"] == "COY"
    assert get(client, "/suggest?q=n", village_box)["next"] == "CJMOXY"
    here = get(client, "/search?q=农", village_box)
    assert here["counts"] == {"channel": 2, "programme": 2, "series": 1, "title": 2}
    elsewhere = get(client, "/search?q=农")
    assert elsewhere["counts"] == {"channel": 1, "programme": 1, "series": 1, "title": 1}
    assert get(client, "/search?q=农忙") == {"items": [], "counts": {}, "next": None}
    private = client.get("/api/v1/suggest?q=n", headers=village_box)
    assert "private" in private.headers["Cache-Control"]


@pytest.mark.usefixtures("filled")
def test_words_with_an_excerpt_and_pages(client: FlaskClient, village_box: dict[str, str]) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = get(client, f"/search?q=农&limit=3&cursor={cursor}", village_box)
        seen += page["items"]
        cursor = page["next"]
    assert len({(item["kind"], item["id"]) for item in seen}) == len(seen) == 7
    title = next(item for item in seen if item["title"] == "农业保险怎么买")
    assert title["snippet"].startswith("春耕之前，把农业保险")
    assert len(title["snippet"]) <= 62
    assert [i["title"] for i in get(client, "/search?q=baoxian")["items"]] == ["农业保险怎么买"]
    assert get(client, "/search?q=6929")["items"][0]["title"] == "农业保险怎么买"


def test_popular_is_what_was_watched_then_the_newest(
    client: FlaskClient, house: House, places: County
) -> None:
    with session_scope(house.sessions) as session:
        watched = make_title(session, name="看过的", state="published")
        make_title(session, name="新的", state="published")
        secret = make_title(session, name="外村的", state="published", place=places.far)
        box = paired(make_box(session, places.far)[0], places.far)
        for title in (watched, secret):
            save_position(session, box, title.id, 20, now=START)
    items = get(client, "/search/popular")["items"]
    assert [item["name"] for item in items] == ["看过的", "新的"]
    assert items[0]["mark"] is None
    assert items[0]["card"]["title"] == "看过的"


@pytest.mark.parametrize("drained", [False, True])
def test_what_is_withdrawn_is_in_no_answer_any_more(
    client: FlaskClient, house: House, places: County, drained: bool
) -> None:
    with session_scope(house.sessions) as session:
        title = make_title(session, name="农业保险", series="农业课", state="published")
        box = paired(make_box(session, places.village)[0], places.village)
        save_position(session, box, title.id, 20, now=START)
    make_indexer(house).drain()
    asked = ("/suggest?q=n", "/suggest?q=ny", "/suggest?q=69&form=t9", "/search?q=农业")
    for path in (*asked, "/search/popular"):
        assert get(client, path)["items"], path
    with session_scope(house.sessions) as session:
        move_title(session, session.merge(title), "withdraw", actor="t", now=START)
    if drained:
        make_indexer(house).drain()
    for path in asked:
        reply = get(client, path)
        assert (reply["items"], reply["counts"], reply["next"] or "") == ([], {}, ""), path
    assert get(client, "/search/popular")["items"] == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/suggest?q=a&form=x", "form"),
        ("/suggest?q=a&kind=person", "kind"),
        ("/suggest?q=a&limit=0", "limit"),
        ("/suggest?q=a&limit=999", "limit"),
        ("/search?q=a&cursor=x", "cursor"),
        ("/search?q=" + "a" * 101, "q"),
    ],
)
def test_a_bad_question_is_told_so(client: FlaskClient, path: str, field: str) -> None:
    reply = client.get(f"/api/v1{path}")
    assert reply.status_code == 400
    assert reply.get_json()["field"] == field


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_lag_is_measured(client: FlaskClient, house: House) -> None:
    with session_scope(house.sessions) as session:
        make_title(session, name="农业", state="published")
    text = client.get("/metrics").text
    assert "cuntai_search_lag_seconds 0.0" in text
    assert "cuntai_search_waiting 1.0" in text
