"""Feeds: adding, changing, removing; when they are asked again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.jobs.tables import Job
from county.alerts import open_alerts
from epg.guide import feeds
from epg.guide.tables import GuideChannel, Programme
from tests.factories import make_channel
from tests.fakes import START, FakeClock

URL = "http://127.0.0.1:9/guide.xml"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 121}, "name"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "http://x/ y"}, "url"),
        ({"url": "http://[::1/"}, "url"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"every_s": 59}, "every_s"),
        ({"every_s": 10**9}, "every_s"),
    ],
)
def test_an_unusable_field_is_named(session: Session, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        feeds.add_feed(session, now=START, **{"name": "省网", **fields})
    assert refused.value.field == field
    assert not feeds.list_feeds(session)


def test_names_are_unique_and_a_new_address_is_asked_at_once(session: Session) -> None:
    one = feeds.add_feed(session, name="省网", url=URL, now=START)
    with pytest.raises(ConflictError):
        feeds.add_feed(session, name=" 省网 ", now=START)
    two = feeds.add_feed(session, name="市网", now=START)
    with pytest.raises(ConflictError):
        feeds.edit_feed(session, two, name="省网", now=START)
    feeds.edit_feed(session, one, name="省网", every_s=600, now=START)
    one.etag, one.asked_at = '"x"', START
    feeds.edit_feed(session, one, every_s=700, now=START)
    assert (one.etag, one.asked_at) == ('"x"', START)
    feeds.edit_feed(session, one, url=URL + "2", now=START)
    assert (one.etag, one.asked_at) == ("", None)
    with pytest.raises(InvalidInputError):
        feeds.edit_feed(session, one, etag="mine", now=START)


def test_a_feed_goes_with_what_it_said_but_not_with_what_people_wrote(session: Session) -> None:
    channel = make_channel(session)
    feed = feeds.add_feed(session, name="省网", now=START)
    session.add(GuideChannel(feed_id=feed.id, ref="1", channel_id=channel.id, matched_by="id"))
    for feed_id in (feed.id, None):
        session.add(
            Programme(channel_id=channel.id, feed_id=feed_id, start_s=0, stop_s=9, title="x")
        )
    feeds.note_failure(session, feed.id, "坏了", now=START)
    feeds.delete_feed(session, feed.id, now=START)
    assert session.scalars(select(Programme.feed_id)).all() == [None]
    assert open_alerts(session) == []
    with pytest.raises(NotFoundError):
        feeds.delete_feed(session, feed.id, now=START)


def test_feeds_are_asked_when_they_are_due_and_not_twice(session: Session) -> None:
    clock = FakeClock()
    feed = feeds.add_feed(session, name="省网", url=URL, every_s=600, now=START)
    feeds.add_feed(session, name="文件", now=START)
    off = feeds.add_feed(session, name="停用", url=URL, now=START)
    feeds.edit_feed(session, off, enabled=False, now=START)

    def due() -> int:
        count = feeds.want_due(session, now=clock.now())
        session.flush()
        session.expire_all()
        return count

    assert (due(), due()) == (1, 0)
    job = session.scalars(select(Job)).one()
    assert (job.kind, job.subject, job.payload) == ("fetch_guide", f"feed:{feed.id}", {})
    clock.advance(599)
    assert due() == 0
    clock.advance(2)
    assert due() == 0, "the first is still waiting"
    job.state = "done"
    clock.advance(600)
    assert due() == 1


def test_a_file_feed_cannot_be_fetched(session: Session) -> None:
    feed = feeds.add_feed(session, name="文件", now=START)
    with pytest.raises(InvalidInputError, match="没有地址"):
        feeds.want_fetch(session, feed, now=START)
