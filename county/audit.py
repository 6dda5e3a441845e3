"""The audit log: what was done, by whom, when. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from county.tables import AuditEntry


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    place_id: int | None = None,
    remark: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry in the transaction of what it tells of.

    Args:
        session: the unit of work.
        at: when.
        actor: a login, `box:<id>` or `system`.
        action: what, e.g. `title.publish`.
        subject: of what, e.g. `title:7`.
        place_id: where, if it has a place.
        remark: what the person said.
        detail: JSON-ready facts; no secrets.
    """
    entry = AuditEntry(
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        place_id=place_id,
        remark=remark,
        detail=detail or {},
    )
    session.add(entry)
    session.flush()
    return entry


def history(session: Session, subject: str, *, limit: int = 100) -> Sequence[AuditEntry]:
    """Return the entries about a subject, newest first."""
    statement = (
        select(AuditEntry)
        .where(AuditEntry.subject == subject)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return session.scalars(statement).all()
