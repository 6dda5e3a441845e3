"""The titles of a loop channel in their order: search, add, save."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog.titles import listing
from catalog.titles.listing import Filter
from core.db import read_scope, session_scope
from core.errors import ConflictError, InvalidInputError
from epg.channels.service import set_loop
from epg.channels.tables import Channel
from epg.playout.service import refresh_playout, suggest_titles
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_air import record_channel
from vod_server.web.admin.channel_forms import check_version, clean, loop_facts
from vod_server.web.admin.channel_page import channel_with_fault
from vod_server.web.admin.channel_rows import rows_of_titles, title_rows
from vod_server.web.admin.channel_sight import authorise_channel, known_channel, lock_channel
from vod_server.web.admin.layout import notice
from vod_server.web.admin.sight import sight_of

MOST_TITLES = 1000
FOUND = 12


@admin.post("/channels/<int:channel_id>/loop")
@requires("channel.edit")
def save_loop(channel_id: int) -> Response:
    """Save the titles in the order they stand in the form."""
    ids = _title_ids()
    with read_scope(house().sessions) as session:
        rows = title_rows(session, ids)
    try:
        with session_scope(house().sessions) as session:
            channel = lock_channel(session, channel_id, "channel.edit")
            _check_loop(channel)
            check_version(request.form.get("version"), loop_facts(channel))
            if ids != loop_facts(channel):
                now = house().clock.now()
                set_loop(session, channel, ids, now=now)
                refresh_playout(session, channel, now=now)
                record_channel(session, channel, "channel.loop", count=len(ids))
    except (ConflictError, InvalidInputError) as error:
        return channel_with_fault(channel_id, error, loop=rows)
    notice("轮播表已保存，正在播的节目放完后接着按新的顺序播。")
    return redirect(url_for("admin.channel_page", channel_id=channel_id, _anchor="loop"), 303)


def _check_loop(channel: Channel) -> None:
    if channel.kind != "loop":
        raise ConflictError("这个频道已经不是轮播频道了。")


def _title_ids() -> list[int]:
    """Return the form's titles; unlike ids elsewhere, one may stand there twice."""
    texts = request.form.getlist("title")
    if len(texts) > MOST_TITLES:
        raise InvalidInputError(f"轮播表最多 {MOST_TITLES} 个节目。", field="loop")
    ids = [int(text) for text in texts if text.isascii() and text.isdigit()]
    return [one for one in ids if 0 < one < 2**31]


@admin.get("/channels/<int:channel_id>/titles")
@requires("channel.edit")
def find_titles(channel_id: int) -> str:
    """Return published titles that fit a text, with buttons that add them."""
    text = clean(request.args.get("find", ""))[:80]
    with read_scope(house().sessions) as session:
        channel = known_channel(session, channel_id)
        authorise_channel(channel, "channel.edit")
        wanted = Filter(state="published", text=text)
        sight = sight_of(visitor())
        found = listing.list_for_staff(session, sight, wanted, offset=0, limit=FOUND)
        rows = rows_of_titles(session, found)
        return render_template(
            "admin/_loop_found.html", channel=channel, rows=rows, text=text, full=len(rows) == FOUND
        )


@admin.get("/channels/<int:channel_id>/loop-rows")
@requires("channel.edit")
def loop_rows_to_add(channel_id: int) -> str:
    """Return rows for one title, or for every published one of a category, to put at the end."""
    with read_scope(house().sessions) as session:
        channel = known_channel(session, channel_id)
        authorise_channel(channel, "channel.edit")
        ids = _asked_titles(session, channel)
        return render_template("admin/_loop_rows.html", rows=title_rows(session, ids))


def _asked_titles(session: Session, channel: Channel) -> list[int]:
    title, slug = request.args.get("title", ""), request.args.get("category", "")
    if title.isascii() and title.isdigit() and len(title) < 10:
        return [one.id for one in listing.titles_by_id(session, sight_of(visitor()), [int(title)])]
    offered = suggest_titles(session, channel, slug, now=house().clock.now())
    return [one.id for one in offered[:MOST_TITLES]]
