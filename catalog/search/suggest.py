"""The questions to the table of keys: what is found, how many there are, which keys lead on.

A question is a set of ranges of the primary key, one for each scope the asker sees and each kind,
at the start of names and inside them. Nothing is read that lies outside the asker's scopes, so
neither counts nor letters tell of anything else.
"""

from __future__ import annotations

import functools
import itertools
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog.search.keys import CUT
from catalog.search.model import ALPHABETS, KINDS, Alphabet

#: Keys read of a range at most: a letter alone may lead to a tenth of all there are.
CAP = 400

#: What may be typed next, by alphabet; of characters there are too many to ask for each.
NEXT: dict[Alphabet, str] = {
    "han": "",
    "letters": string.ascii_lowercase + string.digits,
    "digits": string.digits,
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, as keys are spelled.

    Args:
        alphabet: of the keys.
        text: normalised, not empty.
        words: stretches that the name must hold besides, normalised.
    """

    alphabet: Alphabet
    text: str
    words: tuple[str, ...] = ()

    @property
    def bounds(self) -> tuple[str, str]:
        """Return the range of keys that begin so: from, and up to but without."""
        prefix = self.text[: CUT[self.alphabet]]
        return prefix, prefix[:-1] + _after(prefix[-1])


class Row(NamedTuple):
    """A document that was found; the first four are its order, and its cursor."""

    inside: int
    kind: int
    rank: int
    document_id: int
    position: int
    ref: str
    name: str
    readings: str


class Looked(NamedTuple):
    """Rows in order, and how many there are in all by kind."""

    rows: Sequence[Row]
    counts: Mapping[str, int]


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _after(char: str) -> str:
    following = ord(char) + 1
    return chr(0xE000 if following == 0xD800 else following)


def look_up(
    session: Session,
    typed: Typed,
    scopes: Sequence[int],
    *,
    kind: str = "",
    after: tuple[int, int, int, int] | None = None,
    limit: int,
) -> Looked:
    """Return documents that have a key beginning so, best first.

    Args:
        session: the unit of work.
        typed: what was typed.
        scopes: of the asker (`catalog.search.model.scopes_of`).
        kind: the only kind wanted, empty for all; counts are of all kinds.
        after: order of the last row of the page before.
        limit: rows at most.
    """
    statement = _statement(
        typed.alphabet,
        len(scopes),
        bool(kind),
        after is not None,
        len(typed.words),
        lateral=_is_postgresql(session),
    )
    low, high = typed.bounds
    values: dict[str, Any] = {"low": low, "high": high, "limit": limit}
    values |= {f"scope{n}": scope for n, scope in enumerate(scopes)}
    values |= {f"word{n}": f"%{word}%" for n, word in enumerate(typed.words)}
    if kind:
        values["kind"] = KINDS.index(kind)
    if after is not None:
        values |= dict(zip(("inside", "after_kind", "rank", "document"), after, strict=True))
    rows, counts = [], {}
    for row in session.execute(statement, values):
        if row.inside < 0:
            counts[KINDS[row.kind]] = row.rank
        else:
            rows.append(Row(*row))
    return Looked(sorted(rows), counts)


@functools.cache
def _statement(
    alphabet: Alphabet, scopes: int, of_kind: bool, further: bool, words: int, *, lateral: bool
) -> Any:
    ranges = (_lateral_ranges if lateral else _ranges)(alphabet, scopes)
    held = " AND ".join(
        "EXISTS (SELECT 1 FROM search_document AS w "  # noqa: S608 - as below
        f"WHERE w.id = document_id AND w.folded LIKE :word{n})"
        for n in range(words)
    )
    wanted = ["kind = :kind"] if of_kind else []
    if further:
        wanted.append(
            "(inside, kind, rank, document_id) > (:inside, :after_kind, :rank, :document)"
        )
    return text(
        f"""
        WITH found AS (
          SELECT kind, document_id, MIN(inside) AS inside, MIN(position) AS position,
                 MIN(rank) AS rank
          FROM ({ranges}) AS keys {"WHERE " + held if held else ""}
          GROUP BY kind, document_id
        ), best AS (
          SELECT * FROM found {"WHERE " + " AND ".join(wanted) if wanted else ""}
          ORDER BY inside, kind, rank, document_id LIMIT :limit
        )
        SELECT b.inside, b.kind, b.rank, b.document_id, b.position, d.ref, d.name, d.readings
        FROM best AS b JOIN search_document AS d ON d.id = b.document_id
        UNION ALL
        SELECT -1, kind, COUNT(*), 0, 0, '', '', '' FROM found GROUP BY kind
        """  # noqa: S608 - put together of our own words; what was typed is bound
    )


def _ranges(alphabet: Alphabet, scopes: int) -> str:
    """Return the ranges one by one, as SQLite reads them fastest."""
    return " UNION ALL ".join(
        "SELECT * FROM (SELECT kind, document_id, inside, position, rank FROM search_key "  # noqa: S608
        f"WHERE alphabet = {ALPHABETS.index(alphabet)} AND scope = :scope{scope} "
        f"AND kind = {kind} AND inside = {inside} AND key >= :low AND key < :high "
        f"LIMIT {CAP}) AS r"
        for scope, kind, inside in itertools.product(range(scopes), range(len(KINDS)), (0, 1))
    )


def _lateral_ranges(alphabet: Alphabet, scopes: int) -> str:
    """Return the ranges as one: PostgreSQL would take longer to plan them than to read them."""
    stretches = _stretch_values(scopes, range(len(KINDS)))
    return (
        "SELECT r.* FROM "  # noqa: S608
        f"{stretches} CROSS JOIN LATERAL ("
        "SELECT k.kind, k.document_id, k.inside, k.position, k.rank FROM search_key AS k "
        f"WHERE k.alphabet = {ALPHABETS.index(alphabet)} AND k.scope = s.scope "
        "AND k.kind = s.kind AND k.inside = s.inside "
        f"AND k.key >= :low AND k.key < :high LIMIT {CAP}) AS r"
    )


def leads(session: Session, typed: Typed, scopes: Sequence[int], *, kind: str = "") -> str:
    """Return the characters that may be typed next, each found by one probe of the index.

    Args:
        session: the unit of work.
        typed: what was typed.
        scopes: of the asker.
        kind: the only kind wanted, empty for all.
    """
    following = NEXT[typed.alphabet]
    if not following or len(typed.text) >= CUT[typed.alphabet]:
        return ""
    statement = _probes(
        typed.alphabet,
        len(scopes),
        KINDS.index(kind) if kind else None,
        lateral=_is_postgresql(session),
    )
    values: dict[str, Any] = {f"scope{n}": scope for n, scope in enumerate(scopes)}
    values |= {f"low{n}": typed.text + char for n, char in enumerate(following)}
    values |= {f"high{n}": typed.text + _after(char) for n, char in enumerate(following)}
    live = {row.n for row in session.execute(statement, values)}
    return "".join(char for n, char in enumerate(following) if n in live)


@functools.cache
def _probes(alphabet: Alphabet, scopes: int, kind: int | None, *, lateral: bool) -> Any:
    """Return the statement; to PostgreSQL, lists of scopes and kinds cost more than as many probes.

    EXISTS would be a join to it, at worst of all keys.
    """
    kinds = range(len(KINDS)) if kind is None else (kind,)
    probes = " UNION ALL ".join(
        f"SELECT {n} AS n, CAST(:low{n} AS VARCHAR(25)) AS low, "
        f"CAST(:high{n} AS VARCHAR(25)) AS high"
        for n in range(len(NEXT[alphabet]))
    )
    if lateral:
        where = "k.scope = s.scope AND k.kind = s.kind AND k.inside = s.inside"
        stretches = _stretch_values(scopes, kinds)
        probe = f"SELECT 1 FROM {stretches} WHERE ({_probe(alphabet, where)} LIMIT 1) = 1"  # noqa: S608
    else:
        among = ", ".join(f":scope{n}" for n in range(scopes))
        of = ", ".join(map(str, kinds))
        probe = _probe(alphabet, f"scope IN ({among}) AND kind IN ({of}) AND inside IN (0, 1)")
    return text(f"SELECT n FROM ({probes}) AS p WHERE EXISTS ({probe})")  # noqa: S608 - as above


def _probe(alphabet: Alphabet, where: str) -> str:
    return (
        "SELECT 1 FROM search_key AS k "  # noqa: S608 - as above
        f"WHERE k.alphabet = {ALPHABETS.index(alphabet)} AND {where} "
        "AND k.key >= p.low AND k.key < p.high"
    )


def _stretch_values(scopes: int, kinds: Iterable[int]) -> str:
    values = ", ".join(
        f"(CAST(:scope{scope} AS INTEGER), {kind}, {inside})"
        for scope, kind, inside in itertools.product(range(scopes), kinds, (0, 1))
    )
    return f"(VALUES {values}) AS s (scope, kind, inside)"
