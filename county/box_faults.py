"""What falls in the TV app, as boxes tell it: an entry an hour from each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county.box_tables import BoxFault
from county.boxes import hash_address

HOUR = timedelta(hours=1)
KEPT_FOR = timedelta(days=30)
LAST_MAX = 500
#: Anybody may tell faults from boxes that are not paired: so many of those are kept.
MOST_UNPAIRED = 2000
_UNPAIRED = "address:"

#: What opens something, as addresses and headers hold it; the first group is kept.
_SECRETS = re.compile(
    r"""((?<![a-z0-9])(?:token|secret|password|pass|signature|sig|key|s)["']?\s*[=:]\s*["']?
       |\bbearer\s+
       |/(?:media|pairing)/)
      [^\s"'&/,;)]+""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a box tells; texts are cut to what is kept."""

    model: str
    version: str
    count: int
    last: str
    screen: str


def source_of(box_id: int | None, address: str, *, key: str) -> str:
    """Return by what name faults of a box are kept: its own, or a hash of where it is."""
    if box_id is not None:
        return f"box:{box_id}"
    return f"{_UNPAIRED}{hash_address(address, key=key)[:40]}"


def told_lately(session: Session, source: str, *, now: datetime) -> bool:
    """Say whether a source has told something within the hour; only reads."""
    lately = select(func.count()).where(BoxFault.source == source, BoxFault.at > now - HOUR)
    return bool(session.scalar(lately))


def note_fault(session: Session, told: Told, source: str, *, now: datetime) -> bool:
    """Keep what a box tells; False when it told something within the hour."""
    if told_lately(session, source, now=now):
        return False
    fault = BoxFault(
        source=source,
        hour=int(now.timestamp()) // 3600,
        at=now,
        model=told.model[:80],
        version=told.version[:40],
        count=min(max(told.count, 1), 10**6),
        last=redact(told.last)[:LAST_MAX],
        screen=redact(told.screen)[:40],
    )
    try:
        with session.begin_nested():
            session.add(fault)
    except IntegrityError:
        return False  # the same source, a moment ago
    _forget(session, now)
    return True


def redact(text: str) -> str:
    """Return a text without tokens and signatures; addresses stay readable.

    Done before the text is cut: half of a token is not known for one.
    """
    return _SECRETS.sub(r"\1…", text)


def _forget(session: Session, now: datetime) -> None:
    session.execute(delete(BoxFault).where(BoxFault.at < now - KEPT_FOR))
    unpaired = BoxFault.source.startswith(_UNPAIRED)
    newest = select(BoxFault.id).where(unpaired).order_by(BoxFault.id.desc())
    first_too_many = newest.offset(MOST_UNPAIRED).limit(1).scalar_subquery()
    session.execute(
        delete(BoxFault)
        .where(unpaired, BoxFault.id <= first_too_many)
        .execution_options(synchronize_session=False)
    )


def list_faults(
    session: Session, *, box_id: int | None = None, limit: int = 50
) -> Sequence[BoxFault]:
    """Return the newest faults, of one box or of all."""
    statement = select(BoxFault)
    if box_id is not None:
        statement = statement.where(BoxFault.source == f"box:{box_id}")
    return session.scalars(statement.order_by(BoxFault.at.desc()).limit(limit)).all()


def count_faults(session: Session, *, now: datetime) -> int:
    """Return how much fell on all boxes within a day."""
    statement = select(func.sum(BoxFault.count)).where(BoxFault.at > now - timedelta(days=1))
    return session.scalar(statement) or 0
