"""One claimed job: handler, heartbeat, outcome - and what happens when it loses its lease."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.clock import SystemClock
from core.db import SessionFactory, read_scope, session_scope
from core.errors import (
    ConflictError,
    CuntaiError,
    InvalidInputError,
    JobCancelledError,
    JobError,
    StorageFullError,
)
from core.jobs import service
from core.jobs.runner import Handler, JobContext, Runner
from core.jobs.tables import Job
from tests.fakes import FakeClock

#: Short, so that a heartbeat comes several times a second.
LEASE_S = 0.6


def put(sessions: SessionFactory, clock: FakeClock | SystemClock, kind: str = "work") -> int:
    with session_scope(sessions) as session:
        return service.enqueue(session, kind, "title:7", {"n": 1}, now=clock.now()).id


def row(sessions: SessionFactory, job_id: int) -> Job:
    with read_scope(sessions) as session:
        return session.get_one(Job, job_id)


def wait_for(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runner_of(
    sessions: SessionFactory,
    clock: FakeClock | SystemClock,
    handlers: Mapping[str, Handler] | Handler,
    *,
    lease_s: float = LEASE_S,
) -> Runner:
    table = handlers if isinstance(handlers, Mapping) else {"work": handlers}
    return Runner(sessions, clock, table, lease_s=lease_s)


def test_a_handler_gets_its_arguments_and_the_job_is_done(
    sessions: SessionFactory, clock: FakeClock
) -> None:
    job_id = put(sessions, clock)
    seen: list[JobContext] = []
    runner = runner_of(sessions, clock, seen.append)
    assert runner.run_due() == 1
    context = seen[0]
    assert (context.job_id, context.kind, context.subject) == (job_id, "work", "title:7")
    assert (dict(context.payload), context.attempt) == ({"n": 1}, 1)
    assert row(sessions, job_id).state == "done"
    assert runner.run_due() == 0


@pytest.mark.parametrize(
    ("error", "state", "message"),
    [
        (JobError("文件坏了。", permanent=True), "failed", "文件坏了。"),
        (JobError("网络断了。", permanent=False), "queued", "网络断了。"),
        (InvalidInputError("不是视频。"), "failed", "不是视频。"),
        (StorageFullError("磁盘满了。"), "queued", "磁盘满了。"),
        (ConflictError("状态已改变。"), "queued", "状态已改变。"),
        (ZeroDivisionError("secret detail"), "queued", "内部错误，请联系管理员。"),
    ],
)
def test_what_a_handler_raises_decides_what_follows(
    sessions: SessionFactory, clock: FakeClock, error: Exception, state: str, message: str
) -> None:
    job_id = put(sessions, clock)

    def handler(context: JobContext) -> None:
        raise error

    runner_of(sessions, clock, handler).run_due()
    job = row(sessions, job_id)
    assert (job.state, job.message, job.lease_owner) == (state, message, None)
    assert type(error).__name__ in job.error
    assert job.run_after == clock.now() + timedelta(seconds=10)


def test_a_failing_job_does_not_hold_up_the_next(
    sessions: SessionFactory, clock: FakeClock
) -> None:
    bad, good = put(sessions, clock, "bad"), put(sessions, clock, "good")

    def fails(context: JobContext) -> None:
        raise JobError("坏了。", permanent=True)

    runner = runner_of(sessions, clock, {"bad": fails, "good": lambda context: None})
    assert runner.run_due() == 2
    assert [row(sessions, job_id).state for job_id in (bad, good)] == ["failed", "done"]


def test_progress_reaches_the_row_while_it_runs(sessions: SessionFactory) -> None:
    clock = SystemClock()
    job_id = put(sessions, clock)
    seen: list[tuple[float, float | None, str]] = []

    def handler(context: JobContext) -> None:
        context.progress(0.25, eta_s=12.0, message="正在转码")
        wait_for(lambda: row(sessions, job_id).progress == 0.25)
        job = row(sessions, job_id)
        seen.append((job.progress, job.eta_s, job.message))

    runner_of(sessions, clock, handler).run_due()
    assert seen == [(0.25, 12.0, "正在转码")]
    job = row(sessions, job_id)
    assert (job.state, job.progress, job.eta_s, job.message) == ("done", 1.0, None, "")


def test_heartbeats_hold_a_long_job(sessions: SessionFactory) -> None:
    clock = SystemClock()
    job_id = put(sessions, clock)
    tries: list[bool] = []

    def handler(context: JobContext) -> None:
        other = runner_of(sessions, clock, lambda context: None)
        end = time.monotonic() + 4 * LEASE_S
        while time.monotonic() < end:
            tries.append(other.run_one())
            time.sleep(0.1)

    runner_of(sessions, clock, handler).run_due()
    assert tries
    assert not any(tries)
    job = row(sessions, job_id)
    assert (job.state, job.attempts) == ("done", 1)


def test_a_running_job_stops_when_it_is_cancelled(sessions: SessionFactory) -> None:
    clock = SystemClock()
    job_id = put(sessions, clock)

    def handler(context: JobContext) -> None:
        with session_scope(sessions) as session:
            service.cancel(session, job_id, now=clock.now())
        wait_for(context.should_stop)
        context.check()

    runner_of(sessions, clock, handler).run_due()
    assert row(sessions, job_id).state == "cancelled"


def test_a_cancelled_job_that_fails_is_not_tried_again(
    sessions: SessionFactory, clock: FakeClock
) -> None:
    job_id = put(sessions, clock)

    def handler(context: JobContext) -> None:
        with session_scope(sessions) as session:
            service.cancel(session, job_id, now=clock.now())
        raise OSError

    runner_of(sessions, clock, handler).run_due()
    assert row(sessions, job_id).state == "cancelled"


def test_a_worker_that_stops_gives_its_job_back(sessions: SessionFactory) -> None:
    clock = SystemClock()
    first, second = put(sessions, clock), put(sessions, clock)
    running = threading.Event()

    def handler(context: JobContext) -> None:
        running.set()
        wait_for(context.should_stop)
        context.check()

    runner = runner_of(sessions, clock, handler)
    thread = threading.Thread(target=runner.run_due)
    thread.start()
    running.wait(20)
    runner.stopping.set()
    thread.join(20)
    assert not thread.is_alive()
    for job_id in (first, second):
        job = row(sessions, job_id)
        assert (job.state, job.attempts, job.lease_owner) == ("queued", 0, None)


def lose_lease(sessions: SessionFactory, clock: FakeClock, job_id: int) -> None:
    """Let the lease run out and another worker take the job and finish it."""
    clock.advance(3600)
    assert runner_of(sessions, clock, lambda context: None, lease_s=60).run_one()
    assert row(sessions, job_id).state == "done"


def test_who_lost_the_lease_cannot_commit(sessions: SessionFactory, clock: FakeClock) -> None:
    job_id = put(sessions, clock)
    faults: list[CuntaiError] = []

    def handler(context: JobContext) -> None:
        lose_lease(sessions, clock, job_id)
        try:
            with context.scope() as session:
                service.enqueue(session, "leftover", "title:7", now=clock.now())
        except JobCancelledError as error:
            faults.append(error)
            raise

    # No heartbeat may come in between: the process slept.
    runner_of(sessions, clock, handler, lease_s=60).run_one()
    assert len(faults) == 1
    job = row(sessions, job_id)
    assert (job.state, job.attempts) == ("done", 2)
    with read_scope(sessions) as session:
        assert session.scalars(select(Job.kind)).all() == ["work"]


def test_who_lost_the_lease_cannot_finish_or_fail_it(
    sessions: SessionFactory, clock: FakeClock
) -> None:
    for error in (None, ZeroDivisionError(), JobError("坏了。", permanent=True)):
        job_id = put(sessions, clock)

        def handler(
            context: JobContext, job_id: int = job_id, error: Exception | None = error
        ) -> None:
            lose_lease(sessions, clock, job_id)
            if error is not None:
                raise error

        runner_of(sessions, clock, handler, lease_s=60).run_one()
        job = row(sessions, job_id)
        assert (job.state, job.attempts, job.message) == ("done", 2, "")


def test_a_claim_of_the_same_process_is_another_claim(
    sessions: SessionFactory, clock: FakeClock
) -> None:
    # Two threads of a process that was suspended: the first one's lease is not the second one's.
    job_id = put(sessions, clock)
    owners: list[str] = []

    def handler(context: JobContext) -> None:
        owners.append(context.owner)
        if context.attempt == 1:
            clock.advance(3600)
            assert runner.run_one()
            with pytest.raises(JobCancelledError), context.scope():
                pass

    runner = runner_of(sessions, clock, handler, lease_s=60)
    runner.run_one()
    assert len(set(owners)) == 2
    assert row(sessions, job_id).attempts == 2


def test_what_a_scope_wrote_under_the_lease_is_kept(
    sessions: SessionFactory, clock: FakeClock
) -> None:
    put(sessions, clock)

    def handler(context: JobContext) -> None:
        with context.scope() as session:
            service.enqueue(session, "next", "title:7", now=clock.now())

    runner_of(sessions, clock, handler).run_due()
    with read_scope(sessions) as session:
        assert session.scalars(select(Job.kind).order_by(Job.id)).all() == ["work", "next"]
