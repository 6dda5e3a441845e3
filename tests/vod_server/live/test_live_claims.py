"""Which supervisor has which channel: leases, their end, and two that ask at once."""

from __future__ import annotations

import os
import subprocess
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.db import SessionFactory, session_scope
from core.settings import Settings
from epg.channels.tables import Channel, ChannelRun
from epg.channels.version import epg_version
from tests.factories import make_channel
from tests.fakes import START
from vod_server.live import claims
from vod_server.live.claims import claim, free_dead, let_go, own_name, write_states
from vod_server.live.register import ROUND_S
from vod_server.live.state import AirState

LEASE_S = 10.0


def ask(
    sessions: SessionFactory,
    owner: str,
    wanted: set[int],
    now: datetime = START,
    *,
    most: int = 200,
) -> set[int]:
    with session_scope(sessions) as session:
        return claim(session, wanted, owner, now=now, lease_s=LEASE_S, most=most)


@pytest.fixture
def ids(sessions: SessionFactory) -> list[int]:
    with session_scope(sessions) as session:
        return [make_channel(session).id for _ in range(4)]


def row(sessions: SessionFactory, channel_id: int) -> ChannelRun:
    with sessions() as session:
        found = session.get(ChannelRun, channel_id)
        assert found is not None
        return found


def test_a_channel_has_one_owner_until_its_lease_ends(
    sessions: SessionFactory, ids: list[int]
) -> None:
    assert ask(sessions, "a", set(ids)) == set(ids)
    assert ask(sessions, "b", set(ids)) == set()
    just_before = START + timedelta(seconds=LEASE_S - 0.1)
    assert ask(sessions, "b", set(ids), just_before) == set()
    assert ask(sessions, "b", set(ids), START + timedelta(seconds=LEASE_S)) == set(ids)
    assert ask(sessions, "a", set(ids), START + timedelta(seconds=LEASE_S)) == set()


def test_asking_again_renews(sessions: SessionFactory, ids: list[int]) -> None:
    ask(sessions, "a", set(ids))
    ask(sessions, "a", set(ids), START + timedelta(seconds=6))
    assert ask(sessions, "b", set(ids), START + timedelta(seconds=12)) == set()


def test_a_dead_ones_channels_are_taken_over_in_time(
    sessions: SessionFactory, ids: list[int]
) -> None:
    """By the default lease: asked every round, it is ours well before 15 seconds are over."""
    lease_s = Settings.model_fields["live_lease_s"].default
    assert lease_s == LEASE_S
    ask(sessions, "dies at once", set(ids))
    rounds = 0
    while not ask(sessions, "b", set(ids), START + timedelta(seconds=rounds * ROUND_S)):
        rounds += 1
    assert rounds * ROUND_S <= 11


def test_no_more_are_taken_than_a_machine_can_do(sessions: SessionFactory, ids: list[int]) -> None:
    mine = ask(sessions, "a", set(ids), most=3)
    assert len(mine) == 3
    assert ask(sessions, "b", set(ids), most=3) == set(ids) - mine
    assert ask(sessions, "a", set(ids), most=3) == mine


def test_what_is_wanted_no_more_is_given_up(sessions: SessionFactory, ids: list[int]) -> None:
    ask(sessions, "a", set(ids))
    assert ask(sessions, "a", set(ids[1:])) == set(ids[1:])
    gone = row(sessions, ids[0])
    assert (gone.owner, gone.lease_until, gone.state) == ("", None, "off")
    assert ask(sessions, "b", set(ids)) == {ids[0]}


def test_only_the_owner_lets_go_and_writes(sessions: SessionFactory, ids: list[int]) -> None:
    ask(sessions, "a", set(ids))
    with session_scope(sessions) as session:
        let_go(session, ids, "b", now=START)
        write_states(session, {ids[0]: AirState(state="stalled")}, "b", now=START)
    assert (row(sessions, ids[0]).owner, row(sessions, ids[0]).state) == ("a", "starting")


