"""Set-top boxes and their tokens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.errors import NotFoundError, UnauthenticatedError
from county.tables import Box, Place


@dataclass(frozen=True, slots=True)
class PairedBox:
    """What a request needs to know of the box that sends it."""

    id: int
    place_path: str


def pair_box(session: Session, *, place: Place, name: str, now: datetime) -> tuple[Box, str]:
    """Add a box and return it with its token, which is kept nowhere in clear."""
    token = secrets.token_urlsafe(32)
    box = Box(place_id=place.id, name=name, token_hash=_hash(token), paired_at=now)
    session.add(box)
    session.flush()
    return box, token


def revoke_box(session: Session, box_id: int, *, now: datetime) -> None:
    """Make a box's token worthless; revoking twice changes nothing.

    Raises:
        NotFoundError: there is no such box.
    """
    if session.get(Box, box_id) is None:
        raise NotFoundError(f"没有编号为 {box_id} 的机顶盒。", field="box")
    session.execute(
        update(Box).where(Box.id == box_id, Box.revoked_at.is_(None)).values(revoked_at=now)
    )
    session.expire_all()


def authenticate_box(session: Session, token: str) -> PairedBox:
    """Return the box of a token.

    Raises:
        UnauthenticatedError: the token is unknown or revoked.
    """
    statement = (
        select(Box.id, Place.path)
        .join(Place)
        .where(Box.token_hash == _hash(token), Box.revoked_at.is_(None))
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise UnauthenticatedError("机顶盒的授权已失效，请联系村里重新绑定。")
    return PairedBox(row[0], row[1])


def _hash(token: str) -> str:
    # A token is 256 random bits: a plain hash cannot be guessed back, and is quick to look up.
    return hashlib.sha256(token.encode()).hexdigest()
