"""Boxes and their revocable tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core.errors import NotFoundError, UnauthenticatedError
from county.boxes import authenticate_box, revoke_box
from county.tables import Box
from tests.factories import make_box, make_county
from tests.fakes import START


def test_a_token_names_its_box_and_place(session: Session) -> None:
    county = make_county(session)
    box, token = make_box(session, county.village)
    other, other_token = make_box(session, county.sister)
    assert authenticate_box(session, token).id == box.id
    assert authenticate_box(session, token).place_path == county.village.path
    assert authenticate_box(session, other_token).id == other.id


def test_a_token_is_kept_nowhere_in_clear(session: Session) -> None:
    box, token = make_box(session, make_county(session).village)
    assert len(token) >= 43
    kept = [str(getattr(box, column.name)) for column in Box.__table__.columns]
    assert all(token not in value for value in kept)


@pytest.mark.parametrize("token", ["", "x", "Bearer x", "null", "é", "令牌"])
def test_other_tokens_are_refused(session: Session, token: str) -> None:
    make_box(session, make_county(session).village)
    with pytest.raises(UnauthenticatedError):
        authenticate_box(session, token)


def test_the_kept_hash_is_no_token(session: Session) -> None:
    box, _ = make_box(session, make_county(session).village)
    with pytest.raises(UnauthenticatedError):
        authenticate_box(session, box.token_hash)


def test_a_revoked_token_is_worthless_and_stays_so(session: Session) -> None:
    box, token = make_box(session, make_county(session).village)
    revoke_box(session, box.id, now=START)
    with pytest.raises(UnauthenticatedError, match="重新绑定"):
        authenticate_box(session, token)
    revoke_box(session, box.id, now=START + timedelta(days=1))
    session.refresh(box)
    assert box.revoked_at == START


def test_revoking_what_is_not_there_is_told(session: Session) -> None:
    with pytest.raises(NotFoundError, match="99"):
        revoke_box(session, 99, now=START)
