"""tus requests through Flask's test client."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PREFIX = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = "application/offset+octet-stream"


def create(client: FlaskClient, length: int | str = 10, **headers: str) -> TestResponse:
    return client.post(PREFIX, headers={**TUS, "Upload-Length": str(length), **named(headers)})


def made(client: FlaskClient, length: int = 10, **headers: str) -> str:
    reply = create(client, length, **headers)
    assert reply.status_code == 201, reply.json
    return str(reply.headers["Location"])


def patch(client: FlaskClient, path: str, offset: Any, body: bytes, **headers: str) -> TestResponse:
    own = {**TUS, "Upload-Offset": str(offset), "Content-Type": CHUNK}
    return client.patch(path, headers={**own, **named(headers)}, data=body)


def head(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.head(path, headers={**TUS, **named(headers)})


def named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def problem(reply: TestResponse) -> dict[str, Any]:
    assert reply.mimetype == "application/problem+json"
    body: dict[str, Any] = reply.get_json(force=True)
    assert body["status"] == reply.status_code
    assert any("\u4e00" <= sign <= "\u9fff" for sign in body["detail"])
    return body


def checksum_of(body: bytes, algorithm: str = "sha1") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, body).digest()).decode()}"
