"""Segments, playlists and pictures over bare WSGI: the small install's way to serve files.

It stands in front of Flask, so that a segment costs little Python. nginx does the same in
production (deploy/nginx-site.conf).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.blobs import BlobStore
from core.clock import Clock
from core.errors import (
    CuntaiError,
    ForbiddenError,
    GoneError,
    InvalidInputError,
    NotFoundError,
)
from vod_server.streams.addresses import PREFIXES, Address, media_type, resolve
from vod_server.streams.bodies import Blob, body_of, open_blob, open_file
from vod_server.streams.ranges import (
    ByteRange,
    RangeNotSatisfiableError,
    http_date,
    not_modified,
    parse_range,
    range_applies,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]

# Players in a browser may come from another origin; nothing here depends on cookies.
ALLOW_ORIGIN = ("Access-Control-Allow-Origin", "*")
#: What apps of another origin may read: else they cannot ask conditionally, nor tell the time.
EXPOSE_HEADERS = ("Access-Control-Expose-Headers", "ETag, Date")
CORS: Headers = [
    ALLOW_ORIGIN,
    ("Access-Control-Expose-Headers", "Content-Length, Content-Range, ETag"),
]
PREFLIGHT: Headers = [
    ALLOW_ORIGIN,
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Range, If-Range, If-None-Match, If-Modified-Since"),
    ("Access-Control-Max-Age", "86400"),
]
NO_METHOD = ("about:blank", "方法不对", "文件只能读取，不能修改。")
NO_RANGE = ("about:blank", "没有这一段", "请求的字节范围超出了文件。")
# Status, title and detail, the same as in deploy/nginx-problems.conf; a store's own message would
# tell the key.
_ERRORS: dict[type[CuntaiError], tuple[str, str, str]] = {
    InvalidInputError: ("400 Bad Request", "请求有误", "地址中有不允许的路径。"),
    ForbiddenError: ("403 Forbidden", "没有权限", "播放地址的签名不对，请重新打开节目。"),
    NotFoundError: ("404 Not Found", "找不到", "文件不存在或已删除。"),
    GoneError: ("410 Gone", "已失效", "播放地址已过期，请重新打开节目。"),
}


class SegmentApp:
    """Serves `/media/…`, `/img/…` and `/notices/…` from a blob store and the recordings' folder.

    Args:
        store: where the files lie; those of a local folder go out by sendfile.
        key: the media key (`signing.media_key`).
        clock: tells when an address has expired.
        recordings: where channels are recorded; None where none are.
        is_page_shown: says of a notice's id and a page's SHA-256 whether that may go out now;
            asked each time. None where there are no notices.
    """

    def __init__(
        self,
        store: BlobStore,
        key: str,
        clock: Clock,
        recordings: Path | None = None,
        is_page_shown: Callable[[int, str], bool] | None = None,
    ) -> None:
        self._store = store
        self._key = key
        self._clock = clock
        self._recordings = recordings
        self._is_page_shown = is_page_shown

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            start_response("204 No Content", PREFLIGHT)
            return []
        if method not in {"GET", "HEAD"}:
            allow = ("Allow", "GET, HEAD, OPTIONS")
            return _problem(environ, start_response, "405 Method Not Allowed", NO_METHOD, allow)
        try:
            # WSGI hands the decoded bytes over as Latin-1 (PEP 3333); keys are ASCII anyway.
            address = resolve(environ["PATH_INFO"], self._key, self._clock.now())
            blob = self._open(address)
        except (InvalidInputError, ForbiddenError, NotFoundError, GoneError) as error:
            status, title, detail = _ERRORS[type(error)]
            return _problem(environ, start_response, status, (error.code, title, detail))
        return _serve(environ, start_response, address, blob)

    def _open(self, address: Address) -> Blob:
        if address.page is not None and not (
            self._is_page_shown and self._is_page_shown(*address.page)
        ):
            raise NotFoundError("这条通知没有发布，或已撤回。")
        if not address.is_recorded:
            return open_blob(self._store, address.blob_key)
        if self._recordings is None:
            raise NotFoundError("没有录像。")
        return open_file(self._recordings / address.blob_key)


def in_front_of(segments: SegmentApp, app: WSGIApplication) -> WSGIApplication:
    """Return an application that gives files to `segments` and everything else to `app`."""

    def dispatch(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        inner = segments if environ["PATH_INFO"].startswith(PREFIXES) else app
        return inner(environ, start_response)

    return dispatch


def _serve(
    environ: WSGIEnvironment, start_response: StartResponse, address: Address, blob: Blob
) -> Iterable[bytes]:
    """Answer with the file, a part of it, or the word that the client's copy is good."""
    is_text = address.blob_key.endswith((".m3u8", ".vtt"))
    zipped = is_text and _accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f"W/{blob.etag}" if zipped else blob.etag
    headers = [*CORS, ("Cache-Control", address.cache_control), ("ETag", etag)]
    if blob.modified_s is not None:
        headers.append(("Last-Modified", http_date(blob.modified_s)))
    if is_text:
        headers.append(("Vary", "Accept-Encoding"))
    if not_modified(
        if_none_match=environ.get("HTTP_IF_NONE_MATCH"),
        if_modified_since=environ.get("HTTP_IF_MODIFIED_SINCE"),
        etag=etag,
        modified_s=blob.modified_s,
    ):
        blob.close()
        start_response("304 Not Modified", headers)
        return []
    headers.append(("Content-Type", media_type(address.blob_key)))
    if zipped:
        return _serve_gzipped(environ, start_response, headers, blob)
    headers.append(("Accept-Ranges", "bytes"))
    return _serve_bytes(environ, start_response, headers, blob)


