"""Where a box goes on watching."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from catalog.titles import reading
from catalog.titles.model import is_finished
from catalog.titles.resume import forget, history, positions, save_position
from catalog.titles.tables import ResumePosition, Title
from core.db import read_scope, session_scope
from core.errors import InvalidInputError, UnauthenticatedError
from county.boxes import PairedBox
from vod_server.web.access import find_box, house, requires
from vod_server.web.api.bodies import json_body, own_reply

resume_api = Blueprint("resume_api", __name__)


@resume_api.get("/resume")
@requires("box")
def list_positions() -> Response:
    """Return what the box may go on with, newest first."""
    here, box = house(), find_box()
    items: list[dict[str, Any]] = []
    if box is not None:
        with read_scope(here.sessions) as session:
            rows = positions(session, box, now=here.clock.now())
            items = [_item(title, row) for title, row in rows]
    return own_reply({"items": items})


@resume_api.get("/history")
@requires("box")
def list_history() -> Response:
    """Return a page of what the box has watched, newest first."""
    here, box = house(), find_box()
    items: list[dict[str, Any]] = []
    following = None
    if box is not None:
        cursor = request.args.get("cursor")
        with read_scope(here.sessions) as session:
            rows, following = history(session, box, now=here.clock.now(), cursor=cursor)
            items = [
                _item(title, row) | {"finished": is_finished(row.position_s, title.duration_s)}
                for title, row in rows
            ]
    return own_reply({"items": items, "next": following})


@resume_api.delete("/history", defaults={"title_id": None})
@resume_api.delete("/history/<int:title_id>")
@requires("box")
def forget_history(title_id: int | None) -> Response:
    """Forget one title, or everything, that the box has watched."""
    box = _paired()
    with session_scope(house().sessions) as session:
        forget(session, box, title_id)
    return Response(status=204)


def _item(title: Title, row: ResumePosition) -> dict[str, Any]:
    return {
        "title": reading.card(title),
        "position_s": row.position_s,
        "duration_s": title.duration_s,
        "updated_at": row.updated_at.isoformat().replace("+00:00", "Z"),
    }


def _paired() -> PairedBox:
    box = find_box()
    if box is None:
        raise UnauthenticatedError("机顶盒还没有绑定，播放位置只记在盒子里。")
    return box


@resume_api.put("/titles/<int:title_id>/resume")
@requires("box")
def put_position(title_id: int) -> Response:
    """Remember where the box is in a title."""
    here, box = house(), _paired()
    position_s = json_body().get("position_s")
    if isinstance(position_s, bool) or not isinstance(position_s, int | float):
        raise InvalidInputError("缺少播放位置。", field="position_s")
    # A whole number may be larger than any float.
    position_s = max(-1, min(position_s, 10**7)) if isinstance(position_s, int) else position_s
    with session_scope(here.sessions) as session:
        now = here.clock.now()
        reading.visible_title(session, title_id, box.place_path, now=now)
        save_position(session, box, title_id, float(position_s), now=now)
    return Response(status=204)
