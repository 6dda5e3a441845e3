"""What was typed, read as keys are spelled; what of a name it marks; cursors of pages. Pure."""

from __future__ import annotations

import functools
import re

from catalog.search.keys import CUT, covered, t9
from catalog.search.normalising import Unit, is_chinese, squeeze, units_of
from catalog.search.suggest import Row, Typed
from core.errors import InvalidInputError

#: Position of keys that do not stand in the name.
IN_ALIAS = 999

_CURSOR = re.compile(r"(\d)_(\d)_(-?\d{1,10})_(\d{1,10})", re.ASCII)


def read_typed(raw: str, form: str) -> Typed | None:
    """Return what was typed as keys are spelled; None where nothing of it can be looked up."""
    if not is_chinese(raw):
        plain = squeeze(units_of(raw))
        if not plain:
            return None
        if form == "t9":
            return Typed("digits", t9(plain)[: CUT["digits"]])
        return Typed("letters", plain[: CUT["letters"]])
    words = sorted(filter(None, (squeeze(units_of(word)) for word in raw.split())), key=len)
    first = words.pop()
    if len(first) > CUT["han"]:
        words.append(first)
    return Typed("han", first, tuple(words[:8]))


def mark(row: Row, typed: Typed) -> tuple[int, int] | None:
    """Return the stretch of a document's name that was typed, None where it is another name's."""
    if row.position == IN_ALIAS:
        return None
    units = _spoken(row.name, row.readings)
    count = covered(units, row.position, typed.text, typed.alphabet)
    if count <= 0:
        return None
    start, last = units[row.position].start, units[row.position + count - 1]
    return start, last.start + last.length - start


@functools.lru_cache(maxsize=4096)
def _spoken(name: str, readings: str) -> tuple[Unit, ...]:
    """Return a name's units with their readings; the same names are found key after key."""
    pairs = zip(units_of(name), readings.split(" "), strict=False)
    return tuple(
        unit._replace(readings=tuple(reading.split(","))) if reading else unit
        for unit, reading in pairs
    )


def read_cursor(raw: str) -> tuple[int, int, int, int] | None:
    """Return the order of the row a cursor stands for, None for an empty one.

    Raises:
        InvalidInputError: it is none of ours.
    """
    if not raw:
        return None
    match = _CURSOR.fullmatch(raw)
    numbers = tuple(map(int, match.groups())) if match else ()
    if not match or any(abs(number) >= 2**31 for number in numbers):
        raise InvalidInputError("cursor 不正确。", field="cursor")
    rung, kind, rank, document_id = numbers
    return rung, kind, rank, document_id


def write_cursor(after: tuple[int, int, int, int] | None) -> str | None:
    """Return the cursor of what comes after a row, None where there was none."""
    return "_".join(map(str, after)) if after else None
