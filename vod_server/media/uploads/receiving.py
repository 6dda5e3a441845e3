"""Bytes from a connection into a part file: in pieces, under a checksum, against a full disk."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator

from core.blobs.space import full_disk_told
from core.errors import GoneError, TooLargeError
from vod_server.media.uploads.errors import BrokenConnectionError, ChecksumMismatchError
from vod_server.media.uploads.model import Checksum

#: Gives up to that many bytes of a chunk, none at its end.
#: Raises BrokenConnectionError when the end does not come.
Read = Callable[[int], bytes]

#: What is asked of the connection at once; more would be lost with it.
READ_BYTES = 64 * 1024

#: What is written at once, unless the sender is slow.
PIECE_BYTES = 1024 * 1024
PIECE_WAIT_S = 1.0

#: How much may stand in the memory of the system before it is made to write.
SYNC_BYTES = 64 * 1024 * 1024


def gather(read: Read) -> Iterator[bytearray]:
    """Yield the chunk in pieces of about 1 MiB; of a slow sender, what came in a second.

    Raises:
        BrokenConnectionError: after everything that came has been yielded.
    """
    piece = bytearray()
    since = time.monotonic()
    broken: BrokenConnectionError | None = None
    while broken is None:
        try:
            block = read(READ_BYTES)
        except BrokenConnectionError as error:
            broken = error
            break
        if not block:
            break
        piece += block
        if len(piece) >= PIECE_BYTES or time.monotonic() - since >= PIECE_WAIT_S:
            yield piece
            piece = bytearray()
            since = time.monotonic()
    if piece:
        yield piece
    if broken is not None:
        raise broken


def receive(
    descriptor: int,
    read: Read,
    *,
    offset_bytes: int,
    length_bytes: int,
    checksum: Checksum | None,
    check_room: Callable[[int], None],
) -> int:
    """Append a chunk to an open part file and return its new length.

    Args:
        descriptor: the locked part file, as long as `offset_bytes`.
        read: the chunk.
        offset_bytes: where the chunk begins.
        length_bytes: size of the whole file; a chunk that goes beyond it is refused whole.
        checksum: of the chunk; when it does not match, nothing of the chunk is kept.
        check_room: raises StorageFullError when that many bytes must not be written.

    Raises:
        BrokenConnectionError: what came is kept, unless a checksum was to be met.
        ChecksumMismatchError, TooLargeError: nothing of the chunk is kept.
        StorageFullError: what found room is kept, unless a checksum was to be met.
        GoneError: the upload was cancelled in the meantime.
    """
    end, unsynced = offset_bytes, 0
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    try:
        for piece in gather(read):
            if end + len(piece) > length_bytes:
                os.ftruncate(descriptor, offset_bytes)
                raise TooLargeError("收到的内容超出文件声明的大小。", field="Upload-Length")
            _check_wanted(descriptor)
            check_room(len(piece))
            _write_all(descriptor, piece, end)
            end += len(piece)
            unsynced += len(piece)
            if digest:
                digest.update(piece)
            if unsynced >= SYNC_BYTES:
                os.fdatasync(descriptor)
                unsynced = 0
    finally:
        with full_disk_told():
            os.fdatasync(descriptor)
    if checksum and digest and digest.digest() != checksum.digest:
        raise ChecksumMismatchError("这一段的校验值不符，请重传。", field="Upload-Checksum")
    return end


def _check_wanted(descriptor: int) -> None:
    """Stop the sender of a cancelled upload: its file has lost its name."""
    if not os.fstat(descriptor).st_nlink:
        raise GoneError("上传已取消。")


def _write_all(descriptor: int, piece: bytearray, offset_bytes: int) -> None:
    rest = memoryview(piece)
    with full_disk_told():
        while rest:
            written = os.pwrite(descriptor, rest, offset_bytes)
            rest, offset_bytes = rest[written:], offset_bytes + written
