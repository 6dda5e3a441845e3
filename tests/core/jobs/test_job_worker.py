"""Real worker processes: woken by Huey, killed, stopped - on both databases."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.db import SessionFactory, read_scope, session_scope
from core.jobs import service
from core.jobs.runner import Runner
from core.jobs.tables import Job
from core.jobs.wake import Waker, Worker
from tests.conftest import CHECKOUT
from tests.fakes import FakeClock
from vod_server.bootstrap import House

SCRIPT = Path(__file__).with_name("worker_process.py")


class Workers:
    """Starts worker processes on a house, and reads what they tell."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.log = folder / "worker.log"
        self.log.touch()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        """Start one and wait until it is ready."""
        settings = self.house.settings
        url = settings.effective_database_url
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), url, str(settings.path("huey.db")), str(self.log)],
            cwd=CHECKOUT,
            env={"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        )
        self.processes.append(process)
        self.wait_for(f"ready {process.pid}")
        return process

    def told(self) -> list[str]:
        """Return the lines so far."""
        return self.log.read_text().splitlines()

    def wait_for(self, line: str) -> None:
        """Wait until one of them tells this."""
        wait_until(lambda: line in self.told())


def wait_until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def workers(house: House, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(house, tmp_path)
    yield workers
    for process in workers.processes:
        process.kill()
        process.wait()


def put(sessions: SessionFactory, kind: str) -> int:
    with session_scope(sessions) as session:
        return service.enqueue(session, kind, "title:7", now=SystemClock().now()).id


def row(sessions: SessionFactory, job_id: int) -> Job:
    with read_scope(sessions) as session:
        return session.get_one(Job, job_id)


def test_a_job_of_a_killed_worker_is_taken_up_by_another(
    workers: Workers, sessions: SessionFactory
) -> None:
    first = workers.start()
    job_id = put(sessions, "long")
    workers.wait_for(f"start {job_id} 1")
    wait_until(lambda: row(sessions, job_id).progress > 0)
    first.kill()  # SIGKILL: it can tell nobody
    first.wait()
    owner = row(sessions, job_id).lease_owner
    assert row(sessions, job_id).state == "running"

    second = workers.start()
    workers.wait_for(f"start {job_id} 2")
    job = row(sessions, job_id)
    assert (job.state, job.attempts) == ("running", 2)
    assert job.lease_owner != owner
    assert f":{second.pid}:" in str(job.lease_owner)


def test_a_stopped_worker_gives_its_job_back_within_its_grace(
    workers: Workers, sessions: SessionFactory
) -> None:
    process = workers.start()
    job_id = put(sessions, "long")
    workers.wait_for(f"start {job_id} 1")
    process.terminate()
    assert process.wait(timeout=15) == 0
    assert workers.told()[-2:] == [f"stop {job_id}", f"bye {process.pid}"]
    job = row(sessions, job_id)
    assert (job.state, job.attempts, job.lease_owner) == ("queued", 0, None)


def test_a_cancel_reaches_the_other_process(workers: Workers, sessions: SessionFactory) -> None:
    workers.start()
    job_id = put(sessions, "long")
    workers.wait_for(f"start {job_id} 1")
    with session_scope(sessions) as session:
        service.cancel(session, job_id, now=SystemClock().now())
    wait_until(lambda: row(sessions, job_id).state == "cancelled")


def test_two_workers_do_every_job_once(workers: Workers, sessions: SessionFactory) -> None:
    workers.start()
    workers.start()
    wanted = [put(sessions, "short") for _ in range(20)]
    workers.house.waker.wake(4)
    wait_until(lambda: all(row(sessions, job_id).state == "done" for job_id in wanted))
    ended = [line for line in workers.told() if line.startswith("end")]
    assert sorted(ended) == sorted(f"end {job_id}" for job_id in wanted)


def test_a_wake_up_is_quicker_than_the_sweeper(workers: Workers, sessions: SessionFactory) -> None:
    workers.start()
    time.sleep(0.3)
    began = time.monotonic()
    job_id = put(sessions, "short")
    workers.house.waker.wake()
    workers.wait_for(f"end {job_id}")
    assert time.monotonic() - began < 5


def test_wake_ups_that_wait_are_counted_in(house: House) -> None:
    waker = house.waker
    waker.wake(3)
    waker.wake(2)
    assert waker.queue.pending_count() == 3
    waker.wake(5)
    assert waker.queue.pending_count() == 5


def test_the_sweeper_wakes_no_more_than_there_are_threads(house: House, clock: FakeClock) -> None:
    with session_scope(house.sessions) as session:
        for _ in range(5):
            service.enqueue(session, "short", "title:7", now=clock.now())
    runner = Runner(house.sessions, clock, {}, lease_s=30)
    worker = Worker(house.waker, runner, house.sessions, clock, threads=2, sweep_s=5)
    worker.sweep()
    assert house.waker.queue.pending_count() == 2


def test_wake_ups_of_another_process_arrive_in_the_same_queue(house: House) -> None:
    other = Waker(type(house.waker.queue)("cuntai", **_address(house)))
    other.wake()
    assert house.waker.queue.pending_count() == 1
    other.queue.storage.close()


def _address(house: House) -> dict[str, str]:
    url = house.settings.effective_database_url
    if url.startswith("sqlite"):
        return {"filename": str(house.settings.path("huey.db"))}
    return {"dsn": url.replace("+psycopg", "")}
