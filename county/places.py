"""The tree of places."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from county.tables import Place

#: Which kinds may hang below which.
CHILD_KINDS: dict[str, frozenset[str]] = {
    "county": frozenset({"town", "department"}),
    "town": frozenset({"village"}),
    "village": frozenset({"group"}),
    "group": frozenset(),
    "department": frozenset(),
}

KIND_NAMES = {
    "county": "县",
    "town": "乡镇",
    "village": "村",
    "group": "村民小组",
    "department": "部门",
}


def add_place(
    session: Session,
    *,
    kind: str,
    code: str,
    name: str,
    parent: Place | None = None,
    position: int = 0,
) -> Place:
    """Add a node.

    Raises:
        InvalidInputError: the kind does not fit below the parent, or the code is taken.
    """
    if parent is None:
        if kind != "county":
            raise InvalidInputError(f"{name} 缺少上级。", field="parent")
    elif kind not in CHILD_KINDS[parent.kind]:
        raise InvalidInputError(
            f"{KIND_NAMES.get(kind, kind)}不能设在{KIND_NAMES[parent.kind]}下面。", field="kind"
        )
    if find_place(session, code) is not None:
        raise InvalidInputError(f"地区代码 {code} 已被使用。", field="code")
    place = Place(
        kind=kind,
        code=code,
        name=name,
        parent_id=parent.id if parent else None,
        path="",
        position=position,
    )
    session.add(place)
    session.flush()
    place.path = f"{parent.path if parent else ''}{place.id}/"
    session.flush()
    return place


def find_place(session: Session, code: str) -> Place | None:
    """Return the place of a code, or None."""
    return session.scalars(select(Place).where(Place.code == code)).one_or_none()


def get_place(session: Session, code: str) -> Place:
    """Return the place of a code.

    Raises:
        NotFoundError: there is none.
    """
    place = find_place(session, code)
    if place is None:
        raise NotFoundError(f"没有代码为 {code} 的地区。", field="place")
    return place


def county(session: Session) -> Place:
    """Return the root.

    Raises:
        NotFoundError: the county has not been set up.
    """
    statement = select(Place).where(Place.parent_id.is_(None)).order_by(Place.id).limit(1)
    root = session.scalars(statement).one_or_none()
    if root is None:
        raise NotFoundError("还没有设置县，请先运行 cuntai init。")
    return root


def subtree(session: Session, path: str) -> Sequence[Place]:
    """Return the places of a subtree, parents before children, siblings by position."""
    statement = select(Place).where(Place.path.startswith(path, autoescape=True))
    places = session.scalars(statement).all()
    by_id = {place.id: place for place in places}

    def order(place: Place) -> list[tuple[int, int]]:
        ids = [int(part) for part in place.path.split("/") if part]
        return [(by_id[i].position, i) for i in ids if i in by_id]

    return sorted(places, key=order)
