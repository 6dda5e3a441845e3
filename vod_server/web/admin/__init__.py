"""The admin pages: `/admin/`."""

from __future__ import annotations

from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin")

from vod_server.web.admin import (  # noqa: E402, F401 - they register views
    alerts,
    box_boot,
    box_pairing,
    boxes,
    captions,
    channel_air,
    channel_editing,
    channel_loop,
    channel_page,
    channel_sources,
    channel_transfer,
    channels,
    editing,
    feeds,
    guide,
    jobs,
    keys,
    layout,
    matching,
    moves,
    notice_pages,
    notices,
    posters,
    questions,
    recordings,
    remotes,
    sign_in,
    title_page,
    titles,
    uploads,
)
