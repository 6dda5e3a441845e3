"""What a box may see: shelves, lists and single titles, by the place it stands at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, undefer

from catalog.titles.renditions import Measured
from catalog.titles.tables import Category, Rendition, Series, Title
from core.db import is_row_id
from core.errors import InvalidInputError, NotFoundError
from county.tables import Place

#: Days end at midnight here, whatever the server's zone.
COUNTY_ZONE = ZoneInfo("Asia/Shanghai")

SHELF_LIMIT = 60
PAGE_LIMIT = 100


def published_to(place_path: str | None, *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `Title` for what is visible from a place.

    Args:
        place_path: path of the box's place; None for an unpaired box, which sees what is public.
        now: the present instant; a title is shown up to and including its last day.
    """
    seen: ColumnElement[bool] = Title.place_id.is_(None)
    if place_path:
        covering = select(Place.id).where(Place.path.in_(_ancestors(place_path)))
        seen = or_(seen, Title.place_id.in_(covering))
    return (*published_anywhere(now=now), seen)


def published_anywhere(*, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `Title` for what is visible from some place at least."""
    today = now.astimezone(COUNTY_ZONE).date()
    return (
        Title.state == "published",
        Title.media_gen.is_not(None),
        or_(Title.expires_on.is_(None), Title.expires_on >= today),
    )


def _ancestors(path: str) -> list[str]:
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:n]) + "/" for n in range(1, len(parts) + 1)]


def shelves(
    session: Session, place_path: str | None, *, now: datetime
) -> Sequence[tuple[Category | None, Sequence[Title]]]:
    """Return the home screen's rows: categories in order, newest titles first, no empty row.

    Titles without a category come last, under None, so that nothing published is lost.
    """
    categories = session.scalars(select(Category).order_by(Category.position, Category.id)).all()
    rows = []
    for category in (*categories, None):
        statement = (
            select(Title)
            .where(
                *published_to(place_path, now=now),
                Title.category_id == category.id if category else Title.category_id.is_(None),
            )
            .options(joinedload(Title.category))
            .order_by(Title.published_at.desc(), Title.id.desc())
            .limit(SHELF_LIMIT)
        )
        titles = session.scalars(statement).all()
        if titles:
            rows.append((category, titles))
    return rows


def categories(
    session: Session, place_path: str | None, *, now: datetime
) -> Sequence[tuple[Category, int]]:
    """Return the categories in which something is visible, in order, and how much."""
    statement = (
        select(Category, func.count(Title.id))
        .join(Title, Title.category_id == Category.id)
        .where(*published_to(place_path, now=now))
        .group_by(Category.id)
        .order_by(Category.position, Category.id)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def list_titles(
    session: Session,
    place_path: str | None,
    *,
    now: datetime,
    category: str | None = None,
    series_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[Sequence[Title], str | None]:
    """Return a page of visible titles, newest first, and the cursor of the next page or None.

    Args:
        session: the unit of work.
        place_path: see `published_to`.
        now: the present instant.
        category: slug of a category.
        series_id: id of a series.
        cursor: what an earlier page returned.
        limit: titles on a page, 1 to 100.

    Raises:
        InvalidInputError: the limit or the cursor is unusable.
    """
    if not 1 <= limit <= PAGE_LIMIT:
        raise InvalidInputError(f"limit 要在 1 到 {PAGE_LIMIT} 之间。", field="limit")
    statement = select(Title).where(*published_to(place_path, now=now))
    if category is not None:
        if not category.isprintable():
            raise InvalidInputError("category 不正确。", field="category")
        statement = statement.join(Title.category).where(Category.slug == category)
    if series_id is not None:
        if not is_row_id(series_id):
            return [], None
        statement = statement.where(Title.series_id == series_id)
    if cursor is not None:
        if not cursor.isdecimal() or len(cursor) > 10 or not is_row_id(int(cursor)):
            raise InvalidInputError("cursor 不正确。", field="cursor")
        statement = statement.where(Title.id < int(cursor))
    statement = statement.options(joinedload(Title.category)).order_by(Title.id.desc())
    titles = session.scalars(statement.limit(limit + 1)).all()
    more = len(titles) > limit
    return titles[:limit], str(titles[limit - 1].id) if more else None


def visible_title(
    session: Session, title_id: int, place_path: str | None, *, now: datetime
) -> Title:
    """Return one title.

    Raises:
        NotFoundError: there is none, or the box may not know that there is.
    """
    statement = (
        select(Title)
        .where(Title.id == title_id, *published_to(place_path, now=now))
        .options(joinedload(Title.category), joinedload(Title.series))
    )
    title = session.scalars(statement).one_or_none() if is_row_id(title_id) else None
    if title is None:
        raise NotFoundError("没有这个节目，可能已下架。")
    return title


def visible_titles(
    session: Session, title_ids: Sequence[int], place_path: str | None, *, now: datetime
) -> Sequence[Title]:
    """Return those of some titles that are visible, in no order."""
    statement = (
        select(Title)
        .where(Title.id.in_(title_ids), *published_to(place_path, now=now))
        .options(joinedload(Title.category))
    )
    return session.scalars(statement).all() if title_ids else []


def series_with_titles(
    session: Session, series_id: int, place_path: str | None, *, now: datetime
) -> tuple[Series, Sequence[Title]]:
    """Return a series and its visible titles in order.

    Raises:
        NotFoundError: there is none, or nothing of it is visible.
    """
    statement = (
        select(Title)
        .where(Title.series_id == series_id, *published_to(place_path, now=now))
        .options(joinedload(Title.category))
        .order_by(Title.episode.nulls_last(), Title.id)
    )
    known = is_row_id(series_id)
    titles = session.scalars(statement).all() if known else []
    series = session.get(Series, series_id) if known else None
    if series is None or not titles:
        raise NotFoundError("没有这个系列，可能已下架。")
    return series, titles


def ready_renditions(session: Session, title: Title) -> tuple[Measured, ...]:
    """Return the finished renditions of the current generation, best first."""
    statement = (
        select(Rendition)
        .where(
            Rendition.title_id == title.id,
            Rendition.gen == title.media_gen,
            Rendition.state == "ready",
        )
        .order_by(Rendition.position)
        .options(undefer(Rendition.measured))
    )
    return tuple(
        Measured.from_json(row.measured) for row in session.scalars(statement) if row.measured
    )


def card(title: Title) -> dict[str, Any]:
    """Return a title as rows and lists show it (docs/architecture.md, CARD)."""
    return {
        "id": title.id,
        "title": title.name,
        "poster": picture_url(title, title.pictures.get("poster")),
        "duration_s": title.duration_s,
        "category": title.category.slug if title.category else None,
        "category_name": title.category.name if title.category else None,
        "series_id": title.series_id,
        "order": title.episode,
        "required": title.required,
        "study_hours": title.study_hours,
        "updated_at": title.updated_at.isoformat().replace("+00:00", "Z"),
    }


def detail(title: Title) -> dict[str, Any]:
    """Return a title as its page shows it, without the playback address (DETAIL)."""
    sprite = title.pictures.get("sprite")
    return {
        **card(title),
        "summary": title.summary,
        "lecturer": title.lecturer,
        "source": title.source,
        "licence": title.licence,
        "series": {"id": title.series.id, "title": title.series.name} if title.series else None,
        "sprite": _sprite(title, sprite) if sprite else None,
    }


def _sprite(title: Title, sprite: dict[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in sprite.items() if name != "files"}
    return {"urls": [picture_url(title, name) for name in sprite["files"]], **facts}


def picture_url(title: Title, name: str | None) -> str | None:
    """Return the address of one of a title's pictures."""
    return f"/img/{title.id}/{title.pictures['gen']}/{name}" if name else None
