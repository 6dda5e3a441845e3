"""Search put together: the kinds of all rooms, the index, the indexer; words about hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.search import failures, outbox
from catalog.search.failures import Failure
from catalog.search.indexing import Indexer
from catalog.search.model import KINDS, Hit, SearchBackend, Sources
from catalog.search.sql_index import SqlIndex
from catalog.search.titles import catalog_sources
from catalog.titles.reading import COUNTY_ZONE
from core.db import session_scope
from epg.channels.tables import Channel
from epg.noting import note_guides
from epg.search import guide_sources
from epg.showings import forget_unused_names
from vod_server.bootstrap import House

#: Longest excerpt, characters.
SNIPPET = 60

_DAYS = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def all_sources() -> Sources:
    """Return every kind that is found."""
    kinds, expanders = guide_sources()
    return Sources({**catalog_sources().by_kind, **kinds}, expanders)


def open_index() -> SearchBackend:
    """Return the index of an installation."""
    return SqlIndex(all_sources())


def make_indexer(house: House) -> Indexer:
    """Return what keeps an installation's index in step."""
    sources = all_sources()
    return Indexer(house.sessions, house.clock, sources, SqlIndex(sources))


def reconcile(house: House, indexer: Indexer, *, everything: bool = False) -> int:
    """Note in the outbox whatever the index lacks or has too much; return how many documents.

    Guides are looked at whole, so that what was changed past the services is found too.

    Args:
        house: the installation.
        indexer: its indexer.
        everything: index all documents anew.
    """
    count = indexer.reconcile(everything=everything)
    with session_scope(house.sessions) as session:
        forget_unused_names(session)
        note_guides(session, session.scalars(select(Channel.id).order_by(Channel.id)))
    return count


@dataclass(frozen=True, slots=True)
class SearchStatus:
    """How far the index is behind.

    Args:
        documents: how many are indexed, by kind.
        waiting: changes not indexed yet.
        lag_s: since the oldest of them, seconds.
        failing: how many things could not be indexed, and are tried again.
        failures: the oldest of those.
    """

    documents: Mapping[str, int]
    waiting: int
    lag_s: float
    failing: int
    failures: Sequence[Failure]


def search_status(session: Session, now: datetime) -> SearchStatus:
    """Return how far the index is behind, and what it stumbles over."""
    index = open_index()
    return SearchStatus(
        documents={kind: len(index.versions(session, kind)) for kind in KINDS},
        waiting=outbox.waiting(session),
        lag_s=outbox.lag_s(session, now),
        failing=failures.count(session),
        failures=failures.failing(session),
    )


def detail_of(hit: Hit, now: datetime) -> str:
    """Return what a line of results says beside the name, in Chinese."""
    row = hit.row
    if hit.kind == "title":
        minutes = f"{max(1, round(row.duration_s / 60))}分钟" if row.duration_s else ""
        return " · ".join(filter(None, (row.category.name if row.category else "", minutes)))
    if hit.kind == "series":
        return f"共 {row.titles} 集"
    if hit.kind == "channel":
        return f"{row.number} 频道"
    return f"{row.channel.name} · {_when(row.entry.start_s, row.entry.stop_s, now)}"


def _when(start_s: int, stop_s: int, now: datetime) -> str:
    if start_s <= now.timestamp() < stop_s:
        return "正在播出"
    start = datetime.fromtimestamp(start_s, COUNTY_ZONE)
    days = (start.date() - now.astimezone(COUNTY_ZONE).date()) // timedelta(days=1)
    day = _DAYS.get(days) or f"{start.month}月{start.day}日"
    return f"{day} {start:%H:%M}"


def snippet_of(hit: Hit, typed: str) -> str:
    """Return an excerpt of what is said of a hit, around what was typed where it holds that."""
    text = " ".join(_summary(hit.kind, hit.row).split())
    place = text.find(typed) if typed else -1
    start = max(0, place - SNIPPET // 3) if place >= 0 else 0
    excerpt = text[start : start + SNIPPET]
    return ("…" if start else "") + excerpt + ("…" if start + SNIPPET < len(text) else "")


def _summary(kind: str, row: Any) -> str:
    if kind == "series":
        return str(row.series.summary)
    if kind == "programme":
        return str(row.entry.summary or row.entry.sub_title)
    return str(row.summary) if kind == "title" else ""
