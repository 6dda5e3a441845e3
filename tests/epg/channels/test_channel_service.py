from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from core.db import Base, SessionFactory, session_scope
from core.errors import ConflictError, InvalidInputError, NotFoundError
from county.alerts import raise_alert
from epg.channels import reading, service
from epg.channels.model import SourceSpec
from epg.channels.tables import (
    Channel,
    ChannelPlace,
    ChannelRun,
    ChannelSource,
    LoopItem,
    Playout,
    RecordingPin,
)
from epg.channels.version import epg_version
from epg.guide.tables import GuideChannel, GuideFeed, Programme, Reminder
from tests.factories import make_box, make_channel, make_county, make_title
from tests.fakes import START

LATER = START + timedelta(hours=1)


def new(session: Session, **fields: object) -> Channel:
    values = {"name": "新闻", **fields}
    return service.create_channel(session, now=START, **values)  # type: ignore[arg-type]


def test_a_channel_gets_the_next_number(session: Session) -> None:
    assert new(session).number == 1
    assert new(session, number=40).number == 40
    assert new(session).number == 41
    assert new(session, number=9999).number == 9999
    assert new(session).number == 2


def test_a_number_belongs_to_one_channel(session: Session) -> None:
    first, second = new(session, number=7), new(session)
    with pytest.raises(ConflictError) as caught:
        new(session, number=7, name="另一个")
    assert caught.value.field == "number"
    assert "新闻" in caught.value.message
    with pytest.raises(ConflictError):
        service.edit_channel(session, second, now=START, number=7)
    service.edit_channel(session, first, now=START, number=7)


