"""Bodies of lists: absolute addresses, ETag, gzip, conditional requests."""

from __future__ import annotations

import gzip
import hashlib
from urllib.parse import quote

from flask import Response, request

from vod_server.web.access import house

#: Stand in kept bodies for what differs between askers of one place. `~` passes a query as it is.
BASE_MARK = "~this-server~"
KEY_MARK = "~this-household~"


def base_url() -> str:
    """Return the address of this server as players shall use it, without a slash at its end."""
    return (house().settings.public_url or request.url_root).rstrip("/")


def absolute(address: str) -> str:
    """Return an address of ours with `BASE_MARK` before it; others as they are."""
    return f"{BASE_MARK}{address}" if address.startswith("/") else address


def filled(body: bytes, key: str | None) -> bytes:
    """Return a kept body for this asker."""
    body = body.replace(BASE_MARK.encode(), base_url().encode())
    return body.replace(KEY_MARK.encode(), quote(key or "", safe="").encode())


def list_reply(body: bytes, mimetype: str, *, private: bool, max_age_s: int = 60) -> Response:
    """Return a body with its ETag, gzipped where the asker takes it; or 304."""
    etag = hashlib.sha256(body).hexdigest()[:24]
    headers = [
        ("ETag", f'W/"{etag}"'),
        ("Cache-Control", f"{'private' if private else 'public'}, max-age={max_age_s}"),
        ("Vary", "Accept-Encoding"),
    ]
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, 5, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    return Response(body, content_type=mimetype, headers=headers)
