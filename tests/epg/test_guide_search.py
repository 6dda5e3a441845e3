"""Channels and programmes in search: one document a name, its showing chosen when it is found."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.search.indexing import Indexer
from catalog.search.model import Found, Question, Sources
from catalog.search.sql_index import SqlIndex
from core.db import SessionFactory, read_scope, session_scope
from epg.channels.service import create_channel, delete_channel, set_places, set_wanted
from epg.channels.tables import Channel
from epg.guide.editing import add_programme, drop_programme, edit_programme
from epg.guide.feeds import add_feed, delete_feed
from epg.guide.importing import import_xmltv
from epg.guide.tables import GuideChannel
from epg.search import guide_sources
from epg.search_tables import Showing
from epg.showings import name_of
from tests.factories import County, make_county
from tests.fakes import START, FakeClock

NOW_S = int(START.timestamp())
HOUR_S = 3600


@pytest.fixture
def sources() -> Sources:
    return Sources(*guide_sources())


@pytest.fixture
def indexer(sessions: SessionFactory, clock: FakeClock, sources: Sources) -> Indexer:
    return Indexer(sessions, clock, sources, SqlIndex(sources))


@pytest.fixture
def places(sessions: SessionFactory) -> County:
    with session_scope(sessions) as session:
        return make_county(session)


@pytest.fixture
def channel(sessions: SessionFactory) -> Channel:
    with session_scope(sessions) as session:
        return create_channel(
            session, name="青禾综合", names=["QHTV"], number=7, now=START, retention_days=2
        )


def show(session: Session, channel_id: int, title: str, start_h: float, hours: float = 1) -> str:
    """Write a programme some hours from now; return its id."""
    start_s = NOW_S + int(start_h * HOUR_S)
    stop_s = start_s + int(hours * HOUR_S)
    row = add_programme(session, channel_id, start_s=start_s, stop_s=stop_s, title=title, now=START)
    return f"p{row.id}"


def ask(
    sessions: SessionFactory,
    sources: Sources,
    typed: str,
    path: str | None = None,
    later_h: int = 0,
) -> Found:
    clock = FakeClock()
    clock.advance(later_h * HOUR_S)
    with read_scope(sessions) as session:
        return SqlIndex(sources).suggest(session, Question(typed, path, clock.now()))


def starts(found: Found) -> list[float]:
    """Return the chosen showings' starts, hours from now."""
    return [(hit.row.entry.start_s - NOW_S) / HOUR_S for hit in found.hits]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("大侠霍元甲(16)", "大侠霍元甲"),
        ("《下午剧场》10集剧：向前一步（4）", "《下午剧场》10集剧：向前一步"),
        ("火蓝刀锋第28集", "火蓝刀锋"),
        ("去有风的地方10", "去有风的地方"),
        ("新闻30分", "新闻30分"),
        ("2024", "2024"),
        ("CCTV-1", "CCTV-1"),
        ("(3)", "(3)"),
    ],
)
def test_episodes_of_a_series_go_by_one_name(title: str, name: str) -> None:
    assert name_of(title) == name


def test_a_channel_is_found_by_all_its_names_by_who_may_see_it(
    sessions: SessionFactory, sources: Sources, places: County, channel: Channel, indexer: Indexer
) -> None:
    indexer.drain()
    for typed in ("qhzh", "zonghe", "qhtv", "综合"):
        assert [hit.ref for hit in ask(sessions, sources, typed).hits] == [str(channel.id)]
    with session_scope(sessions) as session:
        wide = [places.town.id, places.village.id, places.far.id]
        set_places(session, session.get_one(Channel, channel.id), wide, now=START)
    for drained in (False, True):
        assert ask(sessions, sources, "qhzh") == Found()
        assert ask(sessions, sources, "qhzh", places.other_town.path) == Found()
        if drained:
            for place in (places.village, places.sister, places.far):
                assert ask(sessions, sources, "qhzh", place.path).counts == {"channel": 1}
        indexer.drain()
    with session_scope(sessions) as session:
        set_wanted(session, session.get_one(Channel, channel.id), False, now=START)
    assert ask(sessions, sources, "qhzh", places.village.path) == Found()


