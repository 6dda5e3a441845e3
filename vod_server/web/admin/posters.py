"""A title's poster: one of the candidates, or a picture of one's own."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from catalog.titles.model import OWN_POSTER
from catalog.titles.service import choose_poster, new_generation, set_pictures
from catalog.titles.tables import Title
from core.db import read_scope, session_scope
from core.errors import CuntaiError, InvalidInputError, NotFoundError
from county import audit
from vod_server.media.posters import accept_poster
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.layout import notice
from vod_server.web.admin.sight import authorise_title, known_title
from vod_server.web.admin.title_page import title_page_with_fault


@admin.post("/titles/<int:title_id>/poster")
@requires("title.edit")
def poster(title_id: int) -> Response:
    """Choose a candidate by its name, or take an uploaded picture."""
    file = request.files.get("file")
    try:
        if file is not None and file.filename:
            _take(title_id, file)
        else:
            _choose(title_id, request.form.get("name", ""))
    except NotFoundError:
        raise
    except CuntaiError as error:
        return title_page_with_fault(title_id, error)
    notice("海报已更换。")
    return redirect(url_for("admin.title_page", title_id=title_id, _anchor="posters"), 303)


def _choose(title_id: int, name: str) -> None:
    if not name:
        raise InvalidInputError("请先选择一张图片。", field="poster")
    with session_scope(house().sessions) as session:
        title = known_title(session, title_id)
        authorise_title(title, "title.edit")
        session.refresh(title, with_for_update={"of": Title})
        choose_poster(session, title, name, now=house().clock.now())
        _record(session, title, name)


def _take(title_id: int, file: FileStorage) -> None:
    """Check, store and use a picture; the store is written to outside any transaction."""
    with read_scope(house().sessions) as session:
        title = known_title(session, title_id)
        authorise_title(title, "title.edit")
        gen = title.pictures.get("gen") or new_generation()
    # Not counted but drawn: a key never changes its bytes, whoever else uploads just now.
    name = f"{OWN_POSTER}-{secrets.token_hex(4)}.jpg"
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        received, ready = Path(folder, "received"), Path(folder, "poster.jpg")
        file.save(received)
        accept_poster(received, ready)
        house().blobs.put_file(f"images/{title_id}/{gen}/{name}", ready, move=True)
    with session_scope(house().sessions) as session:
        title = known_title(session, title_id)
        authorise_title(title, "title.edit")
        session.refresh(title, with_for_update={"of": Title})
        _use(session, title, gen, name)


def _use(session: Session, title: Title, gen: str, name: str) -> None:
    pictures = title.pictures
    if pictures and pictures["gen"] != gen:
        raise InvalidInputError("图片刚刚重新生成过，请再上传一次。", field="poster")
    added = {
        "gen": gen,
        "sprite": pictures.get("sprite"),
        "posters": [*pictures.get("posters", ()), name],
        "poster": name,
    }
    set_pictures(session, title, {**pictures, **added}, now=house().clock.now())
    _record(session, title, name)


def _record(session: Session, title: Title, name: str) -> None:
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action="title.poster",
        subject=f"title:{title.id}",
        place_id=title.place_id,
        detail={"poster": name},
    )


def _scratch() -> Path:
    folder = house().settings.path("work")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
