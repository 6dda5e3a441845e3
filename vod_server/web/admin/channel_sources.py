"""A channel's sources in their order, and the key an encoder pushes with."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.db import session_scope
from core.errors import ConflictError, InvalidInputError
from epg.channels.service import new_stream_key, set_sources
from vod_server.web.access import house, requires
from vod_server.web.admin import admin
from vod_server.web.admin.channel_air import record_channel
from vod_server.web.admin.channel_forms import check_version, clean, source_facts
from vod_server.web.admin.channel_page import channel_with_fault
from vod_server.web.admin.channel_rows import SourceRow, read_sources, source_fault
from vod_server.web.admin.channel_sight import lock_channel
from vod_server.web.admin.layout import notice


@admin.post("/channels/<int:channel_id>/sources")
@requires("channel.edit")
def save_sources(channel_id: int) -> Response:
    """Save the sources in the order they stand in the form."""
    rows: list[SourceRow] | None = None
    try:
        kinds, urls, modes = (request.form.getlist(name) for name in ("kind", "url", "mode"))
        rows, specs = read_sources(kinds, urls, modes)
        with session_scope(house().sessions) as session:
            channel = lock_channel(session, channel_id, "channel.edit")
            check_version(request.form.get("version"), source_facts(channel))
            _check_rows(rows)
            if [[spec.kind, spec.url, spec.mode] for spec in specs] != source_facts(channel):
                set_sources(session, channel, specs, now=house().clock.now())
                record_channel(session, channel, "channel.sources", count=len(specs))
    except (ConflictError, InvalidInputError) as error:
        return channel_with_fault(channel_id, error, sources=rows)
    notice("信号源已保存。")
    return redirect(url_for("admin.channel_page", channel_id=channel_id, _anchor="sources"), 303)


def _check_rows(rows: list[SourceRow]) -> None:
    wrong = sum(bool(row.error) for row in rows)
    if wrong:
        raise InvalidInputError(f"没有保存：有 {wrong} 个信号源需要改正。")


@admin.post("/channels/check-source")
@requires("channel.edit")
def check_source_address() -> str:
    """Say whether a source's address can be one; the form asks as it is filled in."""
    kind, url = request.form.get("kind", ""), clean(request.form.get("url", ""))
    fault = source_fault(kind, url)
    return render_template("admin/_source_check.html", fault=fault)


@admin.get("/channels/source-row")
@requires("channel.edit")
def blank_source() -> str:
    """Return an empty row of the form of sources."""
    row = SourceRow("hls", "", "auto")
    return render_template("admin/_source_row.html", row=row)


@admin.post("/channels/<int:channel_id>/stream-key")
@requires("channel.edit")
def make_stream_key(channel_id: int) -> Response:
    """Make a new stream key; the old one is dead at once."""
    with session_scope(house().sessions) as session:
        channel = lock_channel(session, channel_id, "channel.edit")
        had = channel.stream_key is not None
        new_stream_key(session, channel, now=house().clock.now())
        record_channel(session, channel, "channel.key")
    notice("已换新密钥，旧密钥已失效。请把新密钥填到编码器。" if had else "推流密钥已生成。")
    return redirect(url_for("admin.channel_page", channel_id=channel_id, _anchor="push"), 303)
