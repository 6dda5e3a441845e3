"""Import a guide: read whole, judged, then written, some channels a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import Clock
from core.db import SessionFactory, read_scope, session_scope
from core.errors import InvalidInputError, TooLargeError
from epg.channels.version import touch_epg
from epg.guide import feeds
from epg.guide.matching import targets, title_of
from epg.guide.registering import CreateChannel, FeedRead, register_channels
from epg.guide.report import ImportReport
from epg.guide.schedule import close_rows, spans
from epg.guide.spool import Spool
from epg.guide.storing import Goal, Stored, batches, store
from epg.guide.tables import GuideChannel, GuideFeed
from epg.guide.unpacking import GuideFile
from epg.guide.xmltv import FeedChannel, read_guide

#: Share of the work that reading the file is.
READ_SHARE = 0.6


def import_xmltv(
    sessions: SessionFactory,
    feed_id: int,
    stream: BinaryIO,
    *,
    clock: Clock,
    create: CreateChannel | None = None,
    force: bool = False,
    only: str | None = None,
    size_bytes: int = 0,
    on_progress: Callable[[float], None] | None = None,
    folder: Path | None = None,
) -> ImportReport:
    """Bring a guide in.

    The whole file is read before anything is changed: one that is broken off, or has lost more
    than half against the last one taken, leaves yesterday's guide in place and raises an alert.

    Args:
        sessions: maker of sessions; no transaction is open while the file is read.
        feed_id: whose guide it is.
        stream: XMLTV, plain, gz or xz.
        clock: the time.
        create: makes channels of those that are none of ours; None leaves them unmatched.
        force: take a guide that has shrunk.
        only: `channel@id` of the only channel to be written (a person has just matched it); the
            feed itself is not judged by it.
        size_bytes: of the stream, for the progress.
        on_progress: told the fraction done; what it raises stops the import.
        folder: for the temporary file; the system's when None.

    Raises:
        InvalidInputError: it is no XMLTV, or broken; nothing was changed, an alert is raised.
        TooLargeError: it is over a limit; likewise.
        NotFoundError: there is no such feed.
    """
    tell = on_progress or (lambda fraction: None)
    with read_scope(sessions) as session:
        feed = feeds.get_feed(session, feed_id)
    with Spool(folder) as spool:
        read = FeedRead(ImportReport(feed_id), spool)
        try:
            _read(read, stream, feed.zone, only, size_bytes, tell)
        except (InvalidInputError, TooLargeError) as error:
            with session_scope(sessions) as session:
                feeds.note_failure(session, feed_id, error.message, now=clock.now())
            raise
        if only is not None:
            with read_scope(sessions) as session:
                channel_ids = targets(session, feed_id).get(only, ())
            _store(sessions, read, {only: channel_ids}, force=True, tell=tell)
        elif force or not _has_shrunk(sessions, feed, read.report, clock.now()):
            with session_scope(sessions) as session:
                goals = register_channels(session, read, create, clock.now())
            _store(sessions, read, goals, force=force, tell=tell)
            with session_scope(sessions) as session:
                _conclude(session, read.report, clock.now())
        return read.report


def _has_shrunk(
    sessions: SessionFactory, feed: GuideFeed, report: ImportReport, now: datetime
) -> bool:
    """Say whether a feed has lost more than half since it was last taken; if so, tell of it."""
    if 2 * report.programmes >= feed.programmes:
        return False
    report.words = (
        f"节目源“{feed.name}”这次只有 {report.programmes} 个节目，"
        f"上次有 {feed.programmes} 个，少了一半以上；原有的节目单保留不变。"
    )
    with session_scope(sessions) as session:
        feeds.note_shrinking(session, feed.id, report.words, now=now)
    return True


def _read(
    read: FeedRead,
    stream: BinaryIO,
    zone: str,
    only: str | None,
    size_bytes: int,
    tell: Callable[[float], None],
) -> None:
    def on_read(count: int) -> None:
        tell(READ_SHARE * min(count / size_bytes, 1.0) if size_bytes else 0.0)

    file = GuideFile(stream, on_read=on_read)
    items = read_guide(file, zone=zone)
    read.spool.fill(items, on_channel=read.note_channel, on_junk=read.report.note_junk, only=only)
    read.spool.close()
    for ref in read.spool.counts:
        read.channels.setdefault(ref, FeedChannel(ref, (), ""))
    read.report.channels = len(read.channels)
    read.report.programmes = sum(read.spool.counts.values())
    if only is None and not read.channels:
        raise InvalidInputError("文件里既没有频道也没有节目。")


def _store(
    sessions: SessionFactory,
    read: FeedRead,
    goals: Mapping[str, Sequence[int]],
    *,
    force: bool,
    tell: Callable[[float], None],
) -> None:
    stretches, report, done = spans(read.spool.days), read.report, 0
    with sessions() as session:
        engine = session.get_bind().engine
    try:
        with engine.connect() as connection:
            for batch in batches(_closed(read, goals)):
                with connection.begin():
                    stored = store(connection, report.feed_id, batch, stretches, force=force)
                for goal, what in zip(batch, stored, strict=True):
                    _count(report, goal.ref, what)
                done += len({goal.ref for goal in batch})
                tell(READ_SHARE + (1 - READ_SHARE) * min(done / len(goals), 1.0))
    finally:
        # Raised whatever happened: what was written of some channels is to be seen.
        with session_scope(sessions) as session:
            touch_epg(session)
    report.taken = True
    tell(1.0)


def _closed(read: FeedRead, goals: Mapping[str, Sequence[int]]) -> Iterator[Goal]:
    """Yield what is to be written, a channel's programmes put right."""
    for ref, channel_ids in goals.items():
        closed = close_rows(read.spool.rows(ref))
        read.report.doubles += closed.doubles
        read.report.mended += closed.mended
        for channel_id in channel_ids:
            yield Goal(ref, channel_id, closed.rows)


def _count(report: ImportReport, ref: str, stored: Stored) -> None:
    report.added += stored.added
    report.removed += stored.removed
    report.unchanged += stored.kept
    if stored.shrunk:
        report.shrunk.append(ref)


def _conclude(session: Session, report: ImportReport, now: datetime) -> None:
    """Write down what was taken; channels that have lost too much are told of by name."""
    feed = feeds.get_feed(session, report.feed_id)
    feed.taken_at, feed.programmes = now, report.programmes
    feeds.note_success(session, feed.id, now=now)
    if report.shrunk:
        rows = session.scalars(
            select(GuideChannel).where(
                GuideChannel.feed_id == feed.id, GuideChannel.ref.in_(report.shrunk[:20])
            )
        )
        report.shrunk = [title_of(row) for row in rows]
        names = "、".join(report.shrunk)
        report.words = (
            f"节目源“{feed.name}”里 {names} 的节目少了一半以上，这些频道保留原有的节目单。"
        )
    feeds.note_shrinking(session, feed.id, report.words, now=now)
