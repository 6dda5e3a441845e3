"""A Flask client on a house with a small county."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from core.db import session_scope
from tests.factories import County, make_box, make_county
from vod_server.bootstrap import House
from vod_server.web.app import make_app


@pytest.fixture
def settings_overrides() -> dict[str, Any]:
    """Let a change of the catalogue show at once."""
    return {"snapshot_ttl_s": 0}


@pytest.fixture
def client(house: House) -> FlaskClient:
    """Return a client of the application."""
    return make_app(house).test_client()


@pytest.fixture
def places(house: House) -> County:
    """Return the small county, committed."""
    with session_scope(house.sessions) as session:
        return make_county(session)


@pytest.fixture
def village_box(house: House, places: County) -> dict[str, str]:
    """Return the headers of a box in 柳湾村."""
    with session_scope(house.sessions) as session:
        _, token = make_box(session, places.village)
    return {"Authorization": f"Bearer {token}"}
