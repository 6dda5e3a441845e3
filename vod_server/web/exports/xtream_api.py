"""`/player_api.php`, `/panel_api.php`, `/get.php`, `/xmltv.php`: what Xtream players ask first."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request

from core.db import read_scope
from core.errors import NotFoundError, RateLimitedError, UnauthenticatedError
from county.key_streams import count_streams
from county.tables import HouseholdKey
from vod_server.web.access import house, requires
from vod_server.web.exports import xtream
from vod_server.web.exports import xtream_actions as actions
from vod_server.web.exports.asking import asker_by_query
from vod_server.web.exports.guide import guide_reply
from vod_server.web.exports.playlist import playlist_reply
from vod_server.web.exports.xtream_actions import ACTIONS, Action, Question
from vod_server.web.exports.xtream_guide import wall_clock

#: Stands for never, where players want a string of epoch seconds: the year 2100.
NEVER_S = 4_102_444_800


@xtream.route("/player_api.php", methods=["GET", "POST"])
@requires("public")
def player_api() -> Response:
    """Answer an action; none or an unknown one tells of the household and the server."""
    return _answer(ACTIONS.get(request.values.get("action", ""), _about))


@xtream.route("/panel_api.php", methods=["GET", "POST"])
@requires("public")
def panel_api() -> Response:
    """Return everything at once, as old players want it."""
    return _answer(_panel)


def _answer(action: Action) -> Response:
    here = house()
    now = here.clock.now()
    try:
        asker = asker_by_query()
    except (UnauthenticatedError, RateLimitedError):
        # Players look for this, not for the status.
        return _json({"user_info": {"auth": 0}})
    with read_scope(here.sessions) as session:
        try:
            return _json(action(Question(session, asker, now)))
        except NotFoundError:
            return _json({}, status=404)


def _json(value: Any, *, status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    reply = Response(text, status=status, mimetype="application/json")
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _about(question: Question) -> Any:
    return {"user_info": _user_info(question), "server_info": _server_info(question)}


def _user_info(question: Question) -> Any:
    holder = question.asker.holder
    assert holder is not None  # noqa: S101 - who asks by login has one
    key = question.session.get_one(HouseholdKey, holder.id)
    expires_s = int(key.expires_at.timestamp()) if key.expires_at else NEVER_S
    active = count_streams(question.session, holder.id, now=question.now)
    return {
        "username": f"h{holder.id}",
        "password": question.asker.key,
        "message": "",
        "auth": 1,
        "status": "Active",
        "exp_date": str(expires_s),
        "is_trial": "0",
        "active_cons": str(active),
        "created_at": str(int(key.created_at.timestamp())),
        "max_connections": str(holder.max_streams),
        "allowed_output_formats": ["m3u8", "ts"],
    }


def _server_info(question: Question) -> Any:
    parts = urlsplit(question.base)
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    return {
        "url": parts.hostname or "",
        "port": str(port),
        "https_port": str(port) if is_secure else "",
        "server_protocol": parts.scheme,
        "rtmp_port": "",
        "timezone": "Asia/Shanghai",
        "timestamp_now": question.now_s,
        "time_now": wall_clock(question.now_s),
        "process": True,
    }


def _panel(question: Question) -> Any:
    return _about(question) | {
        "categories": {
            "live": actions.live_categories(question),
            "movie": actions.vod_categories(question),
            "series": actions.series_categories(question),
        },
        "available_channels": {
            str(one["stream_id"]): one
            for one in [*actions.live_streams(question), *actions.vod_streams(question)]
        },
    }


@xtream.route("/get.php", methods=["GET", "POST"])
@requires("public")
def get_list() -> Response:
    """Return the M3U list of a household, whatever `type` and `output` say."""
    return playlist_reply(asker_by_query())


@xtream.route("/xmltv.php", methods=["GET", "POST"])
@requires("public")
def get_guide() -> Response:
    """Return the guide of a household; `days` ahead and `prev_days` back."""
    asker = asker_by_query()
    return guide_reply(asker, days=_days("days", 7), past_days=_days("prev_days", 366))


def _days(name: str, most: int) -> int:
    text = request.values.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        return most
    return max(1, min(int(text), most))