def _serve_gzipped(
    environ: WSGIEnvironment, start_response: StartResponse, headers: Headers, blob: Blob
) -> Iterable[bytes]:
    """Answer with a text in gzip; a playlist of two hours is some 40 KB: memory is no matter."""
    packed = gzip.compress(blob.read_all(), compresslevel=6, mtime=0)
    headers += [("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))]
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [packed]


def _serve_bytes(
    environ: WSGIEnvironment, start_response: StartResponse, headers: Headers, blob: Blob
) -> Iterable[bytes]:
    """Answer with the file as it is, or the part of it that is asked for."""
    asked = environ.get("HTTP_RANGE")
    if asked and not range_applies(
        environ.get("HTTP_IF_RANGE"), etag=blob.etag, modified_s=blob.modified_s
    ):
        asked = None
    try:
        part = parse_range(asked, blob.size)
    except RangeNotSatisfiableError:
        blob.close()
        size = ("Content-Range", f"bytes */{blob.size}")
        return _problem(environ, start_response, "416 Range Not Satisfiable", NO_RANGE, size)
    if part is not None:
        headers.append(("Content-Range", part.content_range(blob.size)))
    status = "200 OK" if part is None else "206 Partial Content"
    part = part or ByteRange(0, blob.size)
    headers.append(("Content-Length", str(part.length)))
    if environ["REQUEST_METHOD"] == "HEAD":
        blob.close()
        body: Iterable[bytes] = []
    else:
        # Before the status goes out: a remote store may still say that it has no such file.
        body = body_of(environ, blob, part)
    start_response(status, headers)
    return body


def _accepts_gzip(accept_encoding: str) -> bool:
    for item in accept_encoding.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False


def _problem(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: str,
    words: tuple[str, str, str],
    *more: tuple[str, str],
) -> Iterable[bytes]:
    """Answer with application/problem+json (RFC 9457); `words` are its type, title and detail."""
    kind, title, detail = words
    problem = {"type": kind, "title": title, "status": int(status[:3]), "detail": detail}
    body = json.dumps(problem, ensure_ascii=False).encode()
    headers = [
        ALLOW_ORIGIN,
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *more,
    ]
    start_response(status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
