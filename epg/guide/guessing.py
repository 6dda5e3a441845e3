"""Guess which of our channels a feed's channel is: by id, then by name. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from epg.guide.names import plain_name


@dataclass(frozen=True, slots=True)
class Named:
    """A channel of theirs or ours, as matching sees it: row id, guide id, names."""

    id: int
    ref: str
    names: tuple[str, ...]


def find_matches(
    theirs: Sequence[Named], ours: Sequence[Named], taken: Iterable[int] = ()
) -> dict[int, tuple[int, str]]:
    """Return which of ours each of theirs is, and how it was found (`id` or `name`).

    A name decides only where it leaves no choice, on either side: first letter by letter, then
    by what it comes down to (`epg.guide.names.plain_name`).

    Args:
        theirs: of one feed.
        ours: in order; of several with one guide id the first is meant.
        taken: ids of ours that names may not reach: another of theirs has them.
    """
    by_ref = {our.ref: our.id for our in reversed(ours) if our.ref}
    found = {their.id: (by_ref[their.ref], "id") for their in theirs if their.ref in by_ref}
    used = {*taken, *(channel_id for channel_id, _ in found.values())}
    for key in (lambda name: name if plain_name(name) else "", plain_name):
        left = [their for their in theirs if their.id not in found]
        free = [our for our in ours if our.id not in used]
        for their_id, our_id in _by_name(left, free, key).items():
            found[their_id] = (our_id, "name")
            used.add(our_id)
    return found


def _by_name(
    theirs: Iterable[Named], ours: Iterable[Named], key: Callable[[str], str]
) -> dict[int, int]:
    """Return the pairs that one name joins without any other being possible."""
    known: dict[str, set[int]] = defaultdict(set)
    for our in ours:
        for name in our.names:
            known[key(name)].add(our.id)
    known.pop("", None)
    options = {
        their.id: set[int]().union(*(known.get(key(name), ()) for name in their.names))
        for their in theirs
    }
    claims: dict[int, int] = defaultdict(int)
    for ids in options.values():
        for our_id in ids:
            claims[our_id] += 1
    return {
        their_id: next(iter(ids))
        for their_id, ids in options.items()
        if len(ids) == 1 and all(claims[our_id] == 1 for our_id in ids)
    }
