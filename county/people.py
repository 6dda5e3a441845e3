"""People: passwords, sign-in, roles."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, selectinload

from core.errors import InvalidInputError, RateLimitedError, UnauthenticatedError
from county.rights import Grant, RoleKind
from county.tables import Person, Place, Role, SignInFailure

_hasher = PasswordHasher()

#: Verified when the login is unknown, so that the answer takes as long either way.
_NOBODY = _hasher.hash("nobody signs in with this")

MIN_PASSWORD = 10
FAILURE_WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_LOGIN = 8
#: A whole office may share one address.
MAX_FAILURES_PER_ADDRESS = 40

WRONG = "用户名或密码不对。"


def add_person(session: Session, *, login: str, name: str, password: str, now: datetime) -> Person:
    """Add somebody who can sign in.

    Raises:
        InvalidInputError: the login is unusable or taken, or the password too short.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,63}", login):
        raise InvalidInputError(
            "用户名只能用小写字母、数字、点、横线和下划线，至少两位。", field="login"
        )
    if session.scalars(select(Person.id).where(Person.login == login)).first() is not None:
        raise InvalidInputError(f"用户名 {login} 已被使用。", field="login")
    person = Person(login=login, name=name, password_hash=_hash(password), created_at=now)
    session.add(person)
    session.flush()
    return person


def set_password(session: Session, person: Person, password: str) -> None:
    """Change the password; sessions that are open elsewhere end.

    Raises:
        InvalidInputError: it is too short.
    """
    person.password_hash = _hash(password)
    person.session_epoch += 1
    session.flush()


def _hash(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise InvalidInputError(f"密码至少 {MIN_PASSWORD} 位。", field="password")
    return _hasher.hash(password)


def give_role(session: Session, person: Person, kind: RoleKind, place: Place) -> Role:
    """Let a person hold a role at a place; giving it twice changes nothing."""
    statement = select(Role).where(
        Role.person_id == person.id, Role.place_id == place.id, Role.kind == kind
    )
    role = session.scalars(statement).one_or_none()
    if role is None:
        role = Role(person=person, place=place, kind=kind)
        session.add(role)
        session.flush()
    return role


def grants_of(session: Session, person_id: int) -> tuple[Grant, ...]:
    """Return what a person holds, as values for `county.rights.may`."""
    statement = select(Role.kind, Place.path).join(Place).where(Role.person_id == person_id)
    return tuple(Grant(cast(RoleKind, kind), path) for kind, path in session.execute(statement))


def find_signed_in(session: Session, person_id: int, epoch: int) -> Person | None:
    """Return the person of a session cookie, or None when it no longer holds."""
    statement = select(Person).where(Person.id == person_id).options(selectinload(Person.roles))
    person = session.scalars(statement).one_or_none()
    if person is None or not person.active or person.session_epoch != epoch:
        return None
    return person


def check_sign_in_rate(session: Session, login: str, address: str, *, now: datetime) -> None:
    """Refuse a try when there were too many failures lately.

    Raises:
        RateLimitedError: wait until the window has passed.
    """
    since = now - FAILURE_WINDOW
    for column, value, limit in (
        (SignInFailure.login, login, MAX_FAILURES_PER_LOGIN),
        (SignInFailure.address, address, MAX_FAILURES_PER_ADDRESS),
    ):
        statement = select(func.count(), func.min(SignInFailure.failed_at)).where(
            column == value, SignInFailure.failed_at > since
        )
        count, first = session.execute(statement).one()
        if count >= limit:
            wait_s = max(1, int((first + FAILURE_WINDOW - now).total_seconds()))
            raise RateLimitedError(
                f"尝试次数过多，请 {-(-wait_s // 60)} 分钟后再试。", retry_after_s=wait_s
            )


def note_failure(session: Session, login: str, address: str, *, now: datetime) -> SignInFailure:
    """Count a failed sign-in and forget those outside the window."""
    session.execute(delete(SignInFailure).where(SignInFailure.failed_at < now - FAILURE_WINDOW))
    failure = SignInFailure(login=login[:64], address=address[:64], failed_at=now)
    session.add(failure)
    session.flush()
    return failure


def verify_password(session: Session, login: str, password: str) -> Person:
    """Return the person of a login and password; only reads, as the hash takes its time.

    The caller counts the try before and calls `note_sign_in` after.

    Raises:
        UnauthenticatedError: unknown, barred or wrong; the sentence does not say which.
    """
    person = session.scalars(select(Person).where(Person.login == login)).one_or_none()
    try:
        _hasher.verify(person.password_hash if person else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        raise UnauthenticatedError(WRONG) from None
    if person is None or not person.active:
        raise UnauthenticatedError(WRONG)
    return person


def note_sign_in(session: Session, login: str) -> None:
    """Forget the failures of a login whose password was right."""
    session.execute(delete(SignInFailure).where(SignInFailure.login == login))
    session.flush()
