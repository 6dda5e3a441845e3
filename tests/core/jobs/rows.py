"""Steps of a job's life as the tests of its row take them, by worker `w1` unless said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.jobs import service
from core.jobs.tables import Job
from tests.fakes import START

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
