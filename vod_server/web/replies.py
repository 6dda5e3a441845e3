"""Replies from the rendered cache: ETag, max-age, 304."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import cast

from flask import Response, current_app, request
from sqlalchemy.orm import Session

from vod_server.web.rendered import RenderedCache


def rendered_reply(
    key: Hashable,
    render: Callable[[Session], bytes],
    *,
    max_age_s: int,
    private: bool,
    mimetype: str = "application/json",
) -> Response:
    """Return the rendered body of a key, or 304 when the asker has it already.

    Args:
        key: what identifies the body, everything it depends on but the catalogue's version.
        render: makes the body from the database.
        max_age_s: how long the asker need not ask again; 0 makes it ask with its ETag each time.
        private: whether shared caches must not keep it.
        mimetype: of the body.
    """
    cache = cast(RenderedCache, current_app.extensions["rendered"])
    found = cache.get(key, render)
    headers = [
        # Weak: the gzipped form has other bytes under the same tag (RFC 9110 §8.8.1).
        ("ETag", f'W/"{found.etag}"'),
        ("Cache-Control", f"{'private' if private else 'public'}, max-age={max_age_s}"),
        ("Vary", "Authorization, Accept-Encoding"),
    ]
    if found.etag in request.environ.get("HTTP_IF_NONE_MATCH", ""):
        return Response(status=304, headers=headers)
    body = found.body
    if "gzip" in request.environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = found.zipped
        headers.append(("Content-Encoding", "gzip"))
    return Response(body, mimetype=mimetype, headers=headers)
