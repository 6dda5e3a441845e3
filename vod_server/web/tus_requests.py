"""The requests of tus 1.0.0, each parsed, authorised and answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request, url_for
from werkzeug.http import http_date

from core.clock import Clock
from core.db import SessionFactory, read_scope, session_scope
from core.errors import CuntaiError, InvalidInputError, StorageFullError, TooLargeError
from vod_server.media.uploads import service
from vod_server.media.uploads.errors import BrokenConnectionError, OffsetMismatchError
from vod_server.media.uploads.model import (
    CHECKSUM_ALGORITHMS,
    WHOLE,
    Checksum,
    UploadLimits,
    parse_checksum,
    parse_length,
    parse_metadata,
    parse_offset,
)
from vod_server.media.uploads.store import UploadStore
from vod_server.media.uploads.tables import Upload
from vod_server.web.errors import problem
from vod_server.web.tus_body import CHUNK_TYPE, BodyReader

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"


def _nothing() -> None:
    pass


def _unmarked(view: Callable[..., Any]) -> Callable[..., Any]:
    return view


@dataclass(frozen=True)
class TusParts:
    """What the protocol works with.

    Args:
        sessions: makes sessions.
        store: the part files.
        clock: the time.
        limits: largest file, time to live.
        current_owner: returns the id of the person who may upload, or raises an error of the house.
        on_complete: hands a whole upload on, in the transaction that marks it complete.
        on_committed: called after that transaction, to wake a worker.
        mark_view: applied to each view, to declare its right.
        stall_timeout_s: a sender silent for so long counts as gone.
    """

    sessions: SessionFactory
    store: UploadStore
    clock: Clock
    limits: UploadLimits
    current_owner: Callable[[], int]
    on_complete: service.OnComplete
    on_committed: Callable[[], None] = _nothing
    mark_view: Callable[[Callable[..., Any]], Callable[..., Any]] = _unmarked
    stall_timeout_s: float = 30.0


class TusViews:
    """The requests of the protocol."""

    def __init__(self, parts: TusParts, name: str) -> None:
        self._parts = parts
        self._name = name

    def collection(self) -> Response:
        """Answer at the address of creation."""
        return self._describe() if request.method == "OPTIONS" else self._create()

    def item(self, upload_id: str) -> Response:
        """Answer at the address of one upload."""
        if request.method == "OPTIONS":
            return self._describe()
        upload = self._find(upload_id)
        if request.method == "DELETE":
            return self._terminate(upload)
        return self._tell(upload) if request.method == "HEAD" else self._patch(upload)

    def check_version(self) -> Response | None:
        """Refuse a request of another version before anything is done (tus 1.0, Core)."""
        if request.method == "OPTIONS" or request.headers.get("Tus-Resumable") == VERSION:
            return None
        reply = problem(412, f"上传协议的版本不对，服务器支持 {VERSION}。", field="Tus-Resumable")
        reply.headers["Tus-Version"] = VERSION
        return reply

    def finish(self, reply: Response) -> Response:
        """Complete a reply: version, no caching, no body for HEAD, the rest of a chunk read."""
        reply.headers["Tus-Resumable"] = VERSION
        reply.headers["Cache-Control"] = "no-store"
        if request.method == "HEAD":
            # Whatever the true method was, `Content-Length` must not promise a body.
            reply.set_data(b"")
            reply.headers.pop("Content-Type", None)
        if request.mimetype == CHUNK_TYPE:
            self._body().end()
        return reply

    def _describe(self) -> Response:
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(self._parts.limits.max_bytes),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUM_ALGORITHMS),
        }
        return Response(status=204, headers=headers)

    def _create(self) -> Response:
        owner_id = self._parts.current_owner()
        if "Upload-Defer-Length" in request.headers:
            raise InvalidInputError("必须先声明文件大小。", field="Upload-Length")
        length = parse_length(request.headers.get("Upload-Length"), self._parts.limits)
        metadata = parse_metadata(request.headers.get("Upload-Metadata"))
        with_upload = request.mimetype == CHUNK_TYPE
        if not with_upload and request.content_length:
            return _wrong_type()
        checksum = parse_checksum(request.headers.get("Upload-Checksum")) if with_upload else None
        if with_upload:
            self._check_fits(length)
        with session_scope(self._parts.sessions) as session:
            upload = service.create_upload(
                session,
                self._parts.store,
                owner_id=owner_id,
                length_bytes=length,
                metadata=metadata,
                limits=self._parts.limits,
                now=self._parts.clock.now(),
            )
        headers = {"Location": url_for(f"{self._name}.upload", upload_id=upload.id)}
        if with_upload:
            upload, offset = self._append_first(upload, checksum)
            headers["Upload-Offset"] = str(offset)
        return Response(status=201, headers=headers | _expiry(upload))

    def _patch(self, upload: Upload) -> Response:
        if request.mimetype != CHUNK_TYPE:
            return _wrong_type()
        offset = parse_offset(request.headers.get("Upload-Offset"))
        checksum = parse_checksum(request.headers.get("Upload-Checksum"))
        there = service.offset_bytes(self._parts.store, upload)
        if offset != there:
            raise OffsetMismatchError(there)
        self._check_fits(upload.length_bytes - offset)
        if upload.state not in WHOLE:
            upload, offset = self._append(upload, offset, checksum)
        headers = {"Upload-Offset": str(offset)}
        return Response(status=204, headers=headers | _expiry(upload))

    def _tell(self, upload: Upload) -> Response:
        """Answer HEAD; a whole upload whose server died before the commit is completed here."""
        offset = service.offset_bytes(self._parts.store, upload)
        if offset == upload.length_bytes and upload.state == "receiving":
            upload = self._settle(upload.id)
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(upload.length_bytes)}
        if upload.metadata_header:
            headers["Upload-Metadata"] = upload.metadata_header
        return Response(status=200, headers=headers | _expiry(upload))

    def _terminate(self, upload: Upload) -> Response:
        with session_scope(self._parts.sessions) as session:
            service.cancel(session, self._parts.store, upload.id)
        return Response(status=204)

    def _append(self, upload: Upload, offset: int, checksum: Checksum | None) -> tuple[Upload, int]:
        """Take the body in, with no transaction open; return the upload and its new offset."""
        try:
            offset = self._parts.store.append(
                upload.id,
                self._body().read,
                offset_bytes=offset,
                length_bytes=upload.length_bytes,
                checksum=checksum,
            )
        except (BrokenConnectionError, StorageFullError):
            # What came is kept, and so is the time to send the rest.
            self._settle(upload.id)
            raise
        return self._settle(upload.id), offset

    def _append_first(self, upload: Upload, checksum: Checksum | None) -> tuple[Upload, int]:
        """Take in the chunk of a creation; its sender learns no address when that is refused."""
        try:
            return self._append(upload, 0, checksum)
        except BrokenConnectionError:
            raise
        except CuntaiError:
            self._terminate(upload)
            raise

    def _settle(self, upload_id: str) -> Upload:
        parts = self._parts
        with session_scope(parts.sessions) as session:
            upload = service.settle(
                session,
                parts.store,
                upload_id,
                limits=parts.limits,
                now=parts.clock.now(),
                on_complete=parts.on_complete,
            )
        if upload.state in WHOLE:
            parts.on_committed()
        return upload

    def _find(self, upload_id: str) -> Upload:
        owner_id, now = self._parts.current_owner(), self._parts.clock.now()
        with read_scope(self._parts.sessions) as session:
            upload = service.find_upload(session, upload_id, owner_id=owner_id, now=now)
            # The end of a reading scope would empty it.
            session.expunge(upload)
        return upload

    def _body(self) -> BodyReader:
        if "tus_body" not in g:
            stall_timeout_s = self._parts.stall_timeout_s
            g.tus_body = BodyReader(request.environ, stall_timeout_s=stall_timeout_s)
        body: BodyReader = g.tus_body
        return body

    def _check_fits(self, room_bytes: int) -> None:
        """Refuse a chunk that says itself that it goes beyond the end, before it is read."""
        if (self._body().length_bytes() or 0) > room_bytes:
            raise TooLargeError("收到的内容超出文件声明的大小。", field="Upload-Length")


def _expiry(upload: Upload) -> dict[str, str]:
    """Return `Upload-Expires` of an upload that will expire (tus 1.0, Expiration)."""
    return {"Upload-Expires": http_date(upload.expires_at)} if upload.state == "receiving" else {}


def _wrong_type() -> Response:
    return problem(415, f"内容类型必须是 {CHUNK_TYPE}。", field="Content-Type")
