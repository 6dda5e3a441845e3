"""The tree of places."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from county import places
from county.places import CHILD_KINDS, KIND_NAMES, add_place
from county.tables import Place
from tests.factories import make_county


def test_a_path_is_the_way_from_the_root(session: Session) -> None:
    county = make_county(session)
    assert county.root.path == f"{county.root.id}/"
    assert county.town.path == f"{county.root.path}{county.town.id}/"
    assert county.village.path == f"{county.town.path}{county.village.id}/"
    assert county.village.parent_id == county.town.id


@pytest.mark.parametrize("parent", sorted(CHILD_KINDS))
@pytest.mark.parametrize("kind", sorted(CHILD_KINDS))
def test_only_what_fits_hangs_below(session: Session, parent: str, kind: str) -> None:
    above = Place(kind=parent, code="above", name="上级", path="1/")
    session.add(above)
    session.flush()
    if kind in CHILD_KINDS[parent]:
        assert add_place(session, kind=kind, code="x", name="下级", parent=above).id
        return
    with pytest.raises(InvalidInputError, match=f"{KIND_NAMES[kind]}不能设在") as caught:
        add_place(session, kind=kind, code="x", name="下级", parent=above)
    assert caught.value.field == "kind"


def test_only_a_county_has_nothing_above(session: Session) -> None:
    with pytest.raises(InvalidInputError, match="缺少上级"):
        add_place(session, kind="village", code="x", name="柳湾村")


def test_a_code_is_used_once(session: Session) -> None:
    county = make_county(session)
    with pytest.raises(InvalidInputError, match="已被使用") as caught:
        add_place(session, kind="village", code="990000101201", name="又", parent=county.town)
    assert caught.value.field == "code"


def test_a_place_is_found_by_its_code(session: Session) -> None:
    county = make_county(session)
    assert places.get_place(session, "990000101") is county.town
    assert places.find_place(session, "nowhere") is None
    with pytest.raises(NotFoundError, match="nowhere"):
        places.get_place(session, "nowhere")


def test_the_root_is_the_county(session: Session) -> None:
    with pytest.raises(NotFoundError, match="cuntai init"):
        places.county(session)
    county = make_county(session)
    assert places.county(session) is county.root


def test_a_subtree_comes_parents_first_and_siblings_by_position(session: Session) -> None:
    county = make_county(session)
    county.village.position, county.sister.position = 2, 1
    session.flush()
    names = [place.name for place in places.subtree(session, county.root.path)]
    assert names == ["青禾县", "柳河镇", "上河村", "柳湾村", "石桥镇", "古井村"]
    assert [p.name for p in places.subtree(session, county.town.path)] == names[1:4]
    assert [p.name for p in places.subtree(session, county.far.path)] == ["古井村"]


def test_a_subtree_of_place_1_is_not_that_of_place_10(session: Session) -> None:
    county = make_county(session)
    for number in range(12):
        add_place(session, kind="village", code=f"v{number}", name="村", parent=county.other_town)
    for place in places.subtree(session, county.root.path):
        found = places.subtree(session, place.path)
        assert {p.id for p in found} == {
            p.id for p in places.subtree(session, county.root.path) if p.path.startswith(place.path)
        }
        assert found[0] is place


def test_a_path_with_a_wildcard_finds_nothing(session: Session) -> None:
    make_county(session)
    assert places.subtree(session, "%") == []
    assert places.subtree(session, "_/") == []
