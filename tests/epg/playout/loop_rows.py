"""Loops for the tests of the play-out: titles of given lengths, rows without a worker."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.titles.renditions import Measured, Segment
from catalog.titles.tables import Title
from epg.channels.tables import Channel, LoopItem
from epg.channels.version import touch_epg
from epg.playout.model import Item
from tests.factories import make_channel, make_title

_numbers = itertools.count(1)


def item(*durations_ms: int, title_id: int | None = None) -> Item:
    """Return an item of segments of these lengths, of a title of its own unless told otherwise."""
    title_id = title_id or next(_numbers)
    return Item(
        title_id=title_id,
        title=f"节目{title_id}",
        prefix=f"vod/{title_id}/abc/480p/",
        names=tuple(f"s{n:05}.ts" for n in range(len(durations_ms))),
        durations_ms=durations_ms,
        sizes=tuple(range(1000, 1000 + len(durations_ms))),
    )


def measured(*durations_s: float, name: str = "480p", bandwidth_bps: int = 1_400_000) -> Measured:
    """Return a rendition of segments of these lengths, in seconds."""
    return Measured(
        name=name,
        mode="encode",
        width=854,
        height=480,
        frame_rate=25.0,
        codecs="avc1.4d401f,mp4a.40.2",
        bandwidth_bps=bandwidth_bps,
        average_bandwidth_bps=bandwidth_bps,
        segments=tuple(
            Segment(f"s{n:05}.ts", duration_s, 1000 + n) for n, duration_s in enumerate(durations_s)
        ),
    )


def published(session: Session, *durations_s: float, **fields: object) -> Title:
    """Add a published title with one rendition of segments of these lengths."""
    made = (measured(*durations_s),)
    return make_title(session, state="published", renditions=made, **fields)  # type: ignore[arg-type]


def loop_channel(session: Session, titles: Sequence[Title] = (), **fields: object) -> Channel:
    """Add a loop channel of these titles."""
    channel = make_channel(session, kind="loop", **fields)  # type: ignore[arg-type]
    set_titles(session, channel, titles)
    return channel


def set_titles(session: Session, channel: Channel, titles: Sequence[Title]) -> None:
    """Make these the titles of a loop, in this order."""
    channel.loop.clear()
    session.flush()
    channel.loop += [LoopItem(position=n, title_id=title.id) for n, title in enumerate(titles)]
    touch_epg(session)
    session.flush()


def ms(instant: datetime) -> int:
    """Return an instant as epoch milliseconds."""
    return round(instant.timestamp() * 1000)
