"""Who may push: the question of nginx-rtmp."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from core.clock import SystemClock
from core.db import session_scope
from epg.channels.model import SourceSpec
from epg.channels.service import set_sources
from tests.factories import make_channel
from tests.vod_server.live.front_desk import hooked_app
from vod_server.bootstrap import House

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

URL = "/internal/rtmp/publish"


@pytest.fixture
def client(house: House) -> FlaskClient:
    return hooked_app(house).test_client()


@pytest.fixture
def key(house: House) -> str:
    with session_scope(house.sessions) as session:
        channel = make_channel(session)
        set_sources(session, channel, [SourceSpec("push")], now=SystemClock().now())
        assert channel.stream_key
        return channel.stream_key


def ask(client: FlaskClient, name: str, **options: Any) -> int:
    form = {"call": "publish", "addr": "192.0.2.7", "app": "push", "name": name}
    return client.post(URL, data=form, **options).status_code


def test_a_known_key_may_push(client: FlaskClient, key: str) -> None:
    assert ask(client, key) == 204


@pytest.mark.parametrize("name", ["", "x", "a" * 65, "\0", "不认识", "%"])
def test_an_unknown_one_may_not(client: FlaskClient, key: str, name: str) -> None:
    del key
    assert ask(client, name) == 403
    assert client.post(URL).status_code == 403


def test_a_channel_that_is_off_or_has_no_such_source_takes_none(
    house: House, client: FlaskClient
) -> None:
    with session_scope(house.sessions) as session:
        now = SystemClock().now()
        off = make_channel(session, wanted=False, stream_key="k-off")
        set_sources(session, off, [SourceSpec("push")], now=now)
        other = make_channel(session, stream_key="k-other")
        set_sources(session, other, [SourceSpec("card", "bars")], now=now)
        make_channel(session, kind="loop", stream_key="k-loop")
    assert [ask(client, name) for name in ("k-off", "k-other", "k-loop")] == [403, 403, 403]


def test_nobody_else_may_ask(client: FlaskClient, key: str) -> None:
    assert ask(client, key, environ_base={"REMOTE_ADDR": "192.0.2.7"}) == 403
    assert ask(client, key, headers={"X-Forwarded-For": "127.0.0.1"}) == 403
    assert ask(client, key, environ_base={"REMOTE_ADDR": "::1"}) == 204
    assert client.get(URL).status_code == 405
