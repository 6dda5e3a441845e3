"""The SHA-256 of a file of any size, in constant memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from core.errors import JobCancelledError

READ_BYTES = 1024 * 1024


def hash_file(
    path: Path,
    should_stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[int], None] = lambda _: None,
) -> str:
    """Return the SHA-256 of a file as 64 hex digits.

    Args:
        path: the file.
        should_stop: asked after every MiB.
        on_progress: told after every MiB how many bytes are done.

    Raises:
        JobCancelledError: `should_stop` said so.
    """
    digest = hashlib.sha256()
    done = 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(READ_BYTES):
            if should_stop():
                raise JobCancelledError("校验已取消。")
            digest.update(piece)
            done += len(piece)
            on_progress(done)
    return digest.hexdigest()
