"""Channels that came or changed by an import: feeds' channels are matched with them at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.jobs.service import enqueue
from epg.guide.feeds import list_feeds, subject
from epg.guide.matching import MATCH_PRIORITY, match_all, targets
from epg.guide.tables import Programme


def match_channels(session: Session, channel_ids: Collection[int], *, now: datetime) -> int:
    """Match every feed anew; a job brings in what the feed's last good file says of new matches.

    Args:
        session: the unit of work.
        channel_ids: of ours, that came or changed.
        now: the present instant.

    Returns:
        how many of these channels some feed speaks of.
    """
    ours, spoken_of = frozenset(channel_ids), set[int]()
    for feed in list_feeds(session):
        match_all(session, feed.id)
        meant = ours & _meant(session, feed.id)
        spoken_of |= meant
        if meant - _told(session, feed.id):
            enqueue(
                session,
                "fetch_guide",
                subject(feed.id),
                {"again": True},
                now=now,
                priority=MATCH_PRIORITY,
                max_attempts=3,
            )
    return len(spoken_of)


def _meant(session: Session, feed_id: int) -> set[int]:
    """Return our channels that a feed speaks of."""
    return {channel_id for ids in targets(session, feed_id).values() for channel_id in ids}


def _told(session: Session, feed_id: int) -> set[int]:
    """Return our channels that a feed has said something of."""
    statement = select(Programme.channel_id).where(Programme.feed_id == feed_id).distinct()
    return set(session.scalars(statement))
