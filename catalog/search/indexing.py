"""The indexer: brings the index in step with the outbox, and the outbox with the database.

Several may run: what a batch was made of is deleted with it in one transaction, and a batch of
which another indexer has done a part is given up. A killed one leaves its rows where they are.
A batch that cannot be done is done one by one: what it stumbled over is written down as a failure
(`catalog.search.failures`), and nothing else waits for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from catalog.search import failures, outbox
from catalog.search.documents import fingerprint
from catalog.search.model import Draft, SearchBackend, Sources
from core.clock import Clock
from core.db import SessionFactory, read_scope, session_scope

log = structlog.get_logger()

#: A row of the outbox: its id, and the kind and ref it names.
Waiting = tuple[int, str, str]

#: Documents a commit.
BATCH = 20

#: Rows looked at for a batch: a thing that changed often has many.
LOOKED_AT = 200


class Indexer:
    """Keeps an index in step.

    Args:
        sessions: maker of sessions.
        clock: the time.
        sources: of all kinds.
        backend: the index.
    """

    def __init__(
        self, sessions: SessionFactory, clock: Clock, sources: Sources, backend: SearchBackend
    ) -> None:
        self._sessions, self._clock = sessions, clock
        self._sources, self._backend = sources, backend
        by_kind = sources.by_kind
        #: What is done first comes first: a guide's thousands wait for a title.
        self._turns: tuple[tuple[str, ...], ...] = (
            tuple(kind for kind in by_kind if not by_kind[kind].in_bulk),
            tuple(sources.expanders),
            tuple(kind for kind in by_kind if by_kind[kind].in_bulk),
        )

    def drain(self) -> int:
        """Index what waits until nothing does; return how many outbox rows were done."""
        done = 0
        while count := self.drain_batch():
            done += count
        return done

    def drain_batch(self) -> int:
        """Index one batch; return how many outbox rows were done, 0 when none waits.

        Another indexer may have been faster: then nothing is written, and 0 is returned.
        """
        with read_scope(self._sessions) as session:
            rows = self._next_rows(session)
        if not rows:
            return 0
        if rows[0][1] in self._sources.expanders:
            return self._isolated(rows[:1])
        refs = _chosen(rows)
        batch = [row for row in rows if row[2] in refs.get(row[1], ())]
        try:
            return self._batch(batch, refs)
        except OperationalError:
            raise  # trouble of the database: the next look tries again
        except Exception as error:  # noqa: BLE001 - the one that is meant is found and written down
            log.warning("a batch could not be indexed", error=repr(error))
        return sum(
            self._isolated([row for row in batch if row[1:] == (kind, ref)])
            for kind, few in refs.items()
            for ref in few
        )

    def _batch(self, batch: Sequence[Waiting], refs: Mapping[str, Sequence[str]]) -> int:
        with read_scope(self._sessions) as session:
            drafts = {kind: self._drafts(session, kind, few) for kind, few in refs.items()}
        ids = [id_ for id_, _, _ in batch]
        return len(ids) if self._write(ids, refs, drafts) else 0

    def _isolated(self, rows: Sequence[Waiting]) -> int:
        """Do the outbox rows of one thing; what is wrong with it is kept, and its rows are done."""
        _, kind, ref = rows[0]
        try:
            if kind in self._sources.expanders:
                return self._expand(rows[0])
            return self._batch(rows, {kind: [ref]})
        except OperationalError:
            raise  # trouble of the database: the next look tries again
        except Exception as error:
            log.exception("not indexed", kind=kind, ref=ref)
            with session_scope(self._sessions) as session:
                if not outbox.take(session, [id_ for id_, _, _ in rows]):
                    return 0
                failures.write_down(session, kind, ref, error, now=self._clock.now())
        return len(rows)

    def try_again(self) -> int:
        """Note again the failures whose time has come; return how many."""
        now = self._clock.now()
        with read_scope(self._sessions) as session:
            if not failures.any_due(session, now):
                return 0
        with session_scope(self._sessions) as session:
            return failures.note_due(session, now)

    def _next_rows(self, session: Session) -> Sequence[Waiting]:
        for kinds in self._turns:
            rows = outbox.oldest(session, kinds, LOOKED_AT)
            if rows:
                return rows
        return ()

    def _drafts(self, session: Session, kind: str, refs: Sequence[str]) -> Sequence[Draft]:
        found = self._sources.by_kind[kind].drafts(session, refs, self._clock.now())
        return [draft for draft in found.values() if draft.scopes]

    def _write(
        self,
        ids: Sequence[int],
        refs: Mapping[str, Sequence[str]],
        drafts: Mapping[str, Sequence[Draft]],
    ) -> bool:
        with self._sessions() as session, session.begin() as transaction:
            if not outbox.take(session, ids):
                transaction.rollback()
                return False
            for kind, few in refs.items():
                self._backend.index(session, kind, drafts[kind])
                kept = {draft.ref for draft in drafts[kind]}
                gone = [ref for ref in few if ref not in kept]
                if gone:
                    self._backend.delete(session, kind, gone)
                failures.forget(session, kind, few)
        return True

    def _expand(self, row: Waiting) -> int:
        id_, kind, ref = row
        now = self._clock.now()
        with session_scope(self._sessions) as session:
            if not outbox.take(session, [id_]):
                return 0
            meant: dict[str, list[str]] = defaultdict(list)
            for of_kind, one in self._sources.expanders[kind](session, ref, now):
                meant[of_kind].append(one)
            for of_kind, refs in meant.items():
                outbox.note(session, of_kind, refs, now=now)
            failures.forget(session, kind, [ref])
        return 1

    def reconcile(self, *, everything: bool = False) -> int:
        """Note in the outbox what the index has other than the database; return how many.

        Args:
            everything: index all documents anew, whatever the index has.
        """
        if everything:
            with session_scope(self._sessions) as session:
                self._backend.forget_versions(session)
        return sum(self._reconcile_kind(kind, self._clock.now()) for kind in self._sources.by_kind)

    def _reconcile_kind(self, kind: str, now: datetime) -> int:
        source, wrong = self._sources.by_kind[kind], list[str]()
        with read_scope(self._sessions) as session:
            indexed = dict(self._backend.versions(session, kind))
            pages = list(source.refs(session))
        for refs in pages:
            for ref, draft in self._readable(kind, refs, now).items():
                if draft is None or (draft.scopes and indexed.get(ref) != fingerprint(draft)):
                    wrong.append(ref)
                if draft is None or draft.scopes:
                    indexed.pop(ref, None)
        with session_scope(self._sessions) as session:
            outbox.note(session, kind, [*wrong, *indexed], now=now)
        return len(wrong) + len(indexed)

    def _readable(
        self, kind: str, refs: Sequence[str], now: datetime
    ) -> Mapping[str, Draft | None]:
        """Return the documents of refs; None for one that cannot be read."""
        try:
            with read_scope(self._sessions) as session:
                return dict(self._sources.by_kind[kind].drafts(session, refs, now))
        except OperationalError:
            raise  # trouble of the database: the next look tries again
        except Exception as error:  # noqa: BLE001 - it is noted, and fails once more as itself
            if len(refs) == 1:
                log.warning("not readable", kind=kind, ref=refs[0], error=repr(error))
                return {refs[0]: None}
        middle = len(refs) // 2
        return {
            **self._readable(kind, refs[:middle], now),
            **self._readable(kind, refs[middle:], now),
        }


def _chosen(rows: Sequence[Waiting]) -> dict[str, list[str]]:
    """Return the documents of the next batch by kind, the longest waiting first."""
    first = dict.fromkeys((kind, ref) for _, kind, ref in rows)
    found: dict[str, list[str]] = defaultdict(list)
    for kind, ref in list(first)[:BATCH]:
        found[kind].append(ref)
    return found
