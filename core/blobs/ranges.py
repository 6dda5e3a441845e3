"""A window on a binary stream, so that a range of a file reads like a file of its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, BinaryIO, cast


class _Window(io.RawIOBase):
    """At most `length` bytes of what `read` gives; closing it closes the source."""

    def __init__(
        self, read: Callable[[int], bytes], close: Callable[[], object], length: int | None
    ) -> None:
        self._read = read
        self._close = close
        self._left = length

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the source; 0 at the end of the window (`io.RawIOBase`)."""
        wanted = len(buffer) if self._left is None else min(len(buffer), self._left)
        piece = self._read(wanted) if wanted else b""
        buffer[: len(piece)] = piece
        if self._left is not None:
            self._left -= len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the window and its source."""
        if not self.closed:
            self._close()
        super().close()


def open_window(
    read: Callable[[int], bytes], close: Callable[[], object], length: int | None = None
) -> BinaryIO:
    """Return a buffered reader of at most `length` bytes (None: to the end).

    Args:
        read: gives up to that many bytes; empty at the end.
        close: ends the source.
        length: size of the window in bytes.
    """
    return cast("BinaryIO", io.BufferedReader(_Window(read, close, length), 256 * 1024))