def test_the_showing_is_under_way_else_the_last_kept_else_the_next(
    sessions: SessionFactory, sources: Sources, channel: Channel, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        for start_h in (-60, -30, -10, 5, 9):
            show(session, channel.id, "乡村大舞台", start_h)
        show(session, channel.id, "乡村医生", 3)
        show(session, channel.id, "乡村医生", 7)
    indexer.drain()
    assert sorted(starts(ask(sessions, sources, "xc"))) == [-10, 3]
    assert starts(ask(sessions, sources, "xcdwt", later_h=5)) == [5]  # has just begun
    assert starts(ask(sessions, sources, "xcdwt", later_h=7)) == [5]  # is kept
    assert starts(ask(sessions, sources, "xcys", later_h=6)) == [3]
    assert starts(ask(sessions, sources, "xcdwt", later_h=80)) == []  # two days are kept


def test_of_several_channels_the_one_the_asker_sees(
    sessions: SessionFactory, sources: Sources, places: County, channel: Channel, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        of_village = create_channel(session, name="柳湾", number=1, now=START)
        set_places(session, of_village, [places.village.id], now=START)
        show(session, of_village.id, "春耕时节", 0)
        show(session, of_village.id, "村里的事", 1)
        show(session, channel.id, "春耕时节", 0)
    indexer.drain()
    found = ask(sessions, sources, "cgsj", places.village.path)
    assert [hit.row.channel.name for hit in found.hits] == ["柳湾"]
    assert found.counts == {"programme": 1}
    found = ask(sessions, sources, "cgsj", places.sister.path)
    assert [hit.row.channel.name for hit in found.hits] == ["青禾综合"]
    assert ask(sessions, sources, "cld", places.sister.path) == Found()
    assert ask(sessions, sources, "cldsh", places.village.path).counts == {}
    assert ask(sessions, sources, "clds", places.village.path).counts == {"programme": 1}
    with session_scope(sessions) as session:
        set_places(session, session.get_one(Channel, of_village.id), [], now=START)
    indexer.drain()
    assert ask(sessions, sources, "clds").counts == {"programme": 1}


def test_what_is_hidden_by_no_place_is_not_shown_before_the_index_knows(
    sessions: SessionFactory, sources: Sources, places: County, channel: Channel, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        show(session, channel.id, "春耕时节", 0)
    indexer.drain()
    with session_scope(sessions) as session:
        set_places(session, session.get_one(Channel, channel.id), [places.far.id], now=START)
    assert ask(sessions, sources, "cgsj", places.village.path).hits == ()
    assert ask(sessions, sources, "cgsj", places.village.path).counts == {}
    indexer.drain()
    assert ask(sessions, sources, "cgsj", places.village.path) == Found()
    assert ask(sessions, sources, "cgsj", places.far.path).counts == {"programme": 1}


def test_corrections_and_deletions_are_followed(
    sessions: SessionFactory, sources: Sources, channel: Channel, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        entry = show(session, channel.id, "春耕时节", 2)
    indexer.drain()
    with session_scope(sessions) as session:
        edit_programme(session, entry, now=START, title="夏收时节")
    # Found by its old name for a moment, as what it is now; never by a row that is gone.
    indexer.drain()
    assert ask(sessions, sources, "cgsj") == Found()
    assert [hit.row.entry.title for hit in ask(sessions, sources, "xssj").hits] == ["夏收时节"]
    with session_scope(sessions) as session:
        drop_programme(session, int(entry[1:]), now=START)
    assert ask(sessions, sources, "xssj").hits == ()
    indexer.drain()
    assert ask(sessions, sources, "xssj") == Found()


def xmltv(*titles: str) -> io.BytesIO:
    rows = "".join(
        f'<programme start="202605010{n}0000 +0800" stop="202605010{n + 1}0000 +0800" channel="q">'
        f"<title>{title}</title></programme>"
        for n, title in enumerate(titles)
    )
    head = '<channel id="q"><display-name>青禾综合</display-name></channel>'
    return io.BytesIO(f"<tv>{head}{rows}</tv>".encode())


def test_an_import_is_followed_and_the_same_again_costs_nothing(
    sessions: SessionFactory,
    sources: Sources,
    channel: Channel,
    indexer: Indexer,
    clock: FakeClock,
) -> None:
    with session_scope(sessions) as session:
        feed_id = add_feed(session, name="源", url="", zone="Asia/Shanghai", now=START).id
    import_xmltv(sessions, feed_id, xmltv("霍元甲(1)", "霍元甲(2)", "早新闻"), clock=clock)
    indexer.drain()
    found = ask(sessions, sources, "hyj")
    assert [hit.name for hit in found.hits] == ["霍元甲"]
    assert [hit.row.entry.title for hit in found.hits] == ["霍元甲(2)"]
    import_xmltv(sessions, feed_id, xmltv("霍元甲(1)", "霍元甲(2)", "早新闻"), clock=clock)
    assert indexer.drain() == 0
    import_xmltv(
        sessions, feed_id, xmltv("陈真(1)", "霍元甲(2)", "早间剧"), clock=clock, force=True
    )
    indexer.drain()
    assert ask(sessions, sources, "zxw") == Found()
    assert ask(sessions, sources, "cz").counts == {"programme": 1}
    with session_scope(sessions) as session:
        assert session.scalar(select(GuideChannel.channel_id)) == channel.id
        delete_feed(session, feed_id, now=START)
    indexer.drain()
    assert ask(sessions, sources, "cz") == Found()


def test_a_deleted_channel_takes_its_programmes_along(
    sessions: SessionFactory, sources: Sources, channel: Channel, indexer: Indexer
) -> None:
    with session_scope(sessions) as session:
        show(session, channel.id, "春耕时节", 0)
    indexer.drain()
    with session_scope(sessions) as session:
        delete_channel(session, channel.id)
    assert ask(sessions, sources, "cgsj").hits == ()
    assert ask(sessions, sources, "qhzh") == Found()
    indexer.drain()
    assert ask(sessions, sources, "cgsj") == Found()
    with read_scope(sessions) as session:
        assert session.scalars(select(Showing)).all() == []
