from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.db import SessionFactory, session_scope
from core.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
)
from county import key_streams, keys
from county.key_streams import KeyHolder
from county.tables import HouseholdKey, StreamUse
from tests.factories import County, make_county
from tests.fakes import START


@pytest.fixture
def places(session: Session) -> County:
    return make_county(session)


def issue(
    session: Session, places: County, *, max_streams: int = 2, days: int | None = None
) -> tuple[HouseholdKey, str]:
    expires_at = START + timedelta(days=days) if days else None
    return keys.issue_key(
        session,
        place=places.village,
        name="老王家",
        max_streams=max_streams,
        now=START,
        expires_at=expires_at,
    )


def note(session: Session, holder: KeyHolder, client: str, subject: str, seconds: float) -> None:
    now = START + timedelta(seconds=seconds)
    key_streams.note_stream(session, holder, client=client, subject=subject, now=now)


def test_a_key_is_easy_to_type_and_kept_as_a_hash(session: Session, places: County) -> None:
    key, token = issue(session, places)
    letters = token.replace("-", "")
    assert len(letters) * 5 >= 128
    assert set(letters) <= set(keys.ALPHABET)
    assert len(keys.ALPHABET) == 32
    assert not set(keys.ALPHABET) & set("iloO ")
    assert token not in key.token_hash
    assert letters not in key.token_hash


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_how_it_is_typed_does_not_matter(session: Session, places: County) -> None:
    key, token = issue(session, places)
    typed = token.replace("0", "O").replace("1", "l")
    for form in (
        token,
        token.upper(),
        token.replace("-", ""),
        f" {token.replace('-', ' ')} ",
        typed,
    ):
        holder = keys.authenticate_key(session, form, now=START)
        assert holder == KeyHolder(key.id, places.village.path, 2)


def test_wrong_revoked_and_expired_keys_are_refused(session: Session, places: County) -> None:
    key, token = issue(session, places, days=1)
    for wrong in ("", token[:-1], token + "0", "x" * 5000, "密钥", "\udcff"):
        with pytest.raises(UnauthenticatedError):
            keys.authenticate_key(session, wrong, now=START)
    with pytest.raises(UnauthenticatedError):
        keys.authenticate_key(session, token, now=START + timedelta(days=1))
    keys.revoke_key(session, key.id, now=START)
    keys.revoke_key(session, key.id, now=START + timedelta(days=2))
    assert session.get_one(HouseholdKey, key.id).revoked_at == START
    with pytest.raises(UnauthenticatedError):
        keys.authenticate_key(session, token, now=START)
    with pytest.raises(NotFoundError):
        keys.revoke_key(session, 999, now=START)


def test_a_login_is_the_keys_number_and_the_key(session: Session, places: County) -> None:
    key, token = issue(session, places)
    other, _ = issue(session, places)
    assert keys.authenticate_login(session, f"h{key.id}", token, now=START).id == key.id
    assert keys.authenticate_login(session, f" H{key.id}", token, now=START).id == key.id
    for wrong in (f"h{other.id}", str(key.id), "", "admin"):
        with pytest.raises(UnauthenticatedError):
            keys.authenticate_login(session, wrong, token, now=START)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_values_are_checked(session: Session, places: County) -> None:
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("name", {"name": " "}),
        ("max_streams", {"max_streams": 0}),
        ("max_streams", {"max_streams": 101}),
        ("expires_at", {"expires_at": START}),
    )
    for field, values in wrong:
        asked: dict[str, Any] = {
            "place": places.village,
            "name": "x",
            "max_streams": 1,
            "now": START,
        }
        with pytest.raises(InvalidInputError) as caught:
            keys.issue_key(session, **(asked | values))
        assert caught.value.field == field


def test_the_list_has_places(session: Session, places: County) -> None:
    first, second = issue(session, places)[0], issue(session, places)[0]
    assert [key.id for key in keys.list_keys(session)] == [second.id, first.id]
    assert keys.list_keys(session)[0].place.name == "柳湾村"


def held(session: Session, places: County, max_streams: int) -> KeyHolder:
    _, token = issue(session, places, max_streams=max_streams)
    return keys.authenticate_key(session, token, now=START)


def test_streams_are_counted_until_they_are_not_seen(session: Session, places: County) -> None:
    holder = held(session, places, 2)
    note(session, holder, "kitchen", "channel:1", 0)
    note(session, holder, "bedroom", "channel:1", 0)
    with pytest.raises(ForbiddenError) as caught:
        note(session, holder, "yard", "channel:2", 1)
    assert "2 路" in caught.value.message
    note(session, holder, "kitchen", "channel:1", 10)
    assert key_streams.count_streams(session, holder.id, now=START + timedelta(seconds=10)) == 2
    with pytest.raises(ForbiddenError):
        note(session, holder, "yard", "channel:2", 14)
    note(session, holder, "yard", "channel:2", 16)
    with pytest.raises(ForbiddenError):
        note(session, holder, "bedroom", "channel:1", 17)


