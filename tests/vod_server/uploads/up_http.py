"""tus requests over a raw connection, so that a test can break off where it wants."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Mapping

from tests.vod_server.uploads.up_server import PREFIX, Server

Reply = tuple[int, dict[str, str], bytes]


def ask(
    server: Server,
    method: str,
    path: str = PREFIX,
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] | None = None,
) -> Reply:
    """Send one request; return status, headers in lower case, body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, body=body, headers={**TUS, **(headers or {})})
        reply = connection.getresponse()
        named = {name.lower(): value for name, value in reply.getheaders()}
        return reply.status, named, reply.read()
    finally:
        connection.close()


TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = "application/offset+octet-stream"


def create(server: Server, length: int) -> str:
    """Create an upload; return its path."""
    status, headers, body = ask(server, "POST", headers={"Upload-Length": str(length)})
    assert status == 201, body
    return headers["location"]


def patch_headers(offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Content-Type": CHUNK}


def patch(
    server: Server, path: str, offset: int, body: bytes | Iterable[bytes], **headers: str
) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(server, "PATCH", path, {**patch_headers(offset), **named}, body)


def offset_of(server: Server, path: str) -> int:
    status, headers, _body = ask(server, "HEAD", path)
    assert status == 200
    return int(headers["upload-offset"])


def begin_patch(
    server: Server, path: str, offset: int, length: int, **headers: str
) -> http.client.HTTPConnection:
    """Send the head of a PATCH that promises `length` bytes; its body is the caller's to send."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("PATCH", path)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    everything = {**TUS, **patch_headers(offset), "Content-Length": str(length), **named}
    for name, value in everything.items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection
