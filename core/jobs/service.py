"""Verbs on job rows: enqueue, claim, beat, finish, cancel, sweep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from core.db import changed_rows, expect_one_row
from core.errors import ConflictError, JobCancelledError
from core.jobs.model import may_retry, retry_delay_s
from core.jobs.tables import Job

#: Stored tails of errors are cut to this many characters.
ERROR_TAIL = 4000


def enqueue(
    session: Session,
    kind: str,
    subject: str,
    payload: dict[str, Any] | None = None,
    *,
    now: datetime,
    priority: int = 100,
    max_attempts: int = 5,
    delay_s: float = 0,
) -> Job:
    """Write the intent row of a job, in the transaction of its cause.

    Args:
        session: the unit of work.
        kind: name of the handler.
        subject: what it is about, e.g. `title:7`.
        payload: JSON-ready arguments.
        now: the present instant.
        priority: smaller runs first.
        max_attempts: tries before it is given up.
        delay_s: not before so many seconds from now.
    """
    job = Job(
        kind=kind,
        subject=subject,
        payload=payload or {},
        run_after=now + timedelta(seconds=delay_s),
        created_at=now,
        priority=priority,
        max_attempts=max_attempts,
    )
    session.add(job)
    session.flush()
    return job


def _move(session: Session, job_id: int, *conditions: Any, **values: Any) -> int:
    statement = update(Job).where(Job.id == job_id, *conditions).values(**values)
    return changed_rows(session, statement.execution_options(synchronize_session=False))


def _due(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for a job whose time has come, and for one that lost its worker.

    What `sweep` closes is neither: a job that kills every worker is not taken up for ever.
    """
    free = (Job.state == "queued") & (Job.run_after <= now)
    lost = (
        (Job.state == "running")
        & (Job.lease_until < now)
        & (Job.attempts < Job.max_attempts)
        & Job.cancel_requested.is_(False)
    )
    return free, lost


def claim_next(
    session: Session, kinds: Sequence[str], owner: str, *, now: datetime, lease_s: float
) -> Job | None:
    """Claim the most urgent due job, or one whose lease ran out; None when there is none.

    Two workers may see the same row; the conditional UPDATE lets one of them win.
    """
    free, lost = _due(now)
    due = (
        select(Job)
        .where(Job.kind.in_(kinds), free | lost)
        .order_by(Job.priority, Job.run_after, Job.id)
        .limit(8)
        .execution_options(populate_existing=True)
    )
    for job in session.scalars(due).all():
        claimed = _move(
            session,
            job.id,
            (Job.state == job.state) & (Job.attempts == job.attempts),
            free | lost,
            state="running",
            attempts=job.attempts + 1,
            lease_owner=owner,
            lease_until=now + timedelta(seconds=lease_s),
            heartbeat_at=now,
        )
        if claimed:
            session.refresh(job)
            return job
    return None


def beat(
    session: Session,
    job_id: int,
    owner: str,
    *,
    now: datetime,
    lease_s: float,
    progress: float | None = None,
    eta_s: float | None = None,
    message: str | None = None,
) -> None:
    """Extend the lease and record progress.

    Raises:
        JobCancelledError: somebody asked to cancel it, or the lease belongs to another.
    """
    values: dict[str, Any] = {
        "lease_until": now + timedelta(seconds=lease_s),
        "heartbeat_at": now,
    }
    if progress is not None:
        values |= {"progress": min(max(progress, 0.0), 1.0), "eta_s": eta_s}
    if message is not None:
        values["message"] = message
    mine = (Job.state == "running") & (Job.lease_owner == owner)
    if not _move(session, job_id, mine, Job.cancel_requested.is_(False), **values):
        raise JobCancelledError("任务已取消或已由别的工作进程接手。")


def finish(session: Session, job_id: int, owner: str, *, now: datetime) -> None:
    """Mark a running job done.

    Raises:
        ConflictError: the lease was lost; what the job wrote in this transaction rolls back.
    """
    mine = (Job.state == "running") & (Job.lease_owner == owner)
    expect_one_row(
        _move(
            session,
            job_id,
            mine,
            state="done",
            progress=1.0,
            eta_s=None,
            message="",
            error="",
            lease_owner=None,
            lease_until=None,
            finished_at=now,
        ),
        "任务的租约已失效。",
    )


def fail(
    session: Session,
    job: Job,
    owner: str,
    *,
    now: datetime,
    message: str,
    error: str,
    permanent: bool,
) -> bool:
    """Record a failure; the job is queued again with back-off, or given up.

    Returns:
        True when it will be tried again.
    """
    again = may_retry(job.attempts, job.max_attempts, permanent=permanent)
    mine = (Job.state == "running") & (Job.lease_owner == owner)
    _move(
        session,
        job.id,
        mine,
        state="queued" if again else "failed",
        run_after=now + timedelta(seconds=retry_delay_s(job.attempts)),
        message=message,
        error=error[-ERROR_TAIL:],
        eta_s=None,
        lease_owner=None,
        lease_until=None,
        finished_at=None if again else now,
    )
    return again


def release(session: Session, job_id: int, owner: str, *, now: datetime) -> None:
    """Give a running job back untouched: the worker is stopping. The try does not count."""
    mine = (Job.state == "running") & (Job.lease_owner == owner)
    _move(
        session,
        job_id,
        mine,
        state="queued",
        attempts=Job.attempts - 1,
        run_after=now,
        lease_owner=None,
        lease_until=None,
    )


def close_cancelled(session: Session, job_id: int, owner: str, *, now: datetime) -> None:
    """Close a running job whose cancel was asked for, once its handler has stopped."""
    asked = (Job.lease_owner == owner) & Job.cancel_requested.is_(True)
    _move(session, job_id, asked, **_cancelled(now))


def _cancelled(now: datetime) -> dict[str, Any]:
    return {
        "state": "cancelled",
        "message": "已取消",
        "eta_s": None,
        "lease_owner": None,
        "lease_until": None,
        "finished_at": now,
    }


def cancel(session: Session, job_id: int, *, now: datetime) -> None:
    """Cancel a queued job at once; ask a running one to stop.

    Raises:
        ConflictError: it is over already.
    """
    if _move(session, job_id, Job.state == "queued", **_cancelled(now)):
        return
    if not _move(session, job_id, Job.state == "running", cancel_requested=True):
        raise ConflictError("任务已经结束，不能取消。")


def retry(session: Session, job_id: int, *, now: datetime) -> None:
    """Queue a failed or cancelled job again, with its tries counted anew.

    Raises:
        ConflictError: it is neither failed nor cancelled.
    """
    over = Job.state.in_(("failed", "cancelled"))
    moved = _move(
        session,
        job_id,
        over,
        state="queued",
        attempts=0,
        run_after=now,
        cancel_requested=False,
        progress=0.0,
        message="",
        finished_at=None,
    )
    expect_one_row(moved, "只有失败或已取消的任务可以重试。")


def sweep(session: Session, *, now: datetime) -> int:
    """Close lost jobs whose cancel was asked for or whose tries are used up.

    Returns:
        how many jobs are due now, so that the caller can wake that many workers.
    """
    lost = (Job.state == "running") & (Job.lease_until < now)
    session.execute(
        update(Job)
        .where(lost, Job.cancel_requested.is_(True))
        .values(**_cancelled(now))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Job)
        .where(lost, Job.attempts >= Job.max_attempts)
        .values(
            state="failed",
            message="多次中断，已放弃。可在处理原因后重试。",
            lease_owner=None,
            lease_until=None,
            finished_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    due = select(func.count()).select_from(Job).where(or_(*_due(now)))
    return session.scalar(due) or 0
