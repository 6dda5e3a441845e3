"""One form of a text for index and question alike: NFKC, lower case, simplified characters.

And its units: a Chinese character each, or a run of Latin letters or of digits.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import opencc

#: Longest name that is looked at, characters.
MAX_NAME = 200

_UNIT = re.compile(r"[a-z]+|[0-9]+|[^\W_]")

#: The name of a column before a title: 【科普】, [新闻], 记者观察丨
_LABEL = re.compile(r"(?:【[^】]{1,30}】|\[[^]]{1,30}\]|［[^］]{1,30}］|[^丨｜|]{1,12}[丨｜|])\s*")


class Unit(NamedTuple):
    """A character, or a run of Latin letters or digits.

    Args:
        text: normalised.
        start: where it stands in the original, characters.
        length: how long it is there.
        readings: pinyin without tones, the likeliest first; empty where not known or not Chinese.
    """

    text: str
    start: int
    length: int
    readings: tuple[str, ...] = ()

    @property
    def is_run(self) -> bool:
        """Say whether it is typed as it stands."""
        # A unit of ASCII is a run: everything else of ASCII is left out.
        return self.text.isascii()


@functools.cache
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")


def fold(text: str) -> str:
    """Return the normalised form of a text."""
    return _fold(text)[0]


def _fold(text: str) -> tuple[str, list[int]]:
    """Return the normalised form, and of each of its characters the place in the original."""
    text = text[:MAX_NAME]
    joined, origins = text, list(range(len(text)))
    if text.lower() != text or not unicodedata.is_normalized("NFKC", text):
        plain = [unicodedata.normalize("NFKC", char).lower() for char in text]
        joined = "".join(plain)
        origins = [place for place, chars in enumerate(plain) for _ in chars]
    if joined.isascii():
        return joined, origins
    simple = _simplifier().convert(joined)
    if len(simple) != len(joined):
        # A phrase has changed its length: places are kept character by character.
        simple = "".join((_simplifier().convert(char) or char)[0] for char in joined)
    return simple, origins


def units_of(text: str, most: int = MAX_NAME) -> list[Unit]:
    """Return the first units of a text; spaces and punctuation are left out."""
    folded, origins = _fold(text)
    found = []
    for match in itertools.islice(_UNIT.finditer(folded), most):
        start, last = origins[match.start()], origins[match.end() - 1]
        found.append(Unit(match.group(), start, last + 1 - start))
    return found


def heads_of(name: str, units: Sequence[Unit]) -> frozenset[int]:
    """Return the units at which a name begins: the first, and those after names of columns.

    Who looks for a title remembers what it says, not the column it stands in.
    """
    heads, at = {0}, 0
    while match := _LABEL.match(name, at):
        at = match.end()
        heads.update(next(([place] for place, u in enumerate(units) if u.start >= at), []))
    return frozenset(heads)


def squeeze(units: Sequence[Unit]) -> str:
    """Return units as one text without gaps, as keys of characters are spelled."""
    return "".join(unit.text for unit in units)


def is_chinese(text: str) -> bool:
    """Say whether a normalised text holds anything but letters, digits and punctuation."""
    return any(not unit.is_run for unit in units_of(text))
