"""Delete a channel with everything that hangs on it."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from county.tables import Alert, StreamUse
from epg.channels.reading import get_channel
from epg.channels.tables import (
    ChannelPlace,
    ChannelRun,
    ChannelSource,
    LoopItem,
    Playout,
    RecordingPin,
)
from epg.channels.version import touch_epg
from epg.guide.tables import GuideChannel, Programme, Reminder
from epg.noting import note_channel, note_guides

_HANGING = (
    ChannelPlace,
    ChannelSource,
    LoopItem,
    ChannelRun,
    RecordingPin,
    Playout,
    Programme,
    Reminder,
)


def delete_channel(session: Session, channel_id: int) -> None:
    """Delete a channel, its sources, pins, programmes; feeds forget which of theirs it was.

    Its recording on disk is left to the recordings' own tidying.

    Raises:
        NotFoundError: there is none.
    """
    channel = get_channel(session, channel_id)
    session.expunge(channel)
    for table in _HANGING:
        session.execute(delete(table).where(table.channel_id == channel_id))
    session.execute(
        update(GuideChannel)
        .where(GuideChannel.channel_id == channel_id)
        .values(channel_id=None, matched_by="")
    )
    subject = f"channel:{channel_id}"
    session.execute(delete(StreamUse).where(StreamUse.subject == subject))
    session.execute(delete(Alert).where(Alert.subject == subject, Alert.closed_at.is_(None)))
    session.execute(delete(type(channel)).where(type(channel).id == channel_id))
    note_channel(session, channel_id, hide=True)
    note_guides(session, [channel_id])
    touch_epg(session)
    session.expire_all()
