"""The play-out follows catalogue and editors: what it takes, when it changes, what it forgets."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from catalog.titles import service as titles
from catalog.titles.renditions import Measured
from catalog.titles.tables import Title
from core.db import SessionFactory
from core.errors import InvalidInputError
from epg.channels.tables import Channel, Playout, RecordingPin
from epg.channels.version import epg_version
from epg.playout import service
from epg.playout.choosing import PLAYED_BANDWIDTH_BPS, played_rendition
from epg.playout.planning import CHANGE_LEAD_MS, HEAD_START_MS
from epg.playout.rows import playout_rows, schedule_of
from tests.epg.playout.loop_rows import loop_channel, measured, ms, published, set_titles
from tests.factories import make_channel, make_county, make_measured, make_ready, make_title
from tests.fakes import START
from vod_server.streams.playlists import variant_order

LATER = START + timedelta(minutes=10)


def playing(session: Session, channel: Channel) -> list[list[int]]:
    """Title ids of each row, in order."""
    rows = playout_rows(session, channel.id)
    return [[item.title_id for item in schedule_of(row).items] for row in rows]


def ids(*made: Title) -> list[int]:
    return [title.id for title in made]


def test_a_loop_plays_its_titles_in_their_order(session: Session) -> None:
    one, two = published(session, 6.0, 2.0), published(session, 6.0, 6.0, 1.0)
    channel = loop_channel(session, [two, one, two])
    before = epg_version(session)
    assert service.refresh_playout(session, channel, now=START)
    assert epg_version(session) > before, "boxes and guide must hear of it"
    (row,) = playout_rows(session, channel.id)
    assert playing(session, channel) == [ids(two, one, two)]
    assert row.start_ms == ms(START) - HEAD_START_MS
    played = schedule_of(row).items[1]
    assert played.prefix == f"vod/{one.id}/{one.media_gen}/480p/"
    assert (played.durations_ms, played.sizes) == ((6000, 2000), (1000, 1001))
    assert not service.refresh_playout(session, channel, now=LATER), "nothing has changed"


def test_only_what_every_viewer_may_see_is_played(session: Session) -> None:
    county = make_county(session)
    public = published(session, 6.0)
    of_town = published(session, 6.0, place=county.town)
    of_village = published(session, 6.0, place=county.village)
    everything = [public, of_town, of_village]
    for places, expected in (
        ([], [public]),
        ([county.town], [public, of_town]),
        ([county.village], everything),
        ([county.village, county.sister], [public, of_town]),
        ([county.village, county.far], [public]),
        ([county.root], [public]),
    ):
        channel = loop_channel(session, everything, places=places)
        service.refresh_playout(session, channel, now=START)
        assert playing(session, channel) == [ids(*expected)], [place.name for place in places]


def test_what_cannot_or_must_not_be_shown_is_left_out(session: Session) -> None:
    good = published(session, 6.0)
    bad = [
        make_title(session),
        make_title(session, state="review"),
        make_title(session, state="withdrawn"),
        published(session, 6.0, expires_on=date(2026, 4, 30)),
    ]
    last_day = published(session, 6.0, expires_on=date(2026, 5, 1))
    channel = loop_channel(session, [*bad, good, last_day])
    service.refresh_playout(session, channel, now=START)
    assert playing(session, channel) == [ids(good, last_day)]
    tomorrow = START + timedelta(days=1)
    assert service.refresh_playout(session, channel, now=tomorrow), "it has expired"
    assert playing(session, channel)[-1] == ids(good)


def test_nothing_to_play_needs_no_row(session: Session) -> None:
    channel = loop_channel(session, [make_title(session)])
    assert not service.refresh_playout(session, channel, now=START)
    assert playing(session, channel) == []


def test_an_editors_change_waits_for_the_end_of_an_item(session: Session) -> None:
    one, two = published(session, 6.0, 6.0), published(session, 7.0)
    channel = loop_channel(session, [one])
    service.refresh_playout(session, channel, now=START)
    set_titles(session, channel, [one, two])
    assert service.refresh_playout(session, channel, now=LATER)
    first, second = map(schedule_of, playout_rows(session, channel.id))
    assert (second.start_ms - first.start_ms) % 12_000 == 0
    assert 0 <= second.start_ms - ms(LATER) - CHANGE_LEAD_MS < 12_000
    rounds = (second.start_ms - first.start_ms) // 12_000
    assert second.first_sequence == first.first_sequence + 2 * rounds
    assert second.first_discontinuity == first.first_discontinuity + rounds
    assert not service.refresh_playout(session, channel, now=LATER), "it is on its way"
    set_titles(session, channel, [two])
    assert service.refresh_playout(session, channel, now=LATER)
    assert playing(session, channel) == [ids(one), ids(two)], "replaced, not stacked"
    set_titles(session, channel, [one])
    assert service.refresh_playout(session, channel, now=LATER)
    assert playing(session, channel) == [ids(one)], "taken back"


def test_a_withdrawn_title_is_cut_off_within_a_segment(session: Session) -> None:
    long, other = published(session, *[6.0] * 100), published(session, 6.0)
    channel = loop_channel(session, [long, other])
    service.refresh_playout(session, channel, now=START)
    titles.move_title(session, long, "withdraw", actor="test", now=START)
    assert service.refresh_playout(session, channel, now=START)
    first, second = map(schedule_of, playout_rows(session, channel.id))
    assert 5000 <= second.start_ms - ms(START) <= 11_000
    assert (second.start_ms - first.start_ms) % 6000 == 0
    assert playing(session, channel)[1] == ids(other)


def test_withdrawing_everything_ends_the_timeline_and_publishing_takes_it_up(
    session: Session,
) -> None:
    title = published(session, 6.0)
    channel = loop_channel(session, [title])
    service.refresh_playout(session, channel, now=START)
    titles.move_title(session, title, "withdraw", actor="test", now=START)
    service.refresh_playout(session, channel, now=START)
    assert playing(session, channel) == [ids(title), []]
    assert not service.refresh_playout(session, channel, now=LATER)
    for move in ("reopen", "submit", "publish"):
        titles.move_title(session, title, move, actor="test", now=LATER)
    assert service.refresh_playout(session, channel, now=LATER)
    _, off, on = map(schedule_of, playout_rows(session, channel.id))
    assert on.numbers_at(on.start_ms) == off.numbers_at(off.start_ms)
    assert on.start_ms == ms(LATER) - HEAD_START_MS


def test_a_transcode_anew_changes_over_at_an_item(session: Session) -> None:
    title = published(session, 6.0, 6.0)
    channel = loop_channel(session, [title])
    service.refresh_playout(session, channel, now=START)
    old = title.media_gen
    make_ready(session, title, (measured(5.0, 7.0),))
    assert service.refresh_playout(session, channel, now=LATER)
    first, second = map(schedule_of, playout_rows(session, channel.id))
    assert old is not None
    assert old in first.items[0].prefix
    assert second.items[0].prefix == f"vod/{title.id}/{title.media_gen}/480p/"
    assert second.items[0].durations_ms == (5000, 7000)
    listed = service.listed_media(session, title.id)
    assert listed == {f"vod/{title.id}/{old}", f"vod/{title.id}/{title.media_gen}"}


def ladder(*bandwidths: int) -> tuple[Measured, ...]:
    return tuple(measured(6.0, name=f"{b}p", bandwidth_bps=b) for b in bandwidths)


@pytest.mark.parametrize(
    ("bandwidths", "chosen"),
    [
        ((3_100_000, 1_400_000, 800_000), 1_400_000),
        ((PLAYED_BANDWIDTH_BPS, 800_000), PLAYED_BANDWIDTH_BPS),
        ((9_000_000, 4_000_000), 4_000_000),
        ((800_000,), 800_000),
    ],
)
def test_a_title_is_played_as_players_start_it(bandwidths: Sequence[int], chosen: int) -> None:
    for renditions in (ladder(*bandwidths), ladder(*reversed(bandwidths))):
        played = played_rendition(renditions)
        assert played is not None
        assert played.bandwidth_bps == chosen
        assert played == variant_order(renditions)[0]


def test_sound_alone_is_for_radio() -> None:
    sound = make_sound()
    assert played_rendition([sound]) is None
    assert played_rendition([sound, *ladder(800_000)], radio=True) == sound
    assert played_rendition(ladder(800_000), radio=True) is not None
    assert played_rendition([]) is None


def make_sound() -> Measured:
    return dataclasses.replace(measured(6.0, name="audio"), width=None, height=None)


def test_a_loop_is_filled_from_a_category(session: Session) -> None:
    county = make_county(session)
    single = published(session, 6.0, category="农技")
    second = published(session, 6.0, category="农技", series="节气", episode=2)
    first = published(session, 6.0, category="农技", series="节气", episode=1)
    published(session, 6.0, category="健康")
    published(session, 6.0, category="农技", place=county.village)
    make_title(session, category="农技")
    channel = loop_channel(session)
    slug = titles.category_named(session, "农技").slug
    offered = service.suggest_titles(session, channel, slug, now=START)
    assert ids(*offered) == ids(first, second, single)
    assert service.fill_loop(session, channel, slug, now=START) == 3
    assert service.fill_loop(session, channel, slug, now=START) == 0, "what is in stays as it is"
    session.expire(channel)
    assert [item.title_id for item in channel.loop] == ids(first, second, single)
    service.refresh_playout(session, channel, now=START)
    assert playing(session, channel) == [ids(first, second, single)]


def test_only_a_loop_channel_is_filled_and_only_from_what_there_is(session: Session) -> None:
    with pytest.raises(InvalidInputError) as wrong:
        service.fill_loop(session, loop_channel(session), "nonsense", now=START)
    assert wrong.value.field == "category"
    slug = titles.category_named(session, "农技").slug
    with pytest.raises(InvalidInputError) as wrong:
        service.fill_loop(session, make_channel(session), slug, now=START)
    assert wrong.value.field == "kind"


def test_the_past_is_forgotten_from_its_end_unless_pinned(session: Session) -> None:
    one, two = published(session, 6.0), published(session, 6.0)
    channel = loop_channel(session, [one], retention_days=3)
    for day in range(6):
        set_titles(session, channel, [one, two] if day % 2 else [one])
        assert service.refresh_playout(session, channel, now=START + timedelta(days=day))
    now = START + timedelta(days=5, hours=1)
    assert len(playing(session, channel)) == 6
    pin = RecordingPin(
        channel_id=channel.id,
        start_ms=ms(START + timedelta(days=1, hours=5)),
        stop_ms=ms(START + timedelta(days=1, hours=6)),
        name="留",
        created_at=START,
    )
    session.add(pin)
    session.flush()
    assert service.forget_playout(session, channel, now=now) == 1, "the first day's"
    session.delete(pin)
    session.flush()
    assert service.forget_playout(session, channel, now=now) == 1
    assert service.forget_playout(session, channel, now=now + timedelta(days=400)) == 3
    assert len(playing(session, channel)) == 1, "the row on air stays, for its numbers go on"


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_of_two_workers_one_changes_the_play_out(sessions: SessionFactory) -> None:
    """On PostgreSQL the second waits for the channel's row; SQLite has one writer anyway."""
    with sessions.begin() as session:
        channel_id = loop_channel(session, [published(session, 6.0)]).id
    results: list[bool] = []
    both = threading.Barrier(2, timeout=60)

    def work() -> None:
        with sessions.begin() as session:
            channel = session.get_one(Channel, channel_id)
            both.wait()
            results.append(service.refresh_playout(session, channel, now=START))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == [False, True]
    with sessions() as session:
        assert session.query(Playout).count() == 1


def test_a_generation_without_pictures_that_fit_waits(session: Session) -> None:
    title = make_title(session, state="published", renditions=(make_measured(segments=0),))
    channel = loop_channel(session, [title])
    assert not service.refresh_playout(session, channel, now=datetime(2026, 5, 2, tzinfo=UTC))
