"""Feeds: where guides come from, when they are asked again, what went wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.db import changed_rows, is_row_id
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.jobs.service import enqueue
from core.jobs.tables import Job
from county.alerts import close_alert, raise_alert
from epg.channels.version import touch_epg
from epg.guide.tables import GuideChannel, GuideFeed, Programme
from epg.guide.times import zone_named
from epg.noting import note_guides

DEFAULT_ZONE = "Asia/Shanghai"
DEFAULT_EVERY_S = 6 * 3600
SHORTEST_EVERY_S = 60
LONGEST_EVERY_S = 30 * 86400

#: After what viewers wait for, before the encodes.
FETCH_PRIORITY = 40

FAILED = "guide.failed"
SHRUNK = "guide.shrunk"

_FIELDS = frozenset({"name", "url", "zone", "every_s", "enabled"})


def subject(feed_id: int) -> str:
    """Return what jobs and alerts about a feed are about."""
    return f"feed:{feed_id}"


def list_feeds(session: Session) -> Sequence[GuideFeed]:
    """Return all feeds; of two that speak of one channel the first one is believed."""
    return session.scalars(select(GuideFeed).order_by(GuideFeed.id)).all()


def get_feed(session: Session, feed_id: int) -> GuideFeed:
    """Return a feed.

    Raises:
        NotFoundError: there is none.
    """
    feed = session.get(GuideFeed, feed_id) if is_row_id(feed_id) else None
    if feed is None:
        raise NotFoundError("没有这个节目源。")
    return feed


def find_feed(session: Session, name: str) -> GuideFeed | None:
    """Return the feed of a name, or None."""
    return session.scalars(select(GuideFeed).where(GuideFeed.name == name)).one_or_none()


def add_feed(
    session: Session,
    *,
    name: str,
    url: str = "",
    zone: str = DEFAULT_ZONE,
    every_s: int = DEFAULT_EVERY_S,
    now: datetime,
) -> GuideFeed:
    """Add a feed; it is asked for the first time within a minute.

    Args:
        session: the unit of work.
        name: what people call it, unique.
        url: http(s) address; empty for files that are handed in.
        zone: IANA name of the zone of times without one.
        every_s: seconds between two looks.
        now: the present instant.

    Raises:
        InvalidInputError: a field is unusable; `field` names it.
        ConflictError: the name is taken.
    """
    del now  # nothing of the row says when it was made
    feed = GuideFeed(name="", programmes=0, last_error="", etag="", last_modified="")
    _set(session, feed, {"name": name, "url": url, "zone": zone, "every_s": every_s})
    session.add(feed)
    session.flush()
    return feed


def edit_feed(session: Session, feed: GuideFeed, *, now: datetime, **fields: Any) -> None:
    """Change `name`, `url`, `zone`, `every_s` or `enabled` of a feed.

    What was fetched under another address or zone is not asked for "only if newer".

    Raises:
        InvalidInputError: a field is unusable; `field` names it.
        ConflictError: the name is taken.
    """
    unknown = fields.keys() - _FIELDS
    if unknown:
        raise InvalidInputError(f"节目源没有 {min(unknown)} 这一项。", field=min(unknown))
    before = (feed.url, feed.zone)
    _set(session, feed, fields)
    if (feed.url, feed.zone) != before:
        feed.etag = feed.last_modified = ""
        feed.asked_at = None
    if fields.get("enabled") is False:
        for kind in (FAILED, SHRUNK):
            close_alert(session, kind=kind, subject=subject(feed.id), now=now)
    session.flush()


def _set(session: Session, feed: GuideFeed, fields: dict[str, Any]) -> None:
    if "name" in fields:
        feed.name = _name(session, feed, str(fields["name"]))
    if "url" in fields:
        feed.url = checked_url(str(fields["url"]).strip()) if fields["url"] else ""
    if "zone" in fields:
        feed.zone = zone_named(str(fields["zone"])).key
    if "every_s" in fields:
        every_s = int(fields["every_s"])
        if not SHORTEST_EVERY_S <= every_s <= LONGEST_EVERY_S:
            raise InvalidInputError("间隔要在 1 分钟到 30 天之间。", field="every_s")
        feed.every_s = every_s
    if "enabled" in fields:
        feed.enabled = bool(fields["enabled"])


def _name(session: Session, feed: GuideFeed, name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120:
        raise InvalidInputError("节目源的名称要有 1 到 120 个字。", field="name")
    with session.no_autoflush:
        other = find_feed(session, name)
    if other is not None and other.id != feed.id:
        raise ConflictError(f"已有名为“{name}”的节目源。", field="name")
    return name


def checked_url(url: str) -> str:
    """Return an address a guide may be fetched from.

    Raises:
        InvalidInputError: it is not http(s).
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise InvalidInputError("节目源地址要以 http:// 或 https:// 开头。", field="url")
    return url


