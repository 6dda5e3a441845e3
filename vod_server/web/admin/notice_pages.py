"""The scanned pages of a notice: uploaded, put in order, taken out."""

from __future__ import annotations

import re
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from catalog.notices.model import State, check_editable
from catalog.notices.reading import SMALL, WHOLE
from catalog.notices.service import add_page, order_pages, remove_page
from catalog.notices.tables import Notice
from core.db import read_scope, session_scope
from core.errors import CuntaiError, InvalidInputError, NotFoundError
from vod_server.media.scans import Scan, read_scans, store_scan
from vod_server.web.access import house, requires
from vod_server.web.admin import admin
from vod_server.web.admin.layout import notice as tell
from vod_server.web.admin.notice_sight import known_notice, record
from vod_server.web.admin.notices import act_on_notice

#: All the files of one form together, in bytes; deploy/nginx-site.conf lets as much through.
FORM_MAX_BYTES = 64 * 1024 * 1024


@admin.url_value_preprocessor
def _room_for_scans(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the limit of forms for scanned pages, before the check of the token reads the form."""
    del values
    if endpoint == "admin.add_notice_pages":
        request.max_content_length = FORM_MAX_BYTES


@admin.post("/notices/<int:notice_id>/pages")
@requires("notice.edit")
def add_notice_pages(notice_id: int) -> Response:
    """Take pictures in as pages, in the order they were chosen; a bad one stops no other."""
    with read_scope(house().sessions) as session:
        check_editable(cast(State, known_notice(session, notice_id).state))
    files = [file for file in request.files.getlist("file") if file.filename]
    faults = [] if files else ["请先选择图片。"]
    added = 0
    for file in files:
        try:
            added += _take(notice_id, file)
        except NotFoundError:
            raise
        except CuntaiError as error:
            faults.append(f"{file.filename}：{error.message}")
    if added:
        tell(f"已添加 {added} 页。", kind="warn" if faults else "ok", details=faults)
    else:
        tell("没有添加：", kind="bad", details=faults)
    return _back(notice_id)


def _take(notice_id: int, file: FileStorage) -> int:
    """Check and store one file outside any transaction, then add its pages in one."""
    with tempfile.TemporaryDirectory(dir=_scratch()) as name:
        folder = Path(name)
        received = folder / "received"
        with closing(file):  # a large one lies in a temporary file
            file.save(received)
        scans = read_scans(received, folder)
        for scan in scans:
            store_scan(house().blobs, notice_id, scan)
    with session_scope(house().sessions) as session:
        return _add(session, known_notice(session, notice_id), scans)


def _add(session: Session, one: Notice, scans: list[Scan]) -> int:
    now = house().clock.now()
    pages = [
        add_page(session, one, sha256=s.sha256, width=s.width, height=s.height, now=now)
        for s in scans
    ]
    new = sum(page is not None for page in pages)
    if not new:
        raise InvalidInputError("这一页已经有了，没有重复添加。", field="pages")
    record(session, one, "notice.pages", {"added": new})
    return new


@admin.get("/notices/<int:notice_id>/pages/<int:page_id>/<name>")
@requires("notice.edit")
def notice_picture(notice_id: int, page_id: int, name: str) -> Response:
    """Show a page to who works on the notice, whatever its state."""
    with read_scope(house().sessions) as session:
        pages = known_notice(session, notice_id).pages
        folder = next((page.folder for page in pages if page.id == page_id), None)
    if folder is None or name not in {WHOLE, SMALL}:
        raise NotFoundError("没有这一页，可能已被删除。")
    with house().blobs.open(f"{folder}/{name}") as stored:
        return Response(stored.read(), mimetype="image/jpeg")


@admin.post("/notices/<int:notice_id>/pages/order")
@requires("notice.edit")
def order_notice_pages(notice_id: int) -> Response:
    """Put the pages in the order of the form: their ids, comma between."""
    text = request.form.get("order", "")
    if not re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9})*", text):
        raise InvalidInputError("页面的顺序不正确，请刷新页面。", field="pages")
    ids = [int(word) for word in text.split(",")]

    def order(session: Session, one: Notice) -> None:
        order_pages(session, one, ids, now=house().clock.now())
        record(session, one, "notice.pages", {"ordered": len(ids)})

    return act_on_notice(notice_id, order) or _back(notice_id)


@admin.post("/notices/<int:notice_id>/pages/<int:page_id>/remove")
@requires("notice.edit")
def remove_notice_page(notice_id: int, page_id: int) -> Response:
    """Take a page out; its pictures go once that is written down."""
    folders: list[str] = []

    def remove(session: Session, one: Notice) -> None:
        folders.append(remove_page(session, one, page_id, now=house().clock.now()))
        record(session, one, "notice.pages", {"removed": 1})

    refused = act_on_notice(notice_id, remove)
    if refused is not None:
        return refused
    for folder in folders:
        house().blobs.delete_prefix(folder)
    tell("已删去这一页。")
    return _back(notice_id)


def _back(notice_id: int) -> Response:
    return redirect(url_for("admin.notice_page", notice_id=notice_id, _anchor="pages"), 303)


def _scratch() -> Path:
    folder = house().settings.path("work")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
