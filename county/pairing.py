"""Pairing a box: it shows a code, a person says whose it is, the box learns that it belongs.

The box's token is the secret it was given with the code. Until somebody names the household it
opens nothing; afterwards the box may ask as often as it likes, so a reply that got lost costs
nothing, and nobody but the box ever holds it in clear.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import ConflictError, NotFoundError, RateLimitedError
from county.boxes import MODEL_MAX, clean_name, hash_token
from county.people import FAILURE_WINDOW, note_failure
from county.tables import Box, PairingOffer, Place, SignInFailure

GOOD_FOR = timedelta(minutes=15)
#: What was paired stays to be asked for; what was not is forgotten sooner.
KEPT_FOR = timedelta(days=1)
HOUR = timedelta(hours=1)
MOST_AN_HOUR = 20
MAX_WRONG = 10
_WRONG_LOGIN = "*pair:"
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """A code to show, the secret to keep, and how long they are good."""

    code: str
    secret: str
    expires_s: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pairing stands; `box` once it is done."""

    state: Literal["waiting", "paired", "expired"]
    box: Box | None


def offer_pairing(session: Session, *, model: str, address: str, now: datetime) -> Offer:
    """Return a new code for a box.

    Args:
        session: the unit of work.
        model: what the box is.
        address: where it asks from.
        now: the present instant.

    Raises:
        RateLimitedError: too many were asked for from there.
    """
    source = hashlib.sha256(address.encode()).hexdigest()
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


def standing(session: Session, secret: str, *, now: datetime) -> Standing:
    """Return how the pairing of a secret stands; what nobody knows is over."""
    statement = select(PairingOffer).where(PairingOffer.secret_hash == hash_token(secret))
    offer = session.scalars(statement).one_or_none()
    box = session.get(Box, offer.box_id) if offer and offer.box_id else None
    if box is not None and box.revoked_at is None:
        return Standing("paired", box)
    if offer is None or offer.expires_at <= now or box is not None:
        return Standing("expired", None)
    return Standing("waiting", None)


def find_offer(session: Session, code: str, *, actor: str, now: datetime) -> PairingOffer:
    """Return the offer of a code that a person has read from a screen.

    Raises:
        NotFoundError: no box shows it (any more).
        RateLimitedError: this person has guessed too often.
    """
    login = _WRONG_LOGIN + actor
    wrong = select(func.count(), func.min(SignInFailure.failed_at)).where(
        SignInFailure.login == login, SignInFailure.failed_at > now - FAILURE_WINDOW
    )
    count, first = session.execute(wrong).one()
    if count >= MAX_WRONG:
        wait_s = max(1, int((first + FAILURE_WINDOW - now).total_seconds()))
        raise RateLimitedError("配对码输错太多次了，请过一会儿再试。", retry_after_s=wait_s)
    statement = select(PairingOffer).where(
        PairingOffer.code == code, PairingOffer.box_id.is_(None), PairingOffer.expires_at > now
    )
    offer = session.scalars(statement).one_or_none()
    if offer is None:
        words = "没有电视正在显示这个配对码，请核对，或者让电视换一个新码。"
        raise NotFoundError(words, field="code")
    return offer


def note_wrong_code(session: Session, actor: str, address: str, *, now: datetime) -> None:
    """Count a code that no box shows; in a unit of work of its own, which the error spares."""
    note_failure(session, _WRONG_LOGIN + actor, address, now=now)


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
        token_hash=offer.secret_hash,
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