def delete_feed(session: Session, feed_id: int, *, now: datetime) -> None:
    """Remove a feed with all it has said; corrections by people stay.

    Raises:
        NotFoundError: there is none.
    """
    feed = get_feed(session, feed_id)
    spoken_of = select(Programme.channel_id).where(Programme.feed_id == feed.id).distinct()
    note_guides(session, session.scalars(spoken_of))
    for table in (Programme, GuideChannel):
        statement = delete(table).where(table.feed_id == feed.id)
        session.execute(statement.execution_options(synchronize_session=False))
    for kind in (FAILED, SHRUNK):
        close_alert(session, kind=kind, subject=subject(feed.id), now=now)
    session.delete(feed)
    touch_epg(session)
    session.flush()


def want_fetch(session: Session, feed: GuideFeed, *, now: datetime, force: bool = False) -> Job:
    """Write down that a feed shall be fetched now.

    Args:
        session: the unit of work.
        feed: the feed.
        now: the present instant.
        force: take it even where it is unchanged or has shrunk.

    Raises:
        InvalidInputError: it has no address.
    """
    if not feed.url:
        raise InvalidInputError(f"节目源“{feed.name}”没有地址，只能导入文件。", field="url")
    return enqueue(
        session,
        "fetch_guide",
        subject(feed.id),
        {"force": True} if force else {},
        now=now,
        priority=FETCH_PRIORITY,
        max_attempts=3,
    )


def want_due(session: Session, *, now: datetime) -> int:
    """Write down that each feed whose time has come shall be fetched; return how many.

    Of two workers that look at once one enqueues: the instant is set by a conditional UPDATE.
    """
    with_address = (GuideFeed.enabled.is_(True), GuideFeed.url != "")
    count = 0
    for feed in session.scalars(select(GuideFeed).where(*with_address)):
        before = feed.asked_at
        if before is not None and before + timedelta(seconds=feed.every_s) > now:
            continue
        same = GuideFeed.asked_at.is_(None) if before is None else GuideFeed.asked_at == before
        claim = update(GuideFeed).where(GuideFeed.id == feed.id, same).values(asked_at=now)
        if changed_rows(session, claim) and not _waiting(session, feed.id):
            want_fetch(session, feed, now=now)
            count += 1
    return count


def _waiting(session: Session, feed_id: int) -> bool:
    statement = select(Job.id).where(
        Job.subject == subject(feed_id),
        Job.kind == "fetch_guide",
        Job.state.in_(("queued", "running")),
    )
    return session.scalars(statement.limit(1)).first() is not None


def note_failure(session: Session, feed_id: int, words: str, *, now: datetime) -> None:
    """Write down that a feed gave no guide; yesterday's stays, and somebody is told."""
    feed = get_feed(session, feed_id)
    feed.last_error = words
    told = f"节目源“{feed.name}”更新失败：{words} 原有的节目单保留不变。"
    raise_alert(session, kind=FAILED, subject=subject(feed_id), words=told, now=now)
    session.flush()


def note_success(session: Session, feed_id: int, *, now: datetime) -> None:
    """Write down that a feed is well, whether or not it had anything new."""
    get_feed(session, feed_id).last_error = ""
    close_alert(session, kind=FAILED, subject=subject(feed_id), now=now)


def note_shrinking(session: Session, feed_id: int, words: str, *, now: datetime) -> None:
    """Write down that a feed has lost more than half and is not believed; no words: it has not."""
    if words:
        raise_alert(session, kind=SHRUNK, subject=subject(feed_id), words=words, now=now)
    else:
        close_alert(session, kind=SHRUNK, subject=subject(feed_id), now=now)
