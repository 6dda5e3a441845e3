"""Showings of a channel brought in step with its guide; which one of a name is to be played."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from epg.channels.tables import Channel
from epg.guide.model import Entry
from epg.guide.reading import entries
from epg.guide.tables import Programme
from epg.search_tables import ProgrammeName, Showing

#: How far ahead programmes are found.
AHEAD_S = 60 * 86400

#: Names in one statement.
_CHUNK = 500

#: The number of an episode at the end of a name: (12), 第12集, 02 after a character.
_EPISODE = re.compile(
    r"\s*(?:[（(]\s*\d{1,4}\s*[)）]|第\s*\d{1,4}\s*[集期回]|(?<=[\u4e00-\u9fff])\d{1,3})$"
)


def name_of(title: str) -> str:
    """Return the name of a programme without the number of its episode, at most 200 characters."""
    plain = " ".join(title.split())
    return (_EPISODE.sub("", plain).rstrip(" ：:-") or plain)[:200]


def window_s(kind: str, retention_days: int) -> int:
    """Return how far back a channel may be rewound, seconds; the last hour is always kept."""
    return 0 if kind == "reference" else max(retention_days * 86400, 3600)


def follow_guide(session: Session, ref: str, now: datetime) -> Iterable[tuple[str, str]]:
    """Bring a channel's showings in step; return the names that came to it or left it."""
    channel_id, now_s = int(ref), int(now.timestamp())
    channel = session.get(Channel, channel_id)
    wanted: dict[int, tuple[int, int, str]] = {}
    if channel is not None and channel.kind != "loop":
        from_s = now_s - window_s(channel.kind, channel.retention_days)
        shown = entries(session, [channel_id], from_s, now_s + AHEAD_S)[channel_id]
        wanted = {e.start_s: (e.stop_s, int(e.id[1:]), name_of(e.title)) for e in shown if e.title}
    ids = _name_ids(session, {name for _, _, name in wanted.values()})
    rows = {start: (stop, row, ids[name]) for start, (stop, row, name) in wanted.items()}
    columns = (Showing.start_s, Showing.stop_s, Showing.programme_id, Showing.name_id)
    known = {
        start: (stop, row, name)
        for start, stop, row, name in session.execute(
            select(*columns).where(Showing.channel_id == channel_id)
        )
    }
    _replace(session, channel_id, known, rows)
    before, after = {name for *_, name in known.values()}, {name for *_, name in rows.values()}
    return [("programme", str(name_id)) for name_id in sorted(before ^ after)]


def rescope(session: Session, ref: str, now: datetime) -> Iterable[tuple[str, str]]:
    """Return all names of a channel, as those that see it may be others now."""
    del now
    statement = select(Showing.name_id).where(Showing.channel_id == int(ref)).distinct()
    return [("programme", str(name_id)) for name_id in session.scalars(statement)]


def _replace(
    session: Session,
    channel_id: int,
    known: Mapping[int, tuple[int, int, int]],
    rows: Mapping[int, tuple[int, int, int]],
) -> None:
    gone = [start for start, row in known.items() if rows.get(start) != row]
    for at in range(0, len(gone), _CHUNK):
        statement = delete(Showing).where(
            Showing.channel_id == channel_id, Showing.start_s.in_(gone[at : at + _CHUNK])
        )
        session.execute(statement.execution_options(synchronize_session=False))
    names = ("stop_s", "programme_id", "name_id")
    added = [
        {"channel_id": channel_id, "start_s": start, **dict(zip(names, row, strict=True))}
        for start, row in rows.items()
        if known.get(start) != row
    ]
    if added:
        session.execute(insert(Showing), added)


