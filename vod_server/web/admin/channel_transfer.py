"""Bring an operator's M3U in, after a look at what it would do; give ours out."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core.db import read_scope, session_scope
from core.errors import ConflictError, InvalidInputError, TooLargeError
from county import audit
from epg.channels.exporting import export_playlist
from epg.channels.import_report import ImportReport
from epg.channels.importing import import_m3u
from epg.channels.m3u import write_m3u
from epg.guide.rematching import match_channels
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_sight import channels_in_sight, may_with_channel
from vod_server.web.admin.layout import notice
from vod_server.web.errors import status_of

MAX_BYTES = 5_000_000


#: Of an entry's outcome: how it is called, and whether it needs a second look.
OUTCOMES = {
    "new": "新建",
    "changed": "更新",
    "source": "加为备用信号源",
    "same": "没有变化",
    "refused": "不能导入",
}


@admin.get("/channels/channels.m3u")
@requires("channel.edit")
def export_channels() -> Response:
    """Give the channels the visitor may edit out as a list that another house imports."""
    with read_scope(house().sessions) as session:
        mine = [one for one in channels_in_sight(session) if may_with_channel(one, "channel.edit")]
        text = write_m3u(export_playlist(mine))
    reply = Response(text, mimetype="audio/x-mpegurl")
    reply.headers["Content-Disposition"] = 'attachment; filename="channels.m3u"'
    return reply


@admin.get("/channels/import")
@requires("channel.edit")
def import_channels() -> str:
    """Show the form that takes a file."""
    authorise("channel.edit", None)
    return _page()


@admin.post("/channels/import")
@requires("channel.edit")
def do_import_channels() -> AnyResponse:
    """Say what the file would do, or do what was said of this very file before."""
    authorise("channel.edit", None)
    wanted = request.form.get("wanted") == "1"
    try:
        text, digest = _read_file()
        if request.form.get("do") != "apply":
            return make_response(_page(report=_look(text, wanted=wanted), digest=digest))
        _check_same(digest)
        report = _apply(text, wanted=wanted)
    except (ConflictError, InvalidInputError, TooLargeError) as error:
        return make_response(_page(fault=error), status_of(error))
    notice(f"导入完成：{summary_words(report)}。")
    # htmx would put the list into the page of the form.
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url_for("admin.channels")})
    return redirect(url_for("admin.channels"), 303)


def _page(**shown: Any) -> str:
    facts: dict[str, Any] = {"report": None, "fault": None, "digest": "", "outcomes": OUTCOMES}
    if "HX-Request" in request.headers:
        return render_template("admin/_import_report.html", **(facts | shown))
    return render_template("admin/channel_import.html", max_bytes=MAX_BYTES, **(facts | shown))


def _read_file() -> tuple[str, str]:
    """Return the text of the file and a word for it.

    Raises:
        InvalidInputError: there is no file, or it is not text.
        TooLargeError: it is over the limit.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInputError("请先选择 M3U 文件。", field="file")
    content = file.stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLargeError("文件太大：M3U 最多 5 MB。")
    return _decoded(content), hashlib.sha256(content).hexdigest()[:16]


def _decoded(content: bytes) -> str:
    # Older Chinese tools write GB18030, which hardly any text in UTF-8 is by chance.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInputError("文件的编码认不出来，请另存为 UTF-8 再试。", field="file")


def _check_same(digest: str) -> None:
    if request.form.get("digest") != digest:
        raise ConflictError("文件和预览的不是同一个，请重新预览。")


def _look(text: str, *, wanted: bool) -> ImportReport:
    """Import for real and take it back: the report is the very one the import would give."""
    with house().sessions() as session:
        try:
            return import_m3u(session, text, now=house().clock.now(), wanted=wanted)
        finally:
            session.rollback()


def summary_words(report: ImportReport) -> str:
    """Return what an import did in one sentence."""
    counted = [(words, report.count(name)) for name, words in OUTCOMES.items()]  # type: ignore[arg-type]  # the names are outcomes
    return "，".join(f"{words} {count} 条" for words, count in counted if count) or "没有频道"


def _apply(text: str, *, wanted: bool) -> ImportReport:
    now = house().clock.now()
    with session_scope(house().sessions) as session:
        report = import_m3u(session, text, now=now, wanted=wanted)
        match_channels(session, report.channel_ids, now=now)
        audit.record(
            session,
            at=now,
            actor=visitor().login,
            action="channel.import",
            subject="channels",
            detail={"words": summary_words(report)},
        )
        return report
