"""Notices by place; questions of a box, its answers, and nobody else's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from catalog.notices.service import add_page, create_notice, move_notice
from catalog.notices.tables import Notice
from core.db import session_scope
from county.question_tables import Question
from county.questions import MOST_A_DAY, PHRASES, answer_question
from county.tables import Place
from tests.factories import County, make_box, make_channel, make_title
from tests.fakes import FakeClock
from vod_server.bootstrap import House

Headers = dict[str, str]


def publish(house: House, place: Place, title: str, **fields: Any) -> int:
    pages = fields.pop("pages", 0)
    with session_scope(house.sessions) as session:
        now = house.clock.now()
        fields = {"body": "请互相转告。", **fields}
        notice = create_notice(session, place=place, title=title, now=now, **fields)
        for number in range(pages):
            add_page(session, notice, sha256=f"{number:064}", width=1810, height=2560, now=now)
        move_notice(session, notice, "publish", actor="admin", now=now)
        return notice.id


def withdraw(house: House, notice_id: int) -> None:
    with session_scope(house.sessions) as session:
        notice = session.get_one(Notice, notice_id)
        move_notice(session, notice, "withdraw", actor="admin", now=house.clock.now())


def answer(house: House, question_id: int, text: str) -> None:
    with session_scope(house.sessions) as session:
        question = session.get_one(Question, question_id)
        answer_question(
            session,
            question,
            text,
            before=question.answered_at,
            name="李会计",
            actor="recorder",
            now=house.clock.now(),
        )


def titles(reply: Any) -> list[str]:
    return [item["title"] for item in reply.json["items"]]


def test_everybody_reads_the_countys_and_a_box_also_its_own_places(
    house: House, client: FlaskClient, places: County, village_box: Headers, clock: FakeClock
) -> None:
    for place in (places.root, places.town, places.village, places.sister, places.far):
        publish(house, place, f"{place.name}通知")
        clock.advance(60)
    assert titles(client.get("/api/v1/notices")) == ["青禾县通知"]
    mine = client.get("/api/v1/notices", headers=village_box)
    assert titles(mine) == ["柳湾村通知", "柳河镇通知", "青禾县通知"]
    assert mine.headers["Cache-Control"].startswith("private")
    assert mine.headers["Access-Control-Allow-Origin"] == "*"


def test_a_notice_of_elsewhere_is_not_there(
    house: House, client: FlaskClient, places: County, village_box: Headers
) -> None:
    far = publish(house, places.far, "邻镇的事")
    reply = client.get(f"/api/v1/notices/{far}", headers=village_box)
    assert reply.status_code == 404
    assert reply.mimetype == "application/problem+json"
    assert client.get(f"/api/v1/notices/{2**40}").status_code == 404


def test_the_reader_gets_words_and_pages_in_order(
    house: House, client: FlaskClient, places: County, village_box: Headers
) -> None:
    notice_id = publish(house, places.village, "十月账目", pages=2, important=True)
    [listed] = client.get("/api/v1/notices", headers=village_box).json["items"]
    assert listed == {
        "id": notice_id,
        "title": "十月账目",
        "place": "柳湾村",
        "published_at": int(house.clock.now().timestamp()),
        "important": True,
        "pages": 2,
        "picture": f"/notices/{notice_id}/{0:064}/small.jpg",
    }
    one = client.get(f"/api/v1/notices/{notice_id}", headers=village_box).json
    assert one["body"] == "请互相转告。"
    assert one["pages"] == [
        {"url": f"/notices/{notice_id}/{n:064}/page.jpg", "width": 1810, "height": 2560}
        for n in range(2)
    ]


def test_drafts_withdrawn_and_expired_ones_are_not_shown(
    house: House, client: FlaskClient, places: County, clock: FakeClock
) -> None:
    with session_scope(house.sessions) as session:
        create_notice(session, place=places.root, title="草稿", now=clock.now())
    withdrawn = publish(house, places.root, "撤回")
    publish(house, places.root, "今天为止", expires_on=date(2026, 5, 1))
    assert titles(client.get("/api/v1/notices")) == ["今天为止", "撤回"]
    withdraw(house, withdrawn)
    assert titles(client.get("/api/v1/notices")) == ["今天为止"]
    clock.advance(days=1)
    assert titles(client.get("/api/v1/notices")) == []


def test_an_unchanged_list_is_a_304_until_something_is_published(
    house: House, client: FlaskClient, places: County
) -> None:
    publish(house, places.root, "一")
    etag = client.get("/api/v1/notices").headers["ETag"]
    again = client.get("/api/v1/notices", headers={"If-None-Match": etag})
    assert again.status_code == 304
    publish(house, places.root, "二")
    assert client.get("/api/v1/notices", headers={"If-None-Match": etag}).status_code == 200


def test_pages_of_the_list_follow_each_other_without_gap_or_double(
    house: House, client: FlaskClient, places: County
) -> None:
    # All at one instant: only the id tells them apart.
    for number in range(53):
        publish(house, places.root, f"第{number}号")
    first = client.get("/api/v1/notices").json
    assert len(first["items"]) == 50
    withdraw(house, int(first["next"]))
    second = client.get(f"/api/v1/notices?cursor={first['next']}").json
    assert second["next"] is None
    assert [item["title"] for item in second["items"]] == ["第2号", "第1号", "第0号"]
    for wrong in ("x", "0", "9" * 30, "４"):
        assert client.get(f"/api/v1/notices?cursor={wrong}").status_code == 400


def ask(client: FlaskClient, headers: Headers, text: str, about: Any = None) -> Any:
    return client.post("/api/v1/messages", json={"text": text, "about": about}, headers=headers)


def test_an_unpaired_box_is_told_in_a_friendly_sentence(
    client: FlaskClient, places: County
) -> None:
    for reply in (
        client.get("/api/v1/messages"),
        ask(client, {}, "你好"),
        client.put("/api/v1/messages/1/seen"),
    ):
        assert reply.status_code == 401
        assert "绑定" in reply.json["detail"]


def test_a_question_is_asked_answered_and_read(
    house: House, client: FlaskClient, places: County, village_box: Headers, clock: FakeClock
) -> None:
    notice_id = publish(house, places.village, "十月账目")
    asked = ask(client, village_box, "  这笔钱是怎么用的？ ", {"kind": "notice", "id": notice_id})
    assert asked.status_code == 201
    about = {"kind": "notice", "id": notice_id, "name": "十月账目"}
    assert asked.json["about"] == about
    before = client.get("/api/v1/messages", headers=village_box).json
    assert before["phrases"] == list(PHRASES)
    assert before["unread"] == 0
    assert before["items"][0] | {"id": 0} == {
        "id": 0,
        "text": "这笔钱是怎么用的？",
        "about": about,
        "asked_at": int(clock.now().timestamp()),
        "answer": None,
        "answered_at": None,
        "answered_by": None,
        "seen": False,
    }
    clock.advance(days=1)
    question_id = asked.json["id"]
    answer(house, question_id, "买水泵，凭证在第二页。")
    after = client.get("/api/v1/messages", headers=village_box).json
    assert after["unread"] == 1
    assert after["items"][0]["answer"] == "买水泵，凭证在第二页。"
    assert after["items"][0]["answered_by"] == "李会计"
    for _ in range(2):
        seen = client.put(f"/api/v1/messages/{question_id}/seen", headers=village_box)
        assert seen.status_code == 204
    assert client.get("/api/v1/messages", headers=village_box).json["unread"] == 0
    answer(house, question_id, "更正：买的是两台水泵。")
    assert client.get("/api/v1/messages", headers=village_box).json["unread"] == 1


def test_a_box_sees_and_marks_only_its_own(
    house: House, client: FlaskClient, places: County, village_box: Headers
) -> None:
    with session_scope(house.sessions) as session:
        _, token = make_box(session, places.village, name="隔壁")
    other = {"Authorization": f"Bearer {token}"}
    question_id = ask(client, village_box, "什么时候停水？").json["id"]
    answer(house, question_id, "明天。")
    assert client.get("/api/v1/messages", headers=other).json["items"] == []
    assert client.put(f"/api/v1/messages/{question_id}/seen", headers=other).status_code == 404
    assert client.get("/api/v1/messages", headers=village_box).json["unread"] == 1


@pytest.mark.parametrize(
    ("text", "about", "status"),
    [
        ("", None, 400),
        ("   ", None, 400),
        pytest.param("长" * 201, None, 400, id="long"),
        ("坏\x00字", None, 400),
        (7, None, 400),
        ("好", {"kind": "person", "id": 1}, 400),
        ("好", {"kind": "title"}, 400),
        ("好", {"kind": "title", "id": True}, 400),
        ("好", "title", 400),
        ("好", {"kind": "notice", "id": 99}, 404),
        ("好", {"kind": "channel", "id": 99}, 404),
        ("好", {"kind": "series", "id": 99}, 404),
    ],
)
def test_what_is_no_question_is_refused(
    client: FlaskClient, village_box: Headers, text: Any, about: Any, status: int
) -> None:
    reply = ask(client, village_box, text, about)
    assert reply.status_code == status
    assert client.get("/api/v1/messages", headers=village_box).json["items"] == []


def test_a_body_that_is_no_json_is_refused(client: FlaskClient, village_box: Headers) -> None:
    reply = client.post("/api/v1/messages", data="你好", headers=village_box)
    assert reply.status_code == 400


def test_what_can_be_asked_about(
    house: House, client: FlaskClient, places: County, village_box: Headers
) -> None:
    with session_scope(house.sessions) as session:
        title = make_title(session, name="水稻", state="published", series="春耕")
        hidden = make_title(session, name="邻村", state="published", place=places.sister)
        channel = make_channel(session, number=51, name="县新闻")
        known = {
            "水稻": {"kind": "title", "id": title.id},
            "春耕": {"kind": "series", "id": title.series_id},
            "县新闻": {"kind": "channel", "id": channel.id},
        }
        wrong = {"kind": "title", "id": hidden.id}
    for name, about in known.items():
        assert ask(client, village_box, "请讲讲", about).json["about"]["name"] == name
    assert ask(client, village_box, "请讲讲", wrong).status_code == 404


def test_the_same_words_sent_again_are_one_question(
    client: FlaskClient, village_box: Headers, clock: FakeClock
) -> None:
    first = ask(client, village_box, "几点开会？").json["id"]
    clock.advance(60)
    assert ask(client, village_box, "几点开会？").json["id"] == first
    clock.advance(minutes=30)
    assert ask(client, village_box, "几点开会？").json["id"] != first


def test_a_box_asks_so_many_a_day(
    client: FlaskClient, village_box: Headers, clock: FakeClock
) -> None:
    for number in range(MOST_A_DAY):
        assert ask(client, village_box, f"问题{number}").status_code == 201
    refused = ask(client, village_box, "再问一个")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= timedelta(days=1).total_seconds()
    clock.advance(days=1, seconds=1)
    assert ask(client, village_box, "再问一个").status_code == 201


def test_a_cursor_tells_nothing_of_notices_elsewhere(
    house: House, client: FlaskClient, places: County, village_box: Headers, clock: FakeClock
) -> None:
    mine = publish(house, places.village, "本村")
    clock.advance(60)
    far = publish(house, places.far, "邻镇")
    withdraw(house, mine)
    path = "/api/v1/notices?cursor="
    assert client.get(f"{path}{mine}", headers=village_box).status_code == 200
    assert client.get(f"{path}{mine}").status_code == 400
    for headers in (village_box, {}):
        assert client.get(f"{path}{far}", headers=headers).status_code == 400
        assert client.get(f"{path}999", headers=headers).status_code == 400
