"""The index in SQL: suggestions, pinyin and telephone keys, and words within names."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import Session

from catalog.search import suggest
from catalog.search.asking import mark, read_cursor, read_typed, write_cursor
from catalog.search.documents import fingerprint, keys_of_draft
from catalog.search.keys import ALTERED_UNITS, INSIDE_CUT
from catalog.search.model import (
    ALPHABETS,
    KINDS,
    Draft,
    Found,
    Hit,
    Question,
    Sources,
    scopes_of,
)
from catalog.search.normalising import squeeze, units_of
from catalog.search.suggest import Row, Typed
from catalog.search.tables import SearchDocument, SearchKey

#: How often more rows are fetched in place of those that are no longer visible.
ROUNDS = 4

#: So many titles of a series in one answer are too many beside the series itself.
CROWD = 3

#: Of a key's row, in the order in which rows are put together.
_COLUMNS = ("alphabet", "scope", "kind", "inside", "key", "rank", "position", "document_id")


class SqlIndex:
    """The index in the database's own tables (see `catalog.search.model.SearchBackend`).

    Args:
        sources: of all kinds; what was found is looked up in their rows.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def index(self, session: Session, kind: str, drafts: Sequence[Draft]) -> None:
        """Put documents in, in place of what was there of them; the same again changes nothing."""
        known = {row.ref: row for row in session.execute(_known(kind, [d.ref for d in drafts]))}
        keys: list[tuple[Any, ...]] = []
        for draft in drafts:
            version = fingerprint(draft)
            row = known.get(draft.ref)
            if row is None or row.fingerprint != version:
                keys += self._put(session, kind, draft, version, row.id if row else None)
        if keys:
            _insert_keys(session.connection(), keys)

    def _put(
        self, session: Session, kind: str, draft: Draft, version: str, known_id: int | None
    ) -> list[tuple[Any, ...]]:
        """Write a document, and return the keys it is to get as rows."""
        units, keys = keys_of_draft(draft)
        values = {
            "name": draft.name,
            "folded": "\n".join(squeeze(units_of(name)) for name in (draft.name, *draft.aliases)),
            "readings": " ".join(",".join(unit.readings) for unit in units),
            "family": draft.family,
            "fingerprint": version,
        }
        if known_id is None:
            statement = insert(SearchDocument).values(kind=kind, ref=draft.ref, **values)
            known_id = session.execute(statement.returning(SearchDocument.id)).scalar_one()
        else:
            session.execute(delete(SearchKey).where(SearchKey.document_id == known_id))
            session.execute(
                update(SearchDocument).where(SearchDocument.id == known_id).values(**values)
            )
        return [
            (
                ALPHABETS.index(alphabet),
                scope,
                KINDS.index(kind),
                place.inside,
                key,
                draft.rank,
                place.position,
                known_id,
            )
            for scope in sorted(draft.scopes)
            for (alphabet, key), place in keys.items()
        ]

    def delete(self, session: Session, kind: str, refs: Sequence[str]) -> None:
        """Take documents out; those that are not there are no error."""
        ids = [row.id for row in session.execute(_known(kind, refs))]
        session.execute(delete(SearchKey).where(SearchKey.document_id.in_(ids)))
        session.execute(delete(SearchDocument).where(SearchDocument.id.in_(ids)))

    def suggest(self, session: Session, question: Question) -> Found:
        """Answer while it is being typed, with the characters that lead on."""
        typed = read_typed(question.typed, question.form)
        if typed is None:
            return Found()
        return self._find(session, question, typed, suggesting=True)

    def search(self, session: Session, question: Question) -> Found:
        """Answer words, page by page; digits alone are also read as a telephone's keys."""
        plain = squeeze(units_of(question.typed))
        typed = read_typed(question.typed, "t9" if plain.isdecimal() else question.form)
        return Found() if typed is None else self._find(session, question, typed)

    def _find(
        self, session: Session, question: Question, typed: Typed, *, suggesting: bool = False
    ) -> Found:
        found = self._page(session, question, typed, suggesting=suggesting)
        if typed.alphabet == "han":
            return found
        # Keys inside names, and those in other readings, are no longer than so.
        for length in (INSIDE_CUT, ALTERED_UNITS):
            if found.hits or question.after or length >= len(typed.text):
                continue
            found = self._page(session, question, replace(typed, text=typed.text[:length]))
        return found

    def _page(
        self, session: Session, question: Question, typed: Typed, *, suggesting: bool = False
    ) -> Found:
        limit, after = question.limit, read_cursor(question.after)
        look = functools.partial(
            suggest.look_up,
            session,
            typed,
            scopes_of(question.place_path),
            kind=question.kind,
            limit=limit + 1,
        )
        looked = look(after=after)
        counts, leads, leave, hits = looked.counts, "", tuple[str, ...](), list[Hit]()
        if suggesting:
            leads = suggest.leads(session, typed, looked, kind=question.kind)
            if leave := () if question.kind else _crowding(looked.rows):
                looked = look(after=after, leave=leave)

        def answer(following: str | None) -> Found:
            return Found(tuple(hits), _positive(counts), leads, following)

        for turn in range(ROUNDS):
            rows = look(after=after, leave=leave).rows if turn else looked.rows
            shown = self._visible(session, question, rows)
            for row in rows:
                if len(hits) == limit:
                    return answer(write_cursor(after))
                kind = KINDS[row.kind]
                if row.ref in shown[kind]:
                    hits.append(_hit(row, typed, shown[kind][row.ref]))
                else:
                    counts[kind] = counts.get(kind, 0) - 1  # withdrawn, and not yet taken out
                after = row[:4]
            if len(rows) <= limit:
                return answer(None)
        return answer(write_cursor(after))

    def _visible(
        self, session: Session, question: Question, rows: Sequence[Row]
    ) -> Mapping[str, Mapping[str, Any]]:
        refs: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            refs[KINDS[row.kind]].append(row.ref)
        return {
            kind: self._sources.by_kind[kind].visible(
                session, few, question.place_path, question.now
            )
            if kind in self._sources.by_kind
            else {}
            for kind, few in refs.items()
        }

    def forget_versions(self, session: Session) -> None:
        """Make every document look old, so that the next reconcile puts all in again."""
        session.execute(update(SearchDocument).values(fingerprint=""))

    def versions(self, session: Session, kind: str) -> Mapping[str, str]:
        """Return the fingerprints of what is indexed of a kind, by ref."""
        statement = select(SearchDocument.ref, SearchDocument.fingerprint)
        rows = session.execute(statement.where(SearchDocument.kind == kind))
        return {row.ref: row.fingerprint for row in rows}


def _insert_keys(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert keys; by the driver, as SQLAlchemy's way to a row costs more than the row."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * len(_COLUMNS))
    statement = f"INSERT INTO search_key ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608
    connection.exec_driver_sql(statement, list(rows))


def _known(kind: str, refs: Sequence[str]) -> Any:
    columns = (SearchDocument.id, SearchDocument.ref, SearchDocument.fingerprint)
    return select(*columns).where(SearchDocument.kind == kind, SearchDocument.ref.in_(refs))


def _hit(row: Row, typed: Typed, shown: Any) -> Hit:
    return Hit(KINDS[row.kind], row.ref, row.name, mark(row, typed), shown)


def _crowding(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return series that were found with so many of their titles that they stand for them.

    All of a series' titles begin alike where they are named after it: what was typed has led to
    the series, and tells none of them from the others.
    """
    series = {row.ref for row in rows if KINDS[row.kind] == "series"}
    titles = Counter(row.family for row in rows if row.family in series)
    return tuple(sorted(ref for ref, count in titles.items() if count >= CROWD))


def _positive(counts: Mapping[str, int]) -> dict[str, int]:
    return {kind: count for kind, count in counts.items() if count > 0}
