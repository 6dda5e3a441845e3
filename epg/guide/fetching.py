"""Fetch a guide over http(s) into a file, only when it is newer, never more than a limit."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

from core.errors import InvalidInputError, TooLargeError
from epg.guide.feeds import checked_url

#: Largest file as it comes over the line.
MAX_FETCHED_BYTES = 2 * 1024**3

#: Longest wait for the next bytes, and for all of them.
SILENCE_S = 30.0
LONGEST_S = 1800.0

_CHUNK_BYTES = 64 * 1024


class FetchError(InvalidInputError):
    """The guide could not be fetched now; another time it may."""


class Fetched(NamedTuple):
    """What the server said of what it gave."""

    etag: str
    last_modified: str


class _CarefulRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http(s) alone."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        return super().redirect_request(req, fp, code, msg, headers, checked_url(newurl))


def _opener() -> urllib.request.OpenerDirector:
    """Return what opens http and https; no file, ftp or data address is ever read."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        _CarefulRedirects(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def fetch_guide(
    url: str,
    target: Path,
    *,
    etag: str = "",
    last_modified: str = "",
    max_bytes: int = MAX_FETCHED_BYTES,
    silence_s: float = SILENCE_S,
    longest_s: float = LONGEST_S,
    on_read: Callable[[int, int], None] | None = None,
) -> Fetched | None:
    """Fetch a guide into a file.

    Args:
        url: http(s) address.
        target: file to be written.
        etag: of the last one (RFC 9110 §13.1.2).
        last_modified: of the last one (RFC 9110 §13.1.3).
        max_bytes: largest file.
        silence_s: longest wait for the next bytes.
        longest_s: longest wait for all of them.
        on_read: told the bytes fetched and the bytes to come in all (0: unknown); what it raises
            stops the fetching.

    Returns:
        what to ask with the next time; None when nothing is newer.

    Raises:
        FetchError: the server cannot be reached, refuses, or stops half-way.
        TooLargeError: there is more than the limit.
        InvalidInputError: the address is not http(s).
    """
    request = urllib.request.Request(checked_url(url), headers={"User-Agent": "cuntai"})  # noqa: S310
    if etag:
        request.add_header("If-None-Match", etag)
    if last_modified:
        request.add_header("If-Modified-Since", last_modified)
    try:
        with _opener().open(request, timeout=silence_s) as reply:
            _save(reply, target, max_bytes, time.monotonic() + longest_s, on_read)
            return Fetched(
                (reply.headers.get("ETag") or "")[:200],
                (reply.headers.get("Last-Modified") or "")[:80],
            )
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 304:
            return None
        raise FetchError(f"服务器回答 {error.code}，没有给节目单。", field="url") from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise FetchError(f"取不到节目单：{reason}", field="url") from None


def _save(
    reply: Any,
    target: Path,
    max_bytes: int,
    deadline: float,
    on_read: Callable[[int, int], None] | None,
) -> None:
    total = int(reply.headers.get("Content-Length") or 0)
    count = 0
    with target.open("wb") as file:
        # `read1`: as it comes, so that a server that drips meets the deadline too.
        while chunk := reply.read1(_CHUNK_BYTES):
            count += len(chunk)
            if max(count, total) > max_bytes:
                raise TooLargeError(
                    f"节目单大于 {max_bytes // 1024**2} MB，不予下载。", field="url"
                )
            if time.monotonic() > deadline:
                raise FetchError("下载太慢，已放弃。", field="url")
            file.write(chunk)
            if on_read is not None:
                on_read(count, total)
    if total and count < total:
        raise FetchError(f"下载中断：{total} 字节只收到 {count} 字节。", field="url")
