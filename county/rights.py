"""Who may do what where. Pure: one function over grants, one table of roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

RoleKind = Literal[
    "county_admin",
    "county_editor",
    "town_host",
    "town_reviewer",
    "village_recorder",
    "party_member",
]

Action = Literal[
    "person.manage",
    "box.manage",
    "audit.view",
    "system.view",
    "title.view",
    "title.edit",
    "title.review",
    "title.publish",
    "upload.create",
    "job.control",
    "channel.view",
    "channel.edit",
    "guide.edit",
    "key.manage",
    "notice.edit",
    "question.answer",
]

#: What screens call the roles.
ROLE_NAMES: dict[RoleKind, str] = {
    "county_admin": "县管理员",
    "county_editor": "县编辑",
    "town_host": "乡镇主持人",
    "town_reviewer": "乡镇审核员",
    "village_recorder": "村文书",
    "party_member": "党员",
}

_EDITING: frozenset[Action] = frozenset(
    {"title.view", "title.edit", "upload.create", "job.control"}
)

#: Of everybody who speaks for a place: what it tells its people, and what they ask it.
_SPEAKING: frozenset[Action] = frozenset({"notice.edit", "question.answer"})

_CHANNELS: frozenset[Action] = frozenset({"channel.view", "channel.edit", "guide.edit"})

ROLE_ACTIONS: dict[RoleKind, frozenset[Action]] = {
    "county_admin": _EDITING
    | _CHANNELS
    | _SPEAKING
    | frozenset[Action]({"title.review", "title.publish", "person.manage", "box.manage"})
    | frozenset[Action]({"audit.view", "system.view", "key.manage"}),
    "county_editor": _EDITING
    | _CHANNELS
    | _SPEAKING
    | {"title.review", "title.publish", "system.view"},
    "town_host": _SPEAKING | {"title.view", "channel.view", "box.manage"},
    "town_reviewer": _SPEAKING | {"title.view", "title.review"},
    "village_recorder": _EDITING | _SPEAKING | {"box.manage"},
    "party_member": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at a place.

    Args:
        role: the kind of role.
        place_path: the place's path, `1/4/`; the role covers every path that begins with it.
    """

    role: RoleKind
    place_path: str


def may(grants: Iterable[Grant], action: Action, place_path: str) -> bool:
    """Answer "may this person do this at this place".

    Args:
        grants: the roles the person holds.
        action: what is to be done.
        place_path: path of the place it is done at.
    """
    return any(
        action in ROLE_ACTIONS[grant.role] and covers(grant.place_path, place_path)
        for grant in grants
    )


def may_anywhere(grants: Iterable[Grant], action: Action) -> bool:
    """Say whether the person may do this at some place at least (what a menu shows)."""
    return any(action in ROLE_ACTIONS[grant.role] for grant in grants)


def covers(subtree_path: str, place_path: str) -> bool:
    """Say whether a place lies in a subtree; a path's slash keeps `1/2/` out of `1/20/`."""
    # An empty path is a place that is not in the tree yet: it covers nothing.
    return bool(subtree_path) and place_path.startswith(subtree_path)
