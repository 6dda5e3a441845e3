"""Jobs that are cancelled, retried, swept or raced for - on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import SessionFactory, make_engine, make_session_factory, session_scope
from core.errors import ConflictError, JobCancelledError
from core.jobs import service
from core.jobs.model import FIRST_RETRY_S, LONGEST_RETRY_S, may_retry, retry_delay_s
from core.jobs.tables import Job
from tests.core.jobs.rows import LEASE_S, beat, claim, fail, fresh, put
from tests.fakes import START, FakeClock


def test_a_queued_job_is_cancelled_at_once(session: Session) -> None:
    job = put(session)
    service.cancel(session, job.id, now=START)
    assert (fresh(session, job).state, job.finished_at) == ("cancelled", START)
    assert claim(session) is None
    with pytest.raises(ConflictError, match="已经结束"):
        service.cancel(session, job.id, now=START)


def test_a_running_job_is_asked_to_stop(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    service.cancel(session, job.id, now=START)
    assert (fresh(session, job).state, job.cancel_requested) == ("running", True)
    with pytest.raises(JobCancelledError):
        beat(session, job)
    service.close_cancelled(session, job.id, "w1", now=START)
    assert fresh(session, job).state == "cancelled"


def test_a_job_nobody_asked_to_cancel_is_not_closed(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    service.close_cancelled(session, job.id, "w1", now=START)
    assert fresh(session, job).state == "running"


def test_a_failed_job_can_be_queued_anew_with_all_its_tries(session: Session) -> None:
    put(session, max_attempts=1)
    job = claim(session)
    assert job is not None
    with pytest.raises(ConflictError):
        service.retry(session, job.id, now=START)
    fail(session, job)
    service.retry(session, job.id, now=START)
    assert (fresh(session, job).state, job.attempts, job.message) == ("queued", 0, "")
    assert claim(session) is not None


def test_a_cancelled_job_can_be_queued_anew(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    service.cancel(session, job.id, now=START)
    service.close_cancelled(session, job.id, "w1", now=START)
    service.retry(session, job.id, now=START)
    again = claim(session)
    assert again is not None
    beat(session, again)


def test_the_sweeper_closes_what_was_lost_and_counts_what_is_due(session: Session) -> None:
    asked, spent, alive, lost = (put(session) for _ in range(4))
    put(session, delay_s=3600)
    for _ in range(4):
        assert claim(session) is not None
    service.cancel(session, asked.id, now=START)
    fresh(session, spent).attempts = spent.max_attempts
    session.flush()
    beat(session, alive, after_s=LEASE_S)
    later = START + timedelta(seconds=LEASE_S + 1)
    assert service.sweep(session, now=later) == 1
    states = [fresh(session, job).state for job in (asked, spent, alive, lost)]
    assert states == ["cancelled", "failed", "running", "running"]
    assert "多次中断" in spent.message
    assert service.sweep(session, now=START + timedelta(hours=1)) == 3


def test_a_job_that_kills_its_workers_is_not_taken_up_for_ever(session: Session) -> None:
    # Nor may a worker that wakes before the sweeper take it up once more.
    put(session, max_attempts=2)
    assert claim(session) is not None
    assert claim(session, after_s=100) is not None
    assert claim(session, after_s=200) is None


def test_a_lost_job_that_was_to_be_cancelled_is_not_started_again(session: Session) -> None:
    job = put(session)
    claim(session)
    service.cancel(session, job.id, now=START)
    assert claim(session, "w2", after_s=100) is None


def race(url: str, jobs: int, workers: int) -> list[list[int]]:
    """Let threads, each with an engine of its own, claim until nothing is left."""
    gate = threading.Barrier(workers)
    claimed: list[list[int]] = [[] for _ in range(workers)]

    def work(number: int) -> None:
        engine = make_engine(url)
        sessions = make_session_factory(engine)
        gate.wait()
        while True:
            with session_scope(sessions) as session:
                job = claim(session, f"w{number}")
            if job is None:
                break
            claimed[number].append(job.id)
        engine.dispose()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return claimed


def test_racing_workers_never_claim_the_same_job(
    database_url: str, sessions: SessionFactory
) -> None:
    with session_scope(sessions) as session:
        wanted = {put(session).id for _ in range(30)}
    claimed = race(database_url, 30, 4)
    everything = [job_id for part in claimed for job_id in part]
    # A worker may stop early when others took the eight it saw; nothing is ever taken twice.
    assert len(everything) == len(set(everything))
    assert set(everything) <= wanted
    with session_scope(sessions) as session:
        left = session.scalars(select(Job.id).where(Job.state == "queued")).all()
        assert all(job.attempts == 1 for job in session.scalars(select(Job)) if job.id not in left)
        assert set(everything) | set(left) == wanted


# SQLite has one writer: there the second sees the first one's claim.
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_of_two_that_saw_the_same_row_one_wins(sessions: SessionFactory) -> None:
    with session_scope(sessions) as session:
        put(session)
    results: list[Job | None] = []

    def second() -> None:
        with session_scope(sessions) as session:
            results.append(claim(session, "w2"))

    thread = threading.Thread(target=second)
    with session_scope(sessions) as first:
        assert claim(first, "w1") is not None
        thread.start()
        thread.join(0.5)
        # It has read the row as it was, and waits at its UPDATE for the first one's commit.
        assert thread.is_alive()
    thread.join(20)
    assert results == [None]


@given(st.integers(1, 1000))
def test_the_wait_grows_and_has_an_end(attempts: int) -> None:
    assert FIRST_RETRY_S <= retry_delay_s(attempts) <= retry_delay_s(attempts + 1)
    assert retry_delay_s(attempts) <= LONGEST_RETRY_S


@pytest.mark.parametrize(
    ("attempts", "permanent", "again"),
    [(1, False, True), (4, False, True), (5, False, False), (1, True, False)],
)
def test_who_is_tried_again(attempts: int, permanent: bool, again: bool) -> None:
    assert may_retry(attempts, 5, permanent=permanent) is again


def test_the_fake_clock_stands_until_moved(clock: FakeClock) -> None:
    assert clock.now() == clock.now() == START
    assert clock.advance(minutes=1) == START + timedelta(minutes=1)
