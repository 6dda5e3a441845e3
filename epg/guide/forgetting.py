"""Past programmes go when their recording goes."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import and_, delete, not_, select
from sqlalchemy.orm import Session

from epg.channels.tables import Channel, RecordingPin
from epg.channels.version import touch_epg
from epg.guide.tables import Programme, Reminder
from epg.noting import note_guides

DAY_S = 86400

#: Kept of a channel that records nothing.
LEAST_DAYS = 1


def forget_old(session: Session, now: datetime) -> int:
    """Delete programmes whose recording is over, and reminders of what is long past.

    A programme that a pinned recording holds some of stays with it.

    Args:
        session: the unit of work.
        now: the present instant.

    Returns:
        how many programmes went.
    """
    now_s = int(now.timestamp())
    pinned: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for channel_id, start_ms, stop_ms in session.execute(
        select(RecordingPin.channel_id, RecordingPin.start_ms, RecordingPin.stop_ms)
    ):
        pinned[channel_id].append((start_ms // 1000, -(-stop_ms // 1000)))
    count = 0
    for channel_id, days in session.execute(select(Channel.id, Channel.retention_days)).all():
        before_s = now_s - max(days, LEAST_DAYS) * DAY_S
        over = [Programme.channel_id == channel_id, Programme.stop_s <= before_s]
        over.append(Programme.start_s < before_s)
        over += [
            not_(and_(Programme.start_s < stop_s, Programme.stop_s > start_s))
            for start_s, stop_s in pinned[channel_id]
        ]
        statement = delete(Programme).where(*over)
        done = session.execute(statement.execution_options(synchronize_session=False))
        gone = int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE has one
        note_guides(session, [channel_id] if gone else [])
        count += gone
    past = delete(Reminder).where(Reminder.start_s < now_s - DAY_S)
    session.execute(past.execution_options(synchronize_session=False))
    if count:
        touch_epg(session)
    return count
