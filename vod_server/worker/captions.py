"""Captions that come inside a video: taken in with it, where the title has none."""

from __future__ import annotations

import re
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from catalog.titles.caption_files import read_captions
from catalog.titles.captions import (
    DEFAULT_LANGUAGE,
    StoredCaptions,
    attach_captions,
    caption_scope,
    list_captions,
    store_captions,
)
from catalog.titles.tables import Title
from catalog.titles.wants import want_tidy
from core.errors import CuntaiError, JobCancelledError
from core.jobs.runner import JobContext
from vod_server.bootstrap import House
from vod_server.media.subtitles import extract_subtitles
from vod_server.streams.signing import HOUR_S
from vod_server.worker.scratch import title_id_of

log = structlog.get_logger()

#: What containers call a language (ISO 639-2, both ways), and what it is called here (BCP 47).
_LANGUAGES = {
    "eng": "en",
    "tib": "bo",
    "bod": "bo",
    "uig": "ug",
    "mon": "mn",
    "kaz": "kk",
    "kor": "ko",
    "iii": "ii",
    "zha": "za",
    "chi": "zh-CN",
    "zho": "zh-CN",
    "cmn": "zh-CN",
}


def take_inner_captions(
    house: House, context: JobContext, path: Path, folder: Path
) -> StoredCaptions | None:
    """Store the first text subtitles of a video, for a title without captions.

    That it does not work out is logged and keeps no video back.

    Args:
        house: the installation.
        context: of the `ingest` job.
        path: the video.
        folder: scratch.

    Raises:
        JobCancelledError: the job is to stop.
    """
    title_id = title_id_of(context)
    with context.scope() as session:
        if list_captions(session, title_id):
            return None
    try:
        found = extract_subtitles(path, folder, should_stop=context.should_stop)
        if found is None:
            return None
        captions = read_captions(found.raw)
        return store_captions(house.blobs, title_id, captions, language=language_of(found.language))
    except JobCancelledError:
        raise
    except (CuntaiError, OSError) as error:
        log.warning("captions not taken in", title=title_id, reason=str(error))
        return None


def language_of(word: str) -> str:
    """Return the language of a stream by its tag; what is not told is Chinese here."""
    if word in _LANGUAGES:
        return _LANGUAGES[word]
    is_told = re.fullmatch("[a-z]{3}", word) and word not in {"und", "mis", "mul", "zxx"}
    return word if is_told else DEFAULT_LANGUAGE


def attach_inner_captions(
    house: House, session: Session, title: Title, stored: StoredCaptions | None
) -> None:
    """Attach what `take_inner_captions` stored, unless somebody was quicker."""
    if stored is None:
        return
    now = house.clock.now()
    if list_captions(session, title.id):
        want_tidy(session, title, [caption_scope(title.id, stored.gen)], now=now, delay_s=0)
        return
    keep_s = house.settings.address_ttl_s + HOUR_S
    attach_captions(session, title, stored, actor="system", now=now, keep_s=keep_s)
