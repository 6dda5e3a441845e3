"""The index: what is found, marked and counted, which keys lead on, and for whom."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalog.search import statements, suggest
from catalog.search.asking import read_cursor
from catalog.search.indexing import Indexer
from catalog.search.keys import initials, keys_of
from catalog.search.model import Found, Question, scopes_for, scopes_of
from catalog.search.normalising import units_of
from catalog.search.pinyin import with_readings
from catalog.search.sql_index import SqlIndex
from catalog.search.titles import catalog_sources, popular, watched_since
from catalog.titles.resume import save_position
from catalog.titles.service import edit_title, move_title
from core.db import SessionFactory, read_scope, session_scope
from core.errors import InvalidInputError
from tests.factories import County, make_box, make_county, make_title, paired
from tests.fakes import START, FakeClock

NAMES = {
    "": ("农业银行卡防骗", "农机安全驾驶", "重庆小面做法", "长江禁渔十年", "最低生活保障怎么申请"),
    "town": ("农田水利通知", "柳河镇广场舞", "长庆社区卫生"),
    "village": ("农家乐经营", "柳湾村村民大会", "重阳节慰问"),
    "far": ("农药废弃物回收", "古井村村民大会"),
}


@pytest.fixture
def indexer(sessions: SessionFactory, clock: FakeClock) -> Indexer:
    sources = catalog_sources()
    return Indexer(sessions, clock, sources, SqlIndex(sources))


@pytest.fixture
def places(sessions: SessionFactory) -> County:
    with session_scope(sessions) as session:
        return make_county(session)


@pytest.fixture
def index() -> SqlIndex:
    return SqlIndex(catalog_sources())


def fill(sessions: SessionFactory, places: County, indexer: Indexer) -> None:
    with session_scope(sessions) as session:
        for where, names in NAMES.items():
            for name in names:
                place = getattr(places, where) if where else None
                make_title(session, name=name, state="published", place=place)
    indexer.drain()


def ask(session: Session, index: SqlIndex, typed: str, path: str | None, **more: object) -> Found:
    question = Question(typed, path, START, **more)  # type: ignore[arg-type]
    return index.suggest(session, question)


def names(found: Found) -> list[str]:
    return [hit.name for hit in found.hits]


def marked(found: Found) -> list[str | None]:
    return [hit.mark and hit.name[hit.mark[0] : sum(hit.mark)] for hit in found.hits]


def test_found_by_initials_pinyin_digits_characters_and_synonyms(
    sessions: SessionFactory, places: County, indexer: Indexer, index: SqlIndex
) -> None:
    fill(sessions, places, indexer)
    with read_scope(sessions) as session:
        for typed, form, part in (
            ("nyyh", "initials", "农业银行"),
            ("yinhangka", "initials", "银行卡"),
            ("6994", "t9", "农业银行"),
            ("防骗", "initials", "防骗"),
            ("農業", "initials", "农业"),
        ):
            found = ask(session, index, typed, None, form=form)
            assert names(found) == ["农业银行卡防骗"], typed
            assert marked(found) == [part]
        for typed in ("低保", "dibao", "db"):
            found = ask(session, index, typed, None)
            assert names(found) == ["最低生活保障怎么申请"]
            assert marked(found) == [None]  # the word is not in the name


def test_what_begins_so_comes_before_what_holds_it_and_the_newer_first(
    sessions: SessionFactory, indexer: Indexer, index: SqlIndex, clock: FakeClock
) -> None:
    with session_scope(sessions) as session:
        for name in ("话说农业", "农业一", "农业二"):
            make_title(session, name=name, state="published", now=clock.advance(minutes=5))
    indexer.drain()
    with read_scope(sessions) as session:
        found = index.suggest(session, Question("ny", None, clock.now()))
        assert names(found) == ["农业二", "农业一", "话说农业"]


def test_letters_lead_on_to_what_the_asker_may_see(
    sessions: SessionFactory, places: County, indexer: Indexer, index: SqlIndex
) -> None:
    fill(sessions, places, indexer)
    with read_scope(sessions) as session:
        # 农业, 农机, nong…, nian; a village sees 农田 too, the other one 农药 as well as 农业.
        assert ask(session, index, "n", None).leads == "ijoy"
        assert ask(session, index, "n", places.village.path).leads == "ijoty"
        assert ask(session, index, "nongy", None).leads == "e"
        assert ask(session, index, "nongy", places.far.path).leads == "ae"
        assert ask(session, index, "lwccmdh", places.far.path) == Found()


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(data=st.data())
def _check_scopes(data: st.DataObject, session: Session, index: SqlIndex, places: County) -> None:
    where = data.draw(st.sampled_from(["", "root", "town", "village", "sister", "far"]))
    path = getattr(places, where).path if where else None
    seen = {
        name
        for scope, several in NAMES.items()
        for name in several
        if not scope or (path or "").startswith(getattr(places, scope).path)
    }
    name = data.draw(st.sampled_from(sorted(n for several in NAMES.values() for n in several)))
    units = with_readings(units_of(name))
    typed = "".join(initials(unit)[0] for unit in units)
    typed = typed[: data.draw(st.integers(1, len(typed)))]
    keys = {one: keys_of(with_readings(units_of(one))) for one in seen}
    # By another word of the same meaning this one is found too; keys of the name do not tell.
    synonym = "最低生活保障怎么申请"
    right = {
        one
        for one, of in keys.items()
        if any(a == "letters" and key.startswith(typed) for a, key in of)
    }
    found = ask(session, index, typed, path)
    assert set(names(found)) - {synonym} == right - {synonym}
    assert (name in names(found)) == (name in seen)
    assert found.counts.get("title", 0) == len(found.hits)
    leads = {
        key[len(typed)]
        for of in keys.values()
        for a, key in of
        if a == "letters" and key.startswith(typed) and len(key) > len(typed)
    }
    if synonym not in names(found):
        assert set(found.leads) == leads


def test_every_prefix_finds_and_neither_hits_nor_counts_nor_letters_leak(
    sessions: SessionFactory, places: County, indexer: Indexer, index: SqlIndex
) -> None:
    fill(sessions, places, indexer)
    with read_scope(sessions) as session:
        _check_scopes(session=session, index=index, places=places)


def test_what_was_typed_to_its_end_comes_first(
    sessions: SessionFactory, indexer: Indexer, index: SqlIndex, clock: FakeClock
) -> None:
    with session_scope(sessions) as session:
        for name in ("农业", "农业二", "话说农业"):
            make_title(session, name=name, state="published", now=clock.advance(minutes=5))
    indexer.drain()
    with read_scope(sessions) as session:
        for typed in ("ny", "nongye", "农业"):
            found = index.suggest(session, Question(typed, None, clock.now()))
            assert names(found) == ["农业", "农业二", "话说农业"], typed
        # Pages go on where the last one ended, over the rungs.
        seen, after = [], ""
        while after is not None:
            question = Question("ny", None, clock.now(), limit=1, after=after)
            page = index.search(session, question)
            seen += names(page)
            after = page.following  # type: ignore[assignment]
        assert seen == ["农业", "农业二", "话说农业"]


def test_a_title_begins_after_the_name_of_its_column(
    sessions: SessionFactory, indexer: Indexer, index: SqlIndex, clock: FakeClock
) -> None:
    long = "一二三四五六七八九十甲乙丙丁戊己庚辛"  # longer than keys inside names
    with session_scope(sessions) as session:
        for name in ("【科普】农业", "记者观察丨农业", f"【新】{long}", "说农业", "【】农业啊"):
            make_title(session, name=name, state="published", now=clock.advance(minutes=5))
    indexer.drain()
    with read_scope(sessions) as session:
        found = index.suggest(session, Question("ny", None, clock.now()))
        begins = {"记者观察丨农业", "【科普】农业", "【】农业啊"}
        assert set(names(found)[:3]) == begins
        assert names(found)[3] == "说农业"
        assert set(marked(found)) == {"农业"}
        typed = "".join(initials(unit)[0] for unit in with_readings(units_of(long)))
        assert names(index.suggest(session, Question(typed, None, clock.now()))) == [
            f"【新】{long}"
        ]
        assert names(index.suggest(session, Question("kpny", None, clock.now()))) == [
            "【科普】农业"
        ]


def test_many_titles_of_a_series_are_one_line_until_they_are_asked_for(
    sessions: SessionFactory, places: County, indexer: Indexer, index: SqlIndex
) -> None:
    with session_scope(sessions) as session:
        for number in range(1, 41):
            make_title(session, name=f"水稻种植第{number}讲", series="水稻种植", state="published")
        for number in (1, 2):
            make_title(session, name=f"水产养殖第{number}讲", series="水产养殖", state="published")
        make_title(session, name="水土保持", state="published")
    indexer.drain()
    with read_scope(sessions) as session:
        found = ask(session, index, "s", None)
        assert names(found)[:2] == ["水产养殖", "水稻种植"] or names(found)[:2] == [
            "水稻种植",
            "水产养殖",
        ]
        assert set(names(found)[2:]) == {"水产养殖第1讲", "水产养殖第2讲", "水土保持"}
        assert found.counts == {"series": 2, "title": 43}
        assert names(ask(session, index, "sdzz", None)) == ["水稻种植"]
        # Typed on past the name of the series, or asked for by kind, each is there.
        assert names(ask(session, index, "sdzzd17", None)) == ["水稻种植第17讲"]
        assert len(names(ask(session, index, "sdzz", None, kind="title", limit=50))) == 40
        assert len(index.search(session, Question("sdzz", None, START, limit=50)).hits) == 41


def test_letters_that_lead_on_are_all_told_where_not_all_keys_were_read(
    sessions: SessionFactory, indexer: Indexer, index: SqlIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "CAP", 3)
    monkeypatch.setattr(suggest, "CAP", 3)
    statements.looking.cache_clear()
    try:
        with session_scope(sessions) as session:
            for name in ("农安", "农八", "农村", "农大", "农业", "说农忙", "课农闲", "看农谚"):
                make_title(session, name=name, state="published")
        indexer.drain()
        with read_scope(sessions) as session:
            found = ask(session, index, "n", None)
            assert found.leads == "abcdmoxy"
            assert ask(session, index, "6", None, form="t9").leads == "2369"
            assert ask(session, index, "n", None, kind="channel").leads == ""
    finally:
        statements.looking.cache_clear()


@pytest.mark.parametrize("drained", [False, True])
def test_what_is_withdrawn_is_gone_at_once_from_hits_counts_and_letters(
    sessions: SessionFactory, indexer: Indexer, index: SqlIndex, drained: bool
) -> None:
    with session_scope(sessions) as session:
        title = make_title(session, name="农业保险", series="保险课", state="published")
    indexer.drain()
    with session_scope(sessions) as session:
        assert ask(session, index, "ny", None).counts == {"title": 1}
        assert ask(session, index, "b", None).leads == "ax"
        move_title(session, session.merge(title), "withdraw", actor="t", now=START)
    if drained:
        indexer.drain()
    with read_scope(sessions) as session:
        # The series lives by its title, and goes with it.
        for typed in ("n", "ny", "nongye", "b", "bxk", "保险"):
            assert ask(session, index, typed, None) == Found(), typed
            assert index.search(session, Question(typed, None, START)) == Found(), typed
        assert ask(session, index, "69", None, form="t9") == Found()


def test_a_series_stays_where_another_of_its_titles_is_seen(
    sessions: SessionFactory, places: County, indexer: Indexer, index: SqlIndex
) -> None:
    with session_scope(sessions) as session:
        mine, _ = (
            make_title(session, name=name, series="大棚蔬菜", place=place, state="published")
            for name, place in (("第一课", places.village), ("第二课", places.far))
        )
    indexer.drain()
    with session_scope(sessions) as session:
        move_title(session, session.merge(mine), "withdraw", actor="t", now=START)
    with read_scope(sessions) as session:
        assert ask(session, index, "dp", places.village.path) == Found()
        assert ask(session, index, "dp", places.far.path).counts == {"series": 1}


def test_a_title_moved_to_another_place_is_at_once_unseen_where_it_was(
    sessions: SessionFactory, places: County, indexer: Indexer, index: SqlIndex
) -> None:
    with session_scope(sessions) as session:
        title = make_title(session, name="农业保险", state="published")
    indexer.drain()
    with session_scope(sessions) as session:
        edit_title(session, session.merge(title), now=START, place_id=places.village.id)
    with read_scope(sessions) as session:
        assert ask(session, index, "ny", places.far.path) == Found()
    indexer.drain()
    with read_scope(sessions) as session:
        assert ask(session, index, "ny", places.far.path) == Found()
        assert names(ask(session, index, "ny", places.village.path)) == ["农业保险"]


def test_a_title_past_its_last_day_is_not_shown(
    sessions: SessionFactory, indexer: Indexer, index: SqlIndex, clock: FakeClock
) -> None:
    with session_scope(sessions) as session:
        last = START.date()
        make_title(session, name="农业保险", state="published", expires_on=last)
    indexer.drain()
    with read_scope(sessions) as session:
        later = clock.advance(days=1)
        found = index.suggest(session, Question("ny", None, later))
        assert (found.hits, found.counts) == ((), {})
    assert indexer.reconcile() == 1
    indexer.drain()
    with read_scope(sessions) as session:
        assert index.suggest(session, Question("ny", None, later)) == Found()


def test_a_series_is_found_by_who_sees_one_of_its_titles(
    sessions: SessionFactory, places: County, indexer: Indexer, index: SqlIndex
) -> None:
    with session_scope(sessions) as session:
        for place in (places.village, places.town):
            make_title(session, name="第一课", series="大棚蔬菜", place=place, state="published")
    indexer.drain()
    with read_scope(sessions) as session:
        for place, count in ((places.village, 2), (places.sister, 1), (places.far, 0)):
            found = ask(session, index, "dpsc", place.path)
            assert found.counts == ({"series": 1} if count else {})
            assert [hit.row.titles for hit in found.hits] == [count] * bool(count)


def test_words_are_found_anywhere_all_of_them_page_by_page(
    sessions: SessionFactory, indexer: Indexer, index: SqlIndex
) -> None:
    with session_scope(sessions) as session:
        for number in range(7):
            make_title(session, name=f"玉米栽培第{number}讲", state="published")
        make_title(session, name="栽培水稻", state="published")
    indexer.drain()
    with read_scope(sessions) as session:
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = index.search(session, Question("栽培 玉米", None, START, limit=3, after=after))
            assert page.counts == {"title": 7}
            seen += names(page)
            after = page.following
        assert sorted(seen) == [f"玉米栽培第{number}讲" for number in range(7)]
        long = "玉米栽培第3讲"
        assert names(index.search(session, Question(long, None, START))) == [long]
        assert names(index.search(session, Question("9773", None, START))) == ["栽培水稻"]


@pytest.mark.parametrize("typed", ["", " ", "—《》", "%", "_", "'; --", "农%", "\x00", "😀"])
def test_nothing_strange_breaks_it(session: Session, index: SqlIndex, typed: str) -> None:
    assert ask(session, index, typed, None).hits == ()
    assert index.search(session, Question(typed, None, START)).hits == ()


@pytest.mark.parametrize("cursor", ["1", "0_1_2", "0_1_2_x", "0_2_1_99999999999", "٣_1_1_1"])
def test_a_cursor_of_nobodys_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError):
        read_cursor(cursor)


def test_scopes_of_several_places_are_the_topmost() -> None:
    assert scopes_for(["1/4/", "1/4/17/", "1/40/"]) == {4, 40}
    assert scopes_for(["1/4/17/", "", "1/"]) == {1}
    assert scopes_of("1/4/17/") == (0, 1, 4, 17)
    assert scopes_of(None) == (0,)


def test_what_others_watched_comes_first_then_the_newest(
    sessions: SessionFactory, places: County, clock: FakeClock
) -> None:
    with session_scope(sessions) as session:
        boxes = [paired(make_box(session, places.village)[0], places.village) for _ in range(2)]
        titles = [
            make_title(session, name=name, state="published", now=clock.advance(minutes=1))
            for name in ("甲", "乙", "丙")
        ]
        hidden = make_title(session, name="丁", state="published", place=places.far)
        for box in boxes:
            save_position(session, box, titles[0].id, 60, now=START)
            save_position(session, box, hidden.id, 60, now=START)
        save_position(session, boxes[0], titles[1].id, 60, now=START)
        ranking = watched_since(session, START, limit=10)
        assert ranking[-1] == titles[1].id
        now = clock.now()
        found = popular(session, places.village.path, ranking, now=now, limit=10)
        assert [title.name for title in found] == ["甲", "乙", "丙"]
        assert popular(session, None, ranking, now=now, limit=1)[0].name == "甲"
        assert watched_since(session, clock.advance(minutes=1), limit=10) == []


def test_asking_needs_no_pinyin() -> None:
    program = (
        "import sys, vod_server.web.app\n"
        "from catalog.search.asking import mark, read_typed\n"
        "from catalog.search.suggest import Row\n"
        "row = Row(0, 2, 0, 1, 0, '1', '農業銀行', 'nong ye yin hang,xing')\n"
        "assert mark(row, read_typed('nyyh', 'initials')) == (0, 4)\n"
        "assert not any(name.startswith('pypinyin') for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
