"""Home, titles, series: what a box may watch."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from catalog.titles import reading
from catalog.titles.captions import list_captions
from core.errors import InvalidInputError
from vod_server.streams.signing import expires_at, sign_playback
from vod_server.web.access import box_place_path, house, requires
from vod_server.web.captions import caption_url
from vod_server.web.replies import rendered_reply

catalog_api = Blueprint("catalog_api", __name__)

HOME_MAX_AGE_S = 30
DEFAULT_PAGE = 50


@catalog_api.get("/home")
@requires("box")
def home() -> Response:
    """Return the rows of the home screen."""
    return _cached("home", _render_home, max_age_s=HOME_MAX_AGE_S)


@catalog_api.get("/titles")
@requires("box")
def titles() -> Response:
    """Return a page of titles."""
    category = request.args.get("category")
    cursor = request.args.get("cursor")
    series_id = _whole_number("series")
    asked = _whole_number("limit")
    limit = DEFAULT_PAGE if asked is None else asked

    def render(session: Session, place: str | None, now: datetime) -> Any:
        items, following = reading.list_titles(
            session,
            place,
            now=now,
            category=category,
            series_id=series_id,
            cursor=cursor,
            limit=limit,
        )
        return {
            "items": [reading.card(t) | {"playback_url": _playback_url(t.id, now)} for t in items],
            "next": following,
        }

    return _cached(("titles", category, series_id, cursor, limit), render)


@catalog_api.get("/titles/<int:title_id>")
@requires("box")
def title(title_id: int) -> Response:
    """Return one title and where to play it."""

    def render(session: Session, place: str | None, now: datetime) -> Any:
        found = reading.visible_title(session, title_id, place, now=now)
        return reading.detail(found) | {
            "playback_url": _playback_url(found.id, now),
            "captions": _captions(session, found.id),
        }

    return _cached(("title", title_id), render)


@catalog_api.get("/categories")
@requires("box")
def categories() -> Response:
    """Return the categories that hold something, in order."""

    def render(session: Session, place: str | None, now: datetime) -> Any:
        return {
            "items": [
                {"slug": category.slug, "name": category.name, "count": count}
                for category, count in reading.categories(session, place, now=now)
            ]
        }

    return _cached(("categories",), render, max_age_s=30)


@catalog_api.get("/series/<int:series_id>")
@requires("box")
def series(series_id: int) -> Response:
    """Return a series and its titles in order."""

    def render(session: Session, place: str | None, now: datetime) -> Any:
        found, members = reading.series_with_titles(session, series_id, place, now=now)
        return {
            "id": found.id,
            "title": found.name,
            "summary": found.summary,
            "items": [reading.card(member) for member in members],
        }

    return _cached(("series", series_id), render)


def _render_home(session: Session, place: str | None, now: datetime) -> Any:
    rows = [
        {
            "id": f"cat-{category.id if category else 0}",
            "name": category.name if category else "其他",
            "category": category.slug if category else None,
            "items": [reading.card(title) for title in shown],
        }
        for category, shown in reading.shelves(session, place, now=now)
    ]
    return {"rows": rows}


def _cached(
    key: Any, render: Callable[[Session, str | None, datetime], Any], *, max_age_s: int = 0
) -> Response:
    """Answer from the rendered cache; one entry a place, day and signature hour."""
    here, place = house(), box_place_path()
    now = here.clock.now()
    today = now.astimezone(reading.COUNTY_ZONE).date()
    full_key = (key, place, today, expires_at(now, here.settings.address_ttl_s))

    def body(session: Session) -> bytes:
        value = render(session, place, now)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    return rendered_reply(full_key, body, max_age_s=max_age_s, private=place is not None)


def _playback_url(title_id: int, now: datetime) -> str:
    here = house()
    expires = expires_at(now, here.settings.address_ttl_s)
    signature = sign_playback(here.media_key, title_id, expires)
    return f"/vod/{title_id}/index.m3u8?e={expires}&s={signature}"


def _captions(session: Session, title_id: int) -> list[dict[str, str]]:
    return [
        {"language": one.language, "label": one.label, "url": caption_url(one)}
        for one in list_captions(session, title_id)
    ]


def _whole_number(name: str) -> int | None:
    raw = request.args.get(name)
    if raw is None:
        return None
    if not raw.isdecimal() or len(raw) > 12:
        raise InvalidInputError(f"{name} 要是一个整数。", field=name)
    return int(raw)
