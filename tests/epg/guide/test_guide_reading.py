"""What is shown: layers over each other, now and next, what is forgotten, corrections."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core.errors import ConflictError, InvalidInputError, NotFoundError
from county.places import add_place
from epg.channels.tables import RecordingPin
from epg.channels.version import epg_version
from epg.guide import feeds
from epg.guide.editing import add_programme, drop_programme, edit_programme
from epg.guide.forgetting import forget_old
from epg.guide.model import Entry, overlay, without_overlaps
from epg.guide.reading import entries, now_next
from epg.guide.reminders import MAX_REMINDERS, drop_reminder, list_reminders, set_reminder
from epg.guide.tables import Programme, Reminder
from tests.factories import make_box, make_channel
from tests.fakes import START, FakeClock

H, DAY = 3600, 86400
NOW = int(START.timestamp())


def entry(start_s: int, stop_s: int, title: str = "x") -> Entry:
    return Entry(f"p{start_s}", 1, start_s, stop_s, title)


def parts(found: Sequence[Entry]) -> list[tuple[int, int, str]]:
    return [(one.start_s, one.stop_s, one.title) for one in found]


def test_the_upper_cuts_the_lower_in_two() -> None:
    laid = overlay([entry(10, 20, "上")], [entry(0, 15, "一"), entry(15, 40, "二")])
    assert parts(laid) == [(0, 10, "一"), (10, 20, "上"), (20, 40, "二")]
    laid = overlay([entry(10, 20, "上"), entry(30, 35, "上")], [entry(0, 40, "下")])
    assert [part[:2] for part in parts(laid)] == [(0, 10), (10, 20), (20, 30), (30, 35), (35, 40)]


def test_crumbs_are_left_out_but_whole_short_ones_stay() -> None:
    lower = [entry(0, 9, "短"), entry(9, 30, "长"), entry(40, 44, "短")]
    assert parts(overlay([entry(10, 28, "上")], lower, shortest_s=5)) == [
        (0, 9, "短"),
        (10, 28, "上"),
        (40, 44, "短"),
    ]


#: Entries in order without overlaps.
LAYERS = st.lists(st.integers(0, 60), unique=True, max_size=14).map(
    lambda edges: [entry(a, b) for a, b in itertools.pairwise(sorted(edges))][::2]
)


def covered(found: Sequence[Entry]) -> set[int]:
    return {second for one in found for second in range(one.start_s, one.stop_s)}


@given(LAYERS, LAYERS)
def test_an_overlay_covers_what_either_covers_and_the_upper_stays_whole(
    upper: list[Entry], lower: list[Entry]
) -> None:
    laid = overlay(upper, lower)
    assert covered(laid) == covered(upper) | covered(lower)
    assert all(one in laid for one in upper)
    assert without_overlaps(laid) == laid
    assert sum(one.stop_s - one.start_s for one in laid) == len(covered(laid))


def feed(session: Session, name: str) -> int:
    return feeds.add_feed(session, name=name, now=START).id


def tell(session: Session, channel_id: int, feed_id: int | None, *spans: tuple[int, int]) -> None:
    """Add a feed's programmes, seconds from now."""
    for start, stop in spans:
        session.add(
            Programme(
                channel_id=channel_id,
                feed_id=feed_id,
                start_s=NOW + start,
                stop_s=NOW + stop,
                title=f"{feed_id}:{start // 60}",
            )
        )
    session.flush()


def shown(session: Session, channel_id: int, start: int, stop: int) -> list[tuple[int, int, str]]:
    found = entries(session, [channel_id], NOW + start, NOW + stop)[channel_id]
    return [(one.start_s - NOW, one.stop_s - NOW, one.origin) for one in found]


def test_a_persons_row_stands_over_feeds_and_the_first_feed_over_the_second(
    session: Session,
) -> None:
    channel = make_channel(session)
    one, two = feed(session, "一"), feed(session, "二")
    tell(session, channel.id, two, (0, H), (H, 2 * H), (2 * H, 3 * H), (3 * H, 4 * H))
    tell(session, channel.id, one, (60, H - 60), (3 * H, 4 * H))
    add_programme(
        session,
        channel.id,
        start_s=NOW + 3 * H + 600,
        stop_s=NOW + 3 * H + 1200,
        title="通知",
        now=START,
    )
    assert shown(session, channel.id, 0, DAY) == [
        (60, H - 60, "feed"),
        (H, 2 * H, "feed"),
        (2 * H, 3 * H, "feed"),
        (3 * H, 3 * H + 600, "feed"),
        (3 * H + 600, 3 * H + 1200, "person"),
        (3 * H + 1200, 4 * H, "feed"),
    ]


def test_the_edges_of_a_window_are_half_open(session: Session) -> None:
    channel = make_channel(session)
    tell(session, channel.id, feed(session, "一"), (-H, 0), (0, H), (H, 2 * H))
    assert [start for start, _, _ in shown(session, channel.id, 0, H)] == [0]
    assert [start for start, _, _ in shown(session, channel.id, -1, H + 1)] == [-H, 0, H]
    assert shown(session, channel.id, 0, 0) == []


def test_now_and_next_know_gaps_and_silence(session: Session) -> None:
    one, gap, silent = (make_channel(session).id for _ in range(3))
    feed_id = feed(session, "一")
    tell(session, one, feed_id, (-H, 60), (60, H))
    tell(session, gap, feed_id, (-H, 0), (60, H))
    found = now_next(session, [one, gap, silent], NOW)
    assert [e and e.start_s - NOW for e in found[one]] == [-H, 60]
    assert [e and e.start_s - NOW for e in found[gap]] == [None, 60]
    assert found[silent] == (None, None)


