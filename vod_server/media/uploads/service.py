"""Verbs on uploads: create, find, settle, complete, cancel, list, expire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.db import changed_rows, expect_one_row
from core.errors import GoneError, NotFoundError
from vod_server.media.uploads.model import (
    CANCELLABLE,
    KEEPS_FILE,
    WHOLE,
    UploadLimits,
    UploadMetadata,
)
from vod_server.media.uploads.store import UploadStore
from vod_server.media.uploads.tables import Upload

#: Called once for an upload, in the transaction that marks it complete.
OnComplete = Callable[[Session, Upload], None]

#: Part files without a row that wants them are strays after so long.
STRAY_AGE_S = 3600.0


def create_upload(
    session: Session,
    store: UploadStore,
    *,
    owner_id: int,
    length_bytes: int,
    metadata: UploadMetadata,
    limits: UploadLimits,
    now: datetime,
) -> Upload:
    """Write the row of a new upload.

    Args:
        session: the unit of work.
        store: where its part file will be.
        owner_id: the person who sends it.
        length_bytes: size of the file, 1 or more (see `model.parse_length`).
        metadata: what the client said of it.
        limits: how long it is kept.
        now: the present instant.

    Raises:
        StorageFullError: the disk has no room for it and for what open uploads still have to send.
    """
    store.check_room(length_bytes + _promised_bytes(session, store))
    upload = Upload(
        owner_id=owner_id,
        file_name=metadata.file_name,
        length_bytes=length_bytes,
        created_at=now,
        expires_at=now + timedelta(seconds=limits.ttl_s),
        metadata_header=metadata.header,
        fingerprint=metadata.fingerprint,
    )
    session.add(upload)
    session.flush()
    return upload


def _promised_bytes(session: Session, store: UploadStore) -> int:
    """Return how many bytes the open uploads still have to send."""
    rows = session.execute(select(Upload.id, Upload.length_bytes).where(_receiving()))
    return sum(length - store.offset_bytes(upload_id) for upload_id, length in rows)


def find_upload(session: Session, upload_id: str, *, owner_id: int, now: datetime) -> Upload:
    """Return an upload of its owner.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
        GoneError: it was cancelled or has expired.
    """
    upload = session.get(Upload, upload_id)
    if upload is None or upload.owner_id != owner_id:
        raise NotFoundError("没有这个上传。")
    if upload.state == "cancelled":
        raise GoneError(upload.error or "上传已取消。")
    if upload.state == "receiving" and upload.expires_at <= now:
        raise GoneError("上传已过期，请重新上传。")
    return upload


def offset_bytes(store: UploadStore, upload: Upload) -> int:
    """Return how many bytes of an upload have come; its file may have moved on already."""
    return upload.length_bytes if upload.state in WHOLE else store.offset_bytes(upload.id)


def settle(
    session: Session,
    store: UploadStore,
    upload_id: str,
    *,
    limits: UploadLimits,
    now: datetime,
    on_complete: OnComplete,
) -> Upload:
    """Record that a chunk has come: move the expiry on, and complete the upload if it is whole.

    Raises:
        GoneError: it was cancelled in the meantime; its part file is removed.
    """
    moved = _move(
        session, upload_id, _receiving(), expires_at=now + timedelta(seconds=limits.ttl_s)
    )
    upload = session.get_one(Upload, upload_id, populate_existing=True)
    if upload.state == "cancelled":
        store.remove(upload_id)
        raise GoneError(upload.error or "上传已取消。")
    if moved and store.is_whole(upload_id, upload.length_bytes):
        complete(session, upload, on_complete)
    return upload


def complete(session: Session, upload: Upload, on_complete: OnComplete) -> bool:
    """Mark a whole upload complete and hand it on; of two that try, one does it.

    Args:
        session: the unit of work; the mark and what `on_complete` writes are one transaction.
        upload: every byte of it is there.
        on_complete: hands it on; it may change the row.

    Returns:
        False when it had been done before.
    """
    if not _move(session, upload.id, _receiving(), state="complete"):
        return False
    session.refresh(upload)
    on_complete(session, upload)
    session.flush()
    return True


def complete_whole(session: Session, store: UploadStore, on_complete: OnComplete) -> int:
    """Complete uploads whose server died between the last byte and the commit.

    Returns:
        how many there were.
    """
    uploads = session.scalars(select(Upload).where(_receiving())).all()
    whole = (one for one in uploads if store.is_whole(one.id, one.length_bytes))
    return sum(complete(session, upload, on_complete) for upload in whole)


def cancel(session: Session, store: UploadStore, upload_id: str) -> None:
    """Cancel an upload and remove its part file; a chunk on its way is stopped.

    Raises:
        ConflictError: it has been taken over already; its title is what can be removed.
    """
    moved = _move(
        session,
        upload_id,
        Upload.state.in_(CANCELLABLE),
        state="cancelled",
        error="上传已取消。",
    )
    expect_one_row(moved, "上传已经完成，不能取消；如不需要，请删除对应的节目。")
    store.remove(upload_id)


def list_open(session: Session, owner_id: int, *, now: datetime) -> Sequence[Upload]:
    """Return a person's uploads that still wait for bytes, newest first."""
    mine = (Upload.owner_id == owner_id) & (Upload.expires_at > now)
    newest_first = (Upload.created_at.desc(), Upload.id)
    return session.scalars(select(Upload).where(_receiving(), mine).order_by(*newest_first)).all()


def expire_old(session: Session, store: UploadStore, *, now: datetime) -> int:
    """Give up uploads past their time and remove part files that nothing wants.

    An upload that is whole, or that somebody is writing just now, is left alone.

    Returns:
        how many uploads were given up.
    """
    expired = 0
    due = select(Upload).where(_receiving(), Upload.expires_at <= now)
    for upload in session.scalars(due).all():
        if store.is_busy(upload.id) or store.is_whole(upload.id, upload.length_bytes):
            continue
        expired += _move(
            session,
            upload.id,
            _receiving() & (Upload.expires_at <= now),
            state="cancelled",
            error="上传已过期，请重新上传。",
        )
        store.remove(upload.id)
    _remove_strays(session, store, now)
    return expired


def _remove_strays(session: Session, store: UploadStore, now: datetime) -> None:
    # A failed one may be tried again, but does not fill the disk for ever.
    given_up = (Upload.state == "failed") & (Upload.expires_at <= now)
    statement = select(Upload.id).where(Upload.state.in_(KEEPS_FILE), ~given_up)
    wanted = set(session.scalars(statement).all())
    for upload_id in store.ids(older_than_s=STRAY_AGE_S) - wanted:
        store.remove(upload_id)


def _receiving() -> Any:
    return Upload.state == "receiving"


def _move(session: Session, upload_id: str, condition: Any, **values: Any) -> int:
    """Change a row that is in the expected state; return 1, or 0 when it was not."""
    statement = update(Upload).where(Upload.id == upload_id, condition).values(**values)
    return changed_rows(session, statement.execution_options(synchronize_session=False))
