"""What staff see of households' questions: those of the places they answer for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from core.db import is_row_id
from core.errors import NotFoundError
from county.question_tables import Question
from county.tables import Place


def list_for_staff(
    session: Session, paths: Sequence[str], *, answered: bool, offset: int, limit: int
) -> Sequence[Question]:
    """Return questions of some subtrees: the unanswered oldest first, the answered newest first.

    Args:
        session: the unit of work.
        paths: of the places whose subtrees the person answers for.
        answered: which of the two.
        offset: how many to leave out.
        limit: how many at most.
    """
    statement = (
        select(Question)
        .where(_below(paths))
        .options(joinedload(Question.box), joinedload(Question.place))
    )
    if answered:
        statement = statement.where(Question.answer.is_not(None))
        statement = statement.order_by(Question.answered_at.desc(), Question.id.desc())
    else:
        statement = statement.where(Question.answer.is_(None))
        statement = statement.order_by(Question.asked_at, Question.id)
    return session.scalars(statement.offset(offset).limit(limit)).all()


def count_for_staff(session: Session, paths: Sequence[str]) -> tuple[int, int]:
    """Return how many questions wait for an answer in some subtrees, and how many have one."""
    statement = select(func.count(Question.id), func.count(Question.answer)).where(_below(paths))
    every, answered = session.execute(statement).one()
    return every - answered, answered


def question_for_staff(session: Session, question_id: int, paths: Sequence[str]) -> Question:
    """Return a question.

    Raises:
        NotFoundError: there is none, or the person may not know that there is.
    """
    statement = (
        select(Question)
        .where(Question.id == question_id, _below(paths))
        .options(joinedload(Question.box), joinedload(Question.place))
    )
    known = is_row_id(question_id)
    question = session.scalars(statement).one_or_none() if known else None
    if question is None:
        raise NotFoundError("没有这个提问。")
    return question


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    if not paths:
        return false()
    below = [Place.path.startswith(path, autoescape=True) for path in paths]
    return Question.place_id.in_(select(Place.id).where(or_(*below)))
