"""`/tv/`: the TV app as one page, its later scripts, and what flashed boxes renew themselves by."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from core.errors import NotFoundError
from stb_app.bundle import LATER, bundle
from vod_server.web.access import requires

tv = Blueprint("tv", __name__)

TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "txt": "text/plain",
    "json": "application/json",
}
VENDOR_MAX_AGE_S = 86400
VERSIONED_MAX_AGE_S = 365 * 86400


@cache
def _files() -> dict[str, tuple[bytes, bytes, str]]:
    """Return every file of the app: plain, gzipped, ETag."""
    return {
        name: (body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest()[:24])
        for name, body in bundle().items()
    }


def _cache_control(name: str) -> str:
    """Return how long a file may be kept: the page never unasked, a name with a hash for ever."""
    if name in {"index.html", "version.json"}:
        return "public, max-age=0"
    if name.partition("-")[0] in {*LATER, "app"}:
        return f"public, max-age={VERSIONED_MAX_AGE_S}, immutable"
    return f"public, max-age={VENDOR_MAX_AGE_S}"


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
    headers = {
        "ETag": f'"{etag}"',
        "Cache-Control": _cache_control(name),
        "Vary": "Accept-Encoding",
        # Flashed boxes renew themselves from here, whatever origin their page has.
        "Access-Control-Allow-Origin": "*",
    }
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body = zipped
        headers["Content-Encoding"] = "gzip"
    return Response(body, mimetype=TYPES.get(name.rpartition(".")[2]), headers=headers)
