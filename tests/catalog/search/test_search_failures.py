"""What cannot be indexed holds nothing else up, is told of, and is tried again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from catalog.search import failures, outbox
from catalog.search.indexing import BATCH, Indexer
from catalog.search.model import Draft, Question, Sources
from catalog.search.sql_index import SqlIndex
from catalog.search.titles import SeriesDocuments, TitleDocuments
from core.db import SessionFactory, read_scope, session_scope
from tests.factories import make_title
from tests.fakes import START, FakeClock


class Titles(TitleDocuments):
    """Titles some of which cannot be read; one lets the database itself stumble."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.away = False

    def drafts(self, session: Session, refs: Sequence[str], now: datetime) -> Mapping[str, Draft]:
        if self.away:
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        found = super().drafts(session, refs, now)
        for ref in self.broken & set(refs):
            if int(ref) % 2 and session.get_bind().dialect.name == "postgresql":
                session.execute(text("SELECT 1 / 0"))  # the whole unit of work is then lost
            raise ValueError(f"the name of {ref} is no text\x00")
        return found


class Index(SqlIndex):
    """An index that refuses a name."""

    def index(self, session: Session, kind: str, drafts: Sequence[Draft]) -> None:
        super().index(session, kind, drafts)
        for draft in drafts:
            if draft.name == "难写":
                raise ArithmeticError("no key for it")


def broken_guide(session: Session, ref: str, now: datetime) -> Iterable[tuple[str, str]]:
    del session, ref, now
    raise LookupError("no guide")


@pytest.fixture
def titles() -> Titles:
    return Titles()


@pytest.fixture
def indexer(sessions: SessionFactory, clock: FakeClock, titles: Titles) -> Indexer:
    kinds = {"series": SeriesDocuments(), "title": titles}
    sources = Sources(kinds, {"guide": broken_guide})
    return Indexer(sessions, clock, sources, Index(sources))


def publish(sessions: SessionFactory, *names: str) -> list[str]:
    with session_scope(sessions) as session:
        return [str(make_title(session, name=name, state="published").id) for name in names]


def found(sessions: SessionFactory, titles: Titles, typed: str) -> set[str]:
    index = SqlIndex(Sources({"title": titles}))
    with read_scope(sessions) as session:
        return {hit.name for hit in index.suggest(session, Question(typed, None, START)).hits}


def failing(sessions: SessionFactory) -> list[failures.Failure]:
    with read_scope(sessions) as session:
        assert failures.count(session) == len(failures.failing(session))
        return list(failures.failing(session))


def waiting(sessions: SessionFactory) -> int:
    with read_scope(sessions) as session:
        return outbox.waiting(session)


def test_what_cannot_be_read_holds_nothing_else_up(
    sessions: SessionFactory, titles: Titles, indexer: Indexer
) -> None:
    refs = publish(sessions, *(f"农业{n}" for n in range(BATCH + 3)))
    titles.broken = {refs[1], refs[2], refs[BATCH + 1]}  # of both ways to fail, in two batches
    assert indexer.drain() == BATCH + 3
    assert waiting(sessions) == 0
    good = {f"农业{n}" for n in range(BATCH + 3)} - {"农业1", "农业2", f"农业{BATCH + 1}"}
    assert found(sessions, Titles(), "ny") == good
    told = {one.ref: one for one in failing(sessions)}
    assert set(told) == titles.broken
    assert {one.kind for one in told.values()} == {"title"}
    assert any("is no text" in one.error for one in told.values())


def test_what_cannot_be_written_leaves_nothing_half_done(
    sessions: SessionFactory, titles: Titles, indexer: Indexer
) -> None:
    bad, _ = publish(sessions, "难写", "好写")
    indexer.drain()
    assert found(sessions, titles, "hx") == {"好写"}
    assert found(sessions, titles, "nx") == set()
    assert [(one.ref, one.error) for one in failing(sessions)] == [
        (bad, "ArithmeticError: no key for it")
    ]


def test_it_is_tried_again_later_each_time_after_a_longer_while(
    sessions: SessionFactory, titles: Titles, indexer: Indexer, clock: FakeClock
) -> None:
    titles.broken = set(publish(sessions, "农业"))
    indexer.drain()
    began = clock.now()
    for attempts, seconds in ((1, 10), (2, 40), (3, 160)):
        (one,) = failing(sessions)
        assert one.attempts == attempts
        assert (one.next_try_at - clock.now()).total_seconds() == seconds
        assert one.first_at == began
        clock.advance(seconds - 1)
        assert (indexer.try_again(), indexer.drain()) == (0, 0)
        clock.advance(1)
        assert (indexer.try_again(), indexer.try_again(), indexer.drain()) == (1, 0, 1)
    titles.broken = set()
    clock.advance(640)
    assert (indexer.try_again(), indexer.drain()) == (1, 1)
    assert failing(sessions) == []
    assert found(sessions, titles, "ny") == {"农业"}


def test_a_change_is_tried_at_once(
    sessions: SessionFactory, titles: Titles, indexer: Indexer
) -> None:
    titles.broken = set(publish(sessions, "农业"))
    indexer.drain()
    with session_scope(sessions) as session:
        outbox.note(session, "title", titles.broken, now=START)
    titles.broken = set()
    indexer.drain()
    assert failing(sessions) == []
    assert found(sessions, titles, "ny") == {"农业"}


def test_the_night_goes_on_past_what_cannot_be_read(
    sessions: SessionFactory, titles: Titles, indexer: Indexer
) -> None:
    refs = publish(sessions, "农业一", "农业二", "农业三")
    indexer.drain()
    titles.broken = {refs[1]}
    publish(sessions, "农业四")
    with session_scope(sessions) as session:
        outbox.take(session, [id_ for id_, *_ in outbox.oldest(session, ["title"], 9)])
    assert indexer.reconcile() == 2  # the new one, and the one that may be anything
    indexer.drain()
    assert [one.ref for one in failing(sessions)] == [refs[1]]
    # What is indexed of it stays: it may be as it was.
    assert found(sessions, Titles(), "ny") == {"农业一", "农业二", "农业三", "农业四"}


def test_a_guide_that_cannot_be_followed_is_one_failure(
    sessions: SessionFactory, titles: Titles, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        outbox.note(session, "guide", [7], now=START)
    publish(sessions, "农业")
    assert indexer.drain() == 2
    assert [(one.kind, one.ref) for one in failing(sessions)] == [("guide", "7")]
    assert found(sessions, titles, "ny") == {"农业"}


def test_a_database_that_is_away_is_nobodys_fault(
    sessions: SessionFactory, titles: Titles, indexer: Indexer
) -> None:
    publish(sessions, "农业")
    titles.away = True
    with pytest.raises(OperationalError):
        indexer.drain()
    with pytest.raises(OperationalError):
        indexer.reconcile()
    assert (waiting(sessions), failing(sessions)) == (1, [])
