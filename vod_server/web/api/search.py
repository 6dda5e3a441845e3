"""Search with a remote: suggestions while it is typed, words, what others watch."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy.orm import Session

from catalog.search.model import KINDS, Hit, Question, SearchBackend
from catalog.search.titles import popular as popular_titles
from catalog.search.titles import watched_since
from catalog.titles import reading
from catalog.titles.tables import Title
from core.db import read_scope
from core.errors import InvalidInputError
from vod_server.searching import detail_of, open_index, snippet_of
from vod_server.web.access import box_place_path, house, requires
from vod_server.web.api.guide import programme_json

search_api = Blueprint("search_api", __name__)

#: Longest question, characters.
MAX_TYPED = 100

DEFAULT_LIMIT = 30
MAX_LIMIT = 50
POPULAR_LIMIT = 20

#: An answer may be kept so long; what is opened is looked up anew anyhow.
MAX_AGE_S = 10
POPULAR_MAX_AGE_S = 60

#: What was watched within this is popular; counted for the whole county once in a while.
POPULAR_WITHIN = timedelta(days=30)
POPULAR_EVERY_S = 600
POPULAR_COUNTED = 500


@search_api.get("/suggest")
@requires("box")
def suggest() -> Response:
    """Return what begins with what is typed so far, and the keys that lead on."""
    form = request.args.get("form", "initials")
    if form not in ("initials", "t9"):
        raise InvalidInputError("form 只能是 initials 或 t9。", field="form")
    question = _question(cast(Literal["initials", "t9"], form))
    with read_scope(house().sessions) as session:
        found = _index().suggest(session, question)
        items = [_item(hit, question.now) for hit in found.hits]
    return _reply(items, found.leads.upper(), found.counts, question.place_path)


@search_api.get("/search")
@requires("box")
def search() -> Response:
    """Return what holds the words, or is spelled so, a page at a time."""
    question = _question("initials", after=request.args.get("cursor", ""))
    with read_scope(house().sessions) as session:
        found = _index().search(session, question)
        items = [
            _item(hit, question.now)
            | {"title": hit.name, "snippet": snippet_of(hit, question.typed.strip())}
            for hit in found.hits
        ]
    return _reply(items, found.following, found.counts, question.place_path)


@search_api.get("/search/popular")
@requires("box")
def popular() -> Response:
    """Return what was watched most of late, the newest where that is little."""
    place, now = box_place_path(), house().clock.now()
    with read_scope(house().sessions) as session:
        ranking = _popularity().ranking(session, now)
        titles = popular_titles(session, place, ranking, now=now, limit=POPULAR_LIMIT)
        hits = [Hit("title", str(title.id), title.name, None, title) for title in titles]
        reply = jsonify({"items": [_item(hit, now) for hit in hits]})
    return _cacheable(reply, place, POPULAR_MAX_AGE_S)


class Popularity:
    """What the county watches most, counted now and then: it takes a look at every box."""

    def __init__(self) -> None:
        self._ranking: Sequence[int] = ()
        self._counted_at: datetime | None = None
        self._lock = threading.Lock()

    def ranking(self, session: Session, now: datetime) -> Sequence[int]:
        """Return the ids of titles, the most watched first; at most some minutes old."""
        with self._lock:
            at = self._counted_at
            if at is None or not 0 <= (now - at).total_seconds() < POPULAR_EVERY_S:
                since = now - POPULAR_WITHIN
                self._ranking = watched_since(session, since, limit=POPULAR_COUNTED)
                self._counted_at = now
            return self._ranking


def _popularity() -> Popularity:
    return cast(Popularity, current_app.extensions.setdefault("popularity", Popularity()))


def _index() -> SearchBackend:
    found = current_app.extensions.get("search")
    if found is None:
        found = current_app.extensions["search"] = open_index()
    return cast(SearchBackend, found)


def _question(form: Literal["initials", "t9"], after: str = "") -> Question:
    typed, kind = request.args.get("q", ""), request.args.get("kind", "")
    if len(typed) > MAX_TYPED:
        raise InvalidInputError(f"最多输入 {MAX_TYPED} 个字。", field="q")
    if kind and kind not in KINDS:
        raise InvalidInputError("没有这一类。", field="kind")
    raw = request.args.get("limit", str(DEFAULT_LIMIT))
    limit = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 4 else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInputError(f"limit 要在 1 到 {MAX_LIMIT} 之间。", field="limit")
    now = house().clock.now()
    return Question(typed, box_place_path(), now, form, kind, limit, after)


def _item(hit: Hit, now: datetime) -> dict[str, Any]:
    """Return a hit as boxes read it (docs/architecture.md, ITEM)."""
    item = {
        "kind": hit.kind,
        "id": int(hit.ref),
        "name": hit.name,
        "detail": detail_of(hit, now),
        "mark": _mark(hit),
    }
    if hit.kind == "title":
        item["card"] = reading.card(cast(Title, hit.row))  # it has what a card shows
    elif hit.kind == "channel":
        item["channel"] = hit.row.id
    elif hit.kind == "programme":
        item["channel"] = hit.row.channel.id
        item["programme"] = programme_json(hit.row.channel, hit.row.entry, now)
    return item


def _mark(hit: Hit) -> list[int] | None:
    """Return the marked stretch as JavaScript counts: rare characters are two of its own."""
    if hit.mark is None:
        return None
    start, length = hit.mark
    return [_js_length(hit.name[:start]), _js_length(hit.name[start : start + length])]


def _js_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _reply(
    items: list[dict[str, Any]], following: str | None, counts: Mapping[str, int], place: str | None
) -> Response:
    reply = jsonify({"items": items, "next": following, "counts": dict(counts)})
    return _cacheable(reply, place, MAX_AGE_S)


def _cacheable(reply: Response, place: str | None, max_age_s: int) -> Response:
    whose = "public" if place is None else "private"
    reply.headers["Cache-Control"] = f"{whose}, max-age={max_age_s}"
    reply.headers["Vary"] = "Authorization"
    return reply
