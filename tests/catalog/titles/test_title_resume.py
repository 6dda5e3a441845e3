"""Where a box stopped watching, and what it may go on with."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from catalog.titles import service
from catalog.titles.resume import positions, save_position
from catalog.titles.tables import Title
from core.db import SessionFactory, session_scope
from core.errors import InvalidInputError
from county.boxes import PairedBox
from tests.factories import make_box, make_county, make_measured, make_title, paired
from tests.fakes import START


def test_a_box_goes_on_where_it_stopped(sessions: SessionFactory) -> None:
    with session_scope(sessions) as session:
        county = make_county(session)
        box, other = (make_box(session, county.village)[0] for _ in range(2))
        here, there = paired(box, county.village), paired(other, county.village)
        first, second = (
            make_title(session, state="published", renditions=(make_measured(segments=20),))
            for _ in range(2)
        )
    with session_scope(sessions) as session:
        save_position(session, here, first.id, 12.5, now=START)
        save_position(session, here, second.id, 30.0, now=START + timedelta(minutes=1))
        save_position(session, there, first.id, 60.0, now=START)
    with session_scope(sessions) as session:
        save_position(session, here, first.id, 40.0, now=START + timedelta(minutes=2))
    with session_scope(sessions) as session:

        def told(box: PairedBox) -> list[tuple[int, float]]:
            return [(t.id, r.position_s) for t, r in positions(session, box, now=START)]

        assert told(here) == [(first.id, 40.0), (second.id, 30.0)]
        assert told(there) == [(first.id, 60.0)]


def test_what_is_finished_barely_begun_or_hidden_is_not_offered(session: Session) -> None:
    county = make_county(session)
    box = paired(make_box(session, county.village)[0], county.village)
    names = ("看完", "刚开", "撤回", "在看")
    titles: dict[str, Title] = {
        name: make_title(
            session, name=name, state="published", renditions=(make_measured(segments=10),)
        )
        for name in names
    }
    for name, position_s in zip(names, (58.0, 2.0, 30.0, 30.0), strict=True):
        save_position(session, box, titles[name].id, position_s, now=START)
    service.move_title(session, titles["撤回"], "withdraw", actor="li", now=START)
    assert [title.name for title, _ in positions(session, box, now=START)] == ["在看"]


@pytest.mark.parametrize("position_s", [-0.1, 1e7, float("nan"), float("inf")])
def test_what_is_no_position_is_refused(session: Session, position_s: float) -> None:
    county = make_county(session)
    box = paired(make_box(session, county.village)[0], county.village)
    title = make_title(session, state="published")
    with pytest.raises(InvalidInputError) as caught:
        save_position(session, box, title.id, position_s, now=START)
    assert caught.value.field == "position_s"


def test_two_requests_of_a_box_at_once_both_succeed(sessions: SessionFactory) -> None:
    with session_scope(sessions) as session:
        county = make_county(session)
        box = paired(make_box(session, county.village)[0], county.village)
        long = (make_measured(segments=20),)
        titles = [make_title(session, state="published", renditions=long).id for _ in range(10)]
    gate = threading.Barrier(2)
    faults: list[Exception] = []

    def save(position_s: float) -> None:
        for title_id in titles:
            gate.wait()
            try:
                with session_scope(sessions) as session:
                    save_position(session, box, title_id, position_s, now=START)
            except Exception as error:  # noqa: BLE001 - told by the assert below
                faults.append(error)

    threads = [threading.Thread(target=save, args=(seconds,)) for seconds in (10.0, 20.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with session_scope(sessions) as session:
        found = positions(session, box, now=START)
        assert {title.id for title, _ in found} == set(titles)
        assert {row.position_s for _, row in found} <= {10.0, 20.0}
