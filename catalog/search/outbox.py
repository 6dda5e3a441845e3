"""The outbox: what has changed, written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.orm import Session

from catalog.search.tables import SearchDocument, SearchKey, SearchOutbox
from core.clock import SystemClock


def note(
    session: Session | Connection,
    kind: str,
    refs: Iterable[int | str],
    *,
    now: datetime | None = None,
) -> None:
    """Write down that documents are to be indexed anew, or taken out.

    Args:
        session: the unit of work of the change.
        kind: a source's kind, or an expander's.
        refs: of the documents; a row each.
        now: the present instant, for the lag that is shown; the machine's when None.
    """
    at = now or SystemClock().now()
    rows = [{"kind": kind, "ref": str(ref), "at": at} for ref in dict.fromkeys(refs)]
    if rows:
        session.execute(insert(SearchOutbox), rows)


def hide(session: Session, kind: str, ref: int | str) -> None:
    """Take a document's keys out at once, with the change that makes it invisible.

    What is found is looked up in the real rows anyhow; this keeps it out of counts and of the
    letters that lead on. A series goes with the last of its titles that somebody may see there.
    """
    is_it = (SearchDocument.kind == kind, SearchDocument.ref == str(ref))
    family = session.scalar(select(SearchDocument.family).where(*is_it))
    _drop_keys(session, SearchDocument.kind == kind, SearchDocument.ref == str(ref))
    if family:
        left = (
            select(SearchKey.scope)
            .join(SearchDocument, SearchDocument.id == SearchKey.document_id)
            .where(SearchDocument.family == family)
        )
        _drop_keys(
            session,
            SearchDocument.kind == "series",
            SearchDocument.ref == family,
            but_in=set(session.scalars(left.distinct())),
        )


def _drop_keys(session: Session, *is_it: ColumnElement[bool], but_in: Collection[int] = ()) -> None:
    """Take the keys of a document out, but those in some scopes."""
    gone = delete(SearchKey).where(
        SearchKey.document_id.in_(select(SearchDocument.id).where(*is_it)),
        SearchKey.scope.not_in(but_in),
    )
    session.execute(gone.execution_options(synchronize_session=False))
    # Without a fingerprint it is indexed anew should it come back.
    blank = update(SearchDocument).where(*is_it).values(fingerprint="")
    session.execute(blank.execution_options(synchronize_session=False))


def oldest(session: Session, kinds: Sequence[str], limit: int) -> Sequence[tuple[int, str, str]]:
    """Return waiting rows of some kinds as (id, kind, ref), the oldest first."""
    statement = (
        select(SearchOutbox.id, SearchOutbox.kind, SearchOutbox.ref)
        .where(SearchOutbox.kind.in_(kinds))
        .order_by(SearchOutbox.id)
        .limit(limit)
    )
    return [(id_, kind, ref) for id_, kind, ref in session.execute(statement)]


def take(session: Session, ids: Sequence[int]) -> bool:
    """Delete rows that were done; False where another indexer has done some of them meanwhile."""
    done = session.execute(delete(SearchOutbox).where(SearchOutbox.id.in_(ids)))
    return int(done.rowcount) == len(ids)  # type: ignore[attr-defined]  # a DELETE has one


def waiting(session: Session) -> int:
    """Return how many rows wait."""
    return session.scalar(select(func.count(SearchOutbox.id))) or 0


def lag_s(session: Session, now: datetime) -> float:
    """Return for how many seconds the oldest row has been waiting; 0 when none does."""
    first = session.scalar(select(func.min(SearchOutbox.at)))
    return max(0.0, (now - first).total_seconds()) if first is not None else 0.0
