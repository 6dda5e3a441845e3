"""Room on a disk: how much is free, and which errors of the system say that there is none."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StorageFullError

#: No space, quota used up, largest file size of the system or process reached.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def free_bytes(folder: Path) -> int:
    """Return how many bytes an ordinary process may still write below `folder`."""
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Turn "no space left" of the system into `StorageFullError`; let other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFullError("磁盘已满，未能保存；已完整的内容不受影响。") from error
        raise
