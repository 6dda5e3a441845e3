"""Read the guide: what is on, what was, what comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from epg.channels.tables import Channel
from epg.guide.model import LONGEST_S, Entry, overlay, without_overlaps
from epg.guide.tables import Programme
from epg.playout.reading import loop_entries

#: What a second feed adds beside a first one is shown from this length on: two feeds that differ
#: by a minute would leave a crumb after every programme.
SHORTEST_PIECE_S = 300

#: How far ahead the next programme is looked for.
NEXT_WITHIN_S = 86400

#: A day of titles of twenty seconds is no guide: they are told of by the minute, in blocks whose
#: edges are a title's all the same. What is on now is told to the title.
LOOP_BLOCK_S = 60

#: A loop is without gaps: its next programme is near.
NEXT_OF_LOOP_S = 6 * 3600


def entries(
    session: Session, channel_ids: Sequence[int], from_s: int, to_s: int
) -> dict[int, list[Entry]]:
    """Return the programmes that overlap `[from_s, to_s)`, in order and without overlaps.

    A person's rows stand before the feeds', the first feed's before the second's; a loop
    channel's come from its play-out.

    Args:
        session: the unit of work.
        channel_ids: whose; each has a list in the answer.
        from_s: epoch seconds.
        to_s: likewise, exclusive.
    """
    found: dict[int, list[Entry]] = {channel_id: [] for channel_id in channel_ids}
    loops = _loops(session, found)
    layers = _layers(session, [id_ for id_ in found if id_ not in loops], from_s, to_s)
    for channel_id, by_feed in layers.items():
        found[channel_id] = [
            entry for entry in _laid(by_feed) if entry.start_s < to_s and entry.stop_s > from_s
        ]
    for channel_id in loops:
        found[channel_id] = _of_loop(session, channel_id, from_s, to_s, at_least_s=LOOP_BLOCK_S)
    return found


def _loops(session: Session, channel_ids: Iterable[int]) -> list[int]:
    statement = select(Channel.id).where(Channel.kind == "loop", Channel.id.in_(list(channel_ids)))
    return list(session.scalars(statement))


def _layers(
    session: Session, channel_ids: Sequence[int], from_s: int, to_s: int
) -> Mapping[int, Mapping[int, list[Entry]]]:
    """Return programmes by channel and feed (0: a person's)."""
    found: dict[int, dict[int, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    if not channel_ids or from_s >= to_s:
        return found
    statement = (
        select(
            Programme.channel_id,
            Programme.feed_id,
            Programme.id,
            Programme.start_s,
            Programme.stop_s,
            Programme.title,
            Programme.sub_title,
            Programme.summary,
            Programme.category,
            Programme.facts,
        )
        .where(
            Programme.channel_id.in_(channel_ids),
            # The index is on the start: nothing longer than this exists.
            Programme.start_s > from_s - LONGEST_S,
            Programme.start_s < to_s,
            Programme.stop_s > from_s,
        )
        .order_by(Programme.channel_id, Programme.start_s, Programme.id)
    )
    for row in session.execute(statement):
        channel_id, feed_id, row_id, start_s, stop_s, title, sub_title, summary, category, facts = (
            row
        )
        entry = Entry(
            id=f"p{row_id}",
            channel_id=channel_id,
            start_s=start_s,
            stop_s=stop_s,
            title=title,
            sub_title=sub_title,
            summary=summary,
            category=category,
            origin="person" if feed_id is None else "feed",
            facts=facts,
        )
        found[channel_id][feed_id or 0].append(entry)
    return found


def _laid(by_feed: Mapping[int, list[Entry]]) -> list[Entry]:
    """Lay the feeds of a channel over each other, the first on top, and people's rows over all."""
    shown: list[Entry] = []
    for feed_id in sorted(by_feed, key=lambda id_: id_ or float("inf")):
        layer = without_overlaps(by_feed[feed_id])
        if feed_id:
            shown = overlay(shown, layer, shortest_s=SHORTEST_PIECE_S)
        else:
            shown = overlay(layer, shown)
    return shown


def _of_loop(
    session: Session, channel_id: int, from_s: int, to_s: int, *, at_least_s: int = 0
) -> list[Entry]:
    """Return a loop channel's programmes, to the nearest second of its play-out."""
    found = []
    for item in loop_entries(session, channel_id, from_s, to_s, at_least_s=at_least_s):
        start_s, stop_s = (item.start_ms + 500) // 1000, (item.stop_ms + 500) // 1000
        if start_s < stop_s and start_s < to_s and stop_s > from_s:
            id_ = f"l{channel_id}-{item.number}"
            found.append(Entry(id_, channel_id, start_s, stop_s, item.title, origin="loop"))
    return found


def now_next(
    session: Session, channel_ids: Sequence[int], now_s: int
) -> dict[int, tuple[Entry | None, Entry | None]]:
    """Return what runs on each channel and what comes next, None where the guide does not say.

    Args:
        session: the unit of work.
        channel_ids: whose.
        now_s: epoch seconds.
    """
    loops = _loops(session, channel_ids)
    others = [channel_id for channel_id in channel_ids if channel_id not in set(loops)]
    known = entries(session, others, now_s, now_s + NEXT_WITHIN_S)
    for channel_id in loops:
        known[channel_id] = _of_loop(session, channel_id, now_s, now_s + NEXT_OF_LOOP_S)
    found: dict[int, tuple[Entry | None, Entry | None]] = {}
    for channel_id in channel_ids:
        shown = known[channel_id]
        running = shown[0] if shown and shown[0].start_s <= now_s else None
        following = shown[1:2] if running else shown[:1]
        found[channel_id] = (running, following[0] if following else None)
    return found
