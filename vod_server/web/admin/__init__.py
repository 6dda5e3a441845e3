"""The admin pages: `/admin/`."""

from __future__ import annotations

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")

from vod_server.web.admin import (  # noqa: E402, F401 - they register views
    editing,
    jobs,
    layout,
    moves,
    posters,
    sign_in,
    title_page,
    titles,
    uploads,
)
