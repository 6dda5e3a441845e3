"""The version of channels and guide: readers that keep a copy ask whether it is old."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.db import changed_rows
from epg.channels.tables import EpgVersion


def touch_epg(session: Session) -> None:
    """Tell readers that channels or guide have changed, in the transaction of the change."""
    statement = update(EpgVersion).where(EpgVersion.id == 1)
    if not changed_rows(session, statement.values(version=EpgVersion.version + 1)):
        session.add(EpgVersion(id=1, version=1))
        session.flush()


def epg_version(session: Session) -> int:
    """Return the version; 0 before the first change."""
    return session.scalar(select(EpgVersion.version).where(EpgVersion.id == 1)) or 0
