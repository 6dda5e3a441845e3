"""People: passwords, sign-in, roles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, RateLimitedError, UnauthenticatedError
from county import people
from county.people import (
    FAILURE_WINDOW,
    MAX_FAILURES_PER_ADDRESS,
    MAX_FAILURES_PER_LOGIN,
    add_person,
    check_sign_in_rate,
    find_signed_in,
    give_role,
    grants_of,
    note_failure,
    note_sign_in,
    verify_password,
)
from county.rights import Grant
from county.tables import SignInFailure
from tests.factories import PASSWORD, make_county, make_person
from tests.fakes import START


def test_a_password_is_kept_as_an_argon2_hash(session: Session) -> None:
    person = add_person(session, login="li.ming", name="李明", password=PASSWORD, now=START)
    assert person.password_hash.startswith("$argon2id$")
    assert PASSWORD not in person.password_hash
    assert verify_password(session, "li.ming", PASSWORD) is person


@pytest.mark.parametrize("login", ["", "a", "Li", "李明", "a b", "-ab", "a" * 65, "a\n"])
def test_unusable_logins_are_refused(session: Session, login: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        add_person(session, login=login, name="x", password=PASSWORD, now=START)
    assert caught.value.field == "login"


def test_a_login_is_used_once(session: Session) -> None:
    make_person(session, login="li.ming")
    with pytest.raises(InvalidInputError, match="已被使用"):
        add_person(session, login="li.ming", name="x", password=PASSWORD, now=START)


def test_a_short_password_is_refused_and_not_said(session: Session) -> None:
    with pytest.raises(InvalidInputError) as caught:
        add_person(session, login="li", name="x", password="hunter2", now=START)
    assert caught.value.field == "password"
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("login", "password"), [("li.ming", "wrong wrong wrong"), ("nobody", PASSWORD), ("", "")]
)
def test_a_wrong_sign_in_does_not_say_what_was_wrong(
    session: Session, login: str, password: str
) -> None:
    make_person(session, login="li.ming")
    with pytest.raises(UnauthenticatedError) as caught:
        verify_password(session, login, password)
    assert caught.value.message == people.WRONG


def test_who_is_barred_cannot_sign_in(session: Session) -> None:
    person = make_person(session, login="li.ming")
    person.active = False
    session.flush()
    with pytest.raises(UnauthenticatedError):
        verify_password(session, "li.ming", PASSWORD)


def test_a_changed_password_ends_older_sessions(session: Session) -> None:
    person = make_person(session)
    epoch = person.session_epoch
    assert find_signed_in(session, person.id, epoch) is person
    people.set_password(session, person, "another long one")
    assert find_signed_in(session, person.id, epoch) is None
    assert find_signed_in(session, person.id, person.session_epoch) is person
    person.active = False
    session.flush()
    assert find_signed_in(session, person.id, person.session_epoch) is None
    assert find_signed_in(session, 999, 0) is None


def test_too_many_failures_of_a_login_have_to_wait(session: Session) -> None:
    for number in range(MAX_FAILURES_PER_LOGIN):
        check_sign_in_rate(session, "li", "10.0.0.1", now=START)
        note_failure(session, "li", f"10.0.0.{number}", now=START + timedelta(seconds=number))
    later = START + timedelta(minutes=5)
    with pytest.raises(RateLimitedError, match="分钟") as caught:
        check_sign_in_rate(session, "li", "10.9.9.9", now=later)
    assert caught.value.retry_after_s == 600
    check_sign_in_rate(session, "wang", "10.9.9.9", now=later)
    check_sign_in_rate(session, "li", "10.9.9.9", now=START + FAILURE_WINDOW + timedelta(minutes=1))


def test_too_many_failures_of_an_address_have_to_wait(session: Session) -> None:
    for number in range(MAX_FAILURES_PER_ADDRESS):
        note_failure(session, f"p{number}", "10.0.0.1", now=START)
    with pytest.raises(RateLimitedError):
        check_sign_in_rate(session, "other", "10.0.0.1", now=START)
    check_sign_in_rate(session, "other", "10.0.0.2", now=START)


def test_a_good_sign_in_forgets_the_failures_of_the_login(session: Session) -> None:
    make_person(session, login="li.ming")
    for _ in range(MAX_FAILURES_PER_LOGIN - 1):
        note_failure(session, "li.ming", "10.0.0.1", now=START)
    verify_password(session, "li.ming", PASSWORD)
    note_sign_in(session, "li.ming")
    note_failure(session, "li.ming", "10.0.0.1", now=START)
    check_sign_in_rate(session, "li.ming", "10.0.0.1", now=START)


def test_failures_outside_the_window_are_forgotten(session: Session) -> None:
    note_failure(session, "li", "10.0.0.1", now=START)
    note_failure(session, "li", "10.0.0.1", now=START + FAILURE_WINDOW + timedelta(seconds=1))
    assert session.scalar(select(func.count()).select_from(SignInFailure)) == 1


def test_overlong_names_of_a_failed_sign_in_are_cut_not_refused(session: Session) -> None:
    note_failure(session, "x" * 500, "y" * 500, now=START)
    assert session.scalars(select(SignInFailure)).one().login == "x" * 64


def test_roles_become_grants_and_are_given_once(session: Session) -> None:
    county = make_county(session)
    person = make_person(session)
    assert grants_of(session, person.id) == ()
    role = give_role(session, person, "village_recorder", county.village)
    assert give_role(session, person, "village_recorder", county.village) is role
    give_role(session, person, "town_reviewer", county.other_town)
    assert set(grants_of(session, person.id)) == {
        Grant("village_recorder", county.village.path),
        Grant("town_reviewer", county.other_town.path),
    }
