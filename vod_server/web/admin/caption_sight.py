"""What a title's page shows of its captions: languages, and their first sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.titles.caption_files import MAX_BYTES, first_cues
from catalog.titles.captions import LANGUAGES, caption_key, list_captions
from catalog.titles.tables import TitleCaption
from core.db import read_scope
from core.errors import NotFoundError
from vod_server.web.access import house
from vod_server.web.admin.sight import known_title
from vod_server.web.captions import caption_url

#: Sentences that are shown, and the bytes they surely stand in.
PREVIEW_CUES = 3
PREVIEW_BYTES = 4096


def caption_facts(title_id: int, *, seen: str | None = None) -> dict[str, Any]:
    """Return what the section needs.

    The files are looked at outside any transaction, as their store may be far away; not at all
    where the page has them already.

    Args:
        title_id: whose captions.
        seen: the `captions_word` of what the page has.

    Raises:
        NotFoundError: there is no such title, or the visitor may not know of it.
    """
    with read_scope(house().sessions) as session:
        rows = list_captions(session, known_title(session, title_id).id)
    word = "-".join(row.gen for row in rows)
    is_new = word != seen
    return {
        "captions": rows,
        "captions_word": word,
        "new_captions": is_new,
        "caption_previews": _previews(rows) if is_new else {},
        "caption_languages": LANGUAGES,
        "caption_url": caption_url,
        "caption_max_bytes": MAX_BYTES,
    }


def _previews(rows: Sequence[TitleCaption]) -> dict[str, list[tuple[float, str]]]:
    """Return start in s and text of the first sentences, by language."""
    return {row.language: _preview(row) for row in rows}


def _preview(row: TitleCaption) -> list[tuple[float, str]]:
    key = caption_key(row.title_id, row.gen, row.language)
    try:
        with house().blobs.open(key, length=PREVIEW_BYTES) as file:
            head = file.read()
    except NotFoundError:
        return []  # the page also shows what is broken, so that it can be replaced
    return [(start_ms / 1000, text) for start_ms, text in first_cues(head, PREVIEW_CUES)]
