"""Notices a box reads; the questions it asks and the answers it gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from catalog.notices import reading
from catalog.titles import reading as titles
from core.db import read_scope, session_scope
from core.errors import InvalidInputError, UnauthenticatedError
from county.boxes import PairedBox
from county.question_tables import Question
from county.questions import (
    PHRASES,
    About,
    ask_question,
    count_unread,
    mark_seen,
    questions_of,
)
from epg.channels.reading import visible_channel
from vod_server.web.access import box_place_path, find_box, house, requires
from vod_server.web.api.bodies import json_body
from vod_server.web.replies import rendered_reply

notices_api = Blueprint("notices_api", __name__)

#: Boxes ask each time whether their copy is still good: what is withdrawn is gone at once.
NOTICES_MAX_AGE_S = 0


@notices_api.get("/notices")
@requires("box")
def notices() -> Response:
    """Return a page of the notices of the box's place, newest first."""
    cursor = request.args.get("cursor")

    def render(session: Session, place: str | None, now: datetime) -> Any:
        found, following = reading.list_notices(session, place, now=now, cursor=cursor)
        return {"items": [reading.card(notice) for notice in found], "next": following}

    return _kept(("notices", cursor), render)


@notices_api.get("/notices/<int:notice_id>")
@requires("box")
def notice(notice_id: int) -> Response:
    """Return one notice with its words and pages."""

    def render(session: Session, place: str | None, now: datetime) -> Any:
        return reading.detail(reading.visible_notice(session, notice_id, place, now=now))

    return _kept(("notice", notice_id), render)


def _kept(key: Any, render: Callable[[Session, str | None, datetime], Any]) -> Response:
    """Answer from the rendered cache; one entry a place and day."""
    place, now = box_place_path(), house().clock.now()
    today = now.astimezone(titles.COUNTY_ZONE).date()

    def body(session: Session) -> bytes:
        value = render(session, place, now)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    full_key = (key, place, today)
    return rendered_reply(full_key, body, max_age_s=NOTICES_MAX_AGE_S, private=place is not None)


@notices_api.get("/messages")
@requires("box")
def messages() -> Response:
    """Return what the box has asked, newest first, with the answers; and what it may ask."""
    box = _paired()
    with read_scope(house().sessions) as session:
        value = {
            "items": [_message(question) for question in questions_of(session, box.id)],
            "unread": count_unread(session, box.id),
            "phrases": PHRASES,
        }
    reply = jsonify(value)
    reply.headers["Cache-Control"] = "no-store"
    return reply


@notices_api.post("/messages")
@requires("box")
def ask() -> tuple[Response, int]:
    """Take a question of the box."""
    here, box, value = house(), _paired(), json_body()
    text = value.get("text")
    if not isinstance(text, str):
        raise InvalidInputError("问题还没有写。", field="text")
    with session_scope(here.sessions) as session:
        now = here.clock.now()
        about = _about(session, box, value.get("about"), now)
        question = ask_question(session, box, text, about=about, now=now)
        return jsonify(_message(question)), 201


@notices_api.put("/messages/<int:question_id>/seen")
@requires("box")
def seen(question_id: int) -> Response:
    """Note that the household has opened the answer."""
    here, box = house(), _paired()
    with session_scope(here.sessions) as session:
        mark_seen(session, box.id, question_id, now=here.clock.now())
    return Response(status=204)


def _paired() -> PairedBox:
    box = find_box()
    if box is None:
        raise UnauthenticatedError("这台电视还没有和村里绑定，绑定以后才能提问。")
    return box


def _about(session: Session, box: PairedBox, value: Any, now: datetime) -> About | None:
    """Return what a question is about, called as it is called now.

    Raises:
        InvalidInputError: it is of no known form.
        NotFoundError: there is no such thing, or the box may not know that there is.
    """
    if value is None:
        return None
    number = value.get("id") if isinstance(value, dict) else None
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(number, bool) or not isinstance(number, int):
        raise InvalidInputError("问的是什么，没有说清。", field="about")
    place = box.place_path
    if kind == "title":
        return About(kind, number, titles.visible_title(session, number, place, now=now).name)
    if kind == "series":
        found, _ = titles.series_with_titles(session, number, place, now=now)
        return About(kind, number, found.name)
    if kind == "notice":
        return About(kind, number, reading.visible_notice(session, number, place, now=now).title)
    if kind == "channel":
        return About(kind, number, visible_channel(session, number, place).name)
    raise InvalidInputError("问的是什么，没有说清。", field="about")


def _message(question: Question) -> dict[str, Any]:
    """Return a question as its box reads it (docs/architecture.md, messages)."""
    about = None
    if question.about_kind is not None:
        about = {
            "kind": question.about_kind,
            "id": question.about_id,
            "name": question.about_name,
        }
    answered_at = question.answered_at
    return {
        "id": question.id,
        "text": question.text,
        "about": about,
        "asked_at": int(question.asked_at.timestamp()),
        "answer": question.answer,
        "answered_at": int(answered_at.timestamp()) if answered_at else None,
        "answered_by": question.answered_by or None,
        "seen": question.seen_at is not None,
    }
