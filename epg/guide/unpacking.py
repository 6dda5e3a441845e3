"""Guide files as they come: plain, gz or xz, told by their first bytes; never more than a limit."""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

from core.errors import InvalidInputError, TooLargeError

#: Largest guide, unpacked. Reading takes constant memory, so this only bounds the time.
MAX_UNPACKED_BYTES = 4 * 1024**3

#: An xz file asks for the memory its writer used; `xz -9` needs 65 MiB.
XZ_MEMORY_BYTES = 256 * 1024**2

_READ_BYTES = 64 * 1024


class Readable(Protocol):
    """Where bytes come from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


class _Whole:
    """A stream whose first bytes were looked at already; tells how far it was read."""

    def __init__(self, head: bytes, stream: Readable, tell: Callable[[int], None] | None) -> None:
        self._head, self._stream, self._tell = head, stream, tell
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        if self._head:
            given = self._head if size < 0 else self._head[:size]
            self._head = self._head[len(given) :]
        else:
            given = self._stream.read(_READ_BYTES if size < 0 else size)
        self._count += len(given)
        if self._tell is not None:
            self._tell(self._count)
        return given


class _Xz:
    """An xz file; the standard library's reader cannot be told how much memory it may take."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._unpacker = self._new()

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES)

    def read(self, size: int = -1) -> bytes:
        while True:
            packed = b""
            if self._unpacker.eof:
                rest = self._unpacker.unused_data.lstrip(b"\0") or self._stream.read(_READ_BYTES)
                if not rest.strip(b"\0"):
                    return b""
                self._unpacker, packed = self._new(), rest.lstrip(b"\0")
            elif self._unpacker.needs_input:
                packed = self._stream.read(_READ_BYTES)
                if not packed:
                    raise EOFError
            given = self._unpacker.decompress(packed, size if size > 0 else _READ_BYTES)
            if given:
                return given


class GuideFile:
    """A guide file as the XML parser reads it.

    Args:
        stream: the file as it came.
        on_read: told how many bytes of it were read.
        max_bytes: largest unpacked size.

    Raises (from `read`):
        InvalidInputError: it is packed and broken.
        TooLargeError: there is more in it than the limit.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        on_read: Callable[[int], None] | None = None,
        max_bytes: int = MAX_UNPACKED_BYTES,
    ) -> None:
        head = stream.read(6)
        whole = _Whole(head, stream, on_read)
        self._source: Readable = whole
        if head.startswith(b"\x1f\x8b"):
            self._source = gzip.GzipFile(fileobj=cast(io.BufferedReader, whole), mode="rb")
        elif head.startswith(b"\xfd7zXZ\0"):
            self._source = _Xz(whole)
        self._max_bytes = max_bytes
        #: Unpacked bytes read so far.
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next unpacked bytes; none at the end."""
        try:
            given = self._source.read(_READ_BYTES if size < 0 else size)
        except EOFError:
            raise InvalidInputError("压缩文件不完整，后半部分缺失。") from None
        except (gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
            raise InvalidInputError(f"压缩文件已损坏：{error}") from None
        self.count += len(given)
        if self.count > self._max_bytes:
            limit = self._max_bytes // 1024**2
            raise TooLargeError(f"节目单解压后超过 {limit} MB，不予导入。")
        return given
