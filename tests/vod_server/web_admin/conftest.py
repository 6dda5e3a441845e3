"""A county with people, and the application that serves them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from core.db import session_scope
from county.tables import Person
from tests.factories import County, make_county, make_person
from tests.vod_server.web_admin.admin_site import Editor
from vod_server.bootstrap import House
from vod_server.web.app import make_app


@dataclass(frozen=True)
class Office:
    """Who works at the pages; the login is the field's name."""

    county: County
    admin: Person
    reviewer: Person  #: of the first town
    recorder: Person  #: of the first village
    stranger: Person  #: recorder of a village in the other town
    member: Person  #: holds no right at all here


@pytest.fixture
def office(house: House) -> Office:
    with session_scope(house.sessions) as session:
        county = make_county(session)
        return Office(
            county,
            make_person(session, "county_admin", county.root, login="admin"),
            make_person(session, "town_reviewer", county.town, login="reviewer"),
            make_person(session, "village_recorder", county.village, login="recorder"),
            make_person(session, "village_recorder", county.far, login="stranger"),
            make_person(session, "party_member", county.village, login="member"),
        )


@pytest.fixture
def app(house: House, office: Office) -> Flask:
    return make_app(house)


@pytest.fixture
def enter(app: Flask, office: Office) -> Callable[[str], Editor]:
    """Return what opens the pages for somebody, past the door: hashing passwords is slow."""

    def enter(login: str) -> Editor:
        editor = Editor(app)
        person: Person = getattr(office, login)
        with editor.client.session_transaction() as session:
            session["person_id"], session["epoch"] = person.id, person.session_epoch
        editor.get("/admin/password")
        return editor

    return enter
