"""The indexer's thread, and its nightly reconcile."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import func, select

from catalog.search import failures, outbox
from catalog.search.tables import SearchDocument
from core.db import read_scope, session_scope
from epg.guide.editing import add_programme
from tests.factories import make_channel, make_title
from tests.fakes import START, FakeClock
from vod_server.bootstrap import House
from vod_server.searching import make_indexer
from vod_server.worker.search import Turns, indexing

DEADLINE_S = 60


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands, unlike the other handlers'."""
    return FakeClock()


def documents(house: House) -> int:
    with read_scope(house.sessions) as session:
        return session.scalar(select(func.count(SearchDocument.id))) or 0


def test_what_is_published_is_found_a_moment_later(house: House) -> None:
    stop = threading.Event()
    with indexing(house, stop):
        with session_scope(house.sessions) as session:
            make_title(session, name="农业", state="published")
        deadline = time.monotonic() + DEADLINE_S
        while not documents(house) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert documents(house) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "indexing"]


def test_every_night_it_finds_what_nobody_has_told_of(house: House, clock: FakeClock) -> None:
    turns = Turns(house, make_indexer(house))
    turns.take()
    with session_scope(house.sessions) as session:
        channel = make_channel(session, name="综合")  # not by the service: nothing is noted
        start_s = int(START.timestamp())
        add_programme(
            session, channel.id, start_s=start_s, stop_s=start_s + 60, title="新闻", now=START
        )
    turns.take()
    assert documents(house) == 1
    clock.advance(days=1)
    turns.take()
    assert documents(house) == 2
    # The programme was kept for a week, and goes with it.
    clock.advance(days=8)
    turns.take()
    assert documents(house) == 1
    with read_scope(house.sessions) as session:
        assert outbox.waiting(session) == 0


def test_what_failed_is_taken_up_again_when_its_time_has_come(
    house: House, clock: FakeClock
) -> None:
    turns = Turns(house, make_indexer(house))
    turns.take()
    with session_scope(house.sessions) as session:
        title = make_title(session, name="农业", state="published")
        outbox.take(session, [id_ for id_, *_ in outbox.oldest(session, ["title"], 9)])
        failures.write_down(session, "title", str(title.id), ValueError("坏"), now=clock.now())
    assert (turns.take(), documents(house)) == (0, 0)
    clock.advance(10)
    assert (turns.take(), documents(house)) == (1, 1)
    with read_scope(house.sessions) as session:
        assert failures.count(session) == 0
