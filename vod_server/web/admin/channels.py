"""频道: the list of channels with what each is doing, refreshed while it is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import render_template, request
from sqlalchemy.orm import Session

from core.db import read_scope
from epg.channels.naming import group_names
from epg.channels.tables import Channel
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_forms import clean, ids_of
from vod_server.web.admin.channel_sight import (
    channels_in_sight,
    groups_of,
    may_with_channel,
)
from vod_server.web.admin.channel_states import LiveState, live_states
from vod_server.web.admin.channel_words import LEVEL_NAMES, LIVE_NAMES

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel as the list shows it."""

    channel: Channel
    live: LiveState
    may_edit: bool


@dataclass(frozen=True, slots=True)
class ChannelFilter:
    """What is asked for; empty strings ask for everything."""

    state: str = ""
    group: str = ""
    level: str = ""
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether everything is asked for."""
        return not (self.state or self.group or self.level or self.text)

    def fits(self, channel: Channel) -> bool:
        """Say whether a channel is asked for, whatever it is doing."""
        if self.level and channel.level != self.level:
            return False
        if self.group and self.group not in group_names(channel.group_title):
            return False
        words = (channel.name, str(channel.number), channel.tvg_id, *channel.names)
        return not self.text or any(self.text.casefold() in word.casefold() for word in words)


@admin.get("/channels")
@requires("channel.view")
def channels() -> str:
    """Show a page of the list, filtered by state, group, level and text."""
    wanted, page = read_filter(), _page_number()
    with read_scope(house().sessions) as session:
        every = channels_in_sight(session)
        found = rows_of(session, (one for one in every if wanted.fits(one)))
        counts = Counter(row.live.state for row in found)
        rows = [row for row in found if wanted.state in {"", row.live.state}]
        pages = max(1, -(-len(rows) // PAGE_SIZE))
        page = min(page, pages)
        return render_template(
            "admin/channels.html",
            rows=rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
            counts=counts,
            wanted=wanted,
            page=page,
            pages=pages,
            matching=len(rows),
            groups=groups_of(every),
            may_add=visitor().may("channel.edit"),
        )


@admin.get("/channels/live")
@requires("channel.view")
def live_channels() -> str:
    """Return what the channels on the page are doing, to be put in place of what it shows."""
    ids = ids_of(request.args.getlist("id"), most=PAGE_SIZE)
    return render_live_channels(ids)


def render_live_channels(ids: Sequence[int]) -> str:
    """Return the changing parts of rows; those the visitor may not know of are left out."""
    with read_scope(house().sessions) as session:
        known = [one for one in channels_in_sight(session) if one.id in set(ids)]
        return render_template("admin/_channel_live_rows.html", rows=rows_of(session, known))


def rows_of(session: Session, found: Iterable[Channel]) -> list[ChannelRow]:
    """Return the rows of channels."""
    listed = list(found)
    states = live_states(session, listed, house().clock.now())
    return [
        ChannelRow(channel, states[channel.id], may_with_channel(channel, "channel.edit"))
        for channel in listed
    ]


def read_filter() -> ChannelFilter:
    """Return what the request asks for; what cannot be asked for is left out."""
    typed = {name: clean(request.values.get(name, ""))[:80] for name in ("state", "level", "q")}
    return ChannelFilter(
        state=typed["state"] if typed["state"] in LIVE_NAMES else "",
        group=clean(request.values.get("group", ""))[:200],
        level=typed["level"] if typed["level"] in LEVEL_NAMES else "",
        text=typed["q"],
    )


def _page_number() -> int:
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1
