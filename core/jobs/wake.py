"""Huey wakes workers. It carries no state of a job (the row does): a lost wake-up is harmless."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog
from huey import PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from core.clock import Clock
from core.db import SessionFactory, session_scope
from core.jobs import service
from core.jobs.runner import Runner

log = structlog.get_logger()

#: Longest pause of an idle worker between two looks at the queue.
POLL_S = 0.5

#: Pause between two rounds of chores.
CHORES_S = 10.0


def make_queue(database_url: str, sqlite_path: Path) -> Any:
    """Return the Huey of this installation: beside the PostgreSQL tables, or a SQLite file.

    Args:
        database_url: SQLAlchemy address of the database.
        sqlite_path: the queue's file where the database is SQLite.
    """
    parsed = make_url(database_url)
    if parsed.get_backend_name() == "postgresql":
        dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresHuey("cuntai", dsn=dsn, results=False)
    sqlite_path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("cuntai", filename=str(sqlite_path), results=False, strict_fifo=False)


class Waker:
    """Tells workers that there may be something to do. Call it after the commit.

    Args:
        queue: the Huey of `make_queue`.
    """

    def __init__(self, queue: Any) -> None:
        self.queue = queue
        self._run: Callable[[], int] = lambda: 0
        self._task = queue.task(name="wake")(lambda: self._run() and None)

    def wake(self, count: int = 1) -> None:
        """Wake up to `count` workers; wake-ups already waiting are counted in."""
        for _ in range(count - int(self.queue.pending_count())):
            self._task()

    def serve(self, run: Callable[[], int]) -> None:
        """Say what a worker does when it is woken."""
        self._run = run


class Worker:
    """A worker process: threads woken by Huey, and the sweeper.

    Args:
        waker: the line from those who enqueue.
        runner: runs the jobs.
        sessions: maker of sessions, for the sweeper.
        clock: the time.
        threads: jobs at once.
        sweep_s: pause between two sweeps, in seconds.
        chores: done at the start and about every minute; one that fails is logged.
    """

    def __init__(
        self,
        waker: Waker,
        runner: Runner,
        sessions: SessionFactory,
        clock: Clock,
        *,
        threads: int,
        sweep_s: float,
        chores: Sequence[Callable[[], object]] = (),
    ) -> None:
        self.waker = waker
        self.runner = runner
        self.sessions = sessions
        self.clock = clock
        self.threads = threads
        self.sweep_s = sweep_s
        self.chores = chores
        self._chores_at = 0.0

    def sweep(self) -> None:
        """Close what is lost for good and wake workers for what is due."""
        with session_scope(self.sessions) as session:
            due = service.sweep(session, now=self.clock.now())
        if due:
            self.waker.wake(min(due, self.threads))

    def do_chores(self) -> None:
        """Do what is due now and then."""
        if time.monotonic() < self._chores_at:
            return
        self._chores_at = time.monotonic() + CHORES_S
        for chore in self.chores:
            try:
                chore()
            except Exception:
                # The worker goes on, whatever a chore stumbled over; it is recorded.
                log.exception("chore failed")

    def run(self, stop: threading.Event, *, grace_s: float = 10.0) -> None:
        """Work until `stop` is set; then let running handlers stop and give their jobs back."""
        self.waker.serve(self.runner.run_due)
        consumer = Consumer(
            self.waker.queue,
            workers=self.threads,
            periodic=False,
            max_delay=POLL_S,
            shutdown_timeout=grace_s,
        )
        # The process's signals belong to the command line, which sets `stop`.
        consumer._set_signal_handlers = lambda: None
        consumer.start()
        try:
            self._tick()
            while not stop.wait(self.sweep_s):
                self._tick()
        finally:
            self.runner.stopping.set()
            consumer.stop(graceful=True)

    def _tick(self) -> None:
        try:
            self.sweep()
        except OperationalError as error:
            # A busy or restarting database: the next sweep finds what this one missed.
            log.warning("sweep missed", error=str(error.orig))
        self.do_chores()