def test_states_are_written_and_what_is_unknown_stays(
    sessions: SessionFactory, ids: list[int]
) -> None:
    ask(sessions, "a", set(ids))
    at_ms = int(START.timestamp() * 1000)
    on_air = AirState(
        state="on_air", source_id=3, mode="copy", on_air_since_ms=at_ms, last_segment_ms=at_ms
    )
    starting = AirState(last_error="断" * 1000)
    for state in (on_air, starting):
        with session_scope(sessions) as session:
            write_states(session, {ids[0]: state}, "a", now=START)
    written = row(sessions, ids[0])
    assert (written.state, written.last_segment_at, written.on_air_since) == (
        "starting",
        START,
        None,
    )
    assert len(written.last_error) == claims.LONGEST_ERROR


def test_a_longer_target_is_written_down_once_and_seen(
    sessions: SessionFactory, ids: list[int]
) -> None:
    ask(sessions, "a", set(ids))
    versions = []
    for needed_s in (8, 8, 5, 40):
        with session_scope(sessions) as session:
            write_states(session, {ids[0]: AirState(needed_target_s=needed_s)}, "a", now=START)
            channel = session.get(Channel, ids[0])
            assert channel is not None
            session.refresh(channel)
            versions.append((channel.target_duration_s, epg_version(session)))
    assert [target for target, _ in versions] == [8, 8, 8, 20]
    assert versions[0][1] == versions[1][1] == versions[2][1] < versions[3][1]


def test_two_that_add_the_same_rows_at_once(sessions: SessionFactory, ids: list[int]) -> None:
    """One has them; the other fails or waits, and asks again: never do both have one."""
    outcome: list[set[int] | str] = []
    with sessions() as first:
        first.begin()
        assert claim(first, ids, "a", now=START, lease_s=LEASE_S, most=200) == set(ids)

        def second() -> None:
            try:
                outcome.append(ask(sessions, "b", set(ids)))
            except IntegrityError:
                outcome.append("again")

        thread = threading.Thread(target=second)
        thread.start()
        thread.join(1)
        assert outcome == [], "it waits for the first"
        first.commit()
        thread.join(30)
    assert outcome in ([set()], ["again"])
    assert ask(sessions, "b", set(ids)) == set()
    assert ask(sessions, "a", set(ids)) == set(ids)


def test_many_supervisors_share_without_an_overlap(
    sessions: SessionFactory, ids: list[int]
) -> None:
    with session_scope(sessions) as session:
        session.add_all(ChannelRun(channel_id=one) for one in ids)
    got: dict[str, set[int]] = {}
    start = threading.Barrier(4)

    def run(name: str) -> None:
        start.wait()
        got[name] = ask(sessions, name, set(ids), most=2)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    everything = [one for held in got.values() for one in held]
    assert sorted(everything) == sorted(ids)


def dead_process() -> int:
    done = subprocess.Popen(["true"])
    done.wait()
    return done.pid


@pytest.mark.parametrize(
    ("pid", "host", "is_freed"),
    [("dead", "here", True), ("alive", "here", False), ("dead", "elsewhere", False)],
)
def test_leases_of_who_died_on_this_machine_end(
    sessions: SessionFactory, ids: list[int], pid: str, host: str, *, is_freed: bool
) -> None:
    parts = own_name().split("/")
    parts[2] = str(dead_process() if pid == "dead" else os.getppid())
    parts[0] = parts[0] if host == "here" else "elsewhere"
    ask(sessions, "/".join(parts), set(ids))
    with session_scope(sessions) as session:
        free_dead(session, now=START)
    assert ask(sessions, own_name(), set(ids)) == (set(ids) if is_freed else set())


def test_names_fit_their_column_and_differ() -> None:
    assert len(own_name()) <= 80
    assert own_name() != own_name()
