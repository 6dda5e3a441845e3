"""Which of our channels a feed's channel is: by id, then by name; a person has the last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from core.db import is_row_id
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.jobs.service import enqueue
from epg.channels.tables import Channel
from epg.channels.version import touch_epg
from epg.guide.guessing import Named, find_matches
from epg.guide.tables import GuideChannel, Programme
from epg.noting import note_guides

#: A person waits for a channel's programmes: before the feeds on schedule.
MATCH_PRIORITY = 15


def guide_channels(
    session: Session, feed_id: int | None = None, only_unmatched: bool = False
) -> Sequence[GuideChannel]:
    """Return channels as feeds know them, those of a feed together, in the feed's order."""
    statement = select(GuideChannel).options(
        joinedload(GuideChannel.feed), joinedload(GuideChannel.channel)
    )
    if feed_id is not None:
        statement = statement.where(GuideChannel.feed_id == feed_id)
    if only_unmatched:
        statement = statement.where(GuideChannel.channel_id.is_(None))
        statement = statement.where(GuideChannel.matched_by != "none")
    return session.scalars(statement.order_by(GuideChannel.feed_id, GuideChannel.id)).all()


def match(
    session: Session, guide_channel_id: int, channel_id: int | None, *, now: datetime
) -> GuideChannel:
    """Write down a person's word on which of our channels a feed's channel is.

    A job brings its programmes in from the feed's last good file.

    Args:
        session: the unit of work.
        guide_channel_id: the feed's channel.
        channel_id: ours; None says that it is none of ours.
        now: the present instant.

    Raises:
        NotFoundError: there is no such channel.
        ConflictError: a person has given our channel to another of the same feed.
        InvalidInputError: the guide of a loop channel is its play-out.
    """
    theirs = session.get(GuideChannel, guide_channel_id) if is_row_id(guide_channel_id) else None
    if theirs is None:
        raise NotFoundError("没有这个节目单频道。")
    if channel_id is None:
        _assign(session, theirs, None, "none")
        session.flush()
        return theirs
    ours = session.get(Channel, channel_id) if is_row_id(channel_id) else None
    if ours is None:
        raise NotFoundError("没有这个频道。", field="channel")
    if ours.kind == "loop":
        raise InvalidInputError("轮播频道的节目单由编排生成，不能对应节目源。", field="channel")
    _free(session, theirs, ours)
    _assign(session, theirs, ours.id, "person")
    enqueue(
        session,
        "fetch_guide",
        f"feed:{theirs.feed_id}",
        {"guide_channel": theirs.id},
        now=now,
        priority=MATCH_PRIORITY,
        max_attempts=3,
    )
    return theirs


def _free(session: Session, theirs: GuideChannel, ours: Channel) -> None:
    """Take our channel from another of the same feed that was only guessed to be it."""
    statement = select(GuideChannel).where(
        GuideChannel.feed_id == theirs.feed_id,
        GuideChannel.channel_id == ours.id,
        GuideChannel.id != theirs.id,
    )
    for other in session.scalars(statement):
        if other.matched_by == "person":
            raise ConflictError(
                f"{ours.name} 已经人工对应了节目源里的“{title_of(other)}”。", field="channel"
            )
        _assign(session, other, None, "")
    session.flush()


def title_of(theirs: GuideChannel) -> str:
    """Return what a person would call a feed's channel."""
    return str(theirs.names[0]) if theirs.names else theirs.ref


def match_all(session: Session, feed_id: int) -> int:
    """Match what can be matched of a feed without a person; return how many are matched now.

    A person's word stays. A match by name stays for as long as no id says better.
    """
    every = session.scalars(
        select(GuideChannel).where(GuideChannel.feed_id == feed_id).order_by(GuideChannel.id)
    ).all()
    ours = _ours(session)
    known = {our.id for our in ours}
    settled = {
        row.channel_id: row
        for row in every
        if row.channel_id in known and row.matched_by in {"person", "name"}
    }
    open_rows = [row for row in every if row.matched_by != "none" and row not in settled.values()]
    guessed = [row for row in settled.values() if row.matched_by == "name"]
    better = find_matches([_named(row) for row in guessed], ours)
    held = {row.channel_id for row in settled.values() if row.channel_id is not None}
    found = find_matches([_named(row) for row in open_rows], ours, held)
    by_person = {id_ for id_, row in settled.items() if row.matched_by == "person"}
    for row in (*open_rows, *guessed):
        channel_id, how = found.get(row.id) or better.get(row.id) or (None, "")
        if how == "name" and row in guessed:
            continue
        if channel_id is not None and channel_id in by_person:
            channel_id, how = None, ""
        if row not in guessed or how == "id":
            _assign(session, row, channel_id, how)
    session.flush()
    return sum(row.channel_id is not None for row in every)


def _ours(session: Session) -> list[Named]:
    columns = select(Channel.id, Channel.tvg_id, Channel.name, Channel.names)
    return [
        Named(id_, tvg_id, (name, *names))
        for id_, tvg_id, name, names in session.execute(
            columns.where(Channel.kind != "loop").order_by(Channel.id)
        )
    ]


def _named(row: GuideChannel) -> Named:
    return Named(row.id, row.ref, tuple(row.names))


def _assign(session: Session, row: GuideChannel, channel_id: int | None, how: str) -> None:
    """Change a match; what the feed had said of the channel before is forgotten."""
    if (row.channel_id, row.matched_by) == (channel_id, how):
        return
    if row.channel_id is not None and row.channel_id != channel_id:
        told = (Programme.feed_id == row.feed_id) & (Programme.channel_id == row.channel_id)
        session.execute(delete(Programme).where(told).execution_options(synchronize_session=False))
        note_guides(session, [row.channel_id])
        touch_epg(session)
    row.channel_id, row.matched_by = channel_id, how


def targets(session: Session, feed_id: int) -> Mapping[str, Sequence[int]]:
    """Return the ids of our channels that each of a feed's channels speaks of, by its `ref`.

    Several of ours may carry one guide id (the same channel in two qualities): all of them get
    its programmes, unless a person has said which one is meant.
    """
    matched = session.scalars(
        select(GuideChannel)
        .where(GuideChannel.feed_id == feed_id, GuideChannel.channel_id.is_not(None))
        .order_by(GuideChannel.id)
    ).all()
    found = {row.ref: [row.channel_id] for row in matched if row.channel_id is not None}
    held = {row.channel_id for row in matched}
    guessed = {row.ref for row in matched if row.matched_by != "person"}
    sharing = select(Channel.id, Channel.tvg_id).where(Channel.tvg_id != "", Channel.kind != "loop")
    for channel_id, tvg_id in session.execute(sharing.order_by(Channel.id)):
        if tvg_id in guessed and channel_id not in held:
            found[tvg_id].append(channel_id)
    return found


def forget_match(session: Session, guide_channel_id: int, *, now: datetime) -> GuideChannel:
    """Take a person's word on a feed's channel back: id and names decide again.

    Raises:
        NotFoundError: there is no such channel.
    """
    theirs = session.get(GuideChannel, guide_channel_id) if is_row_id(guide_channel_id) else None
    if theirs is None:
        raise NotFoundError("没有这个节目单频道。")
    _assign(session, theirs, None, "")
    match_all(session, theirs.feed_id)
    if theirs.channel_id is not None:
        enqueue(
            session,
            "fetch_guide",
            f"feed:{theirs.feed_id}",
            {"guide_channel": theirs.id},
            now=now,
            priority=MATCH_PRIORITY,
            max_attempts=3,
        )
    return theirs
