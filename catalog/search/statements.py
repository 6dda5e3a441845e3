"""The two statements that `catalog.search.suggest` asks with, put together and kept by shape.

They are put together of our own words alone; what was typed, and who asks, is bound.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import text

from catalog.search.model import KINDS

#: Keys read of a range at most: a letter alone may lead to a tenth of all there are.
CAP = 400

#: Instead of a rung: a row that counts a kind's documents; one that counts the keys of a stretch
#: that go on with a character.
COUNT = -1
FOLLOWING = -2


#: What makes a rung in the `place` a document is found at; below it is the position, so that one
#: least number tells both. Kind and rank are the same in all keys of a document: SQLite takes them
#: from any, which is half the time of sorting by them as well.
RUNG = 1024


class Stretch(NamedTuple):
    """Keys of a kind in a scope, at the start of names or inside them."""

    scope: int
    kind: int
    inside: int


class Shape(NamedTuple):
    """What makes one statement another.

    Args:
        alphabet: place in `catalog.search.model.ALPHABETS`.
        scopes: how many.
        length: of what was typed, characters.
        words: how many the name must hold besides.
        of_kind: whether only one kind is wanted.
        further: whether it is not the first page.
        leave: how many series' titles are left out.
        following: whether the characters that lead on are wanted.
    """

    alphabet: int
    scopes: int
    length: int
    words: int
    of_kind: bool
    further: bool
    leave: int
    following: bool


@functools.lru_cache(maxsize=2000)
def looking(shape: Shape, *, lateral: bool) -> Any:
    """Return the statement of `look_up`; rows are as `catalog.search.suggest.Row`.

    Args:
        shape: of the question.
        lateral: as PostgreSQL reads ranges fastest, else as SQLite does.
    """
    reads = _read_lateral if lateral else _read_one_by_one
    ranges = reads(shape, "k.kind, k.document_id, k.inside, k.position, k.rank, k.key")
    return text(
        f"""
        WITH found AS MATERIALIZED (
          SELECT kind, document_id, rank,
                 MIN(CASE WHEN inside = 1 THEN {2 * RUNG} WHEN key = :whole THEN 0 ELSE {RUNG} END
                     + position) AS place
          FROM ({ranges}) AS keys {_holding(shape.words)}
          GROUP BY document_id{", kind, rank" if lateral else ""}
        ), best AS (
          SELECT place / {RUNG} AS rung, kind, rank, document_id,
                 place - place / {RUNG} * {RUNG} AS position
          FROM found {_wanted(shape)}
          ORDER BY 1, 2, 3, 4 LIMIT :limit
        )
        SELECT b.rung, b.kind, b.rank, b.document_id, b.position, d.ref, d.name, d.readings,
               d.family
        FROM best AS b JOIN search_document AS d ON d.id = b.document_id
        UNION ALL
        SELECT {COUNT}, kind, COUNT(*), 0, 0, '', '', '', '' FROM found GROUP BY kind
        {_following(shape, lateral=lateral) if shape.following else ""}
        """  # noqa: S608 - see above
    )


def _holding(words: int) -> str:
    held = " AND ".join(
        "EXISTS (SELECT 1 FROM search_document AS w "  # noqa: S608 - see above
        f"WHERE w.id = document_id AND w.folded LIKE :word{n})"
        for n in range(words)
    )
    return f"WHERE {held}" if held else ""


def _wanted(shape: Shape) -> str:
    wanted = ["kind = :kind"] if shape.of_kind else []
    if shape.further:
        after = ":rung, :after_kind, :rank, :document"
        wanted.append(f"(place / {RUNG}, kind, rank, document_id) > ({after})")
    if shape.leave:
        among = ", ".join(f":leave{n}" for n in range(shape.leave))
        wanted.append(
            "NOT EXISTS (SELECT 1 FROM search_document AS f "  # noqa: S608 - see above
            f"WHERE f.id = document_id AND f.family IN ({among}))"
        )
    return f"WHERE {' AND '.join(wanted)}" if wanted else ""


def _following(shape: Shape, *, lateral: bool) -> str:
    """Return the count of keys by stretch and by the character they go on with."""
    reads = _read_lateral if lateral else _read_one_by_one
    lead = f"SUBSTR(k.key, {shape.length + 1}, 1) AS lead"
    read = reads(shape, f"k.kind, k.scope, k.inside, {lead}", count_leads=True)
    return (
        f"UNION ALL SELECT {FOLLOWING}, kind, number, scope, inside, lead, '', '', '' "  # noqa: S608
        f"FROM ({read}) AS keys"
    )


def _read_one_by_one(shape: Shape, columns: str, *, count_leads: bool = False) -> str:
    """Return the ranges one by one, as SQLite reads them fastest.

    Args:
        shape: of the question.
        columns: of the table of keys, as `k`.
        count_leads: give the `number` of each range's rows by `lead`.
    """
    return " UNION ALL ".join(
        f"SELECT *{', COUNT(*) AS number' if count_leads else ''} "  # noqa: S608 - see above
        f"FROM (SELECT {columns} FROM search_key AS k "
        f"WHERE k.alphabet = {shape.alphabet} AND k.scope = :scope{scope} AND k.kind = {kind} "
        f"AND k.inside = {inside} AND k.key >= :low AND k.key < :high LIMIT {CAP}) AS r "
        + ("GROUP BY lead" if count_leads else "")
        for scope, kind, inside in _stretches(shape)
    )


def _read_lateral(shape: Shape, columns: str, *, count_leads: bool = False) -> str:
    """Return the ranges as one: PostgreSQL would take longer to plan them than to read them."""
    values = ", ".join(
        f"(CAST(:scope{scope} AS INTEGER), {kind}, {inside})"
        for scope, kind, inside in _stretches(shape)
    )
    return (
        f"SELECT r.*{', COUNT(*) AS number' if count_leads else ''} "  # noqa: S608 - see above
        f"FROM (VALUES {values}) AS s (of_scope, of_kind, at) CROSS JOIN LATERAL ("
        f"SELECT {columns} FROM search_key AS k "
        f"WHERE k.alphabet = {shape.alphabet} AND k.scope = s.of_scope AND k.kind = s.of_kind "
        f"AND k.inside = s.at AND k.key >= :low AND k.key < :high LIMIT {CAP}) AS r "
        + ("GROUP BY kind, scope, inside, lead" if count_leads else "")
    )


def _stretches(shape: Shape) -> Iterator[tuple[int, int, int]]:
    return itertools.product(range(shape.scopes), range(len(KINDS)), (0, 1))


@functools.lru_cache(maxsize=2000)
def probing(alphabet: int, chars: int, stretches: int) -> Any:
    """Return the statement that says which of some ranges hold a key, in any of some stretches.

    EXISTS would be a join to PostgreSQL, at worst of all keys.
    """
    ranges = " UNION ALL ".join(
        f"SELECT {n} AS n, CAST(:low{n} AS VARCHAR(25)) AS low, "
        f"CAST(:high{n} AS VARCHAR(25)) AS high"
        for n in range(chars)
    )
    held = " OR ".join(
        "(SELECT 1 FROM search_key AS k "  # noqa: S608 - see above
        f"WHERE k.alphabet = {alphabet} AND k.scope = :scope{n} AND k.kind = :kind{n} "
        f"AND k.inside = :inside{n} AND k.key >= p.low AND k.key < p.high LIMIT 1) = 1"
        for n in range(stretches)
    )
    return text(f"SELECT n FROM ({ranges}) AS p WHERE {held}")  # noqa: S608 - see above
