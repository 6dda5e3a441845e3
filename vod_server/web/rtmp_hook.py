"""The question of nginx-rtmp before it takes a stream: whether its key is a channel's."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import read_scope
from core.errors import ForbiddenError
from epg.channels.tables import Channel, ChannelSource
from vod_server.web.access import house, requires

rtmp_hook = Blueprint("rtmp_hook", __name__)

log = structlog.get_logger()

LOOPBACK = frozenset({"127.0.0.1", "::1"})
#: Room for a key in `Channel.stream_key`.
LONGEST_KEY = 64


@rtmp_hook.post("/internal/rtmp/publish")
@requires("public")
def publish() -> Response:
    """Answer `on_publish` of nginx-rtmp: 204 lets the encoder send, 403 ends its connection.

    The form's `name` is the stream key. Only this machine may ask, or keys could be guessed here.

    Raises:
        ForbiddenError: the question comes from elsewhere, or no wanted channel has this key.
    """
    # A proxy that is not declared makes everybody seem to come from this machine.
    proxied = "X-Forwarded-For" in request.headers
    if proxied or request.remote_addr not in LOOPBACK:
        raise ForbiddenError("这里只给本机的推流服务器询问。")
    with read_scope(house().sessions) as session:
        channel_id = pushed_channel(session, request.form.get("name", ""))
    address = request.form.get("addr", "")[:64]
    if channel_id is None:
        log.warning("rtmp.refused", address=address)
        raise ForbiddenError("没有这个推流密钥，或频道没有开播。")
    log.info("rtmp.publish", channel=channel_id, address=address)
    return Response(status=204)


def pushed_channel(session: Session, key: str) -> int | None:
    """Return the channel that takes a stream pushed with a key, None when none does.

    It must be wanted on air and have a source of kind `push`.
    """
    if not 0 < len(key) <= LONGEST_KEY or "\0" in key:
        return None
    return session.scalar(
        select(Channel.id).where(
            Channel.stream_key == key,
            Channel.kind == "live",
            Channel.wanted,
            Channel.sources.any(ChannelSource.kind == "push"),
        )
    )
