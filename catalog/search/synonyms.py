"""Words that mean the same: a name that holds one is found by the others (`synonyms.txt`)."""

from __future__ import annotations

import functools
from importlib import resources

#: Further forms of a name at most.
MOST_FORMS = 4


@functools.cache
def groups() -> tuple[tuple[str, ...], ...]:
    """Return the groups of words of the same meaning."""
    text = resources.files("catalog.search").joinpath("synonyms.txt").read_text("utf-8")
    lines = (line.split("#")[0].split() for line in text.splitlines())
    return tuple(tuple(words) for words in lines if len(words) > 1)


def other_forms(text: str) -> list[str]:
    """Return a normalised text with each of its words replaced by those that mean the same.

    A replacement that is part of the word itself (养老 in 养老金) or that stands there already
    gives nothing new, and is left out.
    """
    forms: list[str] = []
    for words in groups():
        held = max((word for word in words if word in text), key=len, default=None)
        if held is None:
            continue
        forms += [text.replace(held, word, 1) for word in words if word not in text]
    return forms[:MOST_FORMS]
