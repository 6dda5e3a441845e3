"""Byte ranges and preconditions of HTTP (RFC 9110 §13 and §14). Pure."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

# Digits beyond this say nothing about a file, and a reader of numbers should have an end.
_SPEC = re.compile(r"bytes\s*=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", re.ASCII)


class ByteRange(NamedTuple):
    """A satisfiable range: `length` bytes from byte `start`."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """Return the value of Content-Range for a file of `size` bytes."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


class RangeNotSatisfiableError(Exception):
    """The range is well-formed, but lies wholly outside the file (416)."""


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Read a Range header of one range (RFC 9110 §14.2).

    Args:
        header: the header's value, or None without one.
        size: the file's length in bytes.

    Returns:
        The part of the file that is asked for; None where the whole file is the answer: no
        header, one that is malformed, or one with several ranges.

    Raises:
        RangeNotSatisfiableError: no byte of the range is in the file.
    """
    match = _SPEC.fullmatch(header) if header else None
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        return _satisfiable(size - length, length)
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    return _satisfiable(start, end - start)


def _satisfiable(start: int, length: int) -> ByteRange:
    if length <= 0:
        raise RangeNotSatisfiableError
    return ByteRange(start, length)


def not_modified(
    *, if_none_match: str | None, if_modified_since: str | None, etag: str, modified_s: int | None
) -> bool:
    """Say whether the client's copy is still good (RFC 9110 §13.2.2).

    Args:
        etag: the current entity tag, with its quotes.
        modified_s: the file's modification time in epoch seconds, if the store knows it.
    """
    if if_none_match is not None:
        tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return "*" in tags or etag.removeprefix("W/") in tags
    since = http_date_s(if_modified_since)
    return since is not None and modified_s is not None and modified_s <= since


def range_applies(if_range: str | None, *, etag: str, modified_s: int | None) -> bool:
    """Say whether the copy that a client wants to complete is this one (RFC 9110 §13.1.5)."""
    if if_range is None:
        return True
    if if_range.startswith(('"', "W/")):
        return if_range == etag and not etag.startswith("W/")
    return modified_s is not None and http_date_s(if_range) == modified_s


def http_date_s(value: str | None) -> int | None:
    """Read an HTTP date into epoch seconds; None for none or a malformed one."""
    if value is None:
        return None
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return int(parsed.replace(tzinfo=parsed.tzinfo or UTC).timestamp())


@functools.lru_cache(maxsize=1024)
def http_date(epoch_s: int) -> str:
    """Write epoch seconds as an HTTP date (RFC 9110 §5.6.7)."""
    return format_datetime(datetime.fromtimestamp(epoch_s, UTC), usegmt=True)
