"""The keys a name is found by. Pure.

For every suffix that begins where a word begins (each Chinese character; the beginning of a run
of letters or digits) there is a key in characters, one in initials, one in whole pinyin, and the
last two again in the digits of a telephone. Characters with several readings give further keys.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence

from catalog.search.model import Alphabet
from catalog.search.normalising import Unit

#: Longest keys that begin inside a name: who remembers the middle of it does not type all the rest.
INSIDE_CUT = 16

#: Longest keys; what is typed beyond is compared with the document's name.
CUT: dict[Alphabet, int] = {"han": 12, "letters": 24, "digits": 24}

#: Units in which a key may have another reading than the likeliest, and how many at once.
ALTERED_UNITS = 8
ALTERED_AT_ONCE = 2

#: Further keys of a suffix at most, in initials and in whole pinyin.
MOST_INITIALS = 12
MOST_SPELLED = 8

#: Positions are told up to here.
LAST_POSITION = 255

_T9 = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")

Choices = Callable[[Unit], tuple[str, ...]]


def t9(letters: str) -> str:
    """Return letters as the keys of a telephone; digits stay."""
    return letters.translate(_T9)


def initials(unit: Unit) -> tuple[str, ...]:
    """Return what a unit is typed as by initials.

    The keys drawn on a screen are letters alone: numbers may be left out.
    """
    if unit.is_run:
        return (unit.text, "") if unit.text.isdecimal() else (unit.text,)
    return tuple(dict.fromkeys(reading[0] for reading in unit.readings)) or ("",)


def spelled(unit: Unit) -> tuple[str, ...]:
    """Return what a unit is typed as in whole pinyin."""
    return (unit.text,) if unit.is_run else unit.readings or ("",)


def keys_of(
    units: Sequence[Unit], heads: Collection[int] = (0,)
) -> dict[tuple[Alphabet, str], int]:
    """Return the keys of a name, each with the first unit it begins at.

    Args:
        units: of the name, with readings.
        heads: units at which the name begins (`catalog.search.normalising.heads_of`).
    """
    found: dict[tuple[Alphabet, str], int] = {}
    short = _Way([initials(unit) for unit in units], MOST_INITIALS)
    whole = _Way([spelled(unit) for unit in units], MOST_SPELLED)
    texts = [unit.text for unit in units]
    begins = False
    for start in range(len(units)):
        position = min(start, LAST_POSITION)
        han = "".join(texts[start : start + CUT["han"]])[: CUT["han"]]
        found.setdefault(("han", han), position)
        begins = begins or start in heads
        if not whole.likeliest[start]:
            continue  # the next suffix is typed the same
        cut = CUT["letters"] if begins else INSIDE_CUT
        begins = False
        for letters in itertools.chain(short.typings(start, cut), whole.typings(start, cut)):
            found.setdefault(("letters", letters), position)
            found.setdefault(("digits", t9(letters)), position)
    return found


class _Way:
    """How the units of a name are typed, by initials or in whole pinyin.

    Args:
        options: of each unit, the likeliest first.
        most: further keys of a suffix at most.
    """

    def __init__(self, options: Sequence[tuple[str, ...]], most: int) -> None:
        self._options, self._most = options, most
        self.likeliest = [option[0] for option in options]

    def typings(self, start: int, cut: int) -> Iterator[str]:
        """Yield the likeliest key of a suffix, then others, those with fewest changes first."""
        yield "".join(self.likeliest[start:])[:cut]  # some units are not typed at all
        end = start + ALTERED_UNITS
        options = self._options[start:end]
        places = [place for place, option in enumerate(options) if len(option) > 1]
        if not places:
            return
        changes = itertools.chain.from_iterable(
            _changes(options, places, count) for count in range(1, ALTERED_AT_ONCE + 1)
        )
        for change in itertools.islice(changes, self._most):
            altered = self.likeliest[start:end]
            for place, option in change:
                altered[place] = option
            if key := "".join(altered)[:cut]:
                yield key


def _changes(
    options: Sequence[tuple[str, ...]], places: Sequence[int], count: int
) -> Iterator[tuple[tuple[int, str], ...]]:
    """Yield ways to take other than the first option at `count` places, earlier places first."""
    for chosen in itertools.combinations(places, count):
        yield from itertools.product(
            *([(place, option) for option in options[place][1:]] for place in chosen)
        )


def covered(units: Sequence[Unit], start: int, typed: str, alphabet: Alphabet) -> int:
    """Return how many units from `start` on were typed; 0 where the name was not found by these.

    Args:
        units: of the name, with readings.
        start: the unit at which the key begins.
        typed: normalised.
        alphabet: what it is spelled in.
    """
    if alphabet == "han":
        ways: tuple[Choices, ...] = (lambda unit: (unit.text,),)
    elif alphabet == "letters":
        ways = (initials, spelled)
    else:
        ways = tuple(_in_digits(way) for way in (initials, spelled))
    return max(_reach(units, start, typed, way) - start for way in ways)


def _in_digits(way: Choices) -> Choices:
    return lambda unit: tuple(t9(option) for option in way(unit))


def _reach(units: Sequence[Unit], at: int, typed: str, choices: Choices) -> int:
    """Return the unit after the last one that was typed; `at` where the rest does not fit."""
    if at >= len(units):
        return 0
    for option in choices(units[at]):
        if option.startswith(typed):
            return at + 1
        if typed.startswith(option):
            end = _reach(units, at + 1, typed[len(option) :], choices)
            if end > at + 1:
                return end
    return 0
