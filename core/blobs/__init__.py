"""Where finished files lie: one interface over a local folder and S3-compatible stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol


class BlobStore(Protocol):
    """Named immutable files.

    A key is a relative POSIX path of segments `[A-Za-z0-9._-]+` without `.` and `..`; any other
    raises `InvalidInputError`. A put is all or nothing: a reader sees the old bytes, the new
    bytes or none, and a process killed half-way leaves no part under the key.
    `NotFoundError` is raised for a key that is not there, `StorageFullError` when there is no room.
    """

    def put_file(self, key: str, source: Path, *, move: bool = False) -> None:
        """Store the file `source` under `key`; with `move` the source may be renamed away."""
        ...

    def put_bytes(self, key: str, content: bytes) -> None:
        """Store `content` under `key`."""
        ...

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """Open for reading from byte `start`, at most `length` bytes (None: to the end)."""
        ...

    def fetch(self, key: str, target: Path) -> None:
        """Copy the blob to the local file `target`, in constant memory."""
        ...

    def size_bytes(self, key: str) -> int:
        """Return the size in bytes."""
        ...

    def exists(self, key: str) -> bool:
        """Say whether the key is there."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below the folder `prefix`, in order."""
        ...

    def delete(self, key: str) -> None:
        """Remove the blob; a missing one is no error."""
        ...

    def delete_prefix(self, prefix: str) -> None:
        """Remove everything below the folder `prefix`."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Return the file's path where the store is a local folder, else None.

        Raises:
            NotFoundError: the store is local and the key is not there.
        """
        ...
