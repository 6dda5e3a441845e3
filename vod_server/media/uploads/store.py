"""Part files: `<id>.part` holds what has come of an upload, and its length is the offset.

A chunk under a checksum is not to be counted before it is verified, not even when the server is
killed in the middle of it: `<id>.mark` says where it began, and as long as that file is there the
upload ends at the mark.
"""

from __future__ import annotations

import fcntl
import math
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.blobs.space import free_bytes, full_disk_told
from core.errors import NotFoundError, StorageFullError
from vod_server.media.uploads.errors import OffsetMismatchError, UploadBusyError
from vod_server.media.uploads.model import Checksum, is_upload_id
from vod_server.media.uploads.receiving import Read, receive

#: A chunk waits so long for one before it that is just ending, or for a look at the file.
LOCK_PATIENCE_S = 0.5

_FILE = re.compile(r"([0-9a-f]{32})\.(?:part|mark)")


class UploadStore:
    """The part files in `folder` (`CUNTAI_HOME/uploads`).

    Args:
        folder: made when it is not there.
        reserve_bytes: free disk that is left alone.
        measure_free: returns the free bytes of the disk of a folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        reserve_bytes: int = 0,
        measure_free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._measure_free = measure_free
        folder.mkdir(parents=True, exist_ok=True)

    def check_room(self, size_bytes: int) -> None:
        """Check that so many more bytes leave the reserve alone.

        Raises:
            StorageFullError: they do not.
        """
        free = self._measure_free(self._folder) - self._reserve_bytes
        if size_bytes > free:
            raise StorageFullError(
                f"服务器磁盘空间不足：需要 {size_bytes} 字节，可用 {max(free, 0)} 字节。",
                field="file",
            )

    def path(self, upload_id: str) -> Path:
        """Return the path of an upload's part file, whether or not it is there.

        Raises:
            NotFoundError: this is no id.
        """
        if not is_upload_id(upload_id):
            raise NotFoundError("没有这个上传。")
        return self._folder / f"{upload_id}.part"

    def offset_bytes(self, upload_id: str) -> int:
        """Return how many bytes are there and verified; 0 without a part file."""
        path = self.path(upload_id)
        # The mark first: a chunk that is verified in between only makes the answer too small.
        mark = _read_mark(path)
        if mark is not None:
            return mark
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return 0

    def append(
        self,
        upload_id: str,
        read: Read,
        *,
        offset_bytes: int,
        length_bytes: int,
        checksum: Checksum | None = None,
    ) -> int:
        """Append a chunk and return the new offset; see `receiving.receive` for what may happen.

        Raises:
            UploadBusyError: somebody else is writing it.
            OffsetMismatchError: the chunk does not begin at the end.
        """
        path = self.path(upload_id)
        with self._locked(path, patience_s=LOCK_PATIENCE_S) as descriptor:
            size = os.fstat(descriptor).st_size
            if size != offset_bytes:
                raise OffsetMismatchError(size)
            with _marked(path, descriptor, offset_bytes if checksum else None):
                return receive(
                    descriptor,
                    read,
                    offset_bytes=offset_bytes,
                    length_bytes=length_bytes,
                    checksum=checksum,
                    check_room=self.check_room,
                )

    def is_whole(self, upload_id: str, length_bytes: int) -> bool:
        """Say whether every byte is there and nobody is writing."""
        path = self.path(upload_id)
        # Looked at first without the lock, so that asking does not get in a sender's way.
        if self.offset_bytes(upload_id) != length_bytes:
            return False
        try:
            with self._locked(path) as descriptor:
                return os.fstat(descriptor).st_size == length_bytes
        except UploadBusyError:
            return False

    def remove(self, upload_id: str) -> None:
        """Remove the part file; whoever is writing it is stopped at the next piece."""
        path = self.path(upload_id)
        path.unlink(missing_ok=True)
        _mark_of(path).unlink(missing_ok=True)

    def is_busy(self, upload_id: str) -> bool:
        """Say whether somebody is writing it just now."""
        path = self.path(upload_id)
        try:
            if path.exists():
                with self._locked(path):
                    pass
        except UploadBusyError:
            return True
        return False

    def ids(self, *, older_than_s: float = 0.0) -> set[str]:
        """Return the ids of which there are files, last written at least so long ago."""
        latest = time.time() - older_than_s
        found = ((_FILE.fullmatch(path.name), path) for path in self._folder.iterdir())
        return {match[1] for match, path in found if match and _written_at(path) <= latest}

    @contextmanager
    def _locked(self, path: Path, *, patience_s: float = 0.0) -> Iterator[int]:
        """Open the part file for this process and thread alone, cut back to what is verified."""
        with full_disk_told():
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            _lock(descriptor, patience_s)
            _drop_unverified(path, descriptor)
            yield descriptor
        finally:
            os.close(descriptor)


def _lock(descriptor: int, patience_s: float) -> None:
    end = time.monotonic() + patience_s
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise UploadBusyError("这个上传正在被另一个请求写入，请稍候。") from None
        time.sleep(0.02)


def _written_at(path: Path) -> float:
    """Return when a file was last written, epoch seconds; never, if it has just gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _mark_of(path: Path) -> Path:
    return path.with_suffix(".mark")


def _read_mark(path: Path) -> int | None:
    try:
        text = _mark_of(path).read_text()
    except FileNotFoundError:
        return None
    # A mark cut off by a crash was not followed by any byte of its chunk.
    return int(text[:-1]) if text.endswith("\n") else None


def _drop_unverified(path: Path, descriptor: int) -> None:
    mark = _read_mark(path)
    if mark is not None and mark < os.fstat(descriptor).st_size:
        os.ftruncate(descriptor, mark)
    _mark_of(path).unlink(missing_ok=True)


@contextmanager
def _marked(path: Path, descriptor: int, mark: int | None) -> Iterator[None]:
    """Keep what is written in the block only when the block ends well; no mark, no condition."""
    if mark is None:
        yield
        return
    with full_disk_told(), _mark_of(path).open("w") as file:
        file.write(f"{mark}\n")
        file.flush()
        os.fsync(file.fileno())
    kept = False
    try:
        yield
        kept = True
    finally:
        if not kept:
            os.ftruncate(descriptor, mark)
        _mark_of(path).unlink(missing_ok=True)
