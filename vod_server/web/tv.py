"""`/tv/`: the TV app as one page, and the players it loads only when it needs them."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from core.errors import NotFoundError
from stb_app.bundle import bundle
from vod_server.web.access import requires

tv = Blueprint("tv", __name__)

TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "txt": "text/plain"}
VENDOR_MAX_AGE_S = 86400


@cache
def _files() -> dict[str, tuple[bytes, bytes, str]]:
    """Return every file of the app: plain, gzipped, ETag."""
    return {
        name: (body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest()[:24])
        for name, body in bundle().items()
    }


@tv.get("/")
@requires("public")
def root() -> AnyResponse:
    """Lead people who typed the bare address to the TV app."""
    return redirect("/tv/")


@tv.get("/tv/", defaults={"name": "index.html"})
@tv.get("/tv/<path:name>")
@requires("public")
def app_file(name: str) -> Response:
    """Return a file of the app."""
    found = _files().get(name)
    if found is None:
        raise NotFoundError("没有这个文件。")
    body, zipped, etag = found
    max_age_s = 0 if name == "index.html" else VENDOR_MAX_AGE_S
    headers = {
        "ETag": f'"{etag}"',
        "Cache-Control": f"public, max-age={max_age_s}",
        "Vary": "Accept-Encoding",
    }
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body = zipped
        headers["Content-Encoding"] = "gzip"
    return Response(body, mimetype=TYPES.get(name.rpartition(".")[2]), headers=headers)
