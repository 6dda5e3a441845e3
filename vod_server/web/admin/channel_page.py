"""A channel's page: picture, state, sources or loop, fields, places, guide, history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles import listing
from catalog.titles.reading import COUNTY_ZONE
from core.db import read_scope
from core.errors import CuntaiError
from county import audit, places
from county.tables import AuditEntry, Person, Place
from epg.channels.tables import Channel
from epg.guide.reading import entries
from epg.playout.reading import LoopEntry, loop_entries
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_forms import (
    Form,
    field_facts,
    form_of,
    loop_facts,
    source_facts,
    word_of,
)
from vod_server.web.admin.channel_rows import (
    LoopRow,
    SourceRow,
    loop_rows,
    masked_rows,
    source_rows,
)
from vod_server.web.admin.channel_sight import (
    channels_in_sight,
    groups_of,
    known_channel,
    may_with_channel,
)
from vod_server.web.admin.channel_states import live_states
from vod_server.web.admin.channel_words import kept_bytes
from vod_server.web.errors import status_of

#: How much of a loop's future its page tells.
AHEAD = timedelta(hours=6)
AHEAD_ROWS = 6


@admin.get("/channels/<int:channel_id>")
@requires("channel.view")
def channel_page(channel_id: int) -> str:
    """Show everything of a channel."""
    return render_channel(channel_id)


@admin.get("/channels/<int:channel_id>/live")
@requires("channel.view")
def live_channel(channel_id: int) -> str:
    """Return the parts of the page that change by themselves."""
    with read_scope(house().sessions) as session:
        channel = known_channel(session, channel_id)
        return render_template(
            "admin/_channel_state.html", oob=True, channel=channel, **_live_facts(session, channel)
        )


def channel_with_fault(channel_id: int, fault: CuntaiError, **shown: Any) -> Response:
    """Return the page with what went wrong at its top, and what was typed where it was typed.

    Args:
        channel_id: which.
        fault: what to tell.
        shown: `form`, `sources` or `loop` as they were filled in, `chosen` place ids.
    """
    return make_response(render_channel(channel_id, fault=fault, **shown), status_of(fault))


def render_channel(
    channel_id: int,
    *,
    form: Form | None = None,
    sources: list[SourceRow] | None = None,
    loop: list[LoopRow] | None = None,
    chosen: list[int] | None = None,
    fault: CuntaiError | None = None,
) -> str:
    """Return the page; see `channel_with_fault`.

    Raises:
        NotFoundError: there is no such channel, or the visitor may not know of it.
    """
    with read_scope(house().sessions) as session:
        channel = known_channel(session, channel_id)
        old = request.form.get("version", "")
        return render_template(
            "admin/channel.html",
            channel=channel,
            fault=fault,
            form=form or form_of(channel),
            chosen=[place.id for place in channel.places] if chosen is None else chosen,
            sources=_sources(channel) if sources is None else sources,
            loop=loop_rows(session, channel) if loop is None else loop,
            # A form that was refused keeps the version it was opened with.
            versions={
                "fields": old if form else word_of(field_facts(channel)),
                "sources": old if sources is not None else word_of(source_facts(channel)),
                "loop": old if loop is not None else word_of(loop_facts(channel)),
            },
            place_tree=place_tree(session),
            groups=groups_of(channels_in_sight(session)),
            may_open=visitor().may("channel.edit"),
            categories=listing.categories(session),
            may_guide=may_with_channel(channel, "guide.edit"),
            today=_today(session, channel),
            history=_history(session, channel),
            rtmp_url=house().settings.rtmp_url,
            **_live_facts(session, channel),
        )


def _sources(channel: Channel) -> list[SourceRow]:
    editor = may_with_channel(channel, "channel.edit")
    return source_rows(channel) if editor else masked_rows(channel)


def place_tree(session: Session) -> list[tuple[Place, list[Place]]]:
    """Return the county and its towns and departments, each with the villages below it."""
    root = places.county(session)
    below = [one for one in places.subtree(session, root.path) if one.kind != "group"]
    return [
        (town, [one for one in below if one.parent_id == town.id and town.id != root.id])
        for town in below
        if root.id in {town.id, town.parent_id}
    ]


def _live_facts(session: Session, channel: Channel) -> dict[str, Any]:
    now = house().clock.now()
    live = live_states(session, [channel], now)[channel.id]
    return {
        "live": live,
        "kept_bytes": kept_bytes(live.bitrate_bps, channel.retention_days),
        "ahead": _loop_ahead(session, channel, now),
        "now_ms": int(now.timestamp() * 1000),
        "may_edit": may_with_channel(channel, "channel.edit"),
    }


def _loop_ahead(session: Session, channel: Channel, now: datetime) -> list[LoopEntry]:
    if channel.kind != "loop":
        return []
    from_s = int(now.timestamp())
    found = loop_entries(
        session, channel.id, from_s, from_s + int(AHEAD.total_seconds()), now_ms=from_s * 1000
    )
    return list(found)[:AHEAD_ROWS]


def _today(session: Session, channel: Channel) -> list[Any]:
    now = house().clock.now()
    midnight = now.astimezone(COUNTY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    from_s = int(midnight.timestamp())
    return list(entries(session, [channel.id], from_s, from_s + 86400).get(channel.id, ()))


def _history(session: Session, channel: Channel) -> list[tuple[AuditEntry, str]]:
    """Return the entries about a channel with the names of who made them."""
    found = audit.history(session, f"channel:{channel.id}", limit=40)
    statement = select(Person.login, Person.name).where(
        Person.login.in_({entry.actor for entry in found})
    )
    names = dict(session.execute(statement).all())
    return [(entry, names.get(entry.actor, entry.actor)) for entry in found]
