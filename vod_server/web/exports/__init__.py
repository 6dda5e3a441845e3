"""Other people's players: M3U, XMLTV and the Xtream paths, for Kodi, VLC, TiviMate and the like."""

from __future__ import annotations

from flask import Blueprint

#: `/playlist.m3u`, `/xmltv.xml`, `/xmltv.xml.gz`.
exports = Blueprint("exports", __name__)

#: The Xtream paths; some clients POST to them, without cookie or CSRF token.
xtream = Blueprint("xtream", __name__)

# Each module adds its routes to a blueprint above.
from vod_server.web.exports import (  # noqa: E402 - they need the blueprints
    guide,
    playlist,
    xtream_api,
    xtream_play,
)

__all__ = ["exports", "guide", "playlist", "xtream", "xtream_api", "xtream_play"]
