"""Households' keys for players other than the box: issued, checked, revoked.

What is played by them is counted in `county.key_streams`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from core.db import is_row_id
from core.errors import (
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
)
from county.key_streams import WRONG, KeyHolder
from county.people import FAILURE_WINDOW, note_failure
from county.tables import HouseholdKey, Place, SignInFailure, StreamUse

#: Letters of a key: none looks like another, and all are typed without shift.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
GROUPS, GROUP = 7, 4  # 28 letters of 5 bits: 140 bits

#: Wrong keys from one address within the window, after which it is told to wait.
MAX_WRONG = 60
_WRONG_LOGIN = "*key"  # no person can be called so

NAME_MAX = 80


def issue_key(
    session: Session,
    *,
    place: Place,
    name: str,
    max_streams: int,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[HouseholdKey, str]:
    """Add a key and return it with its token, which is kept nowhere in clear.

    Args:
        session: the unit of work.
        place: where the household lives: it sees what may be seen there.
        name: who it is for.
        max_streams: how many it may play at once, 1 to 100.
        now: the present instant.
        expires_at: from when on it is worthless; None for never.

    Raises:
        InvalidInputError: a value does not fit; `field` names it.
    """
    name = name.strip()
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise InvalidInputError(f"名称要有 1 到 {NAME_MAX} 个字。", field="name")
    if not 1 <= max_streams <= 100:
        raise InvalidInputError("同时观看的路数要在 1 到 100 之间。", field="max_streams")
    if expires_at is not None and expires_at <= now:
        raise InvalidInputError("到期时间已经过了。", field="expires_at")
    token = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    key = HouseholdKey(
        place_id=place.id,
        name=name,
        token_hash=_hash(token),
        max_streams=max_streams,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    return key, token


def revoke_key(session: Session, key_id: int, *, now: datetime) -> None:
    """Make a key worthless; revoking twice changes nothing.

    Raises:
        NotFoundError: there is no such key.
    """
    if not is_row_id(key_id) or session.get(HouseholdKey, key_id) is None:
        raise NotFoundError("没有这个密钥。", field="key")
    session.execute(
        update(HouseholdKey)
        .where(HouseholdKey.id == key_id, HouseholdKey.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    session.execute(delete(StreamUse).where(StreamUse.key_id == key_id))
    session.expire_all()


def list_keys(session: Session) -> Sequence[HouseholdKey]:
    """Return all keys with their places, the newest first."""
    statement = select(HouseholdKey).options(joinedload(HouseholdKey.place))
    return session.scalars(statement.order_by(HouseholdKey.id.desc())).all()


def authenticate_key(session: Session, token: str, *, now: datetime) -> KeyHolder:
    """Return the household of a key; only reads.

    Args:
        session: the unit of work.
        token: the key as typed: dashes, spaces, capitals and look-alikes (o, i, l) do not matter.
        now: the present instant.

    Raises:
        UnauthenticatedError: it is unknown, revoked or expired; the sentence does not say which.
    """
    statement = (
        select(HouseholdKey.id, Place.path, HouseholdKey.max_streams, HouseholdKey.expires_at)
        .join(Place, Place.id == HouseholdKey.place_id)
        .where(HouseholdKey.token_hash == _hash(token), HouseholdKey.revoked_at.is_(None))
    )
    row = session.execute(statement).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        raise UnauthenticatedError(WRONG)
    return KeyHolder(row.id, row.path, row.max_streams)


def authenticate_login(
    session: Session, username: str, password: str, *, now: datetime
) -> KeyHolder:
    """Return the household of an Xtream login: `h<key id>` and the key.

    Raises:
        UnauthenticatedError: they do not belong together, or the key is no good.
    """
    holder = authenticate_key(session, password, now=now)
    if username.strip().lower() != f"h{holder.id}":
        raise UnauthenticatedError(WRONG)
    return holder


def note_wrong_key(session: Session, address: str, *, now: datetime) -> None:
    """Count a wrong key of an address; right ones are let in whatever the count.

    The neighbours of a player with an old key may share its address, and cannot help it.

    Raises:
        RateLimitedError: there were too many lately.
    """
    counted = f"key:{address}"[:64]
    since = now - FAILURE_WINDOW
    statement = select(func.count(), func.min(SignInFailure.failed_at)).where(
        SignInFailure.address == counted, SignInFailure.failed_at > since
    )
    count, first = session.execute(statement).one()
    if count >= MAX_WRONG:
        wait_s = max(1, int((first + FAILURE_WINDOW - now).total_seconds()))
        raise RateLimitedError("密钥错误次数过多，请稍后再试。", retry_after_s=wait_s)
    note_failure(session, _WRONG_LOGIN, counted, now=now)


def _hash(token: str) -> str:
    # 140 random bits: a plain hash cannot be guessed back, and is quick to look up.
    plain = re.sub(r"[\s-]", "", token.lower()).translate(str.maketrans("oil", "011"))
    return hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()
