"""Run one claimed job: handler, heartbeat, outcome."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.clock import Clock
from core.db import SessionFactory, session_scope
from core.errors import ConflictError, CuntaiError, JobCancelledError, JobError, StorageFullError
from core.jobs import service
from core.jobs.tables import Job

log = structlog.get_logger()

#: Progress reaches the database at most this often.
PROGRESS_INTERVAL_S = 1.0


@dataclass
class JobContext:
    """What a handler gets: its arguments, and a line to the row."""

    job_id: int
    kind: str
    subject: str
    payload: Mapping[str, Any]
    attempt: int
    #: Of this very claim: a claim that was lost cannot be taken for the one that followed it.
    owner: str
    _runner: Runner
    _stop: threading.Event = field(default_factory=threading.Event)
    _report: dict[str, Any] = field(default_factory=dict)

    def progress(self, fraction: float, *, eta_s: float | None = None, message: str = "") -> None:
        """Say how far it is; written to the row within a second.

        Args:
            fraction: 0 to 1.
            eta_s: seconds left, None when unknown.
            message: what is being done, in Chinese.
        """
        self._report = {"progress": fraction, "eta_s": eta_s, "message": message}

    def should_stop(self) -> bool:
        """Say whether to stop now: cancelled, lease lost, or the worker is ending."""
        return self._stop.is_set() or self._runner.stopping.is_set()

    def check(self) -> None:
        """Stop here when asked to.

        Raises:
            JobCancelledError: see `should_stop`.
        """
        if self.should_stop():
            raise JobCancelledError("任务已中止。")

    @contextmanager
    def scope(self) -> Iterator[Session]:
        """Open a unit of work that commits only while this worker still holds the lease.

        Raises:
            JobCancelledError: it does not.
        """
        runner = self._runner
        with session_scope(runner.sessions) as session:
            service.beat(
                session, self.job_id, self.owner, now=runner.clock.now(), lease_s=runner.lease_s
            )
            yield session


Handler = Callable[[JobContext], None]


class Runner:
    """Claims due jobs and runs their handlers, one at a time per calling thread.

    Args:
        sessions: maker of sessions.
        clock: the time.
        handlers: by job kind.
        lease_s: how long a claim holds without a heartbeat.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        clock: Clock,
        handlers: Mapping[str, Handler],
        *,
        lease_s: float,
    ) -> None:
        self.sessions = sessions
        self.clock = clock
        self.handlers = handlers
        self.lease_s = lease_s
        self.process = f"{socket.gethostname()[:48]}:{os.getpid()}"
        self.stopping = threading.Event()

    def run_due(self) -> int:
        """Run due jobs until none is left or the worker stops; return how many were run."""
        count = 0
        while not self.stopping.is_set() and self.run_one():
            count += 1
        return count

    def run_one(self) -> bool:
        """Claim and run one job; return whether there was one."""
        owner = f"{self.process}:{secrets.token_hex(6)}"
        with session_scope(self.sessions) as session:
            job = service.claim_next(
                session, list(self.handlers), owner, now=self.clock.now(), lease_s=self.lease_s
            )
        if job is None:
            return False
        context = JobContext(job.id, job.kind, job.subject, job.payload, job.attempts, owner, self)
        done = threading.Event()
        beating = threading.Thread(target=self._beat, args=(context, done), daemon=True)
        beating.start()
        try:
            self._run(job, context)
        finally:
            done.set()
            beating.join()
        return True

    def _run(self, job: Job, context: JobContext) -> None:
        bound = log.bind(job=job.id, kind=job.kind, subject=job.subject, attempt=job.attempts)
        bound.info("job started")
        try:
            self.handlers[job.kind](context)
        except JobCancelledError as stop:
            bound.info("job stopped", reason=stop.message)
            self._stopped(context)
        except Exception as error:  # noqa: BLE001 - the worker's loop: recorded in the row
            known = isinstance(error, CuntaiError)
            bound.warning("job failed", reason=str(error), exc_info=None if known else error)
            self._failed(job, context, error)
        else:
            self._done(context)
            bound.info("job done")

    def _done(self, context: JobContext) -> None:
        try:
            with session_scope(self.sessions) as session:
                service.finish(session, context.job_id, context.owner, now=self.clock.now())
        except ConflictError as lost:
            # Another worker holds it now; what this one wrote it wrote while it held the lease.
            log.warning("lease lost", job=context.job_id, reason=lost.message)

    def _stopped(self, context: JobContext) -> None:
        with session_scope(self.sessions) as session:
            now = self.clock.now()
            service.close_cancelled(session, context.job_id, context.owner, now=now)
            if self.stopping.is_set():
                service.release(session, context.job_id, context.owner, now=now)

    def _failed(self, job: Job, context: JobContext, error: Exception) -> None:
        message = error.message if isinstance(error, CuntaiError) else "内部错误，请联系管理员。"
        with session_scope(self.sessions) as session:
            now = self.clock.now()
            # Asked to cancel, it is not tried again, whatever stopped it.
            service.close_cancelled(session, job.id, context.owner, now=now)
            service.fail(
                session,
                job,
                context.owner,
                now=now,
                message=message,
                error="".join(traceback.format_exception(error)),
                permanent=_is_permanent(error),
            )

    def _beat(self, context: JobContext, done: threading.Event) -> None:
        interval_s = min(PROGRESS_INTERVAL_S, self.lease_s / 3)
        while not done.wait(interval_s):
            report, context._report = context._report, {}
            try:
                with session_scope(self.sessions) as session:
                    service.beat(
                        session,
                        context.job_id,
                        context.owner,
                        now=self.clock.now(),
                        lease_s=self.lease_s,
                        **report,
                    )
            except JobCancelledError:
                context._stop.set()
                return
            except OperationalError as error:
                # A busy or restarting database: the next beat may reach it before the lease ends.
                log.warning("heartbeat missed", job=context.job_id, error=str(error.orig))


def _is_permanent(error: Exception) -> bool:
    """Say whether trying again cannot help."""
    if isinstance(error, JobError):
        return error.permanent
    # Bad input stays bad; a full disk may be cleared, and a stale state is read anew.
    return isinstance(error, CuntaiError) and not isinstance(
        error, (StorageFullError, ConflictError)
    )
