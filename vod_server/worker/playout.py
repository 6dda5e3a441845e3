"""Loop channels follow the catalogue; files that their past still lists are kept back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles import wants
from catalog.titles.reading import COUNTY_ZONE
from catalog.titles.service import catalog_version
from catalog.titles.tables import Title
from core.db import read_scope, session_scope
from epg.channels.tables import Channel
from epg.channels.version import epg_version
from epg.playout.service import forget_playout, listed_media, refresh_playout
from vod_server.bootstrap import House

#: What plays depends on catalogue, channels and the day alone; looked at all the same so often.
REFRESH_EVERY = timedelta(minutes=10)
#: Files a play-out still lists are looked at again after this.
KEPT_BACK_S = 86_400

Seen = tuple[int, int, date]


def make_playout_chore(house: House) -> Callable[[], object]:
    """Return the chore: every wanted loop channel plays what it shall.

    Cheap while neither catalogue nor channels move, so it may be done every few seconds.
    """
    seen: Seen | None = None
    seen_at: datetime | None = None

    def refresh_loops() -> None:
        nonlocal seen, seen_at
        now = house.clock.now()
        with read_scope(house.sessions) as session:
            present = _look(session, now)
            if present == seen and seen_at and abs(now - seen_at) < REFRESH_EVERY:
                return
            loops = (Channel.kind == "loop", Channel.wanted)
            ids = session.scalars(select(Channel.id).where(*loops).order_by(Channel.id)).all()
        for channel_id in ids:
            _refresh(house, channel_id, now)
        seen, seen_at = present, now

    return refresh_loops


def _look(session: Session, now: datetime) -> Seen:
    today = now.astimezone(COUNTY_ZONE).date()
    return catalog_version(session), epg_version(session), today


def _refresh(house: House, channel_id: int, now: datetime) -> None:
    with session_scope(house.sessions) as session:
        channel = session.get(Channel, channel_id)
        if channel is not None and channel.kind == "loop":
            refresh_playout(session, channel, now=now)
            forget_playout(session, channel, now=now)


def keep_back(
    session: Session, title: Title, prefixes: Sequence[str], *, now: datetime
) -> set[str]:
    """Return those of a title's prefixes that must not be deleted yet; they are tidied later.

    A loop channel's catch-up lists segments of generations that were replaced since: their files
    live as long as a play-out row names them (`epg.playout.service.forget_playout`).

    Args:
        session: the unit of work; the later job is a row in it.
        title: whose files they are.
        prefixes: blob prefixes `vod/<title>/<gen>` that a `tidy` job is about to delete.
        now: the present instant.
    """
    kept = set(prefixes) & listed_media(session, title.id)
    if kept:
        wants.want_tidy(session, title, sorted(kept), now=now, delay_s=KEPT_BACK_S)
    return kept
