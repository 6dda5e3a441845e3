"""The visitor's unfinished uploads, for the rows that a reloaded page shows."""

from __future__ import annotations

from flask import Response, jsonify, url_for
from flask_wtf.csrf import generate_csrf

from core.db import read_scope
from vod_server.media.uploads.service import list_open, offset_bytes
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin


@admin.get("/uploads")
@requires("upload.create")
def open_uploads() -> Response:
    """Return what still waits for bytes: `{"items": […], "csrf_token"}`."""
    here = house()
    with read_scope(here.sessions) as session:
        found = list_open(session, visitor().person_id, now=here.clock.now())
        items = [
            {
                "id": upload.id,
                "url": url_for("uploads.upload", upload_id=upload.id),
                "file_name": upload.file_name,
                "fingerprint": upload.fingerprint,
                "length_bytes": upload.length_bytes,
                "offset_bytes": offset_bytes(here.uploads, upload),
            }
            for upload in found
        ]
    # A page left open over a new sign-in learns the token that holds now.
    return jsonify({"items": items, "csrf_token": generate_csrf()})
