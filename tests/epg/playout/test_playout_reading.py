"""Timeline and guide of a loop channel as readers see them, while editors change things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event

from catalog.titles import service as titles
from catalog.titles.tables import Title
from core.db import SessionFactory, read_scope
from epg.channels.tables import Channel, RecordingPin
from epg.channels.version import touch_epg
from epg.playout.reading import LoopEntry, loop_entries, loop_timeline
from epg.playout.service import refresh_playout
from epg.timeline.model import Segment
from tests.epg.playout.loop_rows import loop_channel, ms, published, set_titles
from tests.factories import make_county
from tests.fakes import START

AT = START + timedelta(minutes=5)


@pytest.fixture
def on_air(sessions: SessionFactory) -> tuple[int, int, int]:
    """Return a loop channel on air since `START`, and its two titles."""
    with sessions.begin() as session:
        one = published(session, 6.0, 6.0, 3.2, name="第一")
        two = published(session, 6.0, 2.48, name="第二")
        channel = loop_channel(session, [one, two])
        refresh_playout(session, channel, now=START)
        return channel.id, one.id, two.id


def listed(
    sessions: SessionFactory, channel_id: int, now: datetime, *, back_s: int = 60
) -> Sequence[Segment]:
    with read_scope(sessions) as session:
        channel = session.get_one(Channel, channel_id)
        timeline = loop_timeline(session, channel, now_ms=ms(now))
        return timeline.between(ms(now) - back_s * 1000, ms(now))


def guide(
    sessions: SessionFactory, channel_id: int, start: datetime, seconds: int, at_least_s: int = 0
) -> list[LoopEntry]:
    from_s = int(start.timestamp())
    with read_scope(sessions) as session:
        return loop_entries(
            session,
            channel_id,
            from_s,
            from_s + seconds,
            now_ms=ms(start),
            at_least_s=at_least_s,
        )


def change(sessions: SessionFactory, title_id: int, **fields: object) -> None:
    with sessions.begin() as session:
        titles.edit_title(session, session.get_one(Title, title_id), now=AT, **fields)


def withdraw(sessions: SessionFactory, title_id: int) -> None:
    with sessions.begin() as session:
        title = session.get_one(Title, title_id)
        titles.move_title(session, title, "withdraw", actor="test", now=AT)


def test_a_new_channel_has_a_whole_window_at_once(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    found = listed(sessions, on_air[0], START)
    assert len(found) >= 6
    assert 0 <= ms(START) - found[-1].end_ms < 6000
    assert found[0].start_ms <= ms(START) - 60_000


def test_guide_and_picture_come_from_one_row(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    channel_id, one, two = on_air
    entries = guide(sessions, channel_id, START, 240)
    assert {entry.title for entry in entries} == {"第一", "第二"}
    assert all(a.stop_ms == b.start_ms for a, b in pairwise(entries))
    segments = listed(sessions, channel_id, AT, back_s=300)
    for entry in entries[1:-1]:
        mine = [s for s in segments if entry.start_ms <= s.start_ms < entry.stop_ms]
        assert (mine[0].start_ms, mine[-1].end_ms) == (entry.start_ms, entry.stop_ms)
        assert mine[0].opens
        assert all(s.key.startswith(f"vod/{entry.title_id}/") for s in mine)
    assert [e.title_id for e in entries[:2]] in ([one, two], [two, one])


def test_the_guide_reaches_days_ahead(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    entry = guide(sessions, on_air[0], START + timedelta(days=7), 1)[0]
    now_s = (START + timedelta(days=7)).timestamp()
    assert entry.start_ms <= now_s * 1000 < entry.stop_ms


def test_short_titles_may_be_joined(sessions: SessionFactory, on_air: tuple[int, int, int]) -> None:
    entries = guide(sessions, on_air[0], START, 3600, at_least_s=300)
    assert all(300_000 <= e.stop_ms - e.start_ms < 330_000 for e in entries)
    assert {(e.title, e.count) for e in entries} == {("第一 等2个节目", 2)}
    assert [e.number for e in entries] == sorted({e.number for e in entries})


def test_a_withdrawn_title_is_gone_at_once_from_picture_and_guide_in_the_past_too(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    channel_id, one, two = on_air
    before = listed(sessions, channel_id, AT, back_s=300)
    withdraw(sessions, one)
    after = listed(sessions, channel_id, AT, back_s=300)
    assert after == [s for s in before if s.key.startswith(f"vod/{two}/")]
    assert after, "the other one is still there"
    assert {e.title_id for e in guide(sessions, channel_id, START, 600)} == {two}


def test_a_title_moved_to_a_village_leaves_the_public_channel(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    channel_id, one, two = on_air
    assert {s.key.split("/")[1] for s in listed(sessions, channel_id, AT)} == {str(one), str(two)}
    with sessions.begin() as session:
        place_id = make_county(session).village.id
    change(sessions, one, place_id=place_id)
    assert {s.key.split("/")[1] for s in listed(sessions, channel_id, AT)} == {str(two)}


def test_a_title_expires_with_its_day_though_nothing_else_happens(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    channel_id, one, two = on_air
    change(sessions, one, expires_on=START.date())
    assert any(s.key.startswith(f"vod/{one}/") for s in listed(sessions, channel_id, AT))
    tomorrow = listed(sessions, channel_id, AT + timedelta(days=1))
    assert {s.key.split("/")[1] for s in tomorrow} == {str(two)}


def test_a_new_name_shows_without_a_new_row(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    channel_id, one, _ = on_air
    change(sessions, one, name="改了名")
    assert "改了名" in {e.title for e in guide(sessions, channel_id, START, 120)}


def test_another_row_is_read_as_soon_as_it_is_there(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    channel_id, _, two = on_air
    later = AT + timedelta(minutes=10)
    assert len({s.key.split("/")[1] for s in listed(sessions, channel_id, later)}) == 2
    with sessions.begin() as session:
        channel = session.get_one(Channel, channel_id)
        set_titles(session, channel, [session.get_one(Title, two)])
        refresh_playout(session, channel, now=AT)
    assert {s.key.split("/")[1] for s in listed(sessions, channel_id, later)} == {str(two)}


def test_nothing_is_read_twice_while_nothing_changes(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    asked: list[str] = []
    listed(sessions, on_air[0], AT)
    engine = sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    listed(sessions, on_air[0], AT + timedelta(minutes=1))
    assert any("epg_version" in statement for statement in asked)
    assert not [s for s in asked if "FROM playout" in s or "FROM title" in s]


def test_what_a_writer_reads_and_takes_back_is_not_remembered(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    channel_id, one, _ = on_air
    with sessions() as session:
        title = session.get_one(Title, one)
        titles.edit_title(session, title, now=AT, name="没有保存")
        entries = loop_entries(session, channel_id, int(AT.timestamp()), int(AT.timestamp()) + 60)
        assert "没有保存" in {e.title for e in entries}
        session.rollback()
    change(sessions, one, name="保存了")
    assert "保存了" in {e.title for e in guide(sessions, channel_id, AT, 60)}


def test_retention_ends_the_window_and_a_pin_keeps_its_span(
    sessions: SessionFactory, on_air: tuple[int, int, int]
) -> None:
    channel_id = on_air[0]
    with sessions.begin() as session:
        session.get_one(Channel, channel_id).retention_days = 1
        pin = RecordingPin(
            channel_id=channel_id,
            start_ms=ms(AT),
            stop_ms=ms(AT) + 60_000,
            name="留",
            created_at=AT,
        )
        session.add(pin)
        touch_epg(session)
    now = START + timedelta(days=2)
    found = listed(sessions, channel_id, now, back_s=3 * 86_400)
    pinned = [s for s in found if s.start_ms < ms(AT) + 60_000]
    assert pinned[0].start_ms <= ms(AT) < pinned[0].end_ms
    assert pinned[-1].start_ms < ms(AT) + 60_000 <= pinned[-1].end_ms
    assert found[len(pinned)].end_ms > ms(now) - 86_400_000 >= found[len(pinned)].start_ms


def test_an_unknown_channel_has_nothing(sessions: SessionFactory) -> None:
    assert guide(sessions, 12345, START, 3600) == []
