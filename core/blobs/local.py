"""Blobs in a local folder: written beside, made durable, then renamed into place."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.blobs.keys import check_key, check_prefix, check_range, is_segment
from core.blobs.ranges import open_window
from core.blobs.space import free_bytes, full_disk_told
from core.errors import InvalidInputError, NotFoundError, StorageFullError

#: Folder of unfinished files; the tilde is outside the alphabet of keys, so no key can name it.
TEMP_FOLDER = ".~tmp"

COPY_BYTES = 1024 * 1024


class LocalBlobs:
    """A `BlobStore` in the folder `root`.

    Args:
        root: made when it is not there.
        reserve_bytes: free disk that is left alone; a put that would use it is refused.
    """

    def __init__(self, root: Path, *, reserve_bytes: int = 0) -> None:
        self._root = root.resolve()
        self._temp = self._root / TEMP_FOLDER
        self._reserve_bytes = reserve_bytes
        self._temp.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def put_file(self, key: str, source: Path, *, move: bool = False) -> None:
        """Store the file `source` under `key`; with `move` it is renamed when that is possible."""
        target = self._path(key)
        with source.open("rb") as file:
            if move and self._rename_in(file, source, target):
                return
            with self._writing(target, os.fstat(file.fileno()).st_size) as unfinished:
                shutil.copyfileobj(file, unfinished, COPY_BYTES)
        if move:
            source.unlink(missing_ok=True)

    def put_bytes(self, key: str, content: bytes) -> None:
        """Store `content` under `key`."""
        with self._writing(self._path(key), len(content)) as unfinished:
            unfinished.write(content)

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """Open for reading from byte `start`, at most `length` bytes (None: to the end)."""
        check_range(start, length)
        path = self._existing(key)
        with _missing_told(key):
            file = path.open("rb", buffering=0)
        file.seek(start)
        return open_window(file.read, file.close, length)

    def fetch(self, key: str, target: Path) -> None:
        """Copy the blob to the local file `target`, which appears whole or not at all."""
        unfinished = target.with_name(f".{target.name[:100]}~{secrets.token_hex(6)}")
        try:
            with self.open(key) as source, full_disk_told(), unfinished.open("xb") as file:
                shutil.copyfileobj(source, file, COPY_BYTES)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)

    def size_bytes(self, key: str) -> int:
        """Return the size in bytes."""
        return self._existing(key).stat().st_size

    def exists(self, key: str) -> bool:
        """Say whether the key is there."""
        return self._path(key).is_file()

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below the folder `prefix`, in order of their bytes as S3 does."""
        folder = check_prefix(prefix)
        yield from _walk(self._root / folder, f"{folder}/" if folder else "")

    def delete(self, key: str) -> None:
        """Remove the blob; a missing one is no error."""
        path = self._path(key)
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            path.unlink()
            self._prune(path.parent)

    def delete_prefix(self, prefix: str) -> None:
        """Remove everything below the folder `prefix`; for readers it is gone at once.

        Raises:
            InvalidInputError: the prefix is empty; a whole store is not wiped by accident.
        """
        folder = check_prefix(prefix)
        if not folder:
            raise InvalidInputError("不能清空整个文件库。", field="prefix")
        doomed = self._temp / secrets.token_hex(8)
        with suppress(FileNotFoundError, NotADirectoryError):
            if (self._root / folder).is_dir():
                (self._root / folder).rename(doomed)
                self._prune((self._root / folder).parent)
        shutil.rmtree(doomed, ignore_errors=True)

    def local_path(self, key: str) -> Path | None:
        """Return the file's path.

        Raises:
            NotFoundError: the key is not there.
        """
        return self._existing(key)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise NotFoundError(f"文件库里没有 {key}。", field="key")
        return path

    @contextmanager
    def _writing(self, target: Path, size_bytes: int) -> Iterator[BinaryIO]:
        """Give an unfinished file; at the end of the block it becomes `target`."""
        self._check_room(size_bytes)
        path, file = self._create_unfinished()
        try:
            with full_disk_told(), file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                self._place(path, target)
        finally:
            path.unlink(missing_ok=True)

    def _create_unfinished(self) -> tuple[Path, BinaryIO]:
        while True:
            path = self._temp / secrets.token_hex(8)
            with full_disk_told():
                file = path.open("xb")
            fcntl.flock(file, fcntl.LOCK_EX)
            # Another process's sweep may have taken it between its creation and our lock.
            if os.fstat(file.fileno()).st_nlink:
                return path, file
            file.close()

    def _rename_in(self, file: BinaryIO, source: Path, target: Path) -> bool:
        os.fsync(file.fileno())
        # Whoever made it may have kept it private; nginx reads blobs under a user of its own.
        os.fchmod(file.fileno(), 0o644)
        try:
            self._place(source, target)
        except OSError as error:
            if error.errno == errno.EXDEV:
                return False
            raise
        return True

    def _is_blocked(self, target: Path) -> bool:
        """Say whether a file stands where a folder is needed."""
        above = target.relative_to(self._root).parents
        return any((self._root / folder).is_file() for folder in above)

    def _place(self, path: Path, target: Path) -> None:
        for _ in range(100):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
            except FileNotFoundError:
                # A delete has just pruned the folder away; it is made again.
                if not path.exists():
                    raise
            except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
                # `mkdir` says so too when a delete prunes the folder that it has just met.
                if isinstance(error, FileExistsError) and not self._is_blocked(target):
                    continue
                key = target.relative_to(self._root).as_posix()
                raise InvalidInputError(
                    f"文件键 {key} 与已有的文件或文件夹同名。", field="key"
                ) from None
            else:
                return _sync_folder(target.parent)
        raise NotFoundError(f"文件夹 {target.parent} 一再消失。", field="key")

    def _check_room(self, size_bytes: int) -> None:
        if self._reserve_bytes and free_bytes(self._root) - size_bytes < self._reserve_bytes:
            raise StorageFullError("磁盘剩余空间不足：须为系统保留的空间不能占用。")

    def _prune(self, folder: Path) -> None:
        """Remove empty folders upwards; stops at the first that has something in it."""
        with suppress(OSError):
            while folder != self._root:
                folder.rmdir()
                folder = folder.parent

    def _sweep(self) -> None:
        """Remove what killed processes left; what a living one writes is locked and stays."""
        for path in self._temp.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
                continue
            with suppress(FileNotFoundError, BlockingIOError), path.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)


@contextmanager
def _missing_told(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotFoundError(f"文件库里没有 {key}。", field="key") from None


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    try:
        entries = [entry for entry in os.scandir(folder) if is_segment(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        return
    # "a-b" sorts before "a/x": a folder stands in the order with its slash.
    entries.sort(key=lambda entry: entry.name + "/" if entry.is_dir() else entry.name)
    for entry in entries:
        if entry.is_dir():
            yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        # Deleted again already, and its folder with it.
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
