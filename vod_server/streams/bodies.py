"""The bytes of a reply: by sendfile from a local folder, in small pieces from anywhere else."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from core.blobs import BlobStore
from core.errors import NotFoundError
from vod_server.streams.ranges import ByteRange

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PIECE_BYTES = 256 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Blob:
    """A stored file that is about to be sent, local or remote.

    `close` it unless `read_all` or a body made by `body_of` has taken it over.
    """

    store: BlobStore | None  #: None of a file that lies outside any
    key: str
    local: BinaryIO | None  #: open at byte 0 when the store is a local folder
    size: int
    etag: str  #: strong, with its quotes
    modified_s: int | None  #: epoch seconds; None where the store does not tell

    def close(self) -> None:
        """Close the local file; a remote one is not open yet."""
        if self.local is not None:
            self.local.close()

    def read_all(self) -> bytes:
        """Return the whole content and close."""
        with self.local or _store_of(self).open(self.key) as stream:
            return stream.read()


def open_blob(store: BlobStore, key: str) -> Blob:
    """Find a blob and what a reply's headers say of it.

    Raises:
        InvalidInputError: the key is none.
        NotFoundError: it is not there.
    """
    path = store.local_path(key)
    if path is None:
        # A key never changes its bytes, so the key itself is the entity tag.
        etag = f'"{hashlib.sha256(key.encode()).hexdigest()[:20]}"'
        return Blob(store, key, None, store.size_bytes(key), etag, None)
    return open_file(path, store, key)


def open_file(path: Path, store: BlobStore | None = None, key: str = "") -> Blob:
    """Open a local file.

    Raises:
        NotFoundError: it is not there.
    """
    try:
        # Unbuffered, for the server reads past us by its descriptor.
        local = path.open("rb", buffering=0)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFoundError("文件不存在或已删除") from error
    stat = os.fstat(local.fileno())
    modified_s = int(stat.st_mtime)
    # The same form as nginx's, so that a client may come back by either door.
    return Blob(store, key, local, stat.st_size, f'"{modified_s:x}-{stat.st_size:x}"', modified_s)


def body_of(environ: WSGIEnvironment, blob: Blob, part: ByteRange) -> Iterable[bytes]:
    """Return the body of a reply whose Content-Length is `part.length`.

    A local file goes to the server's `wsgi.file_wrapper` (PEP 3333), which gunicorn turns into
    sendfile(2). gunicorn starts at the file's position and ends after Content-Length; servers that
    always send up to the end get it only where that is right.
    """
    if blob.local is None:
        stream = _store_of(blob).open(blob.key, start=part.start, length=part.length)
        return _Pieces(stream, part.length)
    blob.local.seek(part.start)
    wrapper = environ.get("wsgi.file_wrapper")
    to_the_end = part.start + part.length == blob.size
    if wrapper and (to_the_end or environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")):
        return cast("Iterable[bytes]", wrapper(blob.local, PIECE_BYTES))
    return _Pieces(blob.local, part.length)


def _store_of(blob: Blob) -> BlobStore:
    assert blob.store is not None  # noqa: S101 - what lies outside a store is local
    return blob.store


class _Pieces:
    """Yields at most `length` bytes of a stream and closes it, however the reply ends."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0:
            piece = self._stream.read(min(self._left, PIECE_BYTES))
            if not piece:
                return
            self._left -= len(piece)
            yield piece

    def close(self) -> None:
        self._stream.close()