def test_of_two_that_take_a_number_at_once_one_gets_it(
    sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session_scope(sessions) as session:
        new(session, number=7)
    monkeypatch.setattr(service, "_require_free", lambda session, number: None)
    with pytest.raises(ConflictError), session_scope(sessions) as session:
        new(session, number=7, name="另一个")


def test_values_are_checked_and_named(session: Session) -> None:
    channel = new(session)
    for field, value in (("name", ""), ("retention_days", 400), ("level", "moon")):
        with pytest.raises(InvalidInputError) as caught:
            service.edit_channel(session, channel, now=START, **{field: value})
        assert caught.value.field == field
    session.refresh(channel)
    assert channel.name == "新闻"


CHANGES: list[Callable[[Session, Channel], object]] = [
    lambda s, c: service.edit_channel(s, c, now=LATER, name="新名"),
    lambda s, c: service.set_wanted(s, c, False, now=LATER),
    lambda s, c: service.set_sources(s, c, [SourceSpec("card", "clock")], now=LATER),
    lambda s, c: service.set_places(s, c, [], now=LATER),
    lambda s, c: service.set_loop(s, c, [], now=LATER),
    lambda s, c: service.new_stream_key(s, c, now=LATER),
    lambda s, c: service.pin_recording(
        s, c, start_ms=1000, stop_ms=2000, name="p", by="me", now=LATER
    ),
    lambda s, c: service.delete_channel(s, c.id),
    lambda s, c: new(s, name="二"),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_every_change_raises_the_version(session: Session, number: int) -> None:
    channel = new(session)
    before = epg_version(session)
    CHANGES[number](session, channel)
    assert epg_version(session) > before


def test_sources_stand_in_order_and_keep_their_ids(session: Session) -> None:
    channel = new(session)
    a, b = SourceSpec("hls", "http://a/1.m3u8"), SourceSpec("udp", "udp://@239.1.1.1:1", "copy")
    service.set_sources(session, channel, [a, b], now=LATER)
    ids = {source.url: source.id for source in channel.sources}
    service.set_sources(session, channel, [b, a, SourceSpec("push")], now=LATER)
    session.expire_all()
    assert [(s.kind, s.position, s.mode) for s in channel.sources] == [
        ("udp", 0, "copy"),
        ("hls", 1, "auto"),
        ("push", 2, "auto"),
    ]
    assert {s.url: s.id for s in channel.sources if s.url} == ids
    assert channel.stream_key
    assert channel.updated_at == LATER
    service.set_sources(session, channel, [], now=LATER)
    assert session.scalar(select(func.count()).select_from(ChannelSource)) == 0


@pytest.mark.parametrize(
    "specs",
    [
        [SourceSpec("hls", "ftp://x")],
        [SourceSpec("hls", "http://a/1.m3u8", "magic")],
        [SourceSpec("push"), SourceSpec("push")],
        [SourceSpec("udp", f"udp://239.1.1.1:{n}") for n in range(1, 22)],
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_sources_that_cannot_be_are_refused(session: Session, specs: list[SourceSpec]) -> None:
    channel = new(session)
    with pytest.raises(InvalidInputError):
        service.set_sources(session, channel, specs, now=START)
    assert channel.sources == []


def test_a_loop_has_its_titles_in_order(session: Session) -> None:
    one, two = make_title(session, state="published"), make_title(session, state="published")
    channel = new(session, kind="loop")
    service.set_loop(session, channel, [two.id, one.id, two.id], now=START)
    session.expire_all()
    assert [item.title_id for item in channel.loop] == [two.id, one.id, two.id]
    service.set_loop(session, channel, [one.id, two.id], now=START)
    session.expire_all()
    assert [item.title_id for item in channel.loop] == [one.id, two.id]
    with pytest.raises(InvalidInputError):
        service.set_loop(session, channel, [999], now=START)


def test_places_must_be_there(session: Session) -> None:
    county = make_county(session)
    channel = new(session)
    service.set_places(session, channel, [county.town.id, county.far.id], now=START)
    session.expire_all()
    assert [place.id for place in channel.places] == [county.town.id, county.far.id]
    with pytest.raises(InvalidInputError) as caught:
        service.set_places(session, channel, [99_999], now=START)
    assert caught.value.field == "place_ids"


def test_pins(session: Session) -> None:
    channel, other = new(session), new(session)
    pin = service.pin_recording(
        session, channel, start_ms=5000, stop_ms=9000, name="村晚", by="editor", now=START
    )
    assert [p.id for p in reading.pins(session)] == [pin.id]
    assert list(reading.pins(session, other.id)) == []
    for start_ms, stop_ms, name in ((9, 9, "x"), (10, 5, "x"), (-5, 5, "x"), (1, 2, " ")):
        with pytest.raises(InvalidInputError):
            service.pin_recording(
                session, channel, start_ms=start_ms, stop_ms=stop_ms, name=name, by="", now=START
            )
    service.unpin(session, pin.id)
    assert list(reading.pins(session)) == []
    with pytest.raises(NotFoundError):
        service.unpin(session, pin.id)


def test_a_stream_key_is_made_anew(session: Session) -> None:
    channel = new(session)
    first = service.new_stream_key(session, channel, now=START)
    assert service.new_stream_key(session, channel, now=START) != first
    assert len(first) >= 22


def test_deleting_takes_everything_along_and_nothing_else(session: Session) -> None:
    county = make_county(session)
    title = make_title(session, state="published")
    keep, gone = make_channel(session), make_channel(session, places=[county.town], kind="loop")
    for channel in (keep, gone):
        _hang_on(session, channel, title.id)
    box, _ = make_box(session, county.village)
    session.add(Reminder(box_id=box.id, channel_id=gone.id, start_s=1, title="x", created_at=START))
    feed = GuideFeed(name="f")
    session.add(feed)
    session.flush()
    theirs = GuideChannel(feed_id=feed.id, ref="1", channel_id=gone.id, matched_by="id")
    session.add(theirs)
    session.flush()
    service.delete_channel(session, gone.id)
    session.commit()
    assert [channel.id for channel in reading.list_channels(session)] == [keep.id]
    for table in (ChannelSource, ChannelRun, RecordingPin, Playout, LoopItem, Programme):
        assert set(session.scalars(select(table.channel_id))) == {keep.id}, table
    assert session.scalar(select(func.count()).select_from(ChannelPlace)) == 0
    session.refresh(theirs)
    assert (theirs.channel_id, theirs.matched_by) == (None, "")
    with pytest.raises(NotFoundError):
        service.delete_channel(session, gone.id)


def _hang_on(session: Session, channel: Channel, title_id: int) -> None:
    id_ = channel.id
    session.add_all(
        [
            ChannelSource(channel_id=id_, kind="card", url="clock"),
            ChannelRun(channel_id=id_),
            RecordingPin(channel_id=id_, start_ms=1, stop_ms=2, name="p", created_at=START),
            Playout(channel_id=id_, start_ms=1, first_sequence=1, first_discontinuity=0, items=[]),
            LoopItem(channel_id=id_, position=0, title_id=title_id),
            Programme(channel_id=id_, start_s=1, stop_s=2, title="t"),
        ]
    )
    raise_alert(session, kind="channel.silent", subject=f"channel:{id_}", words="x", now=START)
    session.flush()


def test_no_table_that_speaks_of_channels_is_forgotten(session: Session) -> None:
    from epg.channels.deleting import _HANGING  # noqa: PLC0415 - the list under test

    speaking = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "channel"
    }
    assert speaking == {table.__tablename__ for table in _HANGING} | {"guide_channel"}
    del session


def test_who_sees_what(session: Session) -> None:
    county = make_county(session)
    public = make_channel(session, number=3)
    town = make_channel(session, number=1, places=[county.town, county.far])
    village = make_channel(session, number=2, places=[county.village])
    make_channel(session, number=4, wanted=False)

    def seen(path: str | None) -> list[int]:
        return [channel.id for channel in reading.visible_channels(session, path)]

    assert seen(None) == [public.id]
    assert seen(county.village.path) == [town.id, village.id, public.id]
    assert seen(county.sister.path) == [town.id, public.id]
    assert seen(county.far.path) == [town.id, public.id]
    assert seen(county.other_town.path) == [public.id]
    assert seen(county.root.path) == [public.id]
    assert reading.visible_channel(session, village.id, county.village.path) is village
    for path in (None, county.sister.path):
        with pytest.raises(NotFoundError):
            reading.visible_channel(session, village.id, path)
    with pytest.raises(NotFoundError):
        reading.visible_channel(session, 2**40, None)


def test_reading_asks_no_more_for_many_channels_than_for_one(session: Session) -> None:
    county = make_county(session)
    asked: list[str] = []
    bind = session.get_bind()
    event.listen(bind, "after_cursor_execute", lambda *args: asked.append(args[2]))

    def count() -> int:
        session.expunge_all()
        asked.clear()
        for channel in reading.visible_channels(session, county.village.path):
            assert channel.sources is not None
            assert channel.places is not None
        return len(asked)

    _with_source(session, county.town.id)
    one = count()
    for _ in range(20):
        _with_source(session, county.town.id)
    assert count() == one


def _with_source(session: Session, place_id: int) -> None:
    channel = new(session)
    service.set_sources(session, channel, [SourceSpec("card", "clock")], now=START)
    service.set_places(session, channel, [place_id], now=START)
