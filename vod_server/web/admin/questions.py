"""提问: what households ask from their boxes, and the answers."""

from __future__ import annotations

from datetime import datetime

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.db import read_scope, session_scope
from core.errors import ConflictError, CuntaiError, InvalidInputError
from county.question_listing import count_for_staff, list_for_staff, question_for_staff
from county.question_tables import Question
from county.questions import ANSWER_MAX, answer_question
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.layout import notice as tell
from vod_server.web.admin.notice_sight import paths_of
from vod_server.web.errors import status_of

PAGE_SIZE = 30

#: What a question is about, as the list says it.
ABOUT_NAMES = {"title": "节目", "series": "系列", "notice": "通知", "channel": "频道"}


@admin.get("/questions")
@requires("question.answer")
def questions() -> str:
    """Show what waits for an answer, longest first; then what has one, newest first."""
    return _render()


def _render(refused: int | None = None, typed: str = "", fault: CuntaiError | None = None) -> str:
    """Return the page; `refused` is the question whose typed answer was not taken."""
    answered = request.args.get("answered", "") == "1"
    text = request.args.get("page", "1")
    page = max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
    paths = paths_of("question.answer")
    with read_scope(house().sessions) as session:
        waiting, done = count_for_staff(session, paths)
        pages = max(1, -(-(done if answered else waiting) // PAGE_SIZE))
        page = min(page, pages)
        found = list_for_staff(
            session, paths, answered=answered, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )
        shown = list(found)
        if refused is not None and all(one.id != refused for one in shown):
            shown.insert(0, question_for_staff(session, refused, paths))
        return render_template(
            "admin/questions.html",
            questions=shown,
            waiting=waiting,
            done=done,
            answered=answered,
            page=page,
            pages=pages,
            now=house().clock.now(),
            about_names=ABOUT_NAMES,
            answer_max=ANSWER_MAX,
            version_of=version_of,
            days_waiting=days_waiting,
            refused=refused,
            typed=typed,
            fault=fault,
        )


def version_of(question: Question) -> str:
    """Return what tells an answer from the next one; empty for none."""
    return question.answered_at.isoformat() if question.answered_at else ""


def days_waiting(question: Question, now: datetime) -> int:
    """Return for how many whole days a question has waited. Pure."""
    return max(0, (now - question.asked_at).days)


@admin.post("/questions/<int:question_id>/answer")
@requires("question.answer")
def answer(question_id: int) -> Response:
    """Answer, or correct an answer; the household is told anew."""
    typed = request.form.get("answer", "")
    try:
        with session_scope(house().sessions) as session:
            question = question_for_staff(session, question_id, paths_of("question.answer"))
            authorise("question.answer", question.place.path)
            answer_question(
                session,
                question,
                typed,
                before=_before(),
                name=visitor().name or visitor().login,
                actor=visitor().login,
                now=house().clock.now(),
            )
            name = question.box.name
    except (InvalidInputError, ConflictError) as error:
        return make_response(_render(question_id, typed, error), status_of(error))
    tell(f"已答复，“{name}”的电视上会看到。")
    return redirect(url_for("admin.questions"), 303)


def _before() -> datetime | None:
    """Return when the answer the person saw was given, None where there was none."""
    text = request.form.get("version", "")
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        at = None
    if text and (at is None or at.tzinfo is None):
        raise InvalidInputError("页面已过期，请刷新后再试。", field="version")
    return at
