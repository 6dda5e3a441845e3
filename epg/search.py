"""Channels and programmes as documents of search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from catalog.search.model import EVERYBODY, Draft, Expander, Source, scopes_for
from catalog.search.titles import pages, row_ids
from county.tables import Place
from epg.channels.reading import visible_at
from epg.channels.tables import Channel, ChannelPlace
from epg.noting import GUIDE, RESCOPE
from epg.search_tables import ProgrammeName, Showing
from epg.showings import Shown, best_showings, follow_guide, rescope

_WHOLE = (selectinload(Channel.sources), selectinload(Channel.places))


class ChannelDocuments:
    """Wanted channels, by their names; see `catalog.search.model.Source`."""

    kind = "channel"
    in_bulk = False

    def refs(self, session: Session) -> Iterator[Sequence[str]]:
        """Yield the refs of all channels."""
        return pages(session, Channel.id)

    def drafts(self, session: Session, refs: Sequence[str], now: datetime) -> Mapping[str, Draft]:
        """Return the channels that are wanted."""
        del now
        ids = row_ids(refs)
        scopes = _scopes(session, ids)
        statement = select(Channel.id, Channel.name, Channel.names, Channel.number)
        return {
            str(id_): Draft(str(id_), name, scopes[id_], number, tuple(names))
            for id_, name, names, number in session.execute(statement.where(Channel.id.in_(ids)))
            if id_ in scopes
        }

    def visible(
        self, session: Session, refs: Sequence[str], place_path: str | None, now: datetime
    ) -> Mapping[str, Channel]:
        """Return those channels the asker may see, with their sources and places."""
        del now
        statement = select(Channel).where(Channel.id.in_(row_ids(refs)), *visible_at(place_path))
        return {str(row.id): row for row in session.scalars(statement.options(*_WHOLE))}


class ProgrammeDocuments:
    """Names of programmes, however often they are shown; see `catalog.search.model.Source`."""

    kind = "programme"
    in_bulk = True

    def refs(self, session: Session) -> Iterator[Sequence[str]]:
        """Yield the refs of all names."""
        return pages(session, ProgrammeName.id)

    def drafts(self, session: Session, refs: Sequence[str], now: datetime) -> Mapping[str, Draft]:
        """Return the names that a wanted channel shows."""
        del now
        statement = (
            select(ProgrammeName.id, ProgrammeName.name, Showing.channel_id)
            .join(Showing, Showing.name_id == ProgrammeName.id)
            .where(ProgrammeName.id.in_(row_ids(refs)))
            .distinct()
        )
        shown: dict[tuple[int, str], list[int]] = defaultdict(list)
        for id_, name, channel_id in session.execute(statement):
            shown[(id_, name)].append(channel_id)
        scopes = _scopes(session, {one for ids in shown.values() for one in ids})
        found = {}
        for (id_, name), channel_ids in shown.items():
            of_all = frozenset().union(*(scopes.get(one, frozenset()) for one in channel_ids))
            found[str(id_)] = Draft(str(id_), name, _topmost(session, of_all))
        return found

    def visible(
        self, session: Session, refs: Sequence[str], place_path: str | None, now: datetime
    ) -> Mapping[str, Shown]:
        """Return the showing to play of each name that a visible channel shows."""
        statement = select(Showing.channel_id).where(Showing.name_id.in_(row_ids(refs)))
        seen = select(Channel).where(Channel.id.in_(statement), *visible_at(place_path))
        channels = {one.id: one for one in session.scalars(seen.options(*_WHOLE))}
        best = best_showings(session, row_ids(refs), channels, int(now.timestamp()))
        return {str(name_id): shown for name_id, shown in best.items()}


def guide_sources() -> tuple[Mapping[str, Source], Mapping[str, Expander]]:
    """Return the guide's kinds, and what its outbox rows stand for."""
    kinds: tuple[Source, ...] = (ChannelDocuments(), ProgrammeDocuments())
    return {one.kind: one for one in kinds}, {GUIDE: follow_guide, RESCOPE: rescope}


def _scopes(session: Session, channel_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the scopes of channels that are wanted."""
    statement = (
        select(Channel.id, Place.path)
        .outerjoin(ChannelPlace, ChannelPlace.channel_id == Channel.id)
        .outerjoin(Place, Place.id == ChannelPlace.place_id)
        .where(Channel.id.in_(list(channel_ids)), Channel.wanted.is_(True))
    )
    paths: dict[int, list[str | None]] = defaultdict(list)
    for id_, path in session.execute(statement):
        paths[id_].append(path)
    return {
        id_: frozenset({EVERYBODY})
        if None in several
        else scopes_for(path for path in several if path)
        for id_, several in paths.items()
    }


def _topmost(session: Session, scopes: frozenset[int]) -> frozenset[int]:
    """Return scopes without those that another of them covers."""
    if EVERYBODY in scopes:
        return frozenset({EVERYBODY})
    if len(scopes) < 2:
        return scopes
    return scopes_for(session.scalars(select(Place.path).where(Place.id.in_(scopes))))
