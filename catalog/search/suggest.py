"""The questions to the table of keys: what is found, how many there are, which keys lead on.

A question is a set of ranges of the primary key, one for each scope the asker sees and each kind,
at the start of names and inside them. Nothing is read that lies outside the asker's scopes, so
neither counts nor letters tell of anything else.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.orm import Session

from catalog.search import statements
from catalog.search.keys import CUT
from catalog.search.model import ALPHABETS, KINDS, Alphabet
from catalog.search.statements import CAP, Shape, Stretch

T = TypeVar("T")

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

    @property
    def whole(self) -> str:
        """Return the key of a name that was typed to its end; none is empty."""
        return self.text if len(self.text) < CUT[self.alphabet] else ""


class Row(NamedTuple):
    """A document that was found; the first four are its order, and its cursor.

    `rung` is 0 where all of the name was typed, 1 where it begins so, 2 where it holds it.
    """

    rung: int
    kind: int
    rank: int
    document_id: int
    position: int
    ref: str
    name: str
    readings: str
    family: str = ""


@dataclass(slots=True)
class Looked:
    """Rows in order; how many there are by kind; what the keys that were read go on with.

    Of `capped` stretches not all keys were read.
    """

    rows: Sequence[Row] = ()
    counts: dict[str, int] = field(default_factory=dict)
    following: dict[Stretch, set[str]] = field(default_factory=dict)
    capped: Sequence[Stretch] = ()


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
    leave: Sequence[str] = (),
    limit: int,
) -> Looked:
    """Return documents that have a key beginning so, best first.

    Args:
        session: the unit of work.
        typed: what was typed.
        scopes: of the asker (`catalog.search.model.scopes_of`).
        kind: the only kind wanted, empty for all; counts are of all kinds.
        after: order of the last row of the page before.
        leave: refs of series whose titles are left out of the rows.
        limit: rows at most.
    """
    shape = Shape(
        ALPHABETS.index(typed.alphabet),
        len(scopes),
        len(typed.text),
        len(typed.words),
        of_kind=bool(kind),
        further=after is not None,
        leave=len(leave),
        following=bool(NEXT[typed.alphabet]),
    )
    statement = statements.looking(shape, lateral=_is_postgresql(session))
    low, high = typed.bounds
    values: dict[str, Any] = {"low": low, "high": high, "whole": typed.whole, "limit": limit}
    values |= {f"scope{n}": scope for n, scope in enumerate(scopes)}
    values |= {f"word{n}": f"%{word}%" for n, word in enumerate(typed.words)}
    values |= {f"leave{n}": ref for n, ref in enumerate(leave)}
    if kind:
        values["kind"] = KINDS.index(kind)
    if after is not None:
        values |= dict(zip(("rung", "after_kind", "rank", "document"), after, strict=True))
    return _sorted_out(session.execute(statement, values).all())


def _sorted_out(rows: Sequence[Any]) -> Looked:
    looked, found, read = Looked(), list[Row](), Counter[Stretch]()
    for row in rows:
        rung, kind, number, scope, inside, lead = row[:6]
        if rung >= 0:
            found.append(Row(*row))
        elif rung == statements.COUNT:
            looked.counts[KINDS[kind]] = number
        else:
            stretch = Stretch(scope, kind, inside)
            read[stretch] += number
            looked.following.setdefault(stretch, set()).add(lead)
    looked.rows = sorted(found)
    looked.capped = [stretch for stretch, number in read.items() if number >= CAP]
    return looked


def leads(session: Session, typed: Typed, looked: Looked, *, kind: str = "") -> str:
    """Return the characters that may be typed next.

    The keys that were read tell most of them; where not all were, the others are asked for one
    by one, each by a probe of the index.

    Args:
        session: the unit of work.
        typed: what was typed.
        looked: what `look_up` found of it.
        kind: the only kind wanted, empty for all.
    """
    following = NEXT[typed.alphabet]
    if not following or len(typed.text) >= CUT[typed.alphabet]:
        return ""
    wanted = None if not kind else KINDS.index(kind)
    live = {
        char
        for stretch, chars in looked.following.items()
        if wanted in (None, stretch.kind)
        for char in chars
    }
    capped = [stretch for stretch in looked.capped if wanted in (None, stretch.kind)]
    if capped:
        live |= _probed(session, typed, capped, [char for char in following if char not in live])
    return "".join(char for char in following if char in live)


def _probed(
    session: Session, typed: Typed, stretches: Sequence[Stretch], chars: Sequence[str]
) -> set[str]:
    """Return those characters that a key of the stretches goes on with."""
    if not chars:
        return set()
    # Some are asked twice: few statements are prepared once, many would be anew at every key.
    stretches, chars = _padded(stretches, 2), _padded(chars, 12)
    values: dict[str, Any] = {}
    for n, stretch in enumerate(stretches):
        values |= {f"{name}{n}": value for name, value in stretch._asdict().items()}
    for n, char in enumerate(chars):
        values |= {f"low{n}": typed.text + char, f"high{n}": typed.text + _after(char)}
    probes = statements.probing(ALPHABETS.index(typed.alphabet), len(chars), len(stretches))
    return {chars[row.n] for row in session.execute(probes, values)}


def _padded(some: Sequence[T], step: int) -> Sequence[T]:
    return [*some, *[some[-1]] * (-len(some) % step)]
