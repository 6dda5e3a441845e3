"""The demo's notices: published once where they belong, sums that add up, questions of a box."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.notices.reading import list_notices, visible_notice
from core.db import read_scope, session_scope
from county.places import get_place
from county.questions import count_unread, questions_of
from tests.factories import make_box
from tests.fakes import START
from vod_server.bootstrap import House
from vod_server.cli.content import add_demo_places
from vod_server.demo.notices import NOTICES, add_demo_notices, add_demo_questions
from vod_server.demo.places import PILOT_VILLAGE_CODE

ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def places(house: House) -> str:
    with session_scope(house.sessions) as session:
        add_demo_places(session)
        return get_place(session, PILOT_VILLAGE_CODE).path


@ON_SQLITE
def test_the_pilot_village_reads_three_and_one_has_two_pages(house: House, places: str) -> None:
    assert add_demo_notices(house.sessions, house.blobs, now=START) == 3
    assert add_demo_notices(house.sessions, house.blobs, now=START + timedelta(days=1)) == 0
    with read_scope(house.sessions) as session:
        shown, _ = list_notices(session, places, now=START)
        assert [len(notice.pages) for notice in shown] == [2, 0, 0]
        assert [notice.important for notice in shown] == [False, True, False]
        public, _ = list_notices(session, None, now=START)
        assert [notice.place.name for notice in public] == ["青禾县"]
        first = visible_notice(session, shown[0].id, places, now=START)
        for page in first.pages:
            assert house.blobs.size_bytes(f"{page.folder}/page.jpg") > 50_000
            assert page.height > page.width


def test_the_accounts_add_up() -> None:
    def amount(text: str) -> Decimal:
        return Decimal(text.replace(",", "") or "0")

    first, second = next(notice.sheets for notice in NOTICES if notice.sheets)
    opening = amount(first.entries[0].income)
    rows = [*first.entries[1:], *second.entries[1:]]
    income = sum(amount(row.income) for row in rows)
    expense = sum(amount(row.expense) for row in rows)
    sums = dict(second.sums)
    assert amount(sums["本月收入合计"]) == income
    assert amount(sums["本月支出合计"]) == expense
    assert amount(sums["期末结余"]) == opening + income - expense
    page = [amount(value) for _, value in first.sums]
    assert amount(second.entries[0].income) == opening + page[0] - page[1]


@ON_SQLITE
def test_a_demo_box_has_two_answers_to_read(house: House, places: str) -> None:
    add_demo_notices(house.sessions, house.blobs, now=START)
    with session_scope(house.sessions) as session:
        assert add_demo_questions(session, now=START) == 0
        box, _ = make_box(session, get_place(session, PILOT_VILLAGE_CODE))
        assert add_demo_questions(session, now=START) == 2
        assert add_demo_questions(session, now=START) == 0
        assert count_unread(session, box.id) == 2
        assert {question.about_kind for question in questions_of(session, box.id)} == {
            None,
            "notice",
        }
