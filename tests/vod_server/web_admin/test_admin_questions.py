"""提问 in the admin: what waits longest comes first; answered, corrected, by those of the place."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.db import read_scope, session_scope
from county.audit import history
from county.question_tables import Question
from county.questions import ask_question, count_unread, mark_seen
from tests.factories import make_box, paired
from tests.fakes import START, FakeClock
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House


@pytest.fixture
def question_id(house: House, office: Office) -> int:
    return ask(house, office, "几时停水？")


def ask(house: House, office: Office, text: str, days_ago: int = 0) -> int:
    with session_scope(house.sessions) as session:
        place = office.county.village
        box, _ = make_box(session, place, name="王秀兰家")
        at = START - timedelta(days=days_ago)
        return ask_question(session, paired(box, place), text, about=None, now=at).id


def of(house: House, question_id: int) -> Question:
    with read_scope(house.sessions) as session:
        return session.get_one(Question, question_id)


def version(html: str, question_id: int) -> str:
    part = html.partition(f'id="question-{question_id}"')[2]
    found = re.search(r'name="version" value="([^"]*)"', part)
    assert found
    return found[1].replace("&#43;", "+")


def test_the_longest_waiting_comes_first_with_its_days(enter, house: House, office: Office) -> None:
    editor = enter("recorder")
    assert "没有等待答复的提问" in editor.get("/admin/questions").text
    ask(house, office, "今天的问题")
    ask(house, office, "四天前的问题", days_ago=4)
    html = editor.get("/admin/questions").text
    assert html.index("四天前的问题") < html.index("今天的问题")
    assert "已等 4 天" in html


def test_an_answer_is_given_corrected_and_read_anew(
    enter, house: House, question_id: int, clock: FakeClock
) -> None:
    editor = enter("recorder")
    path = f"/admin/questions/{question_id}/answer"
    assert editor.post(path, {"answer": " 明天上午。 ", "version": ""}).status_code == 303
    given = of(house, question_id)
    assert (given.answer, given.answered_by) == ("明天上午。", "recorder")
    with session_scope(house.sessions) as session:
        mark_seen(session, given.box_id, question_id, now=START)
        assert count_unread(session, given.box_id) == 0
    clock.advance(60)
    html = editor.get("/admin/questions?answered=1").text
    assert "已看" in html
    data = {"answer": "改到后天。", "version": version(html, question_id)}
    assert editor.post(path, data).status_code == 303
    with read_scope(house.sessions) as session:
        assert count_unread(session, given.box_id) == 1
        actions = [entry.action for entry in history(session, f"question:{question_id}")]
    assert actions == ["question.correct", "question.answer"]


def test_of_two_who_answer_the_second_is_told(enter, house: House, question_id: int) -> None:
    path = f"/admin/questions/{question_id}/answer"
    enter("recorder").post(path, {"answer": "明天。", "version": ""})
    late = enter("reviewer").post(path, {"answer": "后天。", "version": ""})
    assert late.status_code == 409
    assert "后天。" in late.text
    assert of(house, question_id).answer == "明天。"


@pytest.mark.parametrize("text", ["", "   ", "长" * 1001], ids=["none", "spaces", "long"])
def test_what_is_no_answer_is_refused(enter, house: House, question_id: int, text: str) -> None:
    reply = enter("recorder").post(
        f"/admin/questions/{question_id}/answer", {"answer": text, "version": ""}
    )
    assert reply.status_code == 400
    assert of(house, question_id).answer is None


@pytest.mark.parametrize("wrong", ["gestern", "2026-05-01"])
def test_a_version_that_is_none_is_refused(
    enter, house: House, question_id: int, wrong: str
) -> None:
    reply = enter("recorder").post(
        f"/admin/questions/{question_id}/answer", {"answer": "好", "version": wrong}
    )
    assert reply.status_code == 400
    assert of(house, question_id).answer is None


@pytest.mark.parametrize(("login", "status"), [("stranger", 404), ("member", 403)])
def test_who_may_not_answer(enter, house: House, question_id: int, login: str, status: int) -> None:
    editor = enter(login)
    assert "几时停水" not in editor.get("/admin/questions").text
    path = f"/admin/questions/{question_id}/answer"
    assert editor.post(path, {"answer": "好", "version": ""}).status_code == status
    assert of(house, question_id).answer is None
