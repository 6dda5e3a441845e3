"""`/api/v1/uploads`: the tus protocol, joined to people and the catalogue."""

from __future__ import annotations

from flask import Blueprint

from core.errors import ForbiddenError
from vod_server.bootstrap import House
from vod_server.media.uploads.model import UploadLimits
from vod_server.taking_in import take_in
from vod_server.web.access import requires, visitor
from vod_server.web.tus import TusParts, make_tus_blueprint


def make_uploads(house: House) -> Blueprint:
    """Return the blueprint of uploads of an installation."""
    settings = house.settings
    parts = TusParts(
        sessions=house.sessions,
        store=house.uploads,
        clock=house.clock,
        limits=UploadLimits(settings.upload_max_bytes, settings.upload_ttl_s),
        current_owner=_owner,
        on_complete=take_in(house),
        on_committed=house.waker.wake,
        mark_view=requires("upload.create"),
    )
    return make_tus_blueprint(parts)


def _owner() -> int:
    person = visitor()
    if not person.may_anywhere("upload.create"):
        raise ForbiddenError("您没有上传的权限，请联系县管理员。")
    return person.person_id
