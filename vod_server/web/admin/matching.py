"""频道对应: which of our channels a feed's channel is, where nobody could tell by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.db import read_scope, session_scope
from core.errors import ConflictError, CuntaiError, InvalidInputError, NotFoundError
from county import audit
from epg.channels.reading import list_channels
from epg.channels.tables import Channel
from epg.guide import feeds as feed_service
from epg.guide.matching import forget_match, guide_channels, match, title_of
from epg.guide.tables import GuideChannel
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_forms import clean
from vod_server.web.admin.feed_words import MATCHED_BY, suggestions
from vod_server.web.admin.layout import Undo, notice
from vod_server.web.errors import status_of

PAGE_SIZE = 30

#: What may be asked for: how it was matched; `open` is what is still to be done.
SHOWN = {
    "open": "没有对上",
    "name": "名称相同",
    "id": "标识相同",
    "person": "人工选定",
    "none": "不是本县的",
}


@admin.get("/guide/matching")
@requires("guide.edit")
def matching() -> str:
    """Show feeds' channels by how they were matched, those still open first."""
    authorise("guide.edit", None)
    return _render()


def _render(fault: CuntaiError | None = None, wrong_id: int = 0, typed: str = "") -> str:
    shown = request.values.get("shown", "open")
    shown = shown if shown in SHOWN else "open"
    text, page = clean(request.values.get("q", ""))[:80], _page_number()
    with read_scope(house().sessions) as session:
        every = [one for one in guide_channels(session, _feed_id()) if _fits(one, text)]
        counts = Counter(_kind(one) for one in every)
        rows = [one for one in every if _kind(one) == shown]
        # Those with the most programmes are missed the most.
        rows.sort(key=lambda one: -one.programmes)
        pages = max(1, -(-len(rows) // PAGE_SIZE))
        page = min(page, pages)
        listed = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        ours = [one for one in list_channels(session) if one.kind != "loop"]
        return render_template(
            "admin/matching.html",
            rows=[(one, suggestions(one, ours) if shown == "open" else []) for one in listed],
            title_of=title_of,
            feeds=feed_service.list_feeds(session),
            feed_id=_feed_id(),
            ours=ours,
            counts=counts,
            shown=shown,
            shown_names=SHOWN,
            matched_names=MATCHED_BY,
            q=text,
            page=page,
            pages=pages,
            matching_count=len(rows),
            fault=fault,
            wrong_id=wrong_id,
            typed=typed,
        )


def _kind(one: GuideChannel) -> str:
    if one.matched_by == "none":
        return "none"
    return (one.matched_by or "person") if one.channel_id is not None else "open"


def _fits(one: GuideChannel, text: str) -> bool:
    words = (one.ref, *one.names, one.channel.name if one.channel else "")
    return not text or any(text.casefold() in word.casefold() for word in words)


@admin.post("/guide/matching/<int:guide_channel_id>")
@requires("guide.edit")
def match_channel(guide_channel_id: int) -> Response:
    """Write down a person's word: a channel, none of ours, or no word any more."""
    authorise("guide.edit", None)
    wish, typed = request.form.get("do", ""), clean(_chosen())
    try:
        with session_scope(house().sessions) as session:
            theirs = _theirs(session, guide_channel_id)
            before = _before(theirs)
            _check_unchanged(before)
            words = _apply(session, theirs, wish, typed)
            _record(session, theirs, words)
    except (ConflictError, InvalidInputError) as error:
        page = _render(error, guide_channel_id, typed)
        return make_response(page, status_of(error))
    house().waker.wake()
    notice(f"“{title_of(theirs)}”{words}。", undo_form=_undo(theirs, before))
    return redirect(_back(), 303)


def _chosen() -> str:
    """Return the channel of a suggestion's button, or what was typed."""
    return request.form.get("suggested") or request.form.get("ours", "")


def _apply(session: Session, theirs: GuideChannel, wish: str, typed: str) -> str:
    """Do what a button says; return what is told of it."""
    now = house().clock.now()
    if wish == "none":
        match(session, theirs.id, None, now=now)
        return "记为不是本县的频道"
    if wish == "forget":
        forget_match(session, theirs.id, now=now)
        return "不再人工对应"
    channel = _ours(list_channels(session), typed)
    match(session, theirs.id, channel.id, now=now)
    return f"对应到 {channel.number} {channel.name}，节目正在导入"


def _ours(channels: Sequence[Channel], typed: str) -> Channel:
    """Return the channel that was chosen from the list or typed: `17 农业农村`, `17`, a name.

    Raises:
        InvalidInputError: there is none, or several have the name.
    """
    found = re.match(r"[0-9]{1,4}(?=\s|$)", typed)
    if found:
        named = [one for one in channels if one.number == int(found[0])]
    else:
        named = [one for one in channels if typed in {one.name, *one.names}] if typed else []
    if len(named) != 1:
        words = f"没有找到“{typed}”这个频道，请从列表里选。" if typed else "请先选择本县的频道。"
        raise InvalidInputError(words, field="ours")
    return named[0]


def _theirs(session: Session, guide_channel_id: int) -> GuideChannel:
    for one in guide_channels(session):
        if one.id == guide_channel_id:
            return one
    raise NotFoundError("没有这个节目单频道，可能节目源已经更新。")


def _check_unchanged(before: str) -> None:
    if request.form.get("was") not in {None, before}:
        raise ConflictError("这个频道刚刚已被别人对应过，请对照后再选。")


def _before(theirs: GuideChannel) -> str:
    return f"{theirs.matched_by}:{theirs.channel_id or ''}"


def _undo(theirs: GuideChannel, before: str) -> Undo:
    """Return what gives a feed's channel back what a person or the house had said of it."""
    how, _, number = before.partition(":")
    address = url_for("admin.match_channel", guide_channel_id=theirs.id)
    if how == "none":
        return Undo(address, {"do": "none"})
    if how == "person" and number:
        return Undo(address, {"do": "number", "ours": _number_of(int(number))})
    return Undo(address, {"do": "forget"})


def _number_of(channel_id: int) -> str:
    with read_scope(house().sessions) as session:
        channel = session.get(Channel, channel_id)
        return str(channel.number) if channel else ""


def _record(session: Session, theirs: GuideChannel, words: str) -> None:
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action="guide.match",
        subject=feed_service.subject(theirs.feed_id),
        detail={"ref": theirs.ref, "words": words},
    )


def _feed_id() -> int | None:
    text = request.values.get("feed", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _page_number() -> int:
    text = request.values.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def _back() -> str:
    kept = {name: request.form.get(name) or None for name in ("shown", "q", "feed", "page")}
    return url_for("admin.matching", **kept)  # type: ignore[arg-type]  # None leaves a part out
