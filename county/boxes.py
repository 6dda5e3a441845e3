"""Set-top boxes and their tokens."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false, or_, select, update
from sqlalchemy.orm import Session, contains_eager

from core.db import is_row_id
from core.errors import InvalidInputError, NotFoundError, UnauthenticatedError
from county.tables import Box, Place

NAME_MAX = 80
MODEL_MAX = 80
VERSION_MAX = 40
SEEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PairedBox:
    """What a request needs to know of the box that sends it."""

    id: int
    place_path: str


def pair_box(session: Session, *, place: Place, name: str, now: datetime) -> tuple[Box, str]:
    """Add a box and return it with its token, which is kept nowhere in clear."""
    token = secrets.token_urlsafe(32)
    box = Box(place_id=place.id, name=name, token_hash=hash_token(token), paired_at=now)
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
        .where(Box.token_hash == hash_token(token), Box.revoked_at.is_(None))
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise UnauthenticatedError("机顶盒的授权已失效，请联系村里重新绑定。")
    return PairedBox(row[0], row[1])


def restore_box(session: Session, box_id: int) -> None:
    """Take a revocation back: the box's token is good again.

    Raises:
        NotFoundError: there is no such box.
    """
    find_box(session, box_id).revoked_at = None
    session.flush()


def find_box(session: Session, box_id: int) -> Box:
    """Return a box.

    Raises:
        NotFoundError: there is none of that id.
    """
    box = session.get(Box, box_id) if is_row_id(box_id) else None
    if box is None:
        raise NotFoundError(f"没有编号为 {box_id} 的机顶盒。", field="box")
    return box


def edit_box(session: Session, box: Box, *, name: str, place: Place) -> None:
    """Rename a box or move it to another place.

    Raises:
        InvalidInputError: the name does not fit.
    """
    box.name, box.place = clean_name(name), place
    session.flush()


def clean_name(name: str) -> str:
    """Return a household's name as it is kept.

    Raises:
        InvalidInputError: it is empty, too long or holds signs that cannot be read.
    """
    name = name.strip()
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise InvalidInputError(f"户名要有 1 到 {NAME_MAX} 个字。", field="name")
    return name


def is_news(box: Box, *, model: str, version: str = "", now: datetime) -> bool:
    """Say whether `note_box` has something to write; only looks."""
    if box.seen_at is None or box.seen_at < now - SEEN_EVERY:
        return True
    said = ((model[:MODEL_MAX], box.model), (version[:VERSION_MAX], box.version))
    return any(new and new != kept for new, kept in said)


def note_box(
    session: Session, box_id: int, *, model: str, version: str = "", now: datetime
) -> None:
    """Remember that a box was heard of and what it is.

    Args:
        session: the unit of work.
        box_id: which.
        model: what it is; empty when it does not say.
        version: of the TV app on it; empty when it does not say.
        now: the present instant.
    """
    said: dict[str, Any] = {"seen_at": now}
    if model:
        said["model"] = model[:MODEL_MAX]
    if version:
        said["version"] = version[:VERSION_MAX]
    session.execute(update(Box).where(Box.id == box_id).values(**said))


def list_boxes(
    session: Session, paths: Sequence[str], *, words: str = "", after: int = 0, limit: int = 50
) -> Sequence[Box]:
    """Return a page of the boxes below some places, by id.

    Args:
        session: the unit of work.
        paths: subtrees that may be seen.
        words: part of the household's name, the place's name or the model.
        after: id of the last one of the page before.
        limit: how many at most.
    """
    statement = select(Box).join(Place).options(contains_eager(Box.place)).where(Box.id > after)
    below = [Place.path.startswith(path, autoescape=True) for path in paths]
    statement = statement.where(or_(false(), *below))
    if words:
        fields = (Box.name, Place.name, Box.model)
        statement = statement.where(or_(*(f.contains(words, autoescape=True) for f in fields)))
    return session.scalars(statement.order_by(Box.id).limit(limit)).all()


def hash_token(token: str) -> str:
    """Return what is kept of a token."""
    # A token is 256 random bits: a plain hash cannot be guessed back, and is quick to look up.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def hash_address(address: str, *, key: str) -> str:
    """Return what is kept of where something came from: 64 hex digits.

    There are few enough addresses to try them all, so it takes a key of the house. A household has
    a whole /64 of IPv6, and may ask from each of it.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        network = str(parsed)
        if parsed.version == 6:
            network = str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
    said = f"address:{network}".encode("utf-8", "replace")
    return hmac.new(key.encode(), said, "sha256").hexdigest()
