"""The grammar of blob keys; a key is checked before it becomes a path or an object's name."""

from __future__ import annotations

import re

from core.errors import InvalidInputError

_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,255}")

#: The longest key S3 stores, in bytes of UTF-8; keys are ASCII, so characters are bytes.
KEY_MAX_LENGTH = 1024


def is_segment(name: str) -> bool:
    """Say whether `name` may stand between the slashes of a key."""
    return _SEGMENT.fullmatch(name) is not None and name not in {".", ".."}


def check_key(key: str) -> str:
    """Return `key` when it follows the grammar of `BlobStore`.

    Raises:
        InvalidInputError: it is empty, absolute, too long, climbs, or has a strange character.
    """
    if len(key) > KEY_MAX_LENGTH or not all(is_segment(part) for part in key.split("/")):
        raise InvalidInputError(f"文件键 {key[:200]!r} 不合规则。", field="key")
    return key


def check_prefix(prefix: str) -> str:
    """Return the folder `prefix` without a slash at its end; the empty one is the whole store.

    Raises:
        InvalidInputError: it does not follow the grammar of keys.
    """
    folder = prefix.removesuffix("/")
    return check_key(folder) if folder else ""


def check_range(start: int, length: int | None) -> None:
    """Check a range of bytes.

    Raises:
        InvalidInputError: `start` or `length` is below zero.
    """
    if start < 0 or (length is not None and length < 0):
        raise InvalidInputError(f"读取范围不可用：起点 {start}，长度 {length}。", field="range")
