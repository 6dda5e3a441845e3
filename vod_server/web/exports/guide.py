"""`/xmltv.xml` and `/xmltv.xml.gz`: past programmes for as long as they are kept, and a week."""

from __future__ import annotations

import gzip
import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import cast

from flask import Response, current_app, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session
from werkzeug.http import http_date

from catalog.titles.service import catalog_version
from core.db import read_scope
from epg.channels.reading import exported_ids, visible_channels
from epg.channels.tables import Channel
from epg.channels.version import epg_version
from epg.guide.export import ExportChannel, write_xmltv
from epg.guide.model import Entry
from epg.guide.reading import entries
from vod_server.web.access import house, requires
from vod_server.web.exports import exports
from vod_server.web.exports.asking import Asker, asker_by_key
from vod_server.web.exports.replies import base_url

XML_TYPE = "application/xml; charset=utf-8"
GZIP_TYPE = "application/gzip"

DAY_S = 86400
DAYS_AHEAD = 7

#: Channels whose programmes are in memory at once while a guide is written.
BATCH = 20
#: Guides a process keeps, zipped: places see different channels, and ask for different days.
MAX_KEPT = 8
MAX_AGE_S = 300


@dataclass(frozen=True, slots=True)
class Written:
    """A guide as it was written: zipped, its ETag, and when (in whole seconds)."""

    zipped: bytes
    etag: str
    at: datetime


class KeptGuides:
    """The last guides that were asked for; one is written at a time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Written] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, now: datetime, write: Callable[[], Iterator[bytes]]) -> Written:
        """Return the guide of a key, written where it is new."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = _zip(write(), now)
                self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
            return found


@exports.record
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["guides"] = KeptGuides()


@exports.get("/xmltv.xml")
@requires("public")
def xmltv() -> Response:
    """Return the guide of the channels the asker may see."""
    return guide_reply(asker_by_key())


@exports.get("/xmltv.xml.gz")
@requires("public")
def xmltv_gz() -> Response:
    """Return the same as a gzip file."""
    return guide_reply(asker_by_key(), as_file=True)


def guide_reply(
    asker: Asker, *, as_file: bool = False, days: int = DAYS_AHEAD, past_days: int = 366
) -> Response:
    """Return the guide of somebody.

    Args:
        asker: who.
        as_file: as a gzip file, not as XML that the transfer may zip.
        days: how far ahead.
        past_days: how far back at most; a channel's retention decides before.
    """
    found = _written(asker, days, past_days)
    headers = [
        ("ETag", f'W/"{found.etag}"'),
        ("Last-Modified", http_date(found.at)),
        ("Cache-Control", f"{'private' if asker.key else 'public'}, max-age={MAX_AGE_S}"),
        ("Vary", "Accept-Encoding"),
    ]
    if _is_known(found):
        return Response(status=304, headers=headers)
    if as_file:
        return Response(found.zipped, content_type=GZIP_TYPE, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers.append(("Content-Encoding", "gzip"))
        return Response(found.zipped, content_type=XML_TYPE, headers=headers)
    return Response(gzip.decompress(found.zipped), content_type=XML_TYPE, headers=headers)


def _is_known(found: Written) -> bool:
    """Say whether the asker has this one already (RFC 9110 §13.2.2: the tag decides)."""
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        return found.etag in tags
    since = request.headers.get("If-Modified-Since")
    try:
        return since is not None and found.at <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _written(asker: Asker, days: int, past_days: int) -> Written:
    here = house()
    now = here.clock.now()
    # By the hour: within one nothing moves but what raises a version.
    hour_s = int(now.timestamp()) // 3600 * 3600
    base = base_url()
    kept = cast(KeptGuides, current_app.extensions["guides"])
    with read_scope(here.sessions) as session:
        channels = visible_channels(session, asker.place_path)
        ids = tuple(channel.id for channel in channels)
        version = (catalog_version(session), epg_version(session))

        def write() -> Iterator[bytes]:
            refs = exported_ids(session)
            listed = [_listed(channel, refs[channel.id], base) for channel in channels]
            found = _programmes(session, channels, hour_s, days, past_days)
            return write_xmltv(listed, found, generator_url=base)

        return kept.get((version, ids, hour_s, days, past_days, base), now, write)


def _listed(channel: Channel, ref: str, base: str) -> ExportChannel:
    icon = f"{base}{channel.logo}" if channel.logo.startswith("/") else channel.logo
    names = list(dict.fromkeys([channel.name, *channel.names]))
    return ExportChannel(channel.id, ref, names, icon)


def _programmes(
    session: Session, channels: Sequence[Channel], now_s: int, days: int, past_days: int
) -> Iterator[Entry]:
    for at in range(0, len(channels), BATCH):
        batch = channels[at : at + BATCH]
        kept_s = {one.id: min(max(one.retention_days, 1), past_days) * DAY_S for one in batch}
        begin_s = now_s - max(kept_s.values())
        found = entries(session, list(kept_s), begin_s, now_s + days * DAY_S)
        for channel_id, back_s in kept_s.items():
            yield from (one for one in found[channel_id] if one.stop_s > now_s - back_s)


def _zip(pieces: Iterator[bytes], now: datetime) -> Written:
    digest = hashlib.sha256()
    zipped = io.BytesIO()
    # No time in its head: the same guide is the same bytes in every process.
    with gzip.GzipFile(fileobj=zipped, mode="wb", compresslevel=6, mtime=0) as packer:
        for piece in pieces:
            digest.update(piece)
            packer.write(piece)
    return Written(zipped.getvalue(), digest.hexdigest()[:24], now.replace(microsecond=0))