def test_a_correction_of_a_feeds_programme_is_a_row_of_its_own(session: Session) -> None:
    channel = make_channel(session)
    tell(session, channel.id, feed(session, "一"), (0, H))
    wrong = session.query(Programme).one()
    before = epg_version(session)
    mine = edit_programme(session, f"p{wrong.id}", title=" 村\n晚 ", now=START)
    assert (mine.feed_id, mine.title, mine.start_s) == (None, "村\n晚", wrong.start_s)
    assert epg_version(session) > before
    again = edit_programme(session, f"p{mine.id}", summary="直播", now=START)
    assert again.id == mine.id
    drop_programme(session, mine.id, now=START)
    assert [origin for *_, origin in shown(session, channel.id, 0, H)] == ["feed"]
    with pytest.raises(ConflictError, match="更正"):
        drop_programme(session, wrong.id, now=START)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"stop_s": NOW}, "stop_s"),
        ({"stop_s": NOW + 8 * DAY}, "stop_s"),
        ({"start_s": -5}, "stop_s"),
        ({"stop_s": 2**62, "start_s": 2**62 - 5}, "stop_s"),
    ],
)
def test_what_a_person_cannot_mean_is_refused_by_field(
    session: Session, fields: dict[str, object], field: str
) -> None:
    channel = make_channel(session)
    values = {"start_s": NOW, "stop_s": NOW + H, "title": "通知"} | fields
    with pytest.raises(InvalidInputError) as refused:
        add_programme(session, channel.id, now=START, **values)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert session.query(Programme).count() == 0


def test_people_do_not_write_over_each_other(session: Session) -> None:
    channel, loop = make_channel(session), make_channel(session, kind="loop")
    mine = add_programme(session, channel.id, start_s=NOW, stop_s=NOW + H, title="通知", now=START)
    with pytest.raises(ConflictError, match="通知"):
        add_programme(
            session, channel.id, start_s=NOW + 60, stop_s=NOW + 120, title="又", now=START
        )
    edit_programme(session, f"p{mine.id}", stop_s=NOW + 2 * H, now=START)
    for bad in ("p999", "p", "px", "7-7", f"p{2**40}"):
        with pytest.raises(NotFoundError):
            edit_programme(session, bad, title="x", now=START)
    with pytest.raises(InvalidInputError, match="轮播"):
        edit_programme(session, f"l{loop.id}-4", title="x", now=START)
    with pytest.raises(InvalidInputError, match="轮播"):
        add_programme(session, loop.id, start_s=NOW, stop_s=NOW + H, title="x", now=START)


def test_programmes_go_with_their_recording(session: Session) -> None:
    feed_id = feed(session, "一")
    week, none = make_channel(session), make_channel(session, retention_days=0)
    for channel in (week, none):
        tell(session, channel.id, feed_id, *((-d * DAY, -d * DAY + H) for d in (9, 8, 7, 2, 1, 0)))
    session.add(
        RecordingPin(
            channel_id=week.id,
            start_ms=(NOW - 9 * DAY + 600) * 1000,
            stop_ms=(NOW - 9 * DAY + 700) * 1000,
            name="留存",
            created_at=START,
        )
    )
    assert forget_old(session, START) == 5
    left = {
        channel.id: [row.start_s - NOW for row in session.query(Programme).where(
            Programme.channel_id == channel.id).order_by(Programme.start_s)]
        for channel in (week, none)
    }  # fmt: skip
    assert left == {
        week.id: [-9 * DAY, -7 * DAY, -2 * DAY, -DAY, 0],
        none.id: [-DAY, 0],
    }
    before = epg_version(session)
    assert forget_old(session, START) == 0
    assert epg_version(session) == before


def test_reminders_are_of_programmes_that_are_to_come(session: Session) -> None:
    place = add_place(session, kind="county", code="990000", name="青禾县")
    box, _ = make_box(session, place)
    channel = make_channel(session)
    feed_id = feed(session, "一")
    tell(session, channel.id, feed_id, (-H, H), (H, 2 * H), (2 * H, 3 * H))
    later, soon = NOW + 2 * H, NOW + H
    for start_s in (later, soon, soon):
        set_reminder(session, box.id, channel.id, start_s, now=START)
    seen = list_reminders(session, box.id, [channel.id], now=START)
    assert [(row.start_s, row.title) for row in seen] == [
        (soon, f"{feed_id}:60"),
        (later, f"{feed_id}:120"),
    ]
    assert list_reminders(session, box.id, [], now=START) == []
    with pytest.raises(NotFoundError):
        set_reminder(session, box.id, channel.id, soon + 60, now=START)
    with pytest.raises(InvalidInputError):
        set_reminder(session, box.id, channel.id, NOW - H, now=START)
    drop_reminder(session, box.id, channel.id, soon)
    drop_reminder(session, box.id, channel.id, soon)
    clock = FakeClock()
    assert len(list_reminders(session, box.id, [channel.id], now=clock.now())) == 1
    clock.advance(2 * H)
    assert list_reminders(session, box.id, [channel.id], now=clock.now()) == []


def test_a_box_has_so_many_reminders_and_no_more(session: Session) -> None:
    place = add_place(session, kind="county", code="990000", name="青禾县")
    box, _ = make_box(session, place)
    channel = make_channel(session)
    tell(session, channel.id, feed(session, "一"), (H, 2 * H))
    session.add_all(
        Reminder(
            box_id=box.id,
            channel_id=channel.id,
            start_s=NOW + DAY + n,
            title="x",
            created_at=START,
        )
        for n in range(MAX_REMINDERS)
    )
    session.flush()
    with pytest.raises(ConflictError, match="200"):
        set_reminder(session, box.id, channel.id, NOW + H, now=START)
