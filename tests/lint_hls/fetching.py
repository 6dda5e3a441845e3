"""How the lint gets its bytes: any function of an address, or plain HTTP."""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Response:
    """A reply as it came: redirects are not followed, for they are a fault."""

    status: int
    body: bytes  #: with Content-Encoding taken off
    headers: Mapping[str, str] = field(default_factory=dict)  #: names in lower case


Fetch = Callable[[str], Response]


def http_fetch(url: str) -> Response:
    """Get an address over HTTP, offering gzip and following nothing."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        reply = connection.getresponse()
        headers = {name.lower(): value for name, value in reply.getheaders()}
        body = reply.read()
    finally:
        connection.close()
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return Response(reply.status, body, headers)
