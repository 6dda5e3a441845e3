"""Reminders: what a box wants to be told of when it begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.errors import ConflictError, InvalidInputError, NotFoundError
from epg.guide.reading import entries
from epg.guide.tables import Reminder

#: Of one box.
MAX_REMINDERS = 200


def list_reminders(
    session: Session, box_id: int, channel_ids: Sequence[int], *, now: datetime
) -> Sequence[Reminder]:
    """Return a box's reminders of what has not begun, the next first.

    Args:
        session: the unit of work.
        box_id: the box.
        channel_ids: channels it may see.
        now: the present instant.
    """
    statement = select(Reminder).where(
        Reminder.box_id == box_id,
        Reminder.channel_id.in_(list(channel_ids)),
        Reminder.start_s > int(now.timestamp()),
    )
    return session.scalars(statement.order_by(Reminder.start_s, Reminder.channel_id)).all()


def set_reminder(
    session: Session, box_id: int, channel_id: int, start_s: int, *, now: datetime
) -> Reminder:
    """Remind a box of the programme that begins then; asking twice changes nothing.

    Args:
        session: the unit of work.
        box_id: the box.
        channel_id: a channel it may see.
        start_s: epoch seconds, the programme's start as the guide has it.
        now: the present instant.

    Raises:
        NotFoundError: no programme begins then.
        InvalidInputError: it has begun.
        ConflictError: the box has as many as it may.
    """
    if start_s <= int(now.timestamp()):
        raise InvalidInputError("节目已经开始了。", field="start")
    told = session.get(Reminder, (box_id, channel_id, start_s))
    if told is not None:
        return told
    here = entries(session, [channel_id], start_s, start_s + 1)[channel_id]
    title = next((entry.title for entry in here if entry.start_s == start_s), None)
    if title is None:
        raise NotFoundError("这个时间没有节目开始，节目单可能刚刚更新过。")
    own = select(func.count()).where(
        Reminder.box_id == box_id, Reminder.start_s > int(now.timestamp())
    )
    if (session.scalar(own) or 0) >= MAX_REMINDERS:
        raise ConflictError(f"最多预约 {MAX_REMINDERS} 个节目，请先取消几个。")
    told = Reminder(
        box_id=box_id, channel_id=channel_id, start_s=start_s, title=title, created_at=now
    )
    session.add(told)
    session.flush()
    return told


def drop_reminder(session: Session, box_id: int, channel_id: int, start_s: int) -> None:
    """Forget a reminder; one that is not there is forgotten already."""
    statement = delete(Reminder).where(
        Reminder.box_id == box_id, Reminder.channel_id == channel_id, Reminder.start_s == start_s
    )
    session.execute(statement.execution_options(synchronize_session=False))
