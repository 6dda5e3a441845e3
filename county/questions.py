"""Questions of households and their answers: asked by a box, answered at its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.db import changed_rows, expect_one_row, is_row_id
from core.errors import InvalidInputError, NotFoundError, RateLimitedError, UnauthenticatedError
from county import audit
from county.boxes import PairedBox
from county.question_tables import Question
from county.tables import Box

Kind = Literal["title", "series", "notice", "channel"]

#: What can be asked with one press. This is their only place.
PHRASES = (
    "没看明白，请再讲一讲",
    "这笔钱是怎么用的？",
    "我家够不够条件？",
    "要带什么材料，找谁办？",
    "什么时候办，在哪里办？",
    "请给我家打个电话",
    "请派人到我家看一看",
    "电视不会用，请教教我",
)

TEXT_MAX, ANSWER_MAX, NAME_MAX = 200, 1000, 200

#: So many a box may ask within a day.
MOST_A_DAY = 20
DAY = timedelta(days=1)
#: The same words again within this are the same question: the box did not hear our reply.
ECHO = timedelta(minutes=10)
#: So many of its questions a box is shown.
SHOWN = 100

_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class About(NamedTuple):
    """What a question is about: its kind, id and name."""

    kind: Kind
    id: int
    name: str


def ask_question(
    session: Session, box: PairedBox, text: str, *, about: About | None, now: datetime
) -> Question:
    """Add a question of a box; asking the same twice in a row is asking once.

    Args:
        session: the unit of work.
        box: who asks.
        text: 1 to 200 characters.
        about: what of; the caller has checked that the box may see it.
        now: the present instant.

    Raises:
        InvalidInputError: the text does not fit.
        RateLimitedError: the box has asked too much today.
        UnauthenticatedError: the box was revoked meanwhile.
    """
    text = _clean(" ".join(text.split()), TEXT_MAX, "text", "问题")
    place_id = _lock(session, box)
    kind, about_id = (about.kind, about.id) if about else (None, None)
    again = session.scalars(
        select(Question).where(
            Question.box_id == box.id,
            Question.text == text,
            Question.about_kind.is_not_distinct_from(kind),
            Question.about_id.is_not_distinct_from(about_id),
            Question.answer.is_(None),
            Question.asked_at > now - ECHO,
        )
    ).first()
    if again is not None:
        return again
    _check_rate(session, box, now)
    question = Question(
        box_id=box.id,
        place_id=place_id,
        text=text,
        about_kind=kind,
        about_id=about_id,
        about_name=about.name[:NAME_MAX] if about else "",
        asked_at=now,
    )
    session.add(question)
    session.flush()
    return question


def _lock(session: Session, box: PairedBox) -> int:
    """Let a box's questions in one at a time, so that they are counted; return its place's id."""
    statement = select(Box.place_id).where(Box.id == box.id, Box.revoked_at.is_(None))
    place_id = session.scalar(statement.with_for_update())
    if place_id is None:
        raise UnauthenticatedError("机顶盒的授权已失效，请联系村里重新绑定。")
    return place_id


def _check_rate(session: Session, box: PairedBox, now: datetime) -> None:
    statement = select(func.count(), func.min(Question.asked_at)).where(
        Question.box_id == box.id, Question.asked_at > now - DAY
    )
    count, first = session.execute(statement).one()
    if count >= MOST_A_DAY:
        wait_s = max(1, int((first + DAY - now).total_seconds()))
        raise RateLimitedError("今天问得不少了，明天再接着问吧。", retry_after_s=wait_s)


def questions_of(session: Session, box_id: int) -> Sequence[Question]:
    """Return the latest questions of a box, newest first."""
    statement = select(Question).where(Question.box_id == box_id)
    statement = statement.order_by(Question.asked_at.desc(), Question.id.desc())
    return session.scalars(statement.limit(SHOWN)).all()


def count_unread(session: Session, box_id: int) -> int:
    """Return how many answers a box has not opened."""
    statement = select(func.count(Question.id)).where(
        Question.box_id == box_id, Question.answer.is_not(None), Question.seen_at.is_(None)
    )
    return session.scalar(statement) or 0


def mark_seen(session: Session, box_id: int, question_id: int, *, now: datetime) -> None:
    """Note that a box has opened the answer; opening it again changes nothing.

    Raises:
        NotFoundError: the box has asked no such question.
    """
    mine = (Question.id == question_id, Question.box_id == box_id)
    known = is_row_id(question_id) and session.scalar(select(Question.id).where(*mine))
    if not known:
        raise NotFoundError("没有这个提问。")
    unread = (Question.answer.is_not(None), Question.seen_at.is_(None))
    session.execute(update(Question).where(*mine, *unread).values(seen_at=now))
    session.expire_all()


def answer_question(
    session: Session,
    question: Question,
    answer: str,
    *,
    before: datetime | None,
    name: str,
    actor: str,
    now: datetime,
) -> None:
    """Answer a question or correct its answer; it is unread again.

    Args:
        session: the unit of work.
        question: which one.
        answer: 1 to 1000 characters.
        before: `answered_at` of the answer the person saw, None where there was none.
        name: who answers, as the household reads it.
        actor: the login.
        now: the present instant.

    Raises:
        ConflictError: somebody else has answered meanwhile.
        InvalidInputError: the text does not fit.
    """
    answer = _clean(answer.replace("\r\n", "\n").strip(), ANSWER_MAX, "answer", "答复")
    stands = Question.answered_at.is_(None) if before is None else Question.answered_at == before
    done = changed_rows(
        session,
        update(Question)
        .where(Question.id == question.id, stands)
        .values(answer=answer, answered_at=now, answered_by=name[:80], seen_at=None)
        .execution_options(synchronize_session=False),
    )
    expect_one_row(done, "这个问题刚刚有人答复过，请看过再改。")
    session.refresh(question)
    audit.record(
        session,
        at=now,
        actor=actor,
        action="question.answer" if before is None else "question.correct",
        subject=f"question:{question.id}",
        place_id=question.place_id,
        detail={"answer": answer},
    )


def _clean(text: str, longest: int, field: str, label: str) -> str:
    if not text:
        raise InvalidInputError(f"{label}还没有写。", field=field)
    if len(text) > longest:
        raise InvalidInputError(f"{label}最多 {longest} 个字，现在有 {len(text)} 个。", field=field)
    if _STRANGE.search(text):
        raise InvalidInputError(f"{label}含有不能使用的字符。", field=field)
    return text
