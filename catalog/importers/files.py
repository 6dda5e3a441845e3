"""Find the files a sheet names, inside the media folder and nowhere else."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInputError

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that a sheet named.

    Args:
        path: absolute, links followed; a name that is no UTF-8 is escaped as Python does it.
        size_bytes: its size.
        modified_ns: when it was changed last, nanoseconds since 1970.
    """

    path: str
    size_bytes: int
    modified_ns: int

    @property
    def stamp(self) -> str:
        """Return a word that changes when the file does."""
        return f"{self.size_bytes}-{self.modified_ns}"


def find_file(folder: Path, name: str) -> FoundFile:
    """Return the file `name` below `folder`.

    Names are looked for as UTF-8 in either composition, and as GB18030 bytes, which is what
    archives from Windows leave on disk; each part of the path on its own.

    Args:
        folder: the media folder.
        name: relative path, with slashes or backslashes.

    Raises:
        InvalidInputError: it climbs out of the folder, is missing, empty or no plain file.
    """
    parts = _parts(name)
    root = folder.resolve()
    at = next(_matches(root, parts), None)
    if at is None:
        raise InvalidInputError(f"媒体文件夹里没有“{name}”。", field="file")
    target = Path(os.path.realpath(at))
    if not target.is_relative_to(root):
        raise InvalidInputError(f"“{name}”是指向媒体文件夹之外的链接，不能使用。", field="file")
    return _check_file(target, name)


def _parts(name: str) -> list[str]:
    """Split a relative path.

    Raises:
        InvalidInputError: it is absolute or climbs.
    """
    slashed = name.replace("\\", "/")
    if slashed.startswith("/") or _DRIVE.match(slashed):
        raise InvalidInputError(f"“{name}”是绝对路径，只能写媒体文件夹里的相对路径。", field="file")
    parts = [part for part in slashed.split("/") if part not in {"", "."}]
    if ".." in parts or not parts:
        raise InvalidInputError(f"“{name}”指向媒体文件夹之外，不能使用。", field="file")
    return parts


def _matches(folder: Path, parts: list[str]) -> Iterator[Path]:
    """Yield the existing paths that a relative path can mean, the most likely first."""
    for spelling in _spellings(parts[0]):
        path = folder / spelling
        if not _exists(path):
            continue
        if len(parts) == 1:
            yield path
        else:
            yield from _matches(path, parts[1:])


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):  # too long for the system, or with a zero byte
        return False
    return True


def _spellings(name: str) -> list[str]:
    """Return the names on disk that a name of the sheet can mean, escaped as Python does it."""
    forms = (name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name))
    try:
        spelled = [form.encode(to) for to in ("utf-8", "gb18030") for form in forms]
    except UnicodeEncodeError:
        return [name]
    return list(dict.fromkeys(os.fsdecode(spelling) for spelling in spelled))


def _check_file(path: Path, name: str) -> FoundFile:
    try:
        found = path.stat()
    except OSError as error:
        message = f"“{name}”打不开：{os.strerror(error.errno or 0)}。"
        raise InvalidInputError(message, field="file") from error
    if not stat.S_ISREG(found.st_mode):
        raise InvalidInputError(f"“{name}”不是文件。", field="file")
    if found.st_size == 0:
        raise InvalidInputError(f"“{name}”是空文件（0 字节）。", field="file")
    if not os.access(path, os.R_OK):
        raise InvalidInputError(f"没有权限读取“{name}”。", field="file")
    return FoundFile(str(path), found.st_size, found.st_mtime_ns)
