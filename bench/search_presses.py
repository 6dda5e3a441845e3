"""Presses of the remote until a known title is open: by its digits, and on the grid of letters.

A viewer knows a title and types the initials of its start (after the name of its column), looks at
the list after every key from the second on, and when the title stands there goes to it and presses
OK. A model of the screen (`stb_app/src/more/64-letters.js`, `68-search.js`) counts, fed by the
index itself; `bench.search_driven` has the real app open titles by the very keys.
"""

from __future__ import annotations

import random
import statistics
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bench import search_driven
from catalog.search.keys import initials, t9
from catalog.search.model import Found, Question
from catalog.search.normalising import heads_of, units_of
from catalog.search.pinyin import with_readings
from core.db import read_scope
from vod_server.bootstrap import House
from vod_server.searching import open_index

VIEWERS = 80
DRIVEN = 8
GOAL_PRESSES = 12

#: Of the list that are seen at once, and the keys from which on it is there.
SEEN = 6
SHOWN_FROM = 2
#: Longest text that may be typed, characters.
LONGEST = 24

#: From live television to search: by the green key; by the home key and arrows; without either.
OPENINGS: Mapping[str, tuple[str, ...]] = {
    "green key": ("F2",),
    "home key": ("Home", "ArrowRight", "ArrowDown", "ArrowDown", "Enter"),
    "arrows alone": ("Escape", "Enter", "ArrowRight", "ArrowDown", "ArrowDown", "Enter"),
}

#: The grid: label and how many columns it takes, a row each.
_SPANS = [[(letter, 1) for letter in row] for row in ("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX")]
GRID = [*_SPANS, [("Y", 1), ("Z", 1), ("删除", 2), ("清空", 2)], [("换成九宫格", 6)]]

Place = tuple[int, int]


class Way(NamedTuple):
    """How a title was opened from the search screen: the keys, and how many of them typed."""

    name: str
    keys: tuple[str, ...]
    typed: str


def rows(house: House, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table; names are those of the house's titles."""
    known = random.Random(11).sample(list(names), VIEWERS)
    index = open_index()
    with read_scope(house.sessions) as session:

        def ask(typed: str, form: str) -> Found:
            question = Question(typed, None, house.clock.now(), form, limit=30)  # type: ignore[arg-type]
            return index.suggest(session, question)

        digits = [by_digits(name, ask) for name in known]
        letters = [by_letters(name, ask) for name in known]
    for what, ways, openings in (
        ("T9 by the remote's digits", digits, OPENINGS),
        ("initials on the grid", letters, {"green key": OPENINGS["green key"]}),
    ):
        for opening, keys in openings.items():
            yield _row(f"presses to a known title, {what}, {opening}", ways, len(keys))
    chosen = [way for way in (*digits[:DRIVEN], *letters[:2]) if way]
    driven = [(way.name, way.keys) for way in chosen]
    yield search_driven.row(house, driven, list(OPENINGS.values()))


def _row(what: str, ways: Sequence[Way | None], opening: int) -> dict[str, Any]:
    # Who does not find it presses without end.
    presses = sorted(len(way.keys) + opening if way else 10**6 for way in ways)
    middle, missed = statistics.median(presses), sum(way is None for way in ways)
    typed = statistics.median(len(way.typed) for way in ways if way)
    note = f"p90 {presses[int(len(presses) * 0.9)]}; {opening} open search, {typed:g} type"
    if missed:
        note += f"; {missed} of {len(ways)} not found"
    return {
        "what": what,
        "value": middle,
        "unit": "",
        "min": presses[0],
        "max": presses[-1],
        "goal": f"≤ {GOAL_PRESSES}",
        "met": middle <= GOAL_PRESSES,
        "note": note,
    }


def typing_of(name: str) -> str:
    """Return the letters a viewer types of a title: the initials from where it begins."""
    units = units_of(name)
    start = max(heads_of(name, units))
    return "".join(initials(unit)[0] for unit in with_readings(units)[start:])[:LONGEST]


def by_digits(name: str, ask: Any) -> Way | None:
    """Type by the remote's digits; what they find takes the focus."""
    typed = t9(typing_of(name))
    for count in range(SHOWN_FROM, len(typed) + 1):
        at = _seen(ask(typed[:count], "t9"), name, last=count == len(typed))
        if at is not None:
            return Way(name, (*typed[:count], *["ArrowDown"] * at, "Enter"), typed[:count])
    return None


def by_letters(name: str, ask: Any) -> Way | None:
    """Type on the grid by the shortest ways there are, and go on to the list by arrows."""
    # Numbers may be left out, and are not on the grid.
    typed = "".join(char for char in typing_of(name) if char.isalpha()).upper()
    keys: list[str] = []
    place, live = (0, 0), None
    for count in range(1, len(typed) + 1):
        way, place = _to_key(place, typed[count - 1], live)
        keys += [*way, "Enter"]
        found = ask(typed[:count].lower(), "initials")
        live = found.leads.upper()
        if count < SHOWN_FROM:
            continue
        at = _seen(found, name, last=count == len(typed))
        if at is not None:
            over, _ = _to_key(place, "", live)
            return Way(name, (*keys, *over, *["ArrowDown"] * at, "Enter"), typed[:count])
    return None


def _seen(found: Found, name: str, *, last: bool) -> int | None:
    """Return where a title stands in what is seen; who has typed all of it looks further down."""
    names = [hit.name for hit in found.hits]
    at = names.index(name) if name in names else len(names)
    return at if at < (len(names) if last else SEEN) else None


def _to_key(place: Place, label: str, live: str | None) -> tuple[list[str], Place]:
    """Return the fewest arrows to a key of the grid, or over to the list where it is empty."""
    ways: deque[tuple[Place | None, list[str]]] = deque([(place, [])])
    been: set[Place | None] = {place}
    while ways:
        here, way = ways.popleft()
        if here is None:
            return way, place
        if label and GRID[here[0]][here[1]][0] == label:
            return way, here
        for arrow in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"):
            there = _step(here, arrow, live)
            if there == here or there in been or (there is None and label):
                continue
            been.add(there)
            ways.append((there, [*way, arrow]))
    raise RuntimeError(f"no way to {label or 'the list'}")


def _step(here: Place, arrow: str, live: str | None) -> Place | None:
    """Return where an arrow leads: a key, the same one at an edge, None for the list."""
    row, i = here
    if arrow in ("ArrowLeft", "ArrowRight"):
        step = 1 if arrow == "ArrowRight" else -1
        i += step
        while 0 <= i < len(GRID[row]) and _dead(GRID[row][i][0], live):
            i += step
        if 0 <= i < len(GRID[row]):
            return row, i
        return None if step > 0 else here
    step = 1 if arrow == "ArrowDown" else -1
    column = sum(span for _, span in GRID[row][:i])
    for to in range(row + step, len(GRID) if step > 0 else -1, step):
        under = _under(to, column, live)
        if under is not None:
            return to, under
    return here


def _under(row: int, column: int, live: str | None) -> int | None:
    best, least, start = None, 99, 0
    for i, (label, span) in enumerate(GRID[row]):
        away = start - column if column < start else max(0, column - start - span + 1)
        if not _dead(label, live) and away < least:
            best, least = i, away
        start += span
    return best


def _dead(label: str, live: str | None) -> bool:
    return len(label) == 1 and live is not None and label not in live
