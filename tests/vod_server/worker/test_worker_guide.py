"""`fetch_guide` and the guide's chores, against a server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select

from core.db import read_scope, session_scope
from core.jobs.runner import Runner
from core.jobs.tables import Job
from county.alerts import open_alerts
from epg.guide import feeds
from epg.guide.matching import match
from epg.guide.rematching import match_channels
from epg.guide.tables import GuideChannel, GuideFeed, Programme
from tests.epg.guide.guide_server import GuideServer, serving
from tests.factories import make_channel
from vod_server.bootstrap import House
from vod_server.worker.guide import guide_files, make_fetch_guide, make_guide_chores

HOUR = 3600


def tv(count: int, *refs: str) -> bytes:
    """Return a guide of so many hours from now on for each channel."""
    first = int(datetime.now(UTC).timestamp()) // HOUR * HOUR
    parts = ["<tv>"]
    parts += [f'<channel id="{ref}"><display-name>{ref}台</display-name></channel>' for ref in refs]
    for ref in refs:
        for n in range(count):
            start = datetime.fromtimestamp(first + n * HOUR, UTC).strftime("%Y%m%d%H%M%S")
            parts.append(
                f'<programme start="{start} +0000" channel="{ref}"><title>{n}</title></programme>'
            )
    return "".join([*parts, "</tv>"]).encode()


@pytest.fixture
def server() -> Iterator[GuideServer]:
    with serving() as guide:
        guide.body, guide.etag = tv(20, "1", "2"), '"one"'
        yield guide


@pytest.fixture
def runner(house: House) -> Runner:
    handlers = {"fetch_guide": make_fetch_guide(house)}
    return Runner(house.sessions, house.clock, handlers, lease_s=30)


@pytest.fixture
def feed_id(house: House, server: GuideServer) -> int:
    with session_scope(house.sessions) as session:
        make_channel(session, name="一", tvg_id="1")
        return feeds.add_feed(session, name="省网", url=server.url, now=house.clock.now()).id


@pytest.fixture
def fetch(house: House, runner: Runner, feed_id: int) -> Callable[..., Job]:
    """Return what fetches the feed now and tells how the job ended."""

    def go(**options: Any) -> Job:
        with session_scope(house.sessions) as session:
            feed = feeds.get_feed(session, feed_id)
            job_id = feeds.want_fetch(session, feed, now=house.clock.now(), **options).id
        assert runner.run_one()
        with read_scope(house.sessions) as session:
            job = session.get(Job, job_id)
            assert job is not None
            return job

    return go


def count(house: House) -> int:
    with read_scope(house.sessions) as session:
        return session.query(Programme).count()


def alerts(house: House) -> list[str]:
    with read_scope(house.sessions) as session:
        return [alert.kind for alert in open_alerts(session)]


def test_a_feed_is_fetched_taken_and_not_fetched_again_unchanged(
    house: House, server: GuideServer, feed_id: int, fetch: Callable[..., Job]
) -> None:
    assert fetch().state == "done"
    assert count(house) == 20
    assert guide_files(house).last(feed_id).read_bytes() == server.body
    assert fetch().state == "done"
    assert server.asked[-1]["if-none-match"] == '"one"'
    assert fetch(force=True).state == "done"
    assert "if-none-match" not in server.asked[-1]
    with read_scope(house.sessions) as session:
        feed = session.get(GuideFeed, feed_id)
        assert feed is not None
        assert (feed.etag, feed.programmes) == ('"one"', 40)
    assert [path.name for path in guide_files(house).folder.iterdir()] == [f"feed-{feed_id}.guide"]


def test_failures_leave_the_guide_and_are_told_until_it_is_well(
    house: House, server: GuideServer, fetch: Callable[..., Job]
) -> None:
    fetch()
    good, server.etag = server.body, '"two"'
    server.status = 503
    job = fetch()
    assert (job.state, alerts(house)) == ("queued", ["guide.failed"])
    assert "503" in job.message
    with session_scope(house.sessions) as session:
        session.query(Job).delete()
    server.status, server.body = 200, good[:-30]
    job = fetch()
    assert (job.state, alerts(house), count(house)) == ("failed", ["guide.failed"], 20)
    assert "不完整" in job.message
    server.body = good
    assert fetch().state == "done"
    assert alerts(house) == []


def test_a_feed_that_shrank_is_kept_out_until_somebody_forces_it(
    house: House, server: GuideServer, feed_id: int, fetch: Callable[..., Job]
) -> None:
    fetch()
    server.body, server.etag = tv(3, "1", "2"), '"small"'
    job = fetch()
    assert (job.state, alerts(house), count(house)) == ("failed", ["guide.shrunk"], 20)
    assert guide_files(house).last(feed_id).read_bytes() != server.body
    assert fetch(force=True).state == "done"
    assert alerts(house) == []
    assert guide_files(house).last(feed_id).read_bytes() == server.body


def test_a_channel_matched_by_hand_has_its_guide_at_once_and_offline(
    house: House, server: GuideServer, feed_id: int, fetch: Callable[..., Job], runner: Runner
) -> None:
    fetch()
    server.status, asked = 500, len(server.asked)
    with session_scope(house.sessions) as session:
        row = session.scalars(select(GuideChannel).where(GuideChannel.ref == "2")).one()
        match(session, row.id, make_channel(session, name="甲").id, now=house.clock.now())
    assert runner.run_one()
    assert count(house) == 40
    assert len(server.asked) == asked


def test_a_feed_deleted_meanwhile_fails_for_good(
    house: House, feed_id: int, runner: Runner
) -> None:
    with session_scope(house.sessions) as session:
        feeds.want_fetch(session, feeds.get_feed(session, feed_id), now=house.clock.now())
        feeds.delete_feed(session, feed_id, now=house.clock.now())
    assert runner.run_one()
    with read_scope(house.sessions) as session:
        job = session.scalars(select(Job)).one()
        assert (job.state, job.message) == ("failed", "节目源已被删除。")


def test_the_chores_ask_for_what_is_due_and_forget_what_is_past(
    house: House, feed_id: int, runner: Runner
) -> None:
    files = guide_files(house)
    with files.incoming() as path:
        path.write_bytes(b"x")
        files.keep(feed_id + 1, path)
    with session_scope(house.sessions) as session:
        channel = make_channel(session, retention_days=1)
        session.add(Programme(channel_id=channel.id, start_s=0, stop_s=60, title="很久以前"))
    for chore in (*make_guide_chores(house), *make_guide_chores(house)):
        chore()
    with read_scope(house.sessions) as session:
        assert [job.subject for job in session.scalars(select(Job))] == [f"feed:{feed_id}"]
    assert count(house) == 0
    assert not files.last(feed_id + 1).exists()
    assert runner.run_one()
    assert count(house) == 20


def test_channels_that_an_import_brings_have_their_guide_at_once_and_offline(
    house: House, server: GuideServer, feed_id: int, fetch: Callable[..., Job], runner: Runner
) -> None:
    fetch()
    before = count(house)
    server.status = 503
    with session_scope(house.sessions) as session:
        come = [
            make_channel(session, name="贰", tvg_id="2").id,  # by the guide's id
            make_channel(session, name="一高清", tvg_id="1").id,  # shares a guide with another
            make_channel(session, name="没有", tvg_id="9").id,
        ]
        assert match_channels(session, come, now=house.clock.now()) == 2
    assert runner.run_one()
    assert not runner.run_one()
    with read_scope(house.sessions) as session:
        told = set(session.scalars(select(Programme.channel_id)))
    assert set(come[:2]) < told
    assert count(house) == 3 * before
    with session_scope(house.sessions) as session:
        assert match_channels(session, come, now=house.clock.now()) == 2
    assert not runner.run_one()  # there is nothing left to bring in
    guide_files(house).last(feed_id).unlink()
    with session_scope(house.sessions) as session:
        session.execute(delete(Programme))
        match_channels(session, come, now=house.clock.now())
    assert runner.run_one()  # without a file the next fetch brings it
    with read_scope(house.sessions) as session:
        assert {job.state for job in session.scalars(select(Job))} == {"done"}
