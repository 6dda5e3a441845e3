"""The indexer: brings the index in step with the outbox, and the outbox with the database.

Several may run: what a batch was made of is deleted with it in one transaction, and a batch of
which another indexer has done a part is given up. A killed one leaves its rows where they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.search import outbox
from catalog.search.model import Draft, SearchBackend, Sources
from catalog.search.sql_index import fingerprint
from core.clock import Clock
from core.db import SessionFactory, read_scope, session_scope

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
            if rows[0][1] not in self._sources.expanders:
                refs = _chosen(rows)
                drafts = {kind: self._drafts(session, kind, refs[kind]) for kind in refs}
        if rows[0][1] in self._sources.expanders:
            return self._expand(rows[0])
        ids = [id_ for id_, kind, ref in rows if ref in refs.get(kind, ())]
        return len(ids) if self._write(ids, refs, drafts) else 0

    def _next_rows(self, session: Session) -> Sequence[tuple[int, str, str]]:
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
        refs: dict[str, list[str]],
        drafts: dict[str, Sequence[Draft]],
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
        return True

    def _expand(self, row: tuple[int, str, str]) -> int:
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
            for refs in source.refs(session):
                drafts = source.drafts(session, refs, now)
                for ref, draft in drafts.items():
                    if draft.scopes and indexed.pop(ref, None) != fingerprint(draft):
                        wrong.append(ref)
        with session_scope(self._sessions) as session:
            outbox.note(session, kind, [*wrong, *indexed], now=now)
        return len(wrong) + len(indexed)


def _chosen(rows: Sequence[tuple[int, str, str]]) -> dict[str, list[str]]:
    """Return the documents of the next batch by kind, the longest waiting first."""
    first = dict.fromkeys((kind, ref) for _, kind, ref in rows)
    found: dict[str, list[str]] = defaultdict(list)
    for kind, ref in list(first)[:BATCH]:
        found[kind].append(ref)
    return found
