"""What falls in the TV app, as boxes tell it: an entry an hour from each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from county.tables import BoxFault

HOUR = timedelta(hours=1)
KEPT_FOR = timedelta(days=30)
LAST_MAX = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What a box tells; texts are cut to what is kept."""

    model: str
    version: str
    count: int
    last: str
    screen: str


def note_fault(
    session: Session, told: Told, *, box_id: int | None, address: str, now: datetime
) -> bool:
    """Keep what a box tells; False when it told something within the hour."""
    hashed = hashlib.sha256(address.encode()).hexdigest()[:40]
    source = f"box:{box_id}" if box_id is not None else f"address:{hashed}"
    lately = select(func.count()).where(BoxFault.source == source, BoxFault.at > now - HOUR)
    if session.scalar(lately):
        return False
    session.execute(delete(BoxFault).where(BoxFault.at < now - KEPT_FOR))
    session.add(
        BoxFault(
            source=source,
            at=now,
            model=told.model[:80],
            version=told.version[:40],
            count=min(max(told.count, 1), 10**6),
            last=told.last[:LAST_MAX],
            screen=told.screen[:40],
        )
    )
    session.flush()
    return True


def list_faults(
    session: Session, *, box_id: int | None = None, limit: int = 50
) -> Sequence[BoxFault]:
    """Return the newest faults, of one box or of all."""
    statement = select(BoxFault)
    if box_id is not None:
        statement = statement.where(BoxFault.source == f"box:{box_id}")
    return session.scalars(statement.order_by(BoxFault.at.desc()).limit(limit)).all()


def count_faults(session: Session, *, now: datetime) -> int:
    """Return how much fell on all boxes within a day."""
    statement = select(func.sum(BoxFault.count)).where(BoxFault.at > now - timedelta(days=1))
    return session.scalar(statement) or 0
