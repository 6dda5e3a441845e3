"""Pairing a box: it shows a code, a person says whose it is, the box learns that it belongs.

The secret that the box is given with the code stands in the addresses it asks at, and so in logs:
the token is another, made of it with a key of the house. Until somebody names the household it
opens nothing; afterwards the box is told it as often as it asks, so a reply that got lost costs
nothing, until it has used it. From then on the secret is worth nothing.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import ConflictError, NotFoundError, RateLimitedError
from county.box_tables import PairingOffer
from county.boxes import MODEL_MAX, clean_name, hash_address, hash_token
from county.people import note_failure
from county.tables import Box, Place, SignInFailure

GOOD_FOR = timedelta(minutes=15)
#: What was paired stays to be asked for; what was not is forgotten sooner.
KEPT_FOR = timedelta(days=1)
HOUR = timedelta(hours=1)
MOST_AN_HOUR = 20
#: Wrong codes of one person within the window, after which they are told to wait.
MAX_WRONG = 10
WRONG_WINDOW = timedelta(minutes=10)
_WRONG_LOGIN = "*pair:"  # no person can be called so
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """A code to show, the secret to keep, and how long they are good."""

    code: str
    secret: str
    expires_s: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pairing stands; `box` once it is done, `token` until the box has used it."""

    state: Literal["waiting", "paired", "expired"]
    box: Box | None = None
    token: str | None = None


def offer_pairing(session: Session, *, model: str, address: str, key: str, now: datetime) -> Offer:
    """Return a new code for a box.

    Args:
        session: the unit of work.
        model: what the box is.
        address: where it asks from.
        key: the house's key for tokens (`House.pairing_key`).
        now: the present instant.

    Raises:
        RateLimitedError: too many were asked for from there.
    """
    source = hash_address(address, key=key)
    session.execute(delete(PairingOffer).where(PairingOffer.created_at < now - KEPT_FOR))
    _check_rate(session, source, now)
    secret = secrets.token_urlsafe(32)
    for _ in range(_TRIES):
        code = f"{secrets.randbelow(10**6):06}"
        _forget_unpaired(session, code, now)
        try:
            with session.begin_nested():
                session.add(
                    PairingOffer(
                        code=code,
                        secret_hash=hash_token(secret),
                        token_hash=hash_token(make_token(secret, key=key)),
                        model=model[:MODEL_MAX],
                        address=source,
                        created_at=now,
                        expires_at=now + GOOD_FOR,
                    )
                )
        except IntegrityError:
            continue  # somebody else shows this code
        return Offer(code, secret, int(GOOD_FOR.total_seconds()))
    raise ConflictError("配对码暂时用完了，请过几分钟再试。")


def make_token(secret: str, *, key: str) -> str:
    """Return the token of a secret: 43 letters, digits, dashes and underlines."""
    said = f"token:{secret}".encode("utf-8", "replace")
    digest = hmac.digest(key.encode(), said, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _check_rate(session: Session, source: str, now: datetime) -> None:
    statement = select(func.count(), func.min(PairingOffer.created_at)).where(
        PairingOffer.address == source, PairingOffer.created_at > now - HOUR
    )
    count, first = session.execute(statement).one()
    if count >= MOST_AN_HOUR:
        wait_s = max(1, int((first + HOUR - now).total_seconds()))
        raise RateLimitedError("配对码要得太频繁了，请过一会儿再试。", retry_after_s=wait_s)


def _forget_unpaired(session: Session, code: str, now: datetime) -> None:
    session.execute(
        delete(PairingOffer).where(PairingOffer.code == code, PairingOffer.expires_at <= now)
    )


def standing(session: Session, secret: str, *, key: str, now: datetime) -> Standing:
    """Return how the pairing of a secret stands; what nobody knows is over.

    Args:
        session: the unit of work; only read.
        secret: what the box was given with the code.
        key: as for `offer_pairing`.
        now: the present instant.
    """
    statement = select(PairingOffer).where(PairingOffer.secret_hash == hash_token(secret))
    offer = session.scalars(statement).one_or_none()
    box = session.get(Box, offer.box_id) if offer and offer.box_id else None
    if box is not None and box.revoked_at is None:
        token = make_token(secret, key=key) if box.seen_at is None else None
        return Standing("paired", box, token)
    if offer is None or offer.expires_at <= now or box is not None:
        return Standing("expired")
    return Standing("waiting")


def find_offer(session: Session, code: str, *, actor: str, now: datetime) -> PairingOffer:
    """Return the offer of a code that a person has read from a screen.

    The guess is noted before (`note_guess`), in a unit of work that has ended.

    Raises:
        NotFoundError: no box shows it (any more).
        RateLimitedError: this person has guessed too often.
    """
    login = _wrong_login(actor)
    wrong = select(func.count(), func.min(SignInFailure.failed_at)).where(
        SignInFailure.login == login, SignInFailure.failed_at > now - WRONG_WINDOW
    )
    count, first = session.execute(wrong).one()
    if count > MAX_WRONG:
        wait_s = max(1, int((first + WRONG_WINDOW - now).total_seconds()))
        raise RateLimitedError("配对码输错太多次了，请过一会儿再试。", retry_after_s=wait_s)
    statement = select(PairingOffer).where(
        PairingOffer.code == code, PairingOffer.box_id.is_(None), PairingOffer.expires_at > now
    )
    offer = session.scalars(statement).one_or_none()
    if offer is None:
        words = "没有电视正在显示这个配对码，请核对，或者让电视换一个新码。"
        raise NotFoundError(words, field="code")
    return offer


def note_guess(session: Session, actor: str, address: str, *, now: datetime) -> int:
    """Count a guess before the look, in a unit of work of its own, so that many at once all count.

    It is no failed sign-in: those who share the address may sign in as before.

    Returns:
        what `forgive_guess` takes if the code was right, or nobody looked.
    """
    return note_failure(session, _wrong_login(actor), f"pair:{address}", now=now).id


def forgive_guess(session: Session, guess: int) -> None:
    """Count a guess no more."""
    session.execute(delete(SignInFailure).where(SignInFailure.id == guess))


def _wrong_login(actor: str) -> str:
    return f"{_WRONG_LOGIN}{actor}"[:64]


def accept_offer(
    session: Session, offer: PairingOffer, *, place: Place, name: str, now: datetime
) -> Box:
    """Say whose box it is; the box learns it with its next question.

    Raises:
        InvalidInputError: the name does not fit.
        ConflictError: somebody else was faster.
    """
    box = Box(
        place_id=place.id,
        name=clean_name(name),
        token_hash=offer.token_hash,
        paired_at=now,
        model=offer.model,
    )
    try:
        with session.begin_nested():
            session.add(box)
    except IntegrityError:
        raise ConflictError("这台电视刚刚已经绑定了。", field="code") from None
    offer.box_id = box.id
    session.flush()
    return box
