"""`ingest`: an uploaded or imported file becomes a title's source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from catalog.titles import wants
from catalog.titles.captions import StoredCaptions
from catalog.titles.tables import SourceFile, Title
from core.errors import InvalidInputError, JobError
from core.jobs.runner import Handler, JobContext
from vod_server.bootstrap import House
from vod_server.media.probe import Probe, probe_file
from vod_server.media.uploads.hashing import hash_file
from vod_server.media.uploads.tables import Upload
from vod_server.worker.captions import attach_inner_captions, take_inner_captions
from vod_server.worker.scratch import local_blob, require_title, scratch_folder, title_id_of

#: Share of the progress bar that reading the file for its hash takes.
HASH_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Incoming:
    """The file of an ingest job."""

    path: Path
    upload_id: str | None
    #: Known when an earlier try had hashed it already.
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Received:
    """What an ingest job has stored: the original, and captions where it came with some."""

    sha256: str
    probe: Probe
    captions: StoredCaptions | None


def make_ingest(house: House) -> Handler:
    """Return the handler.

    Steps, each safe to do again: hash → remember the hash → probe → store the captions inside →
    store the original under its hash → source row, and the jobs that follow. Dying between any two
    of them loses nothing: the next try finds either the file or the stored original.
    """

    def ingest(context: JobContext) -> None:
        incoming = _incoming(house, context)
        try:
            received = _store(house, context, incoming)
        except InvalidInputError as error:
            _refuse(context, incoming, error)
            raise JobError(error.message, permanent=True, field=error.field) from error
        with context.scope() as session:
            title = require_title(session.get(Title, title_id_of(context)))
            source = wants.source_of(session, received.sha256)
            known = source is not None
            title.source_file = source or _new_source(session, received, now=house.clock.now())
            title.duration_s = received.probe.duration_s
            session.flush()
            attach_inner_captions(house, session, title, received.captions)
            _follow_up(house, context, session, title, known=known)
            _close_upload(session, incoming, "done")
        if incoming.upload_id is not None:
            house.uploads.remove(incoming.upload_id)
        house.waker.wake(2)

    return ingest


def _new_source(session: Session, received: Received, *, now: datetime) -> SourceFile:
    source = SourceFile(
        sha256=received.sha256,
        size_bytes=received.probe.size_bytes,
        blob_key=source_key(received.sha256),
        probe=received.probe.to_json(),
        created_at=now,
    )
    session.add(source)
    return source


def source_key(sha256: str) -> str:
    """Return the blob key of an original."""
    return f"sources/{sha256[:2]}/{sha256}"


def _incoming(house: House, context: JobContext) -> Incoming:
    payload = context.payload
    if "path" in payload:
        return Incoming(Path(payload["path"]), None, None)
    upload_id = str(payload["upload"])
    with context.scope() as session:
        upload = session.get(Upload, upload_id)
        if upload is None or upload.state == "cancelled":
            raise JobError("上传已被取消。", permanent=True)
        upload.state = "ingesting"
        upload.error = None
        return Incoming(house.uploads.path(upload_id), upload_id, upload.sha256)


def _store(house: House, context: JobContext, incoming: Incoming) -> Received:
    """Store the original under its hash, and the captions in it."""
    if not incoming.path.exists():
        return _stored_before(house, context, incoming)
    sha256 = _hash(context, incoming)
    context.progress(HASH_SHARE, message="正在识别")
    # Before it is stored: a file that is no video never enters the store.
    probe = probe_file(incoming.path)
    # Before it is moved: the store need not be this machine.
    with scratch_folder(house, context) as folder:
        captions = take_inner_captions(house, context, incoming.path, folder)
    if not house.blobs.exists(source_key(sha256)):
        # An upload is renamed in, an imported file is the user's and stays.
        house.blobs.put_file(source_key(sha256), incoming.path, move=incoming.upload_id is not None)
    return Received(sha256, probe, captions)


def _stored_before(house: House, context: JobContext, incoming: Incoming) -> Received:
    """Go on after a try that died between storing the original and its row."""
    sha256 = incoming.sha256
    if sha256 is None or not house.blobs.exists(source_key(sha256)):
        raise JobError(f"找不到文件 {incoming.path.name}。", permanent=True, field="file")
    with scratch_folder(house, context) as folder:
        path = local_blob(house, source_key(sha256), folder)
        probe = probe_file(path)
        return Received(sha256, probe, take_inner_captions(house, context, path, folder))


def _hash(context: JobContext, incoming: Incoming) -> str:
    size = incoming.path.stat().st_size
    if size == 0:
        raise InvalidInputError("文件是空的（0 字节）。", field="file")

    def told(done: int) -> None:
        context.progress(HASH_SHARE * done / size, message="正在校验")

    sha256 = hash_file(incoming.path, context.should_stop, told)
    if incoming.upload_id is not None:
        with context.scope() as session:
            upload = session.get(Upload, incoming.upload_id)
            if upload is not None:
                upload.sha256 = sha256
    return sha256


def _follow_up(
    house: House, context: JobContext, session: Session, title: Title, *, known: bool
) -> None:
    """Want renditions and pictures; a file that is known already waits for somebody to ask."""
    now = house.clock.now()
    wants.want_pictures(session, title, {"poster": context.payload.get("poster", "")}, now=now)
    publish = context.payload.get("publish", "")
    twin = next((t for t in wants.twins(session, title) if t.media_gen), None) if known else None
    if twin is None or publish:
        wants.want_transcode(session, title, {"publish": publish}, now=now)


def _refuse(context: JobContext, incoming: Incoming, error: InvalidInputError) -> None:
    with context.scope() as session:
        _close_upload(session, incoming, "failed", error.message)


def _close_upload(session: Session, incoming: Incoming, state: str, error: str = "") -> None:
    upload = session.get(Upload, incoming.upload_id) if incoming.upload_id else None
    if upload is not None:
        upload.state = state
        upload.error = error or None
