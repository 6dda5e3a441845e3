"""Verbs on loop channels: make the play-out follow what is wanted, fill a loop, forget the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from catalog.titles.renditions import Measured
from catalog.titles.tables import Category, Rendition, Title
from core.errors import InvalidInputError
from epg.channels.service import set_loop
from epg.channels.tables import Channel, LoopItem, Playout, RecordingPin
from epg.channels.version import touch_epg
from epg.playout.choosing import played_rendition
from epg.playout.model import Item, item_of
from epg.playout.planning import CUT_LEAD_MS, plan_change
from epg.playout.rows import (
    milliseconds,
    playout_rows,
    row_of,
    schedule_of,
    shown_on,
    shown_titles,
)

DAY_MS = 86_400_000


def refresh_playout(session: Session, channel: Channel, *, now: datetime) -> bool:
    """Add a play-out row when what shall play differs from what will.

    The row begins at the end of an item, at least a minute from now; already at the end of a
    segment, some seconds from now, where else something would play that may not be seen. A row
    that has not begun is replaced. When nothing shall play, a row without items ends the timeline.

    Returns:
        Whether the rows have changed.
    """
    # Two workers at once: the second one waits here and then finds nothing to do.
    session.execute(select(Channel.id).where(Channel.id == channel.id).with_for_update())
    now_ms = milliseconds(now)
    rows = playout_rows(session, channel.id)
    ahead = [row for row in rows if row.start_ms > now_ms + CUT_LEAD_MS]
    begun = schedule_of(rows[-len(ahead) - 1]) if len(rows) > len(ahead) else None
    change = plan_change(
        begun,
        schedule_of(ahead[0]) if ahead else None,
        wanted_items(session, channel, now=now),
        hidden=_hidden(session, channel, begun.items if begun else (), now=now),
        now_ms=now_ms,
    )
    if change is None:
        return False
    for row in ahead:
        session.delete(row)
    session.flush()  # the new row may start at the same instant
    if change.add is not None:
        session.add(row_of(channel.id, change.add))
    touch_epg(session)
    session.flush()
    return True


def wanted_items(session: Session, channel: Channel, *, now: datetime) -> tuple[Item, ...]:
    """Return what shall play: the loop's titles that can and may be shown, in their order.

    Left out is what is not published, expired, meant for fewer people than the channel's viewers,
    or has no rendition that fits the channel.
    """
    order = session.scalars(
        select(LoopItem.title_id)
        .where(LoopItem.channel_id == channel.id)
        .order_by(LoopItem.position)
    ).all()
    names = shown_titles(session, channel.id, order, now=now)
    items = {}
    for (title_id, gen), renditions in _ready(session, names).items():
        chosen = played_rendition(renditions, radio=channel.radio)
        item = item_of(title_id, names[title_id], gen, chosen) if chosen else None
        # A segment of no length could not be found by its instant.
        if item and min(item.durations_ms) > 0:
            items[title_id] = item
    return tuple(items[title_id] for title_id in order if title_id in items)


def _ready(
    session: Session, title_ids: Sequence[int] | dict[int, str]
) -> dict[tuple[int, str], list[Measured]]:
    """Return the finished renditions of current generations by (title id, generation)."""
    statement = (
        select(Rendition)
        .join(Title, (Title.id == Rendition.title_id) & (Title.media_gen == Rendition.gen))
        .where(Rendition.state == "ready", Title.id.in_(list(title_ids)))
        .options(undefer(Rendition.measured))
    )
    found: dict[tuple[int, str], list[Measured]] = {}
    for row in session.scalars(statement):
        if row.measured:
            key = row.title_id, row.gen
            found.setdefault(key, []).append(Measured.from_json(row.measured))
    return found


def _hidden(
    session: Session, channel: Channel, items: Sequence[Item], *, now: datetime
) -> frozenset[int]:
    ids = {item.title_id for item in items}
    return frozenset(ids - shown_titles(session, channel.id, ids, now=now).keys())


def suggest_titles(
    session: Session, channel: Channel, category: str, *, now: datetime
) -> Sequence[Title]:
    """Return what a category offers a loop channel: its titles that viewers may see, in order.

    Series come first, each in the order of its episodes, then single titles, oldest first.

    Args:
        session: the unit of work.
        channel: whose viewers they must be for.
        category: slug of the category.
        now: the present instant.

    Raises:
        InvalidInputError: there is no such category.
    """
    found = session.scalars(select(Category).where(Category.slug == category)).one_or_none()
    if found is None:
        raise InvalidInputError(f"没有“{category}”这个栏目。", field="category")
    statement = (
        select(Title)
        .where(Title.category_id == found.id, *shown_on(session, channel.id, now=now))
        .order_by(
            Title.series_id.nulls_last(), Title.episode.nulls_last(), Title.published_at, Title.id
        )
    )
    return session.scalars(statement).all()


def fill_loop(session: Session, channel: Channel, category: str, *, now: datetime) -> int:
    """Add a category's titles to the end of a loop, those that are not in it yet.

    The play-out follows by `refresh_playout`.

    Returns:
        How many were added.

    Raises:
        InvalidInputError: there is no such category, or the channel is no loop channel.
    """
    if channel.kind != "loop":
        raise InvalidInputError("只有轮播频道才能编排节目。", field="kind")
    known = [item.title_id for item in channel.loop]
    offered = suggest_titles(session, channel, category, now=now)
    new = [title.id for title in offered if title.id not in known]
    if new:
        set_loop(session, channel, [*known, *new], now=now)
    return len(new)


def forget_playout(session: Session, channel: Channel, *, now: datetime) -> int:
    """Delete the oldest rows that neither retention nor a pinned recording needs any more.

    Rows go from the oldest on, never from between, as a row is valid until the next one; the last
    one always stays, for its numbers go on.

    Returns:
        How many went.
    """
    rows = playout_rows(session, channel.id)
    oldest_ms = kept_from_ms(session, channel, now=now)
    gone = 0
    for row, following in pairwise(rows):
        if following.start_ms > oldest_ms:
            break
        session.delete(row)
        gone += 1
    session.flush()
    return gone


def kept_from_ms(session: Session, channel: Channel, *, now: datetime) -> int:
    """Return the oldest instant that retention or a pinned recording of a channel reaches."""
    pinned = session.scalars(
        select(RecordingPin.start_ms).where(RecordingPin.channel_id == channel.id)
    )
    # A day at least: what was listed shall not change under who is watching.
    retained_ms = milliseconds(now) - max(1, channel.retention_days) * DAY_MS
    return min([retained_ms, *map(int, pinned)])


def listed_media(session: Session, title_id: int) -> frozenset[str]:
    """Return the blob prefixes `vod/<title>/<gen>` of a title that any play-out still lists."""
    wanted = f"vod/{title_id}/"
    return frozenset(
        value["prefix"].rstrip("/").rpartition("/")[0]
        for items in session.scalars(select(Playout.items))
        for value in items
        if value["prefix"].startswith(wanted)
    )
