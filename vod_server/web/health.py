"""Whether the process lives (`/healthz`) and whether it can serve (`/readyz`)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.db import read_scope
from vod_server.web.access import house, requires

health = Blueprint("health", __name__)


@health.get("/healthz")
@requires("public")
def healthz() -> Response:
    """Answer as long as the process does."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
@requires("public")
def readyz() -> Response:
    """Answer 200 when the database answers, 503 when not."""
    try:
        with read_scope(house().sessions) as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        reply = jsonify({"database": False})
        reply.status_code = 503
        return reply
    return jsonify({"database": True})
