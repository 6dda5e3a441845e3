"""`fetch_guide`: a feed's guide is fetched when it is newer, and brought in; and its chores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core.db import session_scope
from core.errors import InvalidInputError, JobError, NotFoundError
from core.jobs.runner import Handler, JobContext
from epg.guide import feeds
from epg.guide.fetching import Fetched, FetchError, fetch_guide
from epg.guide.files import GuideFiles
from epg.guide.forgetting import forget_old
from epg.guide.importing import import_xmltv
from epg.guide.tables import GuideChannel
from vod_server.bootstrap import House

#: Share of the progress bar that the download takes.
FETCH_SHARE = 0.4

#: Old programmes are looked for so often; a guide is no less right for an hour of them.
FORGET_EVERY_S = 3600

#: A file that nobody has written to for so long belongs to a process that is dead.
STALE_FILE_S = 6 * 3600


def guide_files(house: House) -> GuideFiles:
    """Return the files of an installation's feeds."""
    return GuideFiles(house.settings.path("guide"))


def make_fetch_guide(house: House) -> Handler:
    """Return the handler; its subject is `feed:<id>`.

    Payload: `{"force": true}` takes a guide that is unchanged or has shrunk; `{"guide_channel":
    id}` brings in one channel from the last good file, because a person has just matched it;
    `{"again": true}` brings all of that file in again, because channels have come.
    """

    def run(context: JobContext) -> None:
        try:
            if "guide_channel" in context.payload:
                _bring_in_matched(house, context)
            elif "again" in context.payload:
                _bring_in_again(house, context)
            else:
                _fetch(house, context)
        except FetchError as error:
            # The line may be back in a minute; the queue tries again, then the schedule does.
            raise JobError(error.message, permanent=False, field=error.field) from error
        except NotFoundError as error:
            raise JobError("节目源已被删除。", permanent=True) from error

    return run


def _feed_id(context: JobContext) -> int:
    return int(context.subject.removeprefix("feed:"))


def _fetch(house: House, context: JobContext) -> None:
    feed_id, files = _feed_id(context), guide_files(house)
    force = bool(context.payload.get("force"))
    with context.scope() as session:
        feed = feeds.get_feed(session, feed_id)
        if not feed.url:
            raise JobError("节目源没有地址。", permanent=True, field="url")
        feed.asked_at = house.clock.now()
    known = not force and files.last(feed_id).exists()

    def on_read(count: int, total: int) -> None:
        context.check()
        context.progress(FETCH_SHARE * count / total if total else 0.0, message="正在下载节目单")

    with files.incoming() as path:
        try:
            fetched = fetch_guide(
                feed.url,
                path,
                etag=feed.etag if known else "",
                last_modified=feed.last_modified if known else "",
                on_read=on_read,
            )
        except InvalidInputError as error:
            with context.scope() as session:
                feeds.note_failure(session, feed_id, error.message, now=house.clock.now())
            raise
        if fetched is None:
            with context.scope() as session:
                feeds.note_success(session, feed_id, now=house.clock.now())
            return
        _bring_in(house, context, path, fetched, force=force)


def _bring_in(
    house: House, context: JobContext, path: Path, fetched: Fetched, *, force: bool
) -> None:
    feed_id = _feed_id(context)
    with path.open("rb") as stream:
        report = import_xmltv(
            house.sessions,
            feed_id,
            stream,
            clock=house.clock,
            force=force,
            size_bytes=path.stat().st_size,
            on_progress=_teller(context, FETCH_SHARE),
            folder=path.parent,
        )
    if not report.taken:
        raise JobError(report.words, permanent=True)
    with context.scope() as session:
        # Only now: a worker that died before asks for the whole guide again.
        feed = feeds.get_feed(session, feed_id)
        feed.etag, feed.last_modified = fetched
        guide_files(house).keep(feed_id, path)


def _bring_in_again(house: House, context: JobContext) -> None:
    path = guide_files(house).last(_feed_id(context))
    if path.exists():  # else the next fetch brings everything
        _import_last(house, context, path)


def _bring_in_matched(house: House, context: JobContext) -> None:
    feed_id = _feed_id(context)
    path = guide_files(house).last(feed_id)
    with context.scope() as session:
        row = session.get(GuideChannel, int(context.payload["guide_channel"]))
        ref = row.ref if row is not None and row.feed_id == feed_id else None
    if ref is None or not path.exists():
        # Gone meanwhile, or never fetched: the next fetch brings everything.
        return
    _import_last(house, context, path, only=ref)


def _import_last(house: House, context: JobContext, path: Path, *, only: str | None = None) -> None:
    with path.open("rb") as stream:
        import_xmltv(
            house.sessions,
            _feed_id(context),
            stream,
            clock=house.clock,
            only=only,
            size_bytes=path.stat().st_size,
            on_progress=_teller(context, 0.0),
            folder=path.parent,
        )


def _teller(context: JobContext, start: float) -> Callable[[float], None]:
    def tell(fraction: float) -> None:
        context.check()
        context.progress(start + (1 - start) * fraction, message="正在导入节目单")

    return tell


def make_guide_chores(house: House) -> Sequence[Callable[[], object]]:
    """Return the guide's chores: ask for feeds that are due, forget what is past."""
    forgotten_at = 0.0

    def want_due() -> None:
        """Enqueue the feeds whose time has come."""
        with session_scope(house.sessions) as session:
            count = feeds.want_due(session, now=house.clock.now())
        if count:
            house.waker.wake(count)

    def forget() -> None:
        """Delete programmes whose recording is over, and files of feeds that are gone."""
        nonlocal forgotten_at
        now = house.clock.now()
        if now.timestamp() - forgotten_at < FORGET_EVERY_S:
            return
        forgotten_at = now.timestamp()
        with session_scope(house.sessions) as session:
            forget_old(session, now)
            feed_ids = {feed.id for feed in feeds.list_feeds(session)}
        guide_files(house).prune(feed_ids, older_than=now.timestamp() - STALE_FILE_S)

    return (want_due, forget)
