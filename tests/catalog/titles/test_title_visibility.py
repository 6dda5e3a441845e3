"""What a box may see, by the place it stands at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from catalog.titles import reading, service
from catalog.titles.model import State
from catalog.titles.reading import list_titles, shelves, visible_title
from core.errors import InvalidInputError, NotFoundError
from county.places import add_place
from tests.factories import make_county, make_measured, make_ready, make_title
from tests.fakes import START


def seen(session: Session, place_path: str | None, *, now: datetime = START) -> set[str]:
    titles, _ = list_titles(session, place_path, now=now)
    on_shelves = {title.name for _, row in shelves(session, place_path, now=now) for title in row}
    listed = {title.name for title in titles}
    assert on_shelves == listed
    for title in titles:
        assert visible_title(session, title.id, place_path, now=now) is title
    return listed


def test_a_box_sees_its_own_ground_and_everything_above(session: Session) -> None:
    county = make_county(session)
    places = {
        "人人": None,
        "全县": county.root,
        "本镇": county.town,
        "本村": county.village,
        "邻村": county.sister,
        "别镇": county.other_town,
        "远村": county.far,
    }
    for name, place in places.items():
        make_title(session, name=name, state="published", place=place)
    assert seen(session, county.village.path) == {"人人", "全县", "本镇", "本村"}
    assert seen(session, county.sister.path) == {"人人", "全县", "本镇", "邻村"}
    assert seen(session, county.far.path) == {"人人", "全县", "别镇", "远村"}
    assert seen(session, county.town.path) == {"人人", "全县", "本镇"}
    assert seen(session, county.root.path) == {"人人", "全县"}
    assert seen(session, None) == {"人人"}
    assert seen(session, "") == {"人人"}


def test_place_1_does_not_see_what_is_for_place_10(session: Session) -> None:
    county = make_county(session)
    for number in range(12):
        place = add_place(session, kind="village", code=f"v{number}", name="村", parent=county.town)
        make_title(session, name=f"只给{place.id}", state="published", place=place)
        assert seen(session, place.path) == {f"只给{place.id}"}


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_only_what_is_published_is_seen(session: Session, state: State) -> None:
    title = make_title(session, state=state, renditions=(make_measured(),))
    assert seen(session, None) == set()
    with pytest.raises(NotFoundError):
        visible_title(session, title.id, None, now=START)


def test_the_last_day_ends_at_midnight_of_the_county(session: Session) -> None:
    make_title(session, name="限期", state="published", expires_on=date(2026, 5, 3))
    last_minute = datetime(2026, 5, 3, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Asia/Shanghai
    assert seen(session, None, now=last_minute) == {"限期"}
    assert seen(session, None, now=last_minute + timedelta(seconds=1)) == set()


@pytest.mark.parametrize("number", [0, -5, 2**31, 2**63, 10**40])
def test_numbers_that_are_no_rows_are_not_found(session: Session, number: int) -> None:
    make_title(session, state="published", series="果树")
    with pytest.raises(NotFoundError):
        visible_title(session, number, None, now=START)
    with pytest.raises(NotFoundError):
        reading.series_with_titles(session, number, None, now=START)
    assert list_titles(session, None, now=START, series_id=number) == ([], None)


def test_lists_go_on_where_the_last_page_ended(session: Session) -> None:
    wanted = [make_title(session, state="published").id for _ in range(7)]
    found: list[int] = []
    cursor: str | None = None
    for size in (3, 3, 1):
        titles, cursor = list_titles(session, None, now=START, limit=3, cursor=cursor)
        assert len(titles) == size
        found += [title.id for title in titles]
    assert cursor is None
    assert found == wanted[::-1]


def test_a_page_that_is_just_full_is_the_last(session: Session) -> None:
    for _ in range(3):
        make_title(session, state="published")
    assert list_titles(session, None, now=START, limit=3)[1] is None


def test_a_title_that_comes_in_between_disturbs_no_page(session: Session) -> None:
    for _ in range(4):
        make_title(session, state="published")
    first, cursor = list_titles(session, None, now=START, limit=2)
    make_title(session, state="published")
    second, _ = list_titles(session, None, now=START, limit=2, cursor=cursor)
    assert {t.id for t in first} & {t.id for t in second} == set()
    assert len(second) == 2


def test_lists_are_narrowed_by_category_and_series(session: Session) -> None:
    make_title(session, name="甲", state="published", category="农技", series="果树")
    make_title(session, name="乙", state="published", category="健康")
    slug = service.category_named(session, "农技").slug
    series_id = service.series_named(session, "果树").id

    def names(category: str | None = None, series_id: int | None = None) -> list[str]:
        found, _ = list_titles(session, None, now=START, category=category, series_id=series_id)
        return [title.name for title in found]

    assert names() == ["乙", "甲"]
    assert names(category=slug) == names(series_id=series_id) == ["甲"]
    assert names(category="nothing") == []


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "0", "9" * 10, "9" * 40, "1;DROP", "²"])
def test_a_cursor_that_is_none_of_ours_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        list_titles(session, None, now=START, cursor=cursor)
    assert caught.value.field == "cursor"


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_limit_out_of_bounds_is_refused(session: Session, limit: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        list_titles(session, None, now=START, limit=limit)
    assert caught.value.field == "limit"


def test_a_category_with_a_zero_byte_is_refused_not_a_fault(session: Session) -> None:
    with pytest.raises(InvalidInputError):
        list_titles(session, None, now=START, category="agri\0")


def test_shelves_stand_in_order_with_the_newest_first_and_none_empty(session: Session) -> None:
    for name in ("农技", "空的", "健康"):
        service.category_named(session, name)
    for minutes, (name, category) in enumerate((("甲", "农技"), ("乙", "健康"), ("丙", "农技"))):
        now = START + timedelta(minutes=minutes)
        make_title(session, name=name, category=category, state="published", now=now)
    rows = [(c and c.name, [t.name for t in row]) for c, row in shelves(session, None, now=START)]
    assert rows == [("农技", ["丙", "甲"]), ("健康", ["乙"])]


def test_what_has_no_category_stands_on_the_last_shelf(session: Session) -> None:
    make_title(session, name="无类", category="", state="published")
    make_title(session, name="甲", category="农技", state="published")
    rows = [(c and c.name, [t.name for t in row]) for c, row in shelves(session, None, now=START)]
    assert rows == [("农技", ["甲"]), (None, ["无类"])]


def test_a_series_comes_in_order_without_what_may_not_be_seen(session: Session) -> None:
    county = make_county(session)
    for name, episode in (("三", 3), ("一", 1), ("无号", None), ("二", 2)):
        place = county.village if name == "二" else None
        make_title(
            session, name=name, episode=episode, series="果树", state="published", place=place
        )
    make_title(session, name="草稿", episode=1, series="果树")
    series_id = service.series_named(session, "果树").id

    def names(path: str | None) -> list[str]:
        _, titles = reading.series_with_titles(session, series_id, path, now=START)
        return [title.name for title in titles]

    assert names(county.village.path) == ["一", "二", "三", "无号"]
    assert names(None) == ["一", "三", "无号"]


def test_a_series_of_which_nothing_may_be_seen_is_not_there(session: Session) -> None:
    county = make_county(session)
    make_title(session, series="村里的", state="published", place=county.village)
    series_id = service.series_named(session, "村里的").id
    with pytest.raises(NotFoundError):
        reading.series_with_titles(session, series_id, county.sister.path, now=START)


def test_renditions_are_those_of_the_current_generation_best_first(session: Session) -> None:
    title = make_title(session)
    make_ready(session, title, (make_measured("480p"),))
    best, least = make_measured("720p", width=1280), make_measured("360p", width=640)
    make_ready(session, title, (best, least))
    service.want_renditions(session, title, [("1080p", "encode")], gen=str(title.media_gen))
    session.commit()
    session.expire_all()
    assert reading.ready_renditions(session, title) == (best, least)


def test_a_card_and_a_page_say_what_the_contract_says(session: Session) -> None:
    title = make_title(
        session,
        name="剪枝",
        state="published",
        series="果树",
        episode=2,
        summary="四看",
        study_hours=1.5,
        required=True,
    )
    sprite = {"files": ["sprite-0.jpg"], "tile_width": 160, "columns": 10}
    service.set_pictures(
        session, title, {"gen": "p1", "poster": "poster-1.jpg", "sprite": sprite}, now=START
    )
    card = reading.card(title)
    assert card["poster"] == f"/img/{title.id}/p1/poster-1.jpg"
    assert card["updated_at"] == "2026-05-01T02:00:00Z"
    assert set(card) == {
        *("id", "title", "poster", "duration_s", "category", "category_name"),
        *("series_id", "order", "required", "study_hours", "updated_at"),
    }
    detail = reading.detail(title)
    assert detail["series"] == {"id": title.series_id, "title": "果树"}
    assert detail["sprite"] == {
        "urls": [f"/img/{title.id}/p1/sprite-0.jpg"],
        "tile_width": 160,
        "columns": 10,
    }
    assert (detail["required"], detail["study_hours"], detail["order"]) == (True, 1.5, 2)
    bare = reading.detail(make_title(session, category=""))
    assert (bare["poster"], bare["category"], bare["series"], bare["sprite"]) == (None,) * 4
