"""Clients of the exports on a house with a small county, channels, and a household's keys."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.db import session_scope
from epg.channels.model import SourceSpec
from epg.channels.service import set_sources
from tests.factories import County, make_channel, make_county
from tests.fakes import START
from tests.vod_server.web_exports.on_air import Household, Shown, issue, record
from vod_server.bootstrap import House
from vod_server.web.app import make_app


@pytest.fixture
def settings_overrides() -> dict[str, Any]:
    """Let a change show at once."""
    return {"snapshot_ttl_s": 0, "public_url": "https://tv.example"}


@pytest.fixture
def app(house: House) -> Flask:
    """Return the application."""
    return make_app(house)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client of the application."""
    return app.test_client()


@pytest.fixture
def places(house: House) -> County:
    """Return the small county, committed."""
    with session_scope(house.sessions) as session:
        return make_county(session)


@pytest.fixture
def shown(house: House, places: County) -> Shown:
    """Return the channels; the last minute of each but the operator's is recorded."""
    with session_scope(house.sessions) as session:
        found = Shown(
            public=make_channel(
                session,
                number=1,
                name="新闻, 综合",
                tvg_id="news",
                group_title="本县;新闻",
                logo="/img/1/a/logo.png",
            ),
            town=make_channel(
                session,
                number=2,
                name="柳河",
                tvg_id="news",
                places=[places.town],
                group_title="乡镇",
                retention_days=3,
                attributes={"catchup": "append", "catchup-source": "?x", "x-odd": "1"},
            ),
            far=make_channel(session, number=3, name="古井", places=[places.far]),
            operator=make_channel(
                session,
                number=4,
                name="运营商",
                kind="reference",
                tvg_id="op",
                attributes={
                    "catchup": "append",
                    "catchup-source": "?t={utc}",
                    "#directives": ["#KODIPROP:a=b"],
                },
            ),
        )
        make_channel(session, number=5, name="未开播", wanted=False)
        source = [SourceSpec("http", "http://operator.example:8080/rtp/239.1.1.1:1")]
        set_sources(session, found.operator, source, now=START)
    for channel in (found.public, found.town, found.far):
        record(house, channel.id, seconds=60)
    return found


@pytest.fixture
def household(house: House, places: County) -> Household:
    """Return a household of 柳湾村 with a key for two streams."""
    return issue(house, places)
