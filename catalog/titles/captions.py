"""Verbs on the captions of titles: store, attach, remove, bring back, list.

A file is stored first, outside any transaction, under a generation of its own; `attach_captions`
then makes it the one that is shown. Files that are no longer shown go by a `tidy` job, once no
signed address leads to them; until then they can be brought back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles.caption_files import Captions, count_cues
from catalog.titles.service import new_generation, touch_catalog
from catalog.titles.tables import Title, TitleCaption
from catalog.titles.wants import want_tidy
from core.blobs import BlobStore
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.jobs.service import cancel
from core.jobs.tables import Job

DEFAULT_LANGUAGE = "zh-CN"

#: Languages that are offered, and what viewers are shown of them.
LANGUAGES = {
    "zh-CN": "中文",
    "en": "English",
    "bo": "藏文",
    "ug": "维吾尔文",
    "mn": "蒙古文",
    "kk": "哈萨克文",
    "ko": "朝鲜文",
    "ii": "彝文",
    "za": "壮文",
}

# Language, script, region (RFC 5646 §2.1) as they are written by custom; a part of a blob key.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", re.ASCII)

GONE = "这份字幕已被清理，请重新上传。"


@dataclass(frozen=True, slots=True)
class StoredCaptions:
    """Captions that lie in the blob store.

    Args:
        title_id: whose they are.
        language: BCP 47.
        gen: the word in the blob key.
        cues: how many sentences.
        sha256: of the file.
    """

    title_id: int
    language: str
    gen: str
    cues: int
    sha256: str


def caption_scope(title_id: int, gen: str) -> str:
    """Return the blob prefix of captions, which is the scope their addresses are signed for."""
    return f"vod/{title_id}/{gen}"


def caption_key(title_id: int, gen: str, language: str) -> str:
    """Return the blob key of a caption file."""
    return f"{caption_scope(title_id, gen)}/captions/{language}.vtt"


def store_captions(
    blobs: BlobStore, title_id: int, captions: Captions, *, language: str = DEFAULT_LANGUAGE
) -> StoredCaptions:
    """Store captions under a new generation; nobody is shown them yet.

    Raises:
        InvalidInputError: the language is no such word; `field` is `language`.
    """
    check_language(language)
    gen = new_generation()
    blobs.put_bytes(caption_key(title_id, gen, language), captions.to_vtt())
    return StoredCaptions(title_id, language, gen, len(captions.cues), captions.sha256)


def stored_before(blobs: BlobStore, title_id: int, gen: str, language: str) -> StoredCaptions:
    """Look at a file that was shown once.

    Raises:
        ConflictError: it has been tidied away.
        InvalidInputError: the language is no such word.
    """
    check_language(language)
    try:
        with blobs.open(caption_key(title_id, gen, language)) as file:
            vtt = file.read()
    except (NotFoundError, InvalidInputError):  # a word that no key has is no file either
        raise ConflictError(GONE, field="gen") from None
    return StoredCaptions(title_id, language, gen, count_cues(vtt), hashlib.sha256(vtt).hexdigest())


def check_language(language: str) -> None:
    """Check that a language is written as BCP 47 has it, such as `zh-CN` or `bo`.

    Raises:
        InvalidInputError: it is not; `field` is `language`.
    """
    if not _LANGUAGE.fullmatch(language):
        raise InvalidInputError("请选择字幕的语言。", field="language")


def attach_captions(
    session: Session,
    title: Title,
    stored: StoredCaptions,
    *,
    actor: str,
    now: datetime,
    keep_s: float,
) -> str | None:
    """Show stored captions with a title, in place of those it has in that language.

    Args:
        session: the unit of work.
        title: the title; its row is locked, so that of two who attach at once the later one wins.
        stored: of `store_captions`.
        actor: login of who gives them, or `system`.
        now: the present instant.
        keep_s: how long what is replaced stays fetchable, at least as long as addresses live.

    Returns:
        The generation that was replaced, None where there was none.
    """
    session.refresh(title, with_for_update={"of": Title})
    row = captions_in(session, title.id, stored.language)
    replaced = row.gen if row is not None else None
    if row is None:
        row = TitleCaption(title_id=title.id, language=stored.language)
        session.add(row)
    row.label = LANGUAGES.get(stored.language, stored.language)
    row.gen, row.cues, row.sha256 = stored.gen, stored.cues, stored.sha256
    row.created_at, row.created_by = now, actor
    if replaced is not None and replaced != stored.gen:
        _want_gone(session, title, replaced, now=now, keep_s=keep_s)
    _changed(session, title, now)
    return replaced


def remove_captions(
    session: Session, title: Title, language: str, *, now: datetime, keep_s: float
) -> str:
    """Take a language's captions from a title.

    Returns:
        Their generation, by which `bring_back` finds them while they are not tidied.

    Raises:
        NotFoundError: it has none.
    """
    session.refresh(title, with_for_update={"of": Title})
    row = captions_in(session, title.id, language)
    if row is None:
        raise NotFoundError("没有这种语言的字幕，可能已被删除。", field="language")
    gen = row.gen
    session.delete(row)
    _want_gone(session, title, gen, now=now, keep_s=keep_s)
    _changed(session, title, now)
    return gen


def bring_back(
    session: Session,
    title: Title,
    stored: StoredCaptions,
    *,
    actor: str,
    now: datetime,
    keep_s: float,
) -> None:
    """Show captions again that were removed or replaced.

    Raises:
        ConflictError: they are being tidied away.
    """
    prefix = caption_scope(title.id, stored.gen)
    waiting = (
        select(Job)
        .where(Job.subject == f"title:{title.id}", Job.kind == "tidy", Job.state == "queued")
        .with_for_update()
    )
    found = [job for job in session.scalars(waiting) if job.payload.get("prefixes") == [prefix]]
    if not found:
        raise ConflictError(GONE, field="gen")
    for job in found:
        cancel(session, job.id, now=now)
    attach_captions(session, title, stored, actor=actor, now=now, keep_s=keep_s)


def _want_gone(session: Session, title: Title, gen: str, *, now: datetime, keep_s: float) -> None:
    want_tidy(session, title, [caption_scope(title.id, gen)], now=now, delay_s=keep_s)


def _changed(session: Session, title: Title, now: datetime) -> None:
    title.updated_at = now
    session.flush()
    touch_catalog(session)


def list_captions(session: Session, title_id: int) -> Sequence[TitleCaption]:
    """Return the captions of a title, those in Chinese first, then as they were added."""
    statement = (
        select(TitleCaption)
        .where(TitleCaption.title_id == title_id)
        .order_by(TitleCaption.language != DEFAULT_LANGUAGE, TitleCaption.id)
    )
    return session.scalars(statement).all()


def captions_in(session: Session, title_id: int, language: str) -> TitleCaption | None:
    """Return the captions of a title in a language."""
    statement = select(TitleCaption).where(
        TitleCaption.title_id == title_id, TitleCaption.language == language
    )
    return session.scalars(statement).one_or_none()


def prefixes_shown(session: Session, title_id: int, prefixes: Collection[str]) -> set[str]:
    """Return those of some blob prefixes whose captions a title shows: they must stay."""
    shown = {caption_scope(title_id, row.gen) for row in list_captions(session, title_id)}
    return shown & set(prefixes)
