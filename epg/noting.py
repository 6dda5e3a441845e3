"""What of channels and guide search is to look at anew, noted in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from catalog.search import outbox

#: Outbox rows that stand for many documents (`epg.showings`): a channel's guide has changed; or the
#: channel itself, and with it who sees its programmes.
GUIDE = "guide"
RESCOPE = "rescope"


def note_guides(session: Session | Connection, channel_ids: Iterable[int]) -> None:
    """Have search look at the guides of channels."""
    outbox.note(session, GUIDE, channel_ids)


def note_channel(
    session: Session, channel_id: int, *, hide: bool, now: datetime | None = None
) -> None:
    """Have search look at a channel, and at who sees its programmes.

    Args:
        session: the unit of work.
        channel_id: of the channel.
        hide: take it out of the index with the change: some may not know of it any more.
        now: the present instant.
    """
    if hide:
        outbox.hide(session, "channel", channel_id)
    outbox.note(session, "channel", [channel_id], now=now)
    outbox.note(session, RESCOPE, [channel_id], now=now)
