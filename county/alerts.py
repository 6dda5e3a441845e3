"""Alerts: what needs a person, raised once and closed when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.db import changed_rows
from county.tables import Alert


def raise_alert(session: Session, *, kind: str, subject: str, words: str, now: datetime) -> bool:
    """Open an alert, or renew the words of the one that is open; return whether it is new.

    Args:
        session: the unit of work.
        kind: such as `channel.silent`.
        subject: such as `channel:7`.
        words: a sentence in Chinese for the admin.
        now: the present instant.
    """
    still_open = (Alert.kind == kind, Alert.subject == subject, Alert.closed_at.is_(None))
    if changed_rows(session, update(Alert).where(*still_open).values(words=words)):
        return False
    session.add(Alert(kind=kind, subject=subject, words=words, opened_at=now))
    session.flush()
    return True


def close_alert(session: Session, *, kind: str, subject: str, now: datetime) -> bool:
    """Close the open alert of this kind and subject; return whether there was one."""
    statement = update(Alert).where(
        Alert.kind == kind, Alert.subject == subject, Alert.closed_at.is_(None)
    )
    return changed_rows(session, statement.values(closed_at=now)) > 0


def open_alerts(session: Session) -> Sequence[Alert]:
    """Return the alerts that are open, newest first."""
    statement = select(Alert).where(Alert.closed_at.is_(None))
    return session.scalars(statement.order_by(Alert.opened_at.desc(), Alert.id.desc())).all()
