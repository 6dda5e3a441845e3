"""A title's captions: uploaded, replaced, removed, brought back."""

from __future__ import annotations

from contextlib import closing

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from catalog.titles.caption_files import MAX_BYTES, Captions, read_captions
from catalog.titles.captions import (
    LANGUAGES,
    attach_captions,
    bring_back,
    captions_in,
    remove_captions,
    store_captions,
    stored_before,
)
from catalog.titles.tables import Title
from core.db import read_scope, session_scope
from core.errors import CuntaiError, InvalidInputError, NotFoundError
from county import audit
from vod_server.streams.signing import HOUR_S
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.layout import Undo, notice
from vod_server.web.admin.sight import authorise_title, known_title
from vod_server.web.admin.title_page import title_page_with_fault


@admin.post("/titles/<int:title_id>/captions")
@requires("title.edit")
def add_captions(title_id: int) -> Response:
    """Take an uploaded file as the captions in a language, in place of those there are."""
    language = request.form.get("language", "")
    file = request.files.get("file")
    try:
        if language not in LANGUAGES:
            raise InvalidInputError("请选择字幕的语言。", field="language")
        if file is None or not file.filename:
            raise InvalidInputError("请先选择字幕文件。", field="file")
        _take(title_id, language, _read(file))
    except NotFoundError:
        raise
    except CuntaiError as error:
        return title_page_with_fault(title_id, error)
    return _back(title_id)


def _read(file: FileStorage) -> Captions:
    with closing(file):  # a large one lies in a temporary file
        return read_captions(file.stream.read(MAX_BYTES + 1))


def _take(title_id: int, language: str, captions: Captions) -> None:
    """Store and show captions; the store is written to outside any transaction."""
    label, count = LANGUAGES[language], len(captions.cues)
    with read_scope(house().sessions) as session:
        authorise_title(known_title(session, title_id), "title.edit")
        present = captions_in(session, title_id, language)
    if present is not None and present.sha256 == captions.sha256:
        notice(f"和现在的{label}字幕一样，没有改动。", kind="warn")
        return
    stored = store_captions(house().blobs, title_id, captions, language=language)
    with session_scope(house().sessions) as session:
        title = _editable(session, title_id)
        now, keep_s = house().clock.now(), _keep_s()
        replaced = attach_captions(
            session, title, stored, actor=visitor().login, now=now, keep_s=keep_s
        )
        _record(session, title, "title.captions", language, count)
    if replaced is None:
        notice(f"已添加{label}字幕，共 {count} 句。")
    else:
        undo = _undo(title_id, language, replaced)
        notice(f"{label}字幕已更换，共 {count} 句。", undo_form=undo)


@admin.post("/titles/<int:title_id>/captions/remove")
@requires("title.edit")
def drop_captions(title_id: int) -> Response:
    """Take a language's captions away; the notice offers them back."""
    language = request.form.get("language", "")
    try:
        with session_scope(house().sessions) as session:
            title = _editable(session, title_id)
            present = captions_in(session, title_id, language)
            gen = remove_captions(
                session, title, language, now=house().clock.now(), keep_s=_keep_s()
            )
            label, cues = (present.label, present.cues) if present else (language, 0)
            _record(session, title, "title.captions_remove", language, cues)
    except NotFoundError as error:
        if error.field is None:
            raise
        return title_page_with_fault(title_id, error)
    except CuntaiError as error:
        return title_page_with_fault(title_id, error)
    notice(f"已删除{label}字幕。", undo_form=_undo(title_id, language, gen))
    return _back(title_id)


@admin.post("/titles/<int:title_id>/captions/restore")
@requires("title.edit")
def restore_captions(title_id: int) -> Response:
    """Show captions again that were removed or replaced a while ago."""
    language, gen = request.form.get("language", ""), request.form.get("gen", "")
    try:
        with read_scope(house().sessions) as session:
            authorise_title(known_title(session, title_id), "title.edit")
        stored = stored_before(house().blobs, title_id, gen, language)
        with session_scope(house().sessions) as session:
            title = _editable(session, title_id)
            now = house().clock.now()
            bring_back(session, title, stored, actor=visitor().login, now=now, keep_s=_keep_s())
            _record(session, title, "title.captions_restore", language, stored.cues)
    except NotFoundError:
        raise
    except CuntaiError as error:
        return title_page_with_fault(title_id, error)
    notice(f"已恢复{LANGUAGES.get(language, language)}字幕，共 {stored.cues} 句。")
    return _back(title_id)


def _editable(session: Session, title_id: int) -> Title:
    title = known_title(session, title_id)
    authorise_title(title, "title.edit")
    return title


def _keep_s() -> float:
    """Return how long addresses live that were signed just now."""
    return house().settings.address_ttl_s + HOUR_S


def _undo(title_id: int, language: str, gen: str) -> Undo:
    address = url_for("admin.restore_captions", title_id=title_id)
    return Undo(address, {"language": language, "gen": gen})


def _record(session: Session, title: Title, action: str, language: str, cues: int) -> None:
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action=action,
        subject=f"title:{title.id}",
        place_id=title.place_id,
        detail={"language": language, "cues": cues},
    )


def _back(title_id: int) -> Response:
    return redirect(url_for("admin.title_page", title_id=title_id, _anchor="captions"), 303)
