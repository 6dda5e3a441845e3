"""Job rows: claimed by one, kept by heartbeats, tried again - on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core.errors import ConflictError, JobCancelledError
from core.jobs import service
from core.jobs.model import FIRST_RETRY_S
from tests.core.jobs.rows import LEASE_S, beat, claim, fail, fresh, put
from tests.fakes import START


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