def _name_ids(session: Session, names: Collection[str]) -> dict[str, int]:
    """Return the ids of names, made where they are new."""
    wanted, found = sorted(names), dict[str, int]()
    for at in range(0, len(wanted), _CHUNK):
        few = select(ProgrammeName.name, ProgrammeName.id).where(
            ProgrammeName.name.in_(wanted[at : at + _CHUNK])
        )
        found |= {row.name: row.id for row in session.execute(few)}
    new = [{"name": name} for name in wanted if name not in found]
    if new:
        session.execute(insert(ProgrammeName), new)
        return _name_ids(session, names)
    return found


def forget_unused_names(session: Session) -> None:
    """Delete names that no showing goes by, and that are indexed no more."""
    used = select(Showing.name_id).where(Showing.name_id == ProgrammeName.id)
    session.execute(
        delete(ProgrammeName).where(~used.exists()).execution_options(synchronize_session=False)
    )


class Shown(NamedTuple):
    """The showing of a name that is to be played."""

    channel: Channel
    entry: Entry


def best_showings(
    session: Session, name_ids: Sequence[int], channels: Mapping[int, Channel], now_s: int
) -> dict[int, Shown]:
    """Return of each name the showing under way, else the last that is kept, else the next.

    Args:
        session: the unit of work.
        name_ids: whose; those without any are left out.
        channels: those the asker may see, by id.
        now_s: epoch seconds.
    """
    begun = Showing.start_s <= now_s
    statement = (
        select(
            Showing.name_id,
            Showing.channel_id,
            func.max(Showing.start_s).filter(begun),
            func.max(Showing.stop_s).filter(begun),
            func.min(Showing.start_s).filter(~begun),
        )
        .where(Showing.name_id.in_(name_ids))
        .group_by(Showing.name_id, Showing.channel_id)
    )
    best: dict[int, tuple[tuple[int, int, int], int, int]] = {}
    for row in session.execute(statement):
        channel = channels.get(row.channel_id)
        choice = _choice(channel, now_s, *row[2:]) if channel else None
        if choice is not None:
            best[row.name_id] = min(choice, best.get(row.name_id, choice))
    return _looked_up(session, {name: one[1:] for name, one in best.items()}, channels)


def _choice(
    channel: Channel, now_s: int, last_s: int | None, last_stop_s: int | None, next_s: int | None
) -> tuple[tuple[int, int, int], int, int] | None:
    """Return a channel's showing to play as (order, channel, start), None where it has none.

    The order is that of showings of one name on several channels.
    """
    oldest_s = now_s - window_s(channel.kind, channel.retention_days)
    if last_s is not None and last_stop_s is not None:
        if last_stop_s > now_s:
            return (0, channel.number, 0), channel.id, last_s
        if last_stop_s > oldest_s:
            return (1, -last_s, channel.number), channel.id, last_s
    return ((2, next_s, channel.number), channel.id, next_s) if next_s is not None else None


def _looked_up(
    session: Session, chosen: Mapping[int, tuple[int, int]], channels: Mapping[int, Channel]
) -> dict[int, Shown]:
    """Return showings with what the guide says of them now; those it has no more are left out."""
    if not chosen:
        return {}
    is_chosen = or_(
        *(and_(Showing.channel_id == c, Showing.start_s == s) for c, s in chosen.values())
    )
    statement = (
        select(Showing, Programme).join(Programme, Programme.id == Showing.programme_id)
    ).where(is_chosen, Programme.channel_id == Showing.channel_id)
    found = {}
    for showing, row in session.execute(statement):
        if (row.start_s, row.stop_s) != (showing.start_s, showing.stop_s) and (
            showing.start_s >= row.stop_s or showing.stop_s <= row.start_s
        ):
            continue
        found[showing.name_id] = Shown(
            channels[showing.channel_id],
            Entry(
                id=f"p{row.id}",
                channel_id=row.channel_id,
                start_s=showing.start_s,
                stop_s=showing.stop_s,
                title=row.title,
                sub_title=row.sub_title,
                summary=row.summary,
                category=row.category,
                origin="person" if row.feed_id is None else "feed",
            ),
        )
    return found
