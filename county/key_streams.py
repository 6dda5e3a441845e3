"""Streams that a household's players play by its key: counted, and limited to what it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from core.errors import ForbiddenError, UnauthenticatedError
from county.tables import HouseholdKey, StreamUse

#: A stream not seen for so long has ended.
IN_USE = timedelta(seconds=15)
#: That a stream goes on is written down at most so often.
NOTED_EVERY = timedelta(seconds=5)
#: A stream that is played is seen again sooner, however seldom its player asks and we write.
LEFT = timedelta(seconds=9)

#: A player may come back to what it has left so often within so long: zapping up and down. Two
#: players that look alike (same address, same name) and take one stream from each other may not.
RETURNS, RETURNS_WITHIN = 3, timedelta(seconds=30)

#: What a player has left stays as a row `left:<subject>:<epoch ms>`, dated back by `IN_USE`, so
#: that whoever counts what is in use does not see it.
_GONE = "left:"

WRONG = "密钥不对或已失效，请联系村里。"


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """What a request needs to know of the household whose key it sends."""

    id: int
    place_path: str
    max_streams: int


class _Use(NamedTuple):
    client: str
    subject: str
    seen_at: datetime


def note_stream(
    session: Session, holder: KeyHolder, *, client: str, subject: str, now: datetime
) -> None:
    """Write down that a household's player plays something, where it may.

    A player that turns to something else gives up what it played before. Of players that ask for
    the last free stream at once exactly one gets it.

    Args:
        session: the unit of work.
        holder: whose key.
        client: which player, at most 32 characters.
        subject: what it plays, `channel:7`.
        now: the present instant.

    Raises:
        ForbiddenError: the household plays as many streams as it may.
        UnauthenticatedError: the key was revoked meanwhile.
    """
    mine = _row(holder, client, subject)
    seen_at = session.scalar(select(StreamUse.seen_at).where(*mine))
    if seen_at is not None and abs(now - seen_at) < NOTED_EVERY:
        return
    _lock(session, holder)
    _forget(session, holder, now)
    if session.scalar(select(StreamUse.seen_at).where(*mine)) is not None:
        session.execute(update(StreamUse).where(*mine).values(seen_at=now))
        return
    left = _given_up(session, holder, client, subject, now)
    if left is not None:
        _leave(session, holder, left, now)
    session.add(StreamUse(key_id=holder.id, client=client, subject=subject, seen_at=now))
    session.flush()


def count_streams(session: Session, key_id: int, *, now: datetime) -> int:
    """Return how many streams a household plays now."""
    statement = select(func.count()).where(
        StreamUse.key_id == key_id, StreamUse.seen_at > now - IN_USE
    )
    return session.scalar(statement) or 0


def _given_up(
    session: Session, holder: KeyHolder, client: str, subject: str, now: datetime
) -> _Use | None:
    """Return which of its streams a player gives up for another, None where it need not.

    Raises:
        ForbiddenError: it has none, and the household plays as many as it may.
    """
    live = _live(session, holder, now)
    is_full = len(live) >= holder.max_streams
    longest_unseen = next((use for use in live if use.client == client), None)
    returned = _times_left(session, holder, client, subject)
    if longest_unseen is None or (returned and not is_full):
        # What it left and asks for again without need is another player that looks like it.
        if is_full:
            raise _too_many(holder)
        return None
    is_playing = now - longest_unseen.seen_at <= LEFT
    if returned > RETURNS and is_playing:
        raise _too_many(holder)
    return longest_unseen


def _too_many(holder: KeyHolder) -> ForbiddenError:
    return ForbiddenError(f"这个密钥同时只能观看 {holder.max_streams} 路，请先关掉一台再看。")


def _live(session: Session, holder: KeyHolder, now: datetime) -> Sequence[_Use]:
    """Return what the household plays, the longest unseen first."""
    statement = select(StreamUse.client, StreamUse.subject, StreamUse.seen_at).where(
        StreamUse.key_id == holder.id, StreamUse.seen_at > now - IN_USE
    )
    return [_Use(*row) for row in session.execute(statement.order_by(StreamUse.seen_at))]


def _times_left(session: Session, holder: KeyHolder, client: str, subject: str) -> int:
    statement = select(func.count()).where(
        StreamUse.key_id == holder.id,
        StreamUse.client == client,
        StreamUse.subject.startswith(f"{_GONE}{subject}:", autoescape=True),
    )
    return session.scalar(statement) or 0


def _leave(session: Session, holder: KeyHolder, use: _Use, now: datetime) -> None:
    """End a stream, and remember that its player has left it."""
    session.execute(
        update(StreamUse)
        .where(*_row(holder, use.client, use.subject))
        .values(
            subject=f"{_GONE}{use.subject}:{int(now.timestamp() * 1000)}",
            seen_at=now - IN_USE,
        )
    )


def _row(holder: KeyHolder, client: str, subject: str) -> tuple[ColumnElement[bool], ...]:
    return (
        StreamUse.key_id == holder.id,
        StreamUse.client == client,
        StreamUse.subject == subject,
    )


def _lock(session: Session, holder: KeyHolder) -> None:
    """Let only one at a time count this household's streams (SQLite writers are alone anyway)."""
    statement = select(HouseholdKey.id).where(
        HouseholdKey.id == holder.id, HouseholdKey.revoked_at.is_(None)
    )
    if session.scalar(statement.with_for_update()) is None:
        raise UnauthenticatedError(WRONG)


def _forget(session: Session, holder: KeyHolder, now: datetime) -> None:
    """Remove streams that have ended, and what was left too long ago to matter."""
    ended, is_left = now - IN_USE, StreamUse.subject.startswith(_GONE)
    over = or_(
        and_(not_(is_left), StreamUse.seen_at <= ended),
        StreamUse.seen_at <= ended - RETURNS_WITHIN,
    )
    session.execute(delete(StreamUse).where(StreamUse.key_id == holder.id, over))
