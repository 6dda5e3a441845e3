"""Intent rows: what shall be made of a title. Workers make it true."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles.tables import SourceFile, Title
from core.jobs.service import enqueue
from core.jobs.tables import Job

#: Smaller runs first: what an editor waits for comes before the long encode.
INGEST_PRIORITY = 10
PICTURES_PRIORITY = 20
TRANSCODE_PRIORITY = 50


def want_ingest(session: Session, title: Title, payload: dict[str, str], *, now: datetime) -> Job:
    """Write down that a file shall become the title's source.

    Args:
        session: the unit of work.
        title: whose source it will be.
        payload: `{"upload": id}` or `{"path": absolute path}`; also `poster`, the path of a
            picture, and `publish`, the login of who wants it published when it can be played.
        now: the present instant.
    """
    return enqueue(
        session, "ingest", _subject(title), dict(payload), now=now, priority=INGEST_PRIORITY
    )


def want_transcode(
    session: Session, title: Title, payload: dict[str, str], *, now: datetime
) -> Job:
    """Write down that the title's renditions shall be made from its source.

    Args:
        session: the unit of work.
        title: the title.
        payload: may hold `publish`, see `want_ingest`.
        now: the present instant.
    """
    return enqueue(
        session, "transcode", _subject(title), dict(payload), now=now, priority=TRANSCODE_PRIORITY
    )


def want_pictures(session: Session, title: Title, payload: dict[str, str], *, now: datetime) -> Job:
    """Write down that poster candidates and seek sprites shall be made from the source.

    Args:
        session: the unit of work.
        title: the title.
        payload: may hold `poster`, the path of a picture to be used.
        now: the present instant.
    """
    return enqueue(
        session, "pictures", _subject(title), dict(payload), now=now, priority=PICTURES_PRIORITY
    )


def want_hidden_pictures(session: Session, title: Title, *, now: datetime) -> Job:
    """Write down that a withdrawn title's pictures shall no longer be found where they were."""
    return enqueue(session, "hide_pictures", _subject(title), {}, now=now, priority=INGEST_PRIORITY)


def want_tidy(
    session: Session, title: Title, prefixes: list[str], *, now: datetime, delay_s: float
) -> Job:
    """Write down that files below these blob prefixes are no longer needed after a while."""
    return enqueue(
        session, "tidy", _subject(title), {"prefixes": prefixes}, now=now, delay_s=delay_s
    )


def _subject(title: Title) -> str:
    return f"title:{title.id}"


def twins(session: Session, title: Title) -> list[Title]:
    """Return other titles made from the very same file, oldest first."""
    if title.source_file_id is None:
        return []
    statement = (
        select(Title)
        .where(Title.source_file_id == title.source_file_id, Title.id != title.id)
        .order_by(Title.id)
    )
    return list(session.scalars(statement))


def source_of(session: Session, sha256: str) -> SourceFile | None:
    """Return the source of a content hash, or None when it is new."""
    return session.scalars(select(SourceFile).where(SourceFile.sha256 == sha256)).one_or_none()
