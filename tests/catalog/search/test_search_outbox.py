"""The outbox and the indexer: nothing lost, nothing doubled, whoever dies or meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.search import outbox
from catalog.search.indexing import BATCH, Indexer
from catalog.search.model import Draft, Question, Sources
from catalog.search.sql_index import SqlIndex
from catalog.search.tables import SearchDocument, SearchKey
from catalog.search.titles import SeriesDocuments, TitleDocuments
from catalog.titles.service import edit_title, move_title
from core.db import SessionFactory, read_scope, session_scope
from tests.factories import make_title
from tests.fakes import START, FakeClock


class Killed(BaseException):
    """The process ends here."""


class Titles(TitleDocuments):
    """Titles of which reading or indexing can be made to do something else at a moment."""

    def __init__(self) -> None:
        self.meanwhile: list[Any] = []

    def drafts(self, session: Session, refs: Sequence[str], now: datetime) -> Mapping[str, Draft]:
        found = super().drafts(session, refs, now)
        if self.meanwhile:
            session.rollback()  # as SQLite would otherwise go on seeing what it saw
            self.meanwhile.pop()()
        return found


class DyingIndex(SqlIndex):
    """An index whose process is killed after the documents were put in."""

    def index(self, session: Session, kind: str, drafts: Sequence[Draft]) -> None:
        super().index(session, kind, drafts)
        raise Killed


@pytest.fixture
def titles() -> Titles:
    return Titles()


@pytest.fixture
def sources(titles: Titles) -> Sources:
    return Sources({"series": SeriesDocuments(), "title": titles})


@pytest.fixture
def indexer(sessions: SessionFactory, clock: FakeClock, sources: Sources) -> Indexer:
    return Indexer(sessions, clock, sources, SqlIndex(sources))


def count(sessions: SessionFactory, table: type[Any]) -> int:
    with read_scope(sessions) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def found(sessions: SessionFactory, sources: Sources, typed: str) -> list[str]:
    with read_scope(sessions) as session:
        answer = SqlIndex(sources).suggest(session, Question(typed, None, START, limit=50))
        assert answer.counts.get("title", 0) == len(answer.hits)
        return [hit.name for hit in answer.hits]


def waiting(sessions: SessionFactory) -> int:
    with read_scope(sessions) as session:
        return outbox.waiting(session)


def test_a_change_is_noted_with_it_or_not_at_all(sessions: SessionFactory) -> None:
    with session_scope(sessions) as session:
        title = make_title(session, name="草稿")
        assert outbox.waiting(session) == 0  # nobody finds a draft

    def publish_and_die() -> None:
        with session_scope(sessions) as session:
            make_title(session, name="农业", state="published")
            raise Killed

    with pytest.raises(Killed):
        publish_and_die()
    assert waiting(sessions) == 0
    with session_scope(sessions) as session:
        make_title(session, name="农业", series="课", state="published")
        edit_title(session, session.merge(title), now=START, name="还是草稿")
    with read_scope(sessions) as session:
        noted = outbox.oldest(session, ["title", "series"], 10)
    assert sorted(kind for _, kind, _ in noted) == ["series", "title"]


def test_a_killed_indexer_leaves_its_work_to_the_next(
    sessions: SessionFactory, clock: FakeClock, sources: Sources, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        for number in range(3):
            make_title(session, name=f"农业{number}", state="published")
    dying = Indexer(sessions, clock, sources, DyingIndex(sources))
    with pytest.raises(Killed):
        dying.drain()
    assert (count(sessions, SearchDocument), waiting(sessions)) == (0, 3)
    indexer.drain()
    assert (count(sessions, SearchDocument), waiting(sessions)) == (3, 0)
    assert len(found(sessions, sources, "ny")) == 3


def test_an_index_that_was_written_before_the_kill_is_not_doubled(
    sessions: SessionFactory, clock: FakeClock, sources: Sources, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        make_title(session, name="农业保险", state="published")
    # An index of its own files has committed; the outbox's rows were still to be deleted.
    with session_scope(sessions) as session:
        rows = outbox.oldest(session, ["title"], 10)
        drafts = TitleDocuments().drafts(session, [ref for *_, ref in rows], clock.now())
        SqlIndex(sources).index(session, "title", list(drafts.values()))
    before = count(sessions, SearchKey)
    assert waiting(sessions) == 1
    indexer.drain()
    assert (count(sessions, SearchDocument), count(sessions, SearchKey)) == (1, before)
    assert (found(sessions, sources, "ny"), waiting(sessions)) == (["农业保险"], 0)


def test_of_two_indexers_at_one_batch_the_slower_gives_up(
    sessions: SessionFactory,
    clock: FakeClock,
    titles: Titles,
    sources: Sources,
    indexer: Indexer,
) -> None:
    with session_scope(sessions) as session:
        title = make_title(session, name="旧名字", state="published")

    def rename_and_index() -> None:
        with session_scope(sessions) as session:
            edit_title(session, session.merge(title), now=START, name="新名字")
        other = Sources({"series": SeriesDocuments(), "title": TitleDocuments()})
        assert Indexer(sessions, clock, other, SqlIndex(other)).drain() == 2

    titles.meanwhile.append(rename_and_index)
    assert indexer.drain_batch() == 0
    assert found(sessions, sources, "xmz") == ["新名字"]
    assert found(sessions, sources, "jmz") == []


def test_what_changes_while_it_is_indexed_is_indexed_again(
    sessions: SessionFactory, titles: Titles, sources: Sources, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        title = make_title(session, name="旧名字", state="published")

    def rename() -> None:
        with session_scope(sessions) as session:
            edit_title(session, session.merge(title), now=START, name="新名字")

    titles.meanwhile.append(rename)
    assert indexer.drain() == 2
    assert found(sessions, sources, "xmz") == ["新名字"]
    assert found(sessions, sources, "jmz") == []


def test_batches_are_small_and_many_changes_of_one_thing_are_one(
    sessions: SessionFactory, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        many = [make_title(session, name=f"农业{n}", state="published") for n in range(BATCH + 5)]
        for _ in range(7):
            edit_title(session, many[0], now=START, summary="改")
    assert indexer.drain_batch() == BATCH + 7
    assert indexer.drain_batch() == 5
    assert indexer.drain_batch() == 0


def test_publishing_again_what_was_withdrawn_finds_it_again(
    sessions: SessionFactory, sources: Sources, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        title = make_title(session, name="农业保险", state="published")
    indexer.drain()
    with session_scope(sessions) as session:
        title = session.merge(title)
        for move in ("withdraw", "reopen", "submit", "publish"):
            move_title(session, title, move, actor="t", now=START)  # type: ignore[arg-type]
    indexer.drain()
    assert found(sessions, sources, "ny") == ["农业保险"]


def test_a_reconcile_finds_what_was_changed_behind_our_back(
    sessions: SessionFactory, sources: Sources, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        kept = make_title(session, name="农业一", state="published")
        gone = make_title(session, name="农业二", state="published")
        renamed = make_title(session, name="农业三", state="published")
    indexer.drain()
    assert indexer.reconcile() == 0
    with session_scope(sessions) as session:
        session.merge(gone).state = "withdrawn"
        session.merge(renamed).name = "林业三"
    assert indexer.reconcile() == 2
    indexer.drain()
    assert found(sessions, sources, "ny") == [kept.name]
    assert found(sessions, sources, "lys") == ["林业三"]
    assert indexer.reconcile() == 0


def test_a_reindex_makes_everything_anew_while_it_stays_findable(
    sessions: SessionFactory, sources: Sources, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        for number in range(BATCH + 1):
            make_title(session, name=f"农业{number}", state="published")
    indexer.drain()
    before = count(sessions, SearchKey)
    assert indexer.reconcile(everything=True) == BATCH + 1
    while indexer.drain_batch():
        assert len(found(sessions, sources, "ny")) == BATCH + 1
    assert count(sessions, SearchKey) == before
    assert indexer.reconcile() == 0


def test_the_lag_is_that_of_the_oldest_row(
    sessions: SessionFactory, clock: FakeClock, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        assert outbox.lag_s(session, clock.now()) == 0
        make_title(session, name="农业", state="published")
    with read_scope(sessions) as session:
        assert outbox.lag_s(session, clock.advance(90)) == 90
    indexer.drain()
    with read_scope(sessions) as session:
        assert outbox.lag_s(session, clock.now()) == 0
