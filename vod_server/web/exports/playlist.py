"""`/playlist.m3u`: the channels as an M3U list that players load as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import cast

from flask import Response, current_app, request
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from epg.channels.exporting import DIRECTIVES, channel_attributes, kept_attributes
from epg.channels.m3u import Entry, Playlist, without, write_m3u
from epg.channels.reading import exported_ids, visible_channels
from epg.channels.tables import Channel
from vod_server.web.access import house, requires
from vod_server.web.exports import exports
from vod_server.web.exports.asking import Asker, asker_by_key
from vod_server.web.exports.replies import BASE_MARK, KEY_MARK, absolute, filled, list_reply
from vod_server.web.playing import catchup_days, live_url
from vod_server.web.rendered import RenderedCache

M3U_TYPE = "audio/x-mpegurl; charset=utf-8"

#: What a list once said of its operator's address is not true of ours.
_OPERATORS = (
    "catchup",
    "catchup-type",
    "catchup-days",
    "catchup-source",
    "catchup-correction",
    "timeshift",
    "tvg-rec",
    "tvg-shift",
    "ch-number",
    "channel-number",
)

# Kodi replaces each placeholder once only. It asks for a quarter of an hour more than a programme
# has, which may lie ahead, and begins what still grows at its edge: it is given a closed window.
_EPOCH_SOURCE = "start={utc}&end={utcend}&vod=1"
_CN_SOURCE = "playseek=${(b)yyyyMMddHHmmss}-${(e)yyyyMMddHHmmss}"


@exports.get("/playlist.m3u")
@requires("public")
def m3u() -> Response:
    """Return the channels the asker may see; `?key=` is a household's, `?format=cn` for 酷9 etc."""
    form = request.args.get("format", "")
    if form not in {"", "cn"}:
        raise InvalidInputError("format 只能是 cn。", field="format")
    return playlist_reply(asker_by_key(), is_cn=form == "cn")


def playlist_reply(asker: Asker, *, is_cn: bool = False) -> Response:
    """Return the list of somebody."""
    now = house().clock.now()
    keyed = asker.key is not None

    def render(session: Session) -> bytes:
        return _render(session, asker.place_path, now, keyed=keyed, is_cn=is_cn).encode()

    cache = cast(RenderedCache, current_app.extensions["rendered"])
    kept = cache.get(("m3u", asker.place_path, keyed, is_cn), render)
    return list_reply(filled(kept.body, asker.key), M3U_TYPE, private=keyed)


def _render(
    session: Session, place_path: str | None, now: datetime, *, keyed: bool, is_cn: bool
) -> str:
    ids = exported_ids(session)
    guide = f"{BASE_MARK}/xmltv.xml.gz" + (f"?key={KEY_MARK}" if keyed else "")
    entries = [
        _entry(channel, ids[channel.id], now, keyed=keyed, is_cn=is_cn)
        for channel in visible_channels(session, place_path)
    ]
    header = {"x-tvg-url": guide, "url-tvg": guide}
    return write_m3u(Playlist(tuple(entry for entry in entries if entry.url), header))


def _entry(channel: Channel, tvg_id: str, now: datetime, *, keyed: bool, is_cn: bool) -> Entry:
    attributes = channel_attributes(channel, tvg_id=tvg_id, names=[channel.name])
    if channel.logo:
        attributes["tvg-logo"] = absolute(channel.logo)
    # Players split at the last comma, or the first: a name must not hold one.
    name = channel.name.replace(",", "，")
    url = live_url(channel, now, KEY_MARK if keyed else None)
    if channel.kind == "reference":
        lines = tuple(str(line) for line in channel.attributes.get(DIRECTIVES, ()))
        return Entry(name, url, attributes, lines)
    own = without(attributes, kept_attributes(channel.attributes).keys() & set(_OPERATORS))
    entry = Entry(name, absolute(url), own)
    return _with_catchup(entry, catchup_days(channel), keyed=keyed, is_cn=is_cn)


def _with_catchup(entry: Entry, days: int, *, keyed: bool, is_cn: bool) -> Entry:
    if not days:
        return entry
    if is_cn:
        # Appended as it stands: the address itself holds a `?` only where it needs one.
        url = entry.url if keyed else entry.url.partition("?")[0]
        source = f"{'&' if keyed else '?'}{_CN_SOURCE}"
        catchup = {"catchup": "append", "catchup-days": str(days), "catchup-source": source}
        return replace(entry, url=url, attributes={**entry.attributes, **catchup})
    source = f"{entry.url}&{_EPOCH_SOURCE}"
    catchup = {"catchup": "default", "catchup-days": str(days), "catchup-source": source}
    return replace(entry, attributes={**entry.attributes, **catchup})
