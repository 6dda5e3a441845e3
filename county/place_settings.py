"""Settings of places, handed down the tree: the nearest place that says something is heard."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from county.tables import Place, PlaceSetting

#: What can be set, and what it may be; the first is meant where no place says anything.
CHOICES: Mapping[str, tuple[str, ...]] = {"boot": ("live", "home")}


def effective(session: Session, place_path: str | None, name: str) -> str:
    """Return what holds at a place; outside of all (None) what holds in the whole county.

    Args:
        session: the unit of work.
        place_path: path of the place.
        name: a key of `CHOICES`.
    """
    statement = select(PlaceSetting.value).join(Place).where(PlaceSetting.name == name)
    if place_path:
        parts = place_path.rstrip("/").split("/")
        paths = ["/".join(parts[:n]) + "/" for n in range(1, len(parts) + 1)]
        statement = statement.where(Place.path.in_(paths))
    else:
        statement = statement.where(Place.parent_id.is_(None))
    value = session.scalar(statement.order_by(func.length(Place.path).desc()).limit(1))
    return value if value in CHOICES[name] else CHOICES[name][0]


def settings_named(session: Session, name: str) -> dict[int, str]:
    """Return what places say themselves, by place id."""
    statement = select(PlaceSetting.place_id, PlaceSetting.value).where(PlaceSetting.name == name)
    return {row.place_id: row.value for row in session.execute(statement)}


def set_setting(session: Session, place: Place, name: str, value: str | None) -> None:
    """Let a place say something, or (None) what the place above it says.

    Raises:
        InvalidInputError: there is no such setting or choice.
    """
    if name not in CHOICES or (value is not None and value not in CHOICES[name]):
        raise InvalidInputError("没有这个选项。", field=name)
    session.execute(
        delete(PlaceSetting).where(PlaceSetting.place_id == place.id, PlaceSetting.name == name)
    )
    if value is not None:
        session.add(PlaceSetting(place_id=place.id, name=name, value=value))
    session.flush()
