"""`/vod/<id>/index.m3u8`: the multivariant playlist of a title, signed for its segments."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from catalog.titles import reading
from catalog.titles.renditions import Measured
from catalog.titles.service import get_title
from catalog.titles.tables import Title
from core.db import read_scope
from core.errors import ForbiddenError, NotFoundError
from vod_server.bootstrap import House
from vod_server.streams.playlists import multivariant_playlist
from vod_server.streams.signing import expires_at, media_prefix, verify_playback
from vod_server.web.access import find_box, find_visitor, house, requires
from vod_server.web.replies import rendered_reply

vod = Blueprint("vod", __name__)

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"


@vod.get("/vod/<int:title_id>/index.m3u8")
@requires("box")
def multivariant(title_id: int) -> Response:
    """Return the multivariant playlist; its right is the address's signature, or the asker's own.

    A signed address (`playback_url` of a title) was given to somebody who may see the title. It
    stops working at once when the title is withdrawn. Without one, what is public may be played
    by anybody, the rest by a box with its token and by staff who may see drafts.
    """
    here = house()
    now = here.clock.now()
    preview = _check_right(here, title_id, now)
    expires = expires_at(now, here.settings.address_ttl_s)

    def render(session: Session) -> bytes:
        title = get_title(session, title_id)
        if title.state != "published" and not preview:
            raise NotFoundError("没有这个节目，可能已下架。")
        return _playlist(here, session, title, expires).encode()

    key = ("multivariant", title_id, expires, preview)
    return rendered_reply(key, render, max_age_s=0, private=True, mimetype=PLAYLIST_TYPE)


def _check_right(here: House, title_id: int, now: datetime) -> bool:
    """Check that the asker may play the title; return whether as staff who may see drafts."""
    person = find_visitor()
    if person is not None:
        with read_scope(here.sessions) as session:
            title = get_title(session, title_id)
            if person.may("title.view", title.place.path if title.place else None):
                return True
    raw_expires, signature = request.args.get("e", ""), request.args.get("s", "")
    if signature:
        if not raw_expires.isdecimal() or len(raw_expires) > 12:
            raise ForbiddenError("播放地址不完整，请重新打开节目。")
        verify_playback(here.media_key, title_id, int(raw_expires), signature, now)
        return False
    box = find_box()
    with read_scope(here.sessions) as session:
        reading.visible_title(session, title_id, box.place_path if box else None, now=now)
    return False


def _playlist(here: House, session: Session, title: Title, expires: int) -> str:
    ready = reading.ready_renditions(session, title)
    if not ready:
        raise NotFoundError("这个节目还在准备，请稍后再看。")
    prefix = media_prefix(here.media_key, f"vod/{title.id}/{title.media_gen}", expires)

    def address(rendition: Measured, name: str) -> str:
        return f"{prefix}{rendition.name}/{name}"

    return multivariant_playlist(
        ready,
        uri=lambda rendition: address(rendition, "index.m3u8"),
        iframe_uri=lambda rendition: address(rendition, "iframes.m3u8"),
    )
