"""The actions of `/player_api.php`: what a household may watch, as Xtream players ask for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog.titles.reading import published_to, series_with_titles, visible_title
from catalog.titles.tables import Series, Title
from core.errors import NotFoundError
from epg.channels.reading import exported_ids, visible_channel, visible_channels
from epg.channels.tables import Channel
from epg.guide.model import Entry
from epg.guide.reading import entries
from vod_server.web.exports import xtream_lists
from vod_server.web.exports.asking import Asker
from vod_server.web.exports.replies import base_url
from vod_server.web.exports.xtream_guide import listings

DAY_S = 86400
DAYS_AHEAD = 7
SHORT_EPG = 4
MOST_SHORT_EPG = 200


class Question:
    """An action's request.

    Args:
        session: reads only.
        asker: the household.
        now: the present instant.
    """

    def __init__(self, session: Session, asker: Asker, now: datetime) -> None:
        self.session = session
        self.asker = asker
        self.now = now
        self.base = base_url()

    @property
    def now_s(self) -> int:
        """Return the present as epoch seconds."""
        return int(self.now.timestamp())

    def address(self, path: str) -> str:
        """Return an address of ours as an absolute one."""
        return f"{self.base}{path}" if path.startswith("/") else path

    def number(self, *names: str) -> int:
        """Return a parameter that is an id; 0, which none has, for anything else."""
        text = next((request.values[name] for name in names if name in request.values), "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0

    def channels(self) -> Sequence[Channel]:
        """Return the channels an Xtream player can be offered."""
        found = visible_channels(self.session, self.asker.place_path)
        return [channel for channel in found if xtream_lists.is_offered(channel)]

    def titles(self) -> Sequence[Title]:
        """Return the visible titles, newest first, with category and series."""
        statement = (
            select(Title)
            .where(*published_to(self.asker.place_path, now=self.now))
            .options(joinedload(Title.category), joinedload(Title.series))
            .order_by(Title.id.desc())
        )
        return self.session.scalars(statement).all()


Action = Callable[[Question], Any]


def live_categories(question: Question) -> Any:
    """Return the groups of channels."""
    return xtream_lists.live_categories(question.channels())


def live_streams(question: Question) -> Any:
    """Return the channels."""
    ids = exported_ids(question.session)
    found = [
        xtream_lists.live_stream(channel, number, ids[channel.id], question.address)
        for number, channel in enumerate(question.channels(), start=1)
    ]
    return _of_category(found, lambda one: [str(id_) for id_ in one["category_ids"]])


def _of_category(found: list[Any], ids_of: Callable[[Any], Sequence[str]]) -> list[Any]:
    wanted = request.values.get("category_id", "")
    # Players say "all" by several words.
    if wanted in {"", "*", "all", "ALL"}:
        return found
    return [one for one in found if wanted in ids_of(one)]


def _short_epg(question: Question) -> Any:
    return _guide(question, _next_programmes)


def _whole_epg(question: Question) -> Any:
    return _guide(question, _all_programmes)


def _guide(question: Question, choose: Callable[[Question, Channel], Sequence[Entry]]) -> Any:
    try:
        channel = visible_channel(
            question.session, question.number("stream_id"), question.asker.place_path
        )
    except NotFoundError:
        return {"epg_listings": []}
    guide_id = exported_ids(question.session)[channel.id]
    return listings(channel, guide_id, choose(question, channel), question.now_s)


def _next_programmes(question: Question, channel: Channel) -> Sequence[Entry]:
    limit = question.number("limit") or SHORT_EPG
    return _programmes(question, channel, question.now_s)[: min(limit, MOST_SHORT_EPG)]


def _all_programmes(question: Question, channel: Channel) -> Sequence[Entry]:
    days = max(channel.retention_days, 1)
    return _programmes(question, channel, question.now_s - days * DAY_S)


def _programmes(question: Question, channel: Channel, from_s: int) -> Sequence[Entry]:
    to_s = question.now_s + DAYS_AHEAD * DAY_S
    return entries(question.session, [channel.id], from_s, to_s)[channel.id]


def _films(question: Question) -> Sequence[Title]:
    return [title for title in question.titles() if title.series_id is None]


def vod_categories(question: Question) -> Any:
    """Return the categories of films."""
    return xtream_lists.title_categories(_films(question))


def vod_streams(question: Question) -> Any:
    """Return the films: titles that are in no series."""
    found = [
        xtream_lists.film(title, number, question.address)
        for number, title in enumerate(_films(question), start=1)
    ]
    return _of_category(found, lambda one: [one["category_id"]])


def _vod_info(question: Question) -> Any:
    title = visible_title(
        question.session,
        question.number("vod_id", "stream_id"),
        question.asker.place_path,
        now=question.now,
    )
    return xtream_lists.film_info(title, question.address)


def _by_series(question: Question) -> list[tuple[Series, list[Title]]]:
    found: dict[int, tuple[Series, list[Title]]] = {}
    for title in question.titles():
        if title.series is not None:
            found.setdefault(title.series.id, (title.series, []))[1].append(title)
    for _, titles in found.values():
        titles.sort(key=lambda one: (one.episode is None, one.episode or 0, one.id))
    return list(found.values())


def series_categories(question: Question) -> Any:
    """Return the categories of series."""
    return xtream_lists.title_categories([titles[0] for _, titles in _by_series(question)])


def _series(question: Question) -> Any:
    found = [
        xtream_lists.series_card(series, titles, number, question.address)
        for number, (series, titles) in enumerate(_by_series(question), start=1)
    ]
    return _of_category(found, lambda one: [one["category_id"]])


def _series_info(question: Question) -> Any:
    series, titles = series_with_titles(
        question.session,
        question.number("series_id", "series"),
        question.asker.place_path,
        now=question.now,
    )
    return xtream_lists.series_info(series, titles, question.address)


ACTIONS: dict[str, Action] = {
    "get_live_categories": live_categories,
    "get_live_streams": live_streams,
    "get_short_epg": _short_epg,
    "get_simple_data_table": _whole_epg,
    "get_vod_categories": vod_categories,
    "get_vod_streams": vod_streams,
    "get_vod_info": _vod_info,
    "get_series_categories": series_categories,
    "get_series": _series,
    "get_series_info": _series_info,
}
