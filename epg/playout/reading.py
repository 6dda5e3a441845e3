"""What a loop channel plays, as readers ask for it: its timeline and its guide."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, date, datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from catalog.titles.reading import COUNTY_ZONE
from catalog.titles.tables import CatalogVersion
from epg.channels.tables import Channel, EpgVersion, RecordingPin
from epg.playout.blocks import Block, blocks
from epg.playout.model import Schedule
from epg.playout.rows import playout_rows, schedule_of, shown_titles
from epg.playout.timeline import PlayoutTimeline
from epg.timeline.model import Timeline

DAY_MS = 86_400_000
#: Listed whatever the retention: what a live window or a pause may reach back.
LEAST_KEPT_MS = 3_600_000
#: Channels whose rows are kept in memory, per database.
MAX_CHANNELS = 500


@dataclasses.dataclass(frozen=True, slots=True)
class LoopEntry:
    """A programme of a loop channel.

    Args:
        start_ms: epoch milliseconds, exactly the start of its first segment.
        stop_ms: exactly the end of its last one.
        title: the title's name; of a block the first one's, and how many there are.
        title_id: the title, of a block the first one.
        number: the same for ever and the channel's own, as it counts what was ever on air.
        count: how many titles it holds; more than 1 only where short ones were asked to be joined.
    """

    start_ms: int
    stop_ms: int
    title: str
    title_id: int
    number: int
    count: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """A channel's rows and what of them may be seen, as read at a version."""

    version: tuple[int, int, date]
    schedules: tuple[Schedule, ...]
    names: dict[int, str]
    hidden: frozenset[int]
    pins: tuple[tuple[int, int], ...]


#: Per database (a process may have several, as tests do): channel id → what was read.
_caches: WeakKeyDictionary[Engine, dict[int, _Known]] = WeakKeyDictionary()
_lock = threading.Lock()
_VERSIONS = select(
    select(CatalogVersion.version).scalar_subquery(), select(EpgVersion.version).scalar_subquery()
)


def loop_timeline(session: Session, channel: Channel, *, now_ms: int) -> Timeline:
    """Return a loop channel's timeline up to an instant.

    Titles that were withdrawn, or may not be seen by the channel's viewers for another reason, are
    left out from the moment the catalogue says so, in the past too. Rows and names are kept in
    memory as long as neither the catalogue's version nor the channels' moves.

    Args:
        session: reads only.
        channel: of kind `loop`.
        now_ms: the present, epoch milliseconds: segments that have ended by then are listed.
    """
    known = _known(session, channel.id, now_ms)
    kept_ms = max(channel.retention_days * DAY_MS, LEAST_KEPT_MS)
    return PlayoutTimeline(
        known.schedules,
        now_ms,
        not_before_ms=now_ms - kept_ms,
        hidden=known.hidden,
        kept=known.pins,
    )


def loop_entries(
    session: Session,
    channel_id: int,
    from_s: int,
    to_s: int,
    *,
    now_ms: int | None = None,
    at_least_s: int = 0,
) -> list[LoopEntry]:
    """Return a loop channel's programmes that overlap `[from_s, to_s)`, past and to come.

    What is to come is what plays if nothing is changed until then.

    Args:
        session: reads only.
        channel_id: the channel; without any play-out the list is empty.
        from_s: epoch seconds.
        to_s: likewise.
        now_ms: the present instant, the machine's when None; only its day matters, as titles
            expire with a day.
        at_least_s: titles that follow each other are joined to blocks at least so long: for
            guides, where a programme of twenty seconds is of no use. 0 joins nothing.
    """
    known = _known(session, channel_id, now_ms)
    found = blocks(
        known.schedules, from_s * 1000, to_s * 1000, at_least_ms=round(at_least_s * 1000)
    )
    entries = (_entry(block, known) for block in found)
    return [entry for entry in entries if entry is not None]


def _entry(block: Block, known: _Known) -> LoopEntry | None:
    ids = dict.fromkeys(i.title_id for i in block.items if i.title_id not in known.hidden)
    if not ids:
        return None
    first = next(iter(ids))
    name = known.names[first]
    return LoopEntry(
        start_ms=block.start_ms,
        stop_ms=block.stop_ms,
        title=name if len(ids) == 1 else f"{name} 等{len(ids)}个节目",
        title_id=first,
        number=block.number,
        count=len(ids),
    )


def _known(session: Session, channel_id: int, now_ms: int | None) -> _Known:
    """Return what is known of a channel, read again when a version or the day has moved on."""
    # With the clock: a title may expire with the day.
    now = datetime.now(UTC) if now_ms is None else datetime.fromtimestamp(now_ms / 1000, UTC)
    # The versions first: what is read after them may be newer, never older, and is read again.
    versions = session.execute(_VERSIONS).one()
    version = (versions[0] or 0, versions[1] or 0, now.astimezone(COUNTY_ZONE).date())
    cache = _cache_of(session)
    known = cache.get(channel_id)
    if known is None or known.version != version:
        known = _read(session, channel_id, version, now)
        if len(cache) >= MAX_CHANNELS:
            cache.clear()
        cache[channel_id] = known
    return known


def _read(
    session: Session, channel_id: int, version: tuple[int, int, date], now: datetime
) -> _Known:
    schedules = tuple(schedule_of(row) for row in playout_rows(session, channel_id))
    ids = {item.title_id for schedule in schedules for item in schedule.items}
    names = shown_titles(session, channel_id, ids, now=now) if ids else {}
    pins = select(RecordingPin.start_ms, RecordingPin.stop_ms).where(
        RecordingPin.channel_id == channel_id
    )
    return _Known(
        version=version,
        schedules=schedules,
        names=names,
        hidden=frozenset(ids - names.keys()),
        pins=tuple((start_ms, stop_ms) for start_ms, stop_ms in session.execute(pins)),
    )


def _cache_of(session: Session) -> dict[int, _Known]:
    """Return the database's cache; an empty one to whoever may write.

    What a writer reads may be rolled back, and its version be given to something else.
    """
    connection = session.connection()
    if not connection.get_execution_options().get("read_only", False):
        return {}
    with _lock:
        return _caches.setdefault(connection.engine, {})
