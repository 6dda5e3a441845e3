"""Who may do what where: one table, one function; a role covers exactly its subtree."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.rights import (
    ROLE_ACTIONS,
    ROLE_NAMES,
    Action,
    Grant,
    RoleKind,
    covers,
    may,
    may_anywhere,
)

EDIT = {"title.view", "title.edit", "upload.create", "job.control"}
ON_AIR = {"channel.view", "channel.edit", "guide.edit"}
SPEAK = {"notice.edit", "question.answer"}

#: The whole table, said a second time: a right is not given by a slip of the hand.
EXPECTED: dict[RoleKind, set[str]] = {
    "county_admin": EDIT
    | ON_AIR
    | SPEAK
    | {"title.review", "title.publish", "person.manage", "box.manage", "audit.view", "system.view"}
    | {"key.manage"},
    "county_editor": EDIT | ON_AIR | SPEAK | {"title.review", "title.publish", "system.view"},
    "town_host": SPEAK | {"title.view", "channel.view", "box.manage"},
    "town_reviewer": SPEAK | {"title.view", "title.review"},
    "village_recorder": EDIT | SPEAK | {"box.manage"},
    "party_member": set(),
}

#: County 1, towns 2 and 20, villages 3 (of 2) and 30 (of 20), a group 4 (of 3).
PATHS = ("1/", "1/2/", "1/20/", "1/2/3/", "1/20/30/", "1/2/3/4/")


def test_every_role_has_a_name_and_a_line_in_the_table() -> None:
    kinds = set(get_args(RoleKind))
    assert set(ROLE_NAMES) == set(ROLE_ACTIONS) == set(EXPECTED) == kinds
    assert len(set(ROLE_NAMES.values())) == len(kinds)


@pytest.mark.parametrize("role", get_args(RoleKind))
@pytest.mark.parametrize("action", get_args(Action))
def test_the_table_of_rights(role: RoleKind, action: Action) -> None:
    allowed = action in EXPECTED[role]
    assert may([Grant(role, "1/")], action, "1/2/3/") is allowed
    assert may_anywhere([Grant(role, "1/2/")], action) is allowed


@pytest.mark.parametrize(
    ("held_at", "covered"),
    [
        ("1/", set(PATHS)),
        ("1/2/", {"1/2/", "1/2/3/", "1/2/3/4/"}),
        ("1/20/", {"1/20/", "1/20/30/"}),
        ("1/2/3/", {"1/2/3/", "1/2/3/4/"}),
        ("1/2/3/4/", {"1/2/3/4/"}),
    ],
)
def test_a_role_covers_its_subtree(held_at: str, covered: set[str]) -> None:
    assert {path for path in PATHS if covers(held_at, path)} == covered
    grants = [Grant("village_recorder", held_at)]
    assert {path for path in PATHS if may(grants, "title.edit", path)} == covered


def test_a_place_outside_the_tree_is_covered_by_nothing_and_covers_nothing() -> None:
    assert not covers("", "1/2/")
    assert not covers("1/", "")
    assert not may([Grant("county_admin", "")], "title.edit", "1/")


def test_who_holds_nothing_may_nothing() -> None:
    for action in get_args(Action):
        assert not may([], action, "1/")
        assert not may_anywhere([], action)


def test_several_roles_add_up_each_at_its_place() -> None:
    grants = [Grant("village_recorder", "1/2/3/"), Grant("town_reviewer", "1/20/")]
    assert may(grants, "title.edit", "1/2/3/")
    assert may(grants, "title.review", "1/20/30/")
    assert not may(grants, "title.review", "1/2/3/")
    assert not may(grants, "title.edit", "1/20/30/")


_IDS = st.lists(st.integers(1, 300), min_size=1, max_size=5)


def _path(ids: list[int]) -> str:
    return "".join(f"{place_id}/" for place_id in ids)


@given(_IDS, _IDS)
def test_a_subtree_is_exactly_the_places_whose_way_begins_with_it(
    held: list[int], at: list[int]
) -> None:
    assert covers(_path(held), _path(at)) is (at[: len(held)] == held)


@given(_IDS, st.lists(st.integers(1, 300), max_size=4))
def test_whatever_hangs_below_is_covered_and_nothing_above(
    held: list[int], further: list[int]
) -> None:
    grants = [Grant("town_reviewer", _path(held))]
    assert may(grants, "title.review", _path(held + further))
    assert not may(grants, "title.review", _path(held[:-1])) or not held[:-1]


@given(st.lists(st.sampled_from(get_args(RoleKind)), max_size=4), st.sampled_from(get_args(Action)))
def test_another_role_never_takes_a_right_away(roles: list[RoleKind], action: Action) -> None:
    grants = [Grant(role, "1/2/") for role in roles]
    before = may(grants, action, "1/2/3/")
    assert may([*grants, Grant("party_member", "1/")], action, "1/2/3/") is before
    assert may([*grants, Grant("county_admin", "1/")], action, "1/2/3/")
