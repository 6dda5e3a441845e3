"""What pages ask of jobs: the latest of each kind, and which of them somebody is waiting for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, defer

from core.db import is_row_id
from core.errors import NotFoundError
from core.jobs.tables import Job

#: In this order a page tells of jobs; what is done is told by its result.
_RANK = {"running": 0, "queued": 1, "failed": 2, "cancelled": 3}


def latest_jobs(session: Session, subjects: Iterable[str]) -> dict[str, list[Job]]:
    """Return the newest job of each kind for every subject, newest first, in one query.

    Args:
        session: the unit of work.
        subjects: such as `title:7`; one without jobs has an empty list in the answer.
    """
    found: dict[str, list[Job]] = {subject: [] for subject in subjects}
    if not found:
        return found
    order = func.row_number().over(partition_by=(Job.subject, Job.kind), order_by=Job.id.desc())
    ranked = (
        select(Job, order.label("place_in_kind")).where(Job.subject.in_(list(found))).subquery()
    )
    newest = aliased(Job, ranked)
    statement = (
        select(newest)
        .where(ranked.c.place_in_kind == 1)
        .order_by(newest.id.desc())
        # A list shows reasons, not tracebacks.
        .options(defer(newest.error), defer(newest.payload))
    )
    for job in session.scalars(statement):
        found[job.subject].append(job)
    return found


def jobs_about(session: Session, subject: str, *, limit: int = 30) -> Sequence[Job]:
    """Return the jobs of a subject, newest first."""
    statement = select(Job).where(Job.subject == subject).order_by(Job.id.desc()).limit(limit)
    return session.scalars(statement).all()


def get_job(session: Session, job_id: int) -> Job:
    """Return a job.

    Raises:
        NotFoundError: there is none.
    """
    job = session.get(Job, job_id) if is_row_id(job_id) else None
    if job is None:
        raise NotFoundError("没有这个任务。")
    return job


def worth_telling(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs that are not done: what runs, what waits, what went wrong. Pure."""
    return sorted((job for job in jobs if job.state in _RANK), key=lambda job: _RANK[job.state])


def any_active(jobs: Iterable[Job]) -> bool:
    """Say whether something will change without anybody's doing. Pure."""
    return any(job.state in {"running", "queued"} for job in jobs)
