"""What staff see of titles: lists by state, category and text, within what a person may know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from catalog.titles.model import State
from catalog.titles.tables import Category, Rendition, Series, Title
from core.db import is_row_id
from core.errors import NotFoundError
from county.tables import Place

#: Suggestions for a series' name.
SERIES_LIMIT = 500

#: Asks, as a category's id, for titles that have none; ids of rows start at 1.
UNSORTED = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """Which titles a person may know of.

    Args:
        person_id: their own drafts are always seen.
        paths: places whose subtrees they may view.
        everything: they may view the whole county, so also what has no place.
    """

    person_id: int
    paths: tuple[str, ...]
    everything: bool

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on `Title`."""
        if self.everything:
            return true()
        below = [Place.path.startswith(path, autoescape=True) for path in self.paths]
        own: ColumnElement[bool] = Title.owner_id == self.person_id
        if not below:
            return own
        return or_(own, Title.place_id.in_(select(Place.id).where(or_(*below))))

    def covers(self, title: Title) -> bool:
        """Say the same of one title."""
        if self.everything or title.owner_id == self.person_id:
            return True
        place = title.place
        return place is not None and any(place.path.startswith(path) for path in self.paths)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; empty strings and None ask for everything."""

    state: str = ""
    category_id: int | None = None
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether everything is asked for."""
        return not (self.state or self.text) and self.category_id is None


def list_for_staff(
    session: Session, sight: Sight, wanted: Filter, *, offset: int, limit: int
) -> Sequence[Title]:
    """Return titles, newest first, with category, place, owner and series loaded."""
    statement = select(Title).where(*_conditions(sight, wanted))
    if wanted.state:
        statement = statement.where(Title.state == wanted.state)
    return session.scalars(_with_names(statement).offset(offset).limit(limit)).all()


def count_by_state(session: Session, sight: Sight, wanted: Filter) -> dict[State, int]:
    """Return how many titles of each state match, whichever state is asked for."""
    statement = (
        select(Title.state, func.count(Title.id))
        .where(*_conditions(sight, wanted))
        .group_by(Title.state)
    )
    rows = session.execute(statement).all()
    return {cast(State, state): count for state, count in rows}


def titles_by_id(session: Session, sight: Sight, ids: Iterable[int]) -> Sequence[Title]:
    """Return those of the titles that the person may know of, newest first."""
    statement = select(Title).where(Title.id.in_(filter(is_row_id, ids)), sight.condition())
    return session.scalars(_with_names(statement)).all()


def title_for_staff(session: Session, sight: Sight, title_id: int) -> Title:
    """Return a title.

    Raises:
        NotFoundError: there is none, or the person may not know that there is.
    """
    titles = titles_by_id(session, sight, [title_id])
    if not titles:
        raise NotFoundError("没有这个节目，可能已被删除。")
    return titles[0]


def playable_ids(session: Session, ids: Iterable[int]) -> frozenset[int]:
    """Return those of the titles that have a finished rendition, in one query."""
    statement = (
        select(Title.id)
        .join(Rendition, (Rendition.title_id == Title.id) & (Rendition.gen == Title.media_gen))
        .where(Title.id.in_(list(ids)), Rendition.state == "ready")
    )
    return frozenset(session.scalars(statement))


def categories(session: Session) -> Sequence[Category]:
    """Return the categories in their order."""
    return session.scalars(select(Category).order_by(Category.position, Category.id)).all()


def series_names(session: Session) -> Sequence[str]:
    """Return the names of series, for suggestions."""
    return session.scalars(select(Series.name).order_by(Series.name).limit(SERIES_LIMIT)).all()


def _conditions(sight: Sight, wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions on `Title`, all but the state's."""
    conditions = [sight.condition()]
    if wanted.category_id == UNSORTED:
        conditions.append(Title.category_id.is_(None))
    elif wanted.category_id is not None:
        conditions.append(Title.category_id == wanted.category_id)
    searched = (Title.name, Title.file_name, Title.lecturer)
    words = (
        or_(*(column.icontains(word, autoescape=True) for column in searched))
        for word in wanted.text.split()
    )
    return [*conditions, *words]


def _with_names(statement: Select[Title]) -> Select[Title]:
    return statement.options(
        joinedload(Title.category),
        joinedload(Title.place),
        joinedload(Title.owner),
        joinedload(Title.series),
    ).order_by(Title.id.desc())
