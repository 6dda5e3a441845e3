"""A feed's channels into the database: what it calls them, and which of ours they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from core.errors import TooLargeError
from epg.channels.tables import Channel
from epg.guide.matching import match_all, targets
from epg.guide.report import ImportReport
from epg.guide.spool import MAX_CHANNELS, Spool
from epg.guide.tables import GuideChannel
from epg.guide.xmltv import FeedChannel

#: Makes one of our channels of a feed's that is none of them yet.
CreateChannel = Callable[[Session, GuideChannel, datetime], Channel]

#: Ids in one DELETE; SQLite allows 32,766 parameters.
_CHUNK = 5_000


@dataclass
class FeedRead:
    """A feed as it was read, on its way into the database.

    Args:
        report: what is told of it.
        spool: its programmes.
        channels: its channels by `ref`.
    """

    report: ImportReport
    spool: Spool
    channels: dict[str, FeedChannel] = field(default_factory=dict)

    def note_channel(self, channel: FeedChannel) -> None:
        """Keep a channel; one that comes twice has the names of both.

        Raises:
            TooLargeError: there are more than any guide has.
        """
        known = self.channels.get(channel.ref)
        names = channel.names
        if known is not None:
            names = tuple(dict.fromkeys((*known.names, *names)))
        elif len(self.channels) >= MAX_CHANNELS:
            raise TooLargeError(f"频道多于 {MAX_CHANNELS} 个，这不是节目单。")
        self.channels[channel.ref] = channel._replace(names=names)


def register_channels(
    session: Session, read: FeedRead, create: CreateChannel | None, now: datetime
) -> Mapping[str, Sequence[int]]:
    """Write down a feed's channels and match them.

    Args:
        session: the unit of work.
        read: what was read; its report is told how many are matched and made.
        create: makes channels of those that are none of ours; None leaves them unmatched.
        now: the present instant.

    Returns:
        ids of our channels by the feed's.
    """
    feed_id, report = read.report.feed_id, read.report
    _write_channels(session, feed_id, read)
    statement = select(GuideChannel).where(GuideChannel.feed_id == feed_id)
    match_all(session, feed_id)
    if create is not None:
        for row in session.scalars(statement.order_by(GuideChannel.id)):
            if row.channel_id is None and row.matched_by != "none" and row.ref in read.channels:
                row.channel_id, row.matched_by = create(session, row, now).id, "id"
                report.created += 1
        session.flush()
    goals = targets(session, feed_id)
    report.matched = sum(ref in read.channels for ref in goals)
    return goals


def _write_channels(session: Session, feed_id: int, read: FeedRead) -> None:
    columns = (GuideChannel.id, GuideChannel.names, GuideChannel.icon, GuideChannel.programmes)
    of_feed = GuideChannel.feed_id == feed_id
    known = {
        row[0]: row[1:]
        for row in session.execute(select(GuideChannel.ref, *columns).where(of_feed))
    }
    added, changed = [], []
    for ref, channel in read.channels.items():
        values = (list(channel.names), channel.icon, read.spool.counts.get(ref, 0))
        named = dict(zip(("names", "icon", "programmes"), values, strict=True))
        old = known.pop(ref, None)
        if old is None:
            added.append({"feed_id": feed_id, "ref": ref, "matched_by": "", **named})
        elif tuple(old[1:]) != values:
            changed.append({"id": old[0], **named})
    # Matched ones are remembered: the feed may name them again tomorrow.
    changed += [{"id": old[0], "programmes": 0} for old in known.values() if old[3]]
    for statement, rows in ((insert(GuideChannel), added), (update(GuideChannel), changed)):
        if rows:
            session.execute(statement, rows)
    gone = of_feed & GuideChannel.channel_id.is_(None) & (GuideChannel.matched_by == "")
    ids = [old[0] for old in known.values()]
    for at in range(0, len(ids), _CHUNK):
        session.execute(
            delete(GuideChannel).where(gone, GuideChannel.id.in_(ids[at : at + _CHUNK]))
        )
