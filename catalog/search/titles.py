"""Titles and series as documents of search."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from catalog.search.model import EVERYBODY, Draft, Sources, scopes_for
from catalog.titles.reading import COUNTY_ZONE, published_anywhere, published_to
from catalog.titles.tables import Category, ResumePosition, Series, Title
from core.db import is_row_id
from county.tables import Place

#: Refs of a page.
PAGE = 500


class Shelf(NamedTuple):
    """A category's names."""

    slug: str
    name: str


class FoundTitle(NamedTuple):
    """What of a title its card and its line show; as mapped objects thirty take 3 ms."""

    id: int
    name: str
    summary: str
    series_id: int | None
    episode: int | None
    duration_s: float | None
    required: bool
    study_hours: float | None
    pictures: dict[str, Any]
    updated_at: datetime
    category: Shelf | None


#: Looked up by id and nothing else: told of the state beside, SQLite walks through all published.
_ROW = aliased(Title)
_COLUMNS = tuple(getattr(_ROW, name) for name in FoundTitle._fields[:-1])


class TitleDocuments:
    """Published titles; see `catalog.search.model.Source`."""

    kind = "title"
    in_bulk = False

    def refs(self, session: Session) -> Iterator[Sequence[str]]:
        """Yield the refs of all titles."""
        return pages(session, Title.id)

    def drafts(self, session: Session, refs: Sequence[str], now: datetime) -> Mapping[str, Draft]:
        """Return the titles that somebody may see."""
        statement = (
            select(Title.id, Title.name, Title.published_at, Title.series_id, Place.path)
            .outerjoin(Place, Place.id == Title.place_id)
            .where(Title.id.in_(row_ids(refs)), *published_anywhere(now=now))
        )
        return {
            str(id_): Draft(
                str(id_),
                name,
                _scopes([path]),
                _rank(published_at),
                family=str(series_id) if series_id else "",
            )
            for id_, name, published_at, series_id, path in session.execute(statement)
        }

    def visible(
        self, session: Session, refs: Sequence[str], place_path: str | None, now: datetime
    ) -> Mapping[str, FoundTitle]:
        """Return those titles the asker may see, with their categories."""
        today = now.astimezone(COUNTY_ZONE).date()
        statement = _shown(place_path or "", today)
        return {
            str(row[0]): FoundTitle._make((*row[:-2], Shelf(*row[-2:]) if row[-1] else None))
            for row in session.execute(statement, {"ids": row_ids(refs)})
        }


@functools.lru_cache(maxsize=1000)
def _shown(place_path: str, today: date) -> Any:
    """Return the statement that looks at titles from a place; made once a day for each."""
    noon = datetime.combine(today, time(12), COUNTY_ZONE)
    published = exists().where(Title.id == _ROW.id, *published_to(place_path or None, now=noon))
    return (
        select(*_COLUMNS, Category.slug, Category.name)
        .outerjoin(Category, Category.id == _ROW.category_id)
        .where(_ROW.id.in_(bindparam("ids", expanding=True)), published)
    )


class ShownSeries(NamedTuple):
    """A series, and how many of its titles the asker may see."""

    series: Series
    titles: int


class SeriesDocuments:
    """Series with a published title; see `catalog.search.model.Source`."""

    kind = "series"
    in_bulk = False

    def refs(self, session: Session) -> Iterator[Sequence[str]]:
        """Yield the refs of all series."""
        return pages(session, Series.id)

    def drafts(self, session: Session, refs: Sequence[str], now: datetime) -> Mapping[str, Draft]:
        """Return the series of which somebody may see a title."""
        statement = (
            select(Series.id, Series.name, Place.path, func.max(Title.published_at))
            .join(Title, Title.series_id == Series.id)
            .outerjoin(Place, Place.id == Title.place_id)
            .where(Series.id.in_(row_ids(refs)), *published_anywhere(now=now))
            .group_by(Series.id, Series.name, Place.path)
        )
        found = defaultdict(list)
        for id_, name, path, newest in session.execute(statement):
            found[(id_, name)].append((path, newest))
        return {
            str(id_): Draft(
                str(id_),
                name,
                _scopes([path for path, _ in rows]),
                min(_rank(newest) for _, newest in rows),
            )
            for (id_, name), rows in found.items()
        }

    def visible(
        self, session: Session, refs: Sequence[str], place_path: str | None, now: datetime
    ) -> Mapping[str, ShownSeries]:
        """Return those series of which the asker may see a title."""
        statement = (
            select(Series, func.count(Title.id))
            .join(Title, Title.series_id == Series.id)
            .where(Series.id.in_(row_ids(refs)), *published_to(place_path, now=now))
            .group_by(Series.id)
        )
        return {str(one.id): ShownSeries(one, count) for one, count in session.execute(statement)}


def catalog_sources() -> Sources:
    """Return the catalogue's own kinds."""
    return Sources({source.kind: source for source in (SeriesDocuments(), TitleDocuments())})


def popular(
    session: Session, place_path: str | None, ranking: Sequence[int], *, now: datetime, limit: int
) -> Sequence[FoundTitle]:
    """Return what was watched most and is visible, then the newest where that is not enough.

    Args:
        session: the unit of work.
        place_path: of the asker; None for one who sees only what is public.
        ranking: ids of titles, the most watched first (`watched_since`).
        now: the present instant.
        limit: titles at most.
    """
    documents = TitleDocuments()
    seen = documents.visible(session, [str(id_) for id_ in ranking], place_path, now)
    watched = [seen[str(id_)] for id_ in ranking if str(id_) in seen][:limit]
    known = [title.id for title in watched]
    newest = (
        select(Title.id)
        .where(*published_to(place_path, now=now), Title.id.not_in(known))
        .order_by(Title.published_at.desc(), Title.id.desc())
        .limit(limit - len(watched))
    )
    more = [str(id_) for id_ in session.scalars(newest)]
    shown = documents.visible(session, more, place_path, now)
    return [*watched, *(shown[ref] for ref in more)]


def watched_since(session: Session, since: datetime, *, limit: int) -> Sequence[int]:
    """Return the ids of titles that most boxes have watched since then, the most watched first."""
    boxes = func.count(ResumePosition.box_id)
    statement = (
        select(ResumePosition.title_id)
        .where(ResumePosition.updated_at >= since)
        .group_by(ResumePosition.title_id)
        .order_by(boxes.desc(), func.max(ResumePosition.updated_at).desc())
        .limit(limit)
    )
    return list(session.scalars(statement))


def pages(session: Session, column: object) -> Iterator[Sequence[str]]:
    """Yield all values of an id column as refs, some hundreds at a time."""
    last = 0
    while True:
        statement = select(column).where(column > last).order_by(column).limit(PAGE)  # type: ignore[call-overload,operator]
        ids = list(session.scalars(statement))
        if not ids:
            return
        last = ids[-1]
        yield [str(id_) for id_ in ids]


def row_ids(refs: Sequence[str]) -> list[int]:
    """Return the ids of refs; what can be none is left out."""
    return [int(ref) for ref in refs if ref.isdecimal() and is_row_id(int(ref))]


def _scopes(paths: Sequence[str | None]) -> frozenset[int]:
    if None in paths:
        return frozenset({EVERYBODY})
    return scopes_for(path for path in paths if path)


def _rank(published_at: datetime | None) -> int:
    """Return the newer the lower; minutes, so that it stays a small number."""
    return -int(published_at.timestamp() // 60) if published_at else 0
