"""The audit log can be added to, and to nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.db import SessionFactory, read_scope, session_scope
from county import audit
from county.tables import AuditEntry
from tests.factories import make_county
from tests.fakes import START


def write(session: Session, action: str = "title.publish", subject: str = "title:7") -> AuditEntry:
    return audit.record(session, at=START, actor="li.ming", action=action, subject=subject)


def test_an_entry_keeps_who_what_when_and_where(sessions: SessionFactory) -> None:
    with session_scope(sessions) as session:
        place = make_county(session).village
        audit.record(
            session,
            at=START,
            actor="li.ming",
            action="title.publish",
            subject="title:7",
            place_id=place.id,
            remark="村民会议通过",
            detail={"从": "review", "n": [1, 2]},
        )
    with read_scope(sessions) as session:
        entry = audit.history(session, "title:7")[0]
        assert (entry.at, entry.actor, entry.action) == (START, "li.ming", "title.publish")
        assert (entry.place_id, entry.remark) == (place.id, "村民会议通过")
        assert entry.detail == {"从": "review", "n": [1, 2]}


def test_history_is_of_one_subject_newest_first(session: Session) -> None:
    for action in ("title.submit", "title.publish", "title.withdraw"):
        write(session, action)
    write(session, subject="title:70")
    found = [entry.action for entry in audit.history(session, "title:7", limit=2)]
    assert found == ["title.withdraw", "title.publish"]


def test_an_entry_of_work_that_failed_is_not_kept(sessions: SessionFactory) -> None:
    def fail() -> None:
        with session_scope(sessions) as session:
            write(session)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with read_scope(sessions) as session:
        assert audit.history(session, "title:7") == []


def _change_through_the_orm(session: Session) -> None:
    session.scalars(select(AuditEntry)).one().remark = "改写"
    session.flush()


def _drop_through_the_orm(session: Session) -> None:
    session.delete(session.scalars(select(AuditEntry)).one())
    session.flush()


REFUSED: dict[str, Callable[[Session], object]] = {
    "UPDATE": lambda s: s.execute(text("UPDATE audit_entry SET actor = 'someone else'")),
    "UPDATE one": lambda s: s.execute(text("UPDATE audit_entry SET remark = '' WHERE id > 0")),
    "DELETE": lambda s: s.execute(text("DELETE FROM audit_entry")),
    "update()": lambda s: s.execute(update(AuditEntry).values(remark="改写")),
    "delete()": lambda s: s.execute(delete(AuditEntry)),
    "attribute": _change_through_the_orm,
    "session.delete": _drop_through_the_orm,
}


@pytest.mark.parametrize("way", sorted(REFUSED))
def test_the_database_refuses_to_change_or_drop_entries(sessions: SessionFactory, way: str) -> None:
    _refused(sessions, REFUSED[way])


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_truncate(sessions: SessionFactory) -> None:
    _refused(sessions, lambda s: s.execute(text("TRUNCATE audit_entry")))
    _refused(sessions, lambda s: s.execute(text("TRUNCATE place CASCADE")))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_sqlite_refuses_to_replace(sessions: SessionFactory) -> None:
    statement = (
        "INSERT OR REPLACE INTO audit_entry (id, at, actor, action, subject, remark, detail) "
        "SELECT id, at, 'someone else', action, subject, remark, detail FROM audit_entry"
    )
    _refused(sessions, lambda s: s.execute(text(statement)))


def _refused(sessions: SessionFactory, change: Callable[[Session], object]) -> None:
    with session_scope(sessions) as session:
        write(session)
    with sessions() as session:
        with pytest.raises(DBAPIError, match="append-only"):
            change(session)
        session.rollback()
    with session_scope(sessions) as session:
        entries = audit.history(session, "title:7")
        assert {(entry.actor, entry.remark) for entry in entries} == {("li.ming", "")}
        write(session)
