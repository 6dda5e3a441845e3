"""What boxes send, small JSON objects, and replies that are one box's alone."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, jsonify, request

from core.errors import InvalidInputError

#: Boxes send little; and anybody may send something.
BODY_MAX_BYTES = 16 * 1024
BOX_MAX_AGE_S = 60


def json_body() -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        InvalidInputError: it is none.
        RequestEntityTooLarge: (werkzeug's) it is over `BODY_MAX_BYTES`.
    """
    request.max_content_length = BODY_MAX_BYTES
    try:
        value = request.get_json(silent=True)
    except RecursionError:  # thousands of brackets
        value = None
    if not isinstance(value, dict):
        raise InvalidInputError("请求的内容要是 JSON 对象。")
    return value


def clean(text: str) -> str:
    """Return a text with a space for everything that cannot be read.

    PostgreSQL refuses NUL, and no database takes half of a surrogate pair.
    """
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def text_of(body: dict[str, Any], name: str, longest: int) -> str:
    """Return a text of a body, clean and cut; empty when it is not there.

    Raises:
        InvalidInputError: it is no text.
    """
    value = body.get(name, "")
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} 要是文字。", field=name)
    return clean(value)[:longest]


def own_reply(value: dict[str, Any]) -> Response:
    """Return what is one box's alone."""
    reply = jsonify(value)
    reply.headers["Cache-Control"] = "no-store"
    return reply


def tagged_reply(value: dict[str, Any]) -> Response:
    """Return what is one box's alone, with its ETag; or 304 where the box has it."""
    body = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    tag = hashlib.sha256(body).hexdigest()[:24]
    headers = {
        "ETag": f'W/"{tag}"',
        "Cache-Control": f"private, max-age={BOX_MAX_AGE_S}",
        "Vary": "Authorization",
    }
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    return Response(body, mimetype="application/json", headers=headers)