def played(session: Session, now_s: float) -> list[str]:
    """Return what is in use, as the page of keys counts it."""
    since = START + timedelta(seconds=now_s) - key_streams.IN_USE
    statement = select(StreamUse.subject).where(StreamUse.seen_at > since)
    return sorted(session.scalars(statement))


def test_who_zaps_gives_up_what_it_left_at_once(session: Session, places: County) -> None:
    holder = held(session, places, 1)
    for second, number in enumerate(range(1, 30)):
        note(session, holder, "kitchen", f"channel:{number}", second / 2)
        assert played(session, second / 2) == [f"channel:{number}"]
    with pytest.raises(ForbiddenError):
        note(session, holder, "yard", "channel:2", 20)


def test_who_zaps_up_and_down_may_return(session: Session, places: County) -> None:
    holder = held(session, places, 1)
    for step in range(2 * key_streams.RETURNS + 1):
        note(session, holder, "kitchen", f"channel:{step % 2 + 1}", step)
    assert played(session, step) == ["channel:1"]


def test_a_zap_leaves_room_for_another_player(session: Session, places: County) -> None:
    """What a player has left does not count until it is forgotten, also below the limit."""
    holder = held(session, places, 2)
    note(session, holder, "kitchen", "channel:1", 0)
    note(session, holder, "kitchen", "channel:2", 1)
    note(session, holder, "yard", "channel:1", 2)
    assert played(session, 2) == ["channel:1", "channel:2"]
    note(session, holder, "kitchen", "channel:3", 3)
    with pytest.raises(ForbiddenError):
        note(session, holder, "attic", "channel:1", 4)


def twins(session: Session, holder: KeyHolder) -> dict[int, list[int]]:
    """Let two players that look alike poll every three seconds; return when each was refused."""
    refused: dict[int, list[int]] = {1: [], 2: []}
    for second in range(0, 120, 3):
        for number in (1, 2):
            try:
                note(session, holder, "twins", f"channel:{number}", second + number / 10)
            except ForbiddenError:
                refused[number].append(second)
    return refused


def test_two_players_that_look_alike_are_two(session: Session, places: County) -> None:
    assert twins(session, held(session, places, 2)) == {1: [], 2: []}
    session.execute(delete(StreamUse))
    refused = twins(session, held(session, places, 1))
    assert len({*refused[1], *refused[2]}) >= 20, refused


def test_what_was_left_is_forgotten(session: Session, places: County) -> None:
    holder = held(session, places, 1)
    for number in range(20):
        note(session, holder, "kitchen", f"channel:{number}", number)
    assert len(session.scalars(select(StreamUse.subject)).all()) == 20
    note(session, holder, "kitchen", "channel:99", 100)
    assert session.scalars(select(StreamUse.subject)).all() == ["channel:99"]


def test_a_stream_is_written_down_a_few_times_a_minute(session: Session, places: County) -> None:
    holder = held(session, places, 1)
    seen = set()
    for second in range(30):
        note(session, holder, "kitchen", "channel:1", second)
        session.expire_all()
        seen.add(session.scalars(select(StreamUse.seen_at)).one())
    assert len(seen) == 6


def test_a_revoked_household_is_stopped_at_its_next_poll(session: Session, places: County) -> None:
    holder = held(session, places, 1)
    note(session, holder, "kitchen", "channel:1", 0)
    keys.revoke_key(session, holder.id, now=START)
    with pytest.raises(UnauthenticatedError):
        note(session, holder, "kitchen", "channel:1", 1)


def test_of_two_that_want_the_last_stream_one_gets_it(sessions: SessionFactory) -> None:
    with session_scope(sessions) as session:
        places = make_county(session)
        holder = held(session, places, 3)
        note(session, holder, "first", "channel:1", 0)
        note(session, holder, "second", "channel:1", 0)
    for attempt in range(5):
        assert sorted(_race(sessions, holder, attempt)) == ["got", "refused", "refused", "refused"]
        with session_scope(sessions) as session:
            for use in session.scalars(select(StreamUse).where(StreamUse.client.like("racer%"))):
                session.delete(use)


def _race(sessions: SessionFactory, holder: KeyHolder, attempt: int) -> list[str]:
    start, found = threading.Barrier(4), []

    def run(number: int) -> None:
        start.wait(30)
        try:
            with session_scope(sessions) as session:
                note(session, holder, f"racer{number}", "channel:1", 1 + attempt / 10)
            found.append("got")
        except ForbiddenError:
            found.append("refused")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_wrong_keys_of_an_address_are_limited(session: Session) -> None:
    for _ in range(keys.MAX_WRONG):
        keys.note_wrong_key(session, "10.0.0.9", now=START)
    with pytest.raises(RateLimitedError) as caught:
        keys.note_wrong_key(session, "10.0.0.9", now=START + timedelta(minutes=5))
    assert caught.value.retry_after_s == 600
    keys.note_wrong_key(session, "10.0.0.8", now=START)
    keys.note_wrong_key(session, "10.0.0.9", now=START + timedelta(minutes=16))
