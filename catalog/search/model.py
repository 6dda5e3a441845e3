"""What search is made of: documents, what is asked, what is found, and who gives the documents.

A document is known as (kind, ref). This package knows no kind by itself but the catalogue's own;
the edge puts the sources together (`Sources`), so that floors above can add theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

#: Kinds in the order in which equally good hits are shown; the place is the kind's number in the
#: table of keys, so new ones are added at the end.
KINDS = ("channel", "series", "title", "programme")

#: Scope of what everybody may see; any other scope is the id of a place whose subtree may.
EVERYBODY = 0

#: What keys are spelled in: characters as written, letters (initials and whole pinyin), digits
#: of a telephone's keys (of both).
Alphabet = Literal["han", "letters", "digits"]
ALPHABETS: tuple[Alphabet, ...] = ("han", "letters", "digits")


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as its source tells it.

    Args:
        ref: its id within its kind, at most 64 characters.
        name: what it is called; hits are marked in it.
        scopes: who may see it, see `EVERYBODY`; none covers another.
        rank: of two hits alike the lower comes first (e.g. minus the minutes since 1970).
        aliases: other names it is found by.
        family: ref of the series it belongs to, empty where to none.
    """

    ref: str
    name: str
    scopes: frozenset[int]
    rank: int = 0
    aliases: tuple[str, ...] = ()
    family: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the index.

    Args:
        typed: as typed.
        place_path: path of the asker's place; None for one who sees only what is public.
        now: the present instant.
        form: `t9` reads digits as a telephone's keys and nothing else.
        kind: the only kind wanted; empty for all.
        limit: hits at most.
        after: cursor of an earlier page; empty for the first.
    """

    typed: str
    place_path: str | None
    now: datetime
    form: Literal["initials", "t9"] = "initials"
    kind: str = ""
    limit: int = 30
    after: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found, and is visible to who asks.

    `mark` is the stretch of the name that was typed, `(start, length)` in characters.
    `row` is what its source has shown of it.
    """

    kind: str
    ref: str
    name: str
    mark: tuple[int, int] | None
    row: Any


@dataclass(frozen=True, slots=True)
class Found:
    """An answer.

    Args:
        hits: the best first.
        counts: how many documents there are by kind, kinds without any left out; exact up to
            `catalog.search.suggest.CAP` of a kind and scope.
        leads: characters that may be typed next, in order.
        following: cursor of the next page, or None.
    """

    hits: Sequence[Hit] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    leads: str = ""
    following: str | None = None


class Source(Protocol):
    """Gives the documents of a kind, and looks at the real rows of those that were found."""

    #: One of `KINDS`.
    kind: str
    #: Whether its documents come by the thousand: others are indexed before them.
    in_bulk: bool

    def refs(self, session: Session) -> Iterator[Sequence[str]]:
        """Yield the refs of all that may be documents, some hundreds at a time."""
        ...

    def drafts(self, session: Session, refs: Sequence[str], now: datetime) -> Mapping[str, Draft]:
        """Return the documents of refs; those that shall not be found (any more) are left out."""
        ...

    def visible(
        self, session: Session, refs: Sequence[str], place_path: str | None, now: datetime
    ) -> Mapping[str, Any]:
        """Return the rows of those refs that the asker may see at this moment."""
        ...


#: Turns an outbox row that stands for many documents into these, as (kind, ref).
Expander = Callable[[Session, str, datetime], Iterable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Sources:
    """All kinds of an installation, and the outbox rows that stand for many documents."""

    by_kind: Mapping[str, Source]
    expanders: Mapping[str, Expander] = field(default_factory=dict)


class SearchBackend(Protocol):
    """An index. It is a cache of the database: it can be thrown away and made again.

    The session is the caller's unit of work; what is not kept in the database ignores it.
    """

    def index(self, session: Session, kind: str, drafts: Sequence[Draft]) -> None:
        """Put documents in, in place of what was there of them; the same again changes nothing."""
        ...

    def delete(self, session: Session, kind: str, refs: Sequence[str]) -> None:
        """Take documents out; those that are not there are no error."""
        ...

    def suggest(self, session: Session, question: Question) -> Found:
        """Answer while it is being typed, with the characters that lead on."""
        ...

    def search(self, session: Session, question: Question) -> Found:
        """Answer words, page by page."""
        ...

    def forget_versions(self, session: Session) -> None:
        """Make every document look old, so that the next reconcile puts all in again."""
        ...

    def versions(self, session: Session, kind: str) -> Mapping[str, str]:
        """Return the fingerprints of what is indexed of a kind, by ref."""
        ...


def scopes_of(place_path: str | None) -> tuple[int, ...]:
    """Return the scopes an asker at a place sees: everybody's, and those of its ancestors."""
    ids = (int(part) for part in (place_path or "").split("/") if part.isdecimal())
    return (EVERYBODY, *ids)


def scopes_for(place_paths: Iterable[str]) -> frozenset[int]:
    """Return the scopes of what is visible in several subtrees, none of which covers another.

    Each asker then sees a document by one scope at most, so that scopes' counts add up.
    """
    paths = sorted(set(filter(None, place_paths)), key=len)
    kept: list[str] = []
    for path in paths:
        if not any(path.startswith(upper) for upper in kept):
            kept.append(path)
    return frozenset(int(path.rstrip("/").rpartition("/")[2]) for path in kept)
