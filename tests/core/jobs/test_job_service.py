"""Job rows: claimed by one, kept by heartbeats, retried, cancelled, swept - on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

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
from tests.fakes import START, FakeClock

LEASE_S = 30.0


def put(session: Session, kind: str = "work", **options: Any) -> Job:
    return service.enqueue(session, kind, "title:7", now=START, **options)


def claim(session: Session, owner: str = "w1", *, after_s: float = 0) -> Job | None:
    now = START + timedelta(seconds=after_s)
    return service.claim_next(session, ["work"], owner, now=now, lease_s=LEASE_S)


def beat(session: Session, job: Job, owner: str = "w1", *, after_s: float = 0) -> None:
    now = START + timedelta(seconds=after_s)
    service.beat(session, job.id, owner, now=now, lease_s=LEASE_S)


def fail(session: Session, job: Job, *, permanent: bool = False, owner: str = "w1") -> bool:
    return service.fail(
        session, job, owner, now=START, message="坏了。", error="Traceback…", permanent=permanent
    )


def fresh(session: Session, job: Job) -> Job:
    session.refresh(job)
    return job


def test_a_new_job_waits_with_its_arguments(session: Session) -> None:
    job = service.enqueue(session, "ingest", "title:7", {"path": "/a b/甲.mp4"}, now=START)
    session.expire_all()
    assert (job.state, job.attempts, job.progress) == ("queued", 0, 0.0)
    assert job.payload == {"path": "/a b/甲.mp4"}
    assert job.run_after == START


def test_a_claim_is_a_try_under_a_lease(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    assert (job.state, job.attempts, job.lease_owner) == ("running", 1, "w1")
    assert job.lease_until == START + timedelta(seconds=LEASE_S)
    assert claim(session, "w2") is None


def test_only_known_kinds_are_claimed(session: Session) -> None:
    put(session, "other")
    assert claim(session) is None


def test_the_most_urgent_is_claimed_first_then_the_oldest(session: Session) -> None:
    slow, quick, second = put(session, priority=50), put(session, priority=10), put(session)
    second.priority = 10
    session.flush()
    claimed = [claim(session, f"w{n}") for n in range(3)]
    assert [job.id for job in claimed if job] == [quick.id, second.id, slow.id]


def test_a_delayed_job_waits_for_its_time(session: Session) -> None:
    put(session, delay_s=60)
    assert claim(session, after_s=59) is None
    assert claim(session, after_s=60) is not None


def test_a_lease_that_ran_out_is_taken_up_by_another(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    assert claim(session, "w2", after_s=LEASE_S) is None
    taken = claim(session, "w2", after_s=LEASE_S + 1)
    assert taken is not None
    assert (taken.id, taken.attempts, taken.lease_owner) == (job.id, 2, "w2")


def test_heartbeats_keep_the_lease(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    for after_s in (20, 40, 60):
        beat(session, job, after_s=after_s)
    assert claim(session, "w2", after_s=89) is None
    assert fresh(session, job).heartbeat_at == START + timedelta(seconds=60)


def test_progress_stays_between_nothing_and_all(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    for given_, kept in ((0.5, 0.5), (1.7, 1.0), (-3.0, 0.0)):
        service.beat(
            session, job.id, "w1", now=START, lease_s=1, progress=given_, eta_s=9, message="转码"
        )
        assert (fresh(session, job).progress, job.eta_s, job.message) == (kept, 9.0, "转码")


def test_who_lost_the_lease_can_neither_beat_nor_finish(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    claim(session, "w2", after_s=LEASE_S + 1)
    with pytest.raises(JobCancelledError):
        beat(session, job)
    with pytest.raises(ConflictError):
        service.finish(session, job.id, "w1", now=START)
    assert fail(session, job)
    service.release(session, job.id, "w1", now=START)
    assert (fresh(session, job).state, job.lease_owner) == ("running", "w2")
    service.finish(session, job.id, "w2", now=START)
    assert fresh(session, job).state == "done"


def test_a_finished_job_is_whole_and_free(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    service.finish(session, job.id, "w1", now=START)
    done = fresh(session, job)
    assert (done.state, done.progress, done.lease_owner, done.lease_until) == (
        "done",
        1.0,
        None,
        None,
    )
    assert done.finished_at == START


def test_a_failure_waits_longer_each_time_and_is_given_up(session: Session) -> None:
    put(session, max_attempts=3)
    waits = []
    for _ in range(2):
        job = claim(session, after_s=1e6)
        assert job is not None
        assert fail(session, job)
        waits.append((fresh(session, job).run_after - START).total_seconds())
        assert (job.state, job.message, job.lease_owner) == ("queued", "坏了。", None)
    assert waits == [FIRST_RETRY_S, FIRST_RETRY_S * 4]
    job = claim(session, after_s=1e6)
    assert job is not None
    assert not fail(session, job)
    assert (fresh(session, job).state, job.finished_at) == ("failed", START)
    assert job.error == "Traceback…"
    assert claim(session, after_s=1e9) is None


def test_a_permanent_failure_is_not_tried_again(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    assert not fail(session, job, permanent=True)
    assert fresh(session, job).state == "failed"


def test_only_the_tail_of_an_error_is_kept(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    text = "x" * 10_000 + "the end"
    service.fail(session, job, "w1", now=START, message="", error=text, permanent=True)
    assert len(fresh(session, job).error) == service.ERROR_TAIL
    assert job.error.endswith("the end")


def test_a_released_job_is_due_at_once_and_the_try_does_not_count(session: Session) -> None:
    put(session)
    job = claim(session)
    assert job is not None
    service.release(session, job.id, "w1", now=START)
    assert (fresh(session, job).state, job.attempts, job.run_after) == ("queued", 0, START)


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
