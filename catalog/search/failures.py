"""What could not be indexed: kept out of the way of all else, tried again later, and told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from catalog.search import outbox
from catalog.search.tables import SearchFailure
from core.jobs.model import LONGEST_RETRY_S, retry_delay_s

#: Longest word kept of an error, characters.
MOST_SAID = 500

#: Failures noted again at one look.
AT_ONCE = 100


class Failure(NamedTuple):
    """Something that is not indexed as it is now; what is found of it is an earlier state."""

    kind: str
    ref: str
    attempts: int
    first_at: datetime
    next_try_at: datetime
    error: str


def write_down(
    session: Session, kind: str, ref: str, error: Exception, *, now: datetime
) -> Failure:
    """Keep a failure, or count one more of the same thing; return what is known of it."""
    known = session.get(SearchFailure, (kind, ref))
    if known is None:
        known = SearchFailure(kind=kind, ref=ref, attempts=0, first_at=now)
        session.add(known)
    known.attempts += 1
    known.next_try_at = now + timedelta(seconds=retry_delay_s(known.attempts))
    # A NUL is no text to PostgreSQL.
    said = f"{type(error).__name__}: {error}".replace("\x00", "\ufffd")
    known.error = said[:MOST_SAID].encode("utf-8", "replace").decode()
    session.flush()
    return _failure(known)


def forget(session: Session, kind: str, refs: Sequence[str]) -> None:
    """Strike off what was indexed after all."""
    gone = delete(SearchFailure).where(SearchFailure.kind == kind, SearchFailure.ref.in_(refs))
    session.execute(gone.execution_options(synchronize_session=False))


def any_due(session: Session, now: datetime) -> bool:
    """Say whether the time of some failure has come; reads only."""
    first = session.scalar(select(func.min(SearchFailure.next_try_at)))
    return first is not None and first <= now


def note_due(session: Session, now: datetime) -> int:
    """Note again what is to be tried again; return how many."""
    due = select(SearchFailure).where(SearchFailure.next_try_at <= now)
    rows = session.scalars(due.order_by(SearchFailure.next_try_at).limit(AT_ONCE)).all()
    for row in rows:
        # Not again at every look, while it waits for its turn.
        again = now + timedelta(seconds=LONGEST_RETRY_S)
        session.execute(
            update(SearchFailure)
            .where(SearchFailure.kind == row.kind, SearchFailure.ref == row.ref)
            .values(next_try_at=again)
            .execution_options(synchronize_session=False)
        )
        outbox.note(session, row.kind, [row.ref], now=now)
    return len(rows)


def failing(session: Session, limit: int = 100) -> Sequence[Failure]:
    """Return what could not be indexed, the oldest trouble first."""
    statement = select(SearchFailure).order_by(SearchFailure.first_at, SearchFailure.ref)
    return [_failure(row) for row in session.scalars(statement.limit(limit))]


def count(session: Session) -> int:
    """Return how many things could not be indexed."""
    return session.scalar(select(func.count()).select_from(SearchFailure)) or 0


def _failure(row: SearchFailure) -> Failure:
    return Failure(row.kind, row.ref, row.attempts, row.first_at, row.next_try_at, row.error)
