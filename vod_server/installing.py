"""What an installation needs before it can serve: tables, shelves, the county, an admin."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles.tables import Category
from core.db import session_scope
from core.errors import NotFoundError
from core.settings import Settings
from county import audit, people, places
from county.tables import Person
from vod_server.bootstrap import House, open_house
from vod_server.migrations import migrate

#: The shelves of DOMAIN's lessons, in the order of the home screen.
CATEGORIES = (
    ("party", "党课"),
    ("agri", "农技"),
    ("policy", "政策"),
    ("law", "法治"),
    ("health", "健康"),
    ("cases", "身边案例"),
    ("remote", "遥控器教学"),
)

#: Readable over the telephone: no letters that look alike.
READABLE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


#: The demo county is the county of an installation that names no other.
DEMO_COUNTY = ("990000", "青禾县")


def prepare(
    settings: Settings,
    *,
    admin: str,
    password: str | None,
    county: tuple[str, str] = DEMO_COUNTY,
) -> tuple[House, str | None]:
    """Create what an installation needs; what is there stays as it is.

    Args:
        settings: where.
        admin: login of the first admin.
        password: theirs; made up when None.
        county: code and name of the county.

    Returns:
        the installation, and the password when it was made up just now.
    """
    house = open_house(settings, create_secret=True)
    for folder in ("uploads", "blobs", "work"):
        settings.path(folder).mkdir(parents=True, exist_ok=True)
    migrate(house.engine)
    with session_scope(house.sessions) as session:
        _shelves(session)
        _root(session, county)
        made_up = _first_admin(session, house, admin, password)
    return house, made_up


def _shelves(session: Session) -> None:
    if session.scalars(select(Category.id)).first() is None:
        for position, (slug, name) in enumerate(CATEGORIES):
            session.add(Category(slug=slug, name=name, position=position))


def _root(session: Session, county: tuple[str, str]) -> None:
    try:
        places.county(session)
    except NotFoundError:
        places.add_place(session, kind="county", code=county[0], name=county[1])


def _first_admin(session: Session, house: House, login: str, password: str | None) -> str | None:
    if session.scalars(select(Person.id)).first() is not None:
        return None
    made_up = None if password else "".join(secrets.choice(READABLE_LETTERS) for _ in range(14))
    now = house.clock.now()
    person = people.add_person(
        session, login=login, name="县管理员", password=password or made_up or "", now=now
    )
    people.give_role(session, person, "county_admin", places.county(session))
    audit.record(session, at=now, actor="system", action="person.add", subject=f"person:{login}")
    return made_up
