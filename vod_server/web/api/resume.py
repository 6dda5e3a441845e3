"""Where a box goes on watching."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from catalog.titles import reading
from catalog.titles.resume import positions, save_position
from core.db import read_scope, session_scope
from core.errors import InvalidInputError, UnauthenticatedError
from vod_server.web.access import find_box, house, requires

resume_api = Blueprint("resume_api", __name__)


@resume_api.get("/resume")
@requires("box")
def list_positions() -> Response:
    """Return what the box may go on with, newest first."""
    here, box = house(), find_box()
    items: list[dict[str, Any]] = []
    if box is not None:
        with read_scope(here.sessions) as session:
            items = [
                {
                    "title": reading.card(title),
                    "position_s": row.position_s,
                    "duration_s": title.duration_s,
                    "updated_at": row.updated_at.isoformat().replace("+00:00", "Z"),
                }
                for title, row in positions(session, box, now=here.clock.now())
            ]
    reply = jsonify({"items": items})
    reply.headers["Cache-Control"] = "no-store"
    return reply


@resume_api.put("/titles/<int:title_id>/resume")
@requires("box")
def put_position(title_id: int) -> Response:
    """Remember where the box is in a title."""
    here, box = house(), find_box()
    if box is None:
        raise UnauthenticatedError("机顶盒还没有绑定，播放位置只记在盒子里。")
    value = request.get_json(silent=True)
    position_s = value.get("position_s") if isinstance(value, dict) else None
    if isinstance(position_s, bool) or not isinstance(position_s, int | float):
        raise InvalidInputError("缺少播放位置。", field="position_s")
    with session_scope(here.sessions) as session:
        now = here.clock.now()
        reading.visible_title(session, title_id, box.place_path, now=now)
        save_position(session, box, title_id, float(position_s), now=now)
    return Response(status=204)
