"""Polls of public channels answered in front of Flask: the same replies, for a moment."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from core.db import session_scope
from county.keys import issue_key
from epg.channels.service import set_places, set_wanted
from epg.channels.tables import Channel
from tests.factories import County
from tests.fakes import START
from tests.vod_server.web_api.live_air import Air, on_air
from vod_server.bootstrap import House
from vod_server.streams.signing import sign_live
from vod_server.web import live_polls
from vod_server.web.app import make_app, make_wsgi
from vod_server.web.live_polls import KEPT_S, LivePolls

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

GZIP = {"Accept-Encoding": "gzip, deflate"}


class Site:
    """An application behind its polls, on a clock of theirs that stands."""

    def __init__(self, house: House) -> None:
        self.app: Flask = make_app(house)
        self.seconds = 100.0
        self.polls: LivePolls = self.app.extensions["live"].polls
        self.polls.monotonic = lambda: self.seconds
        self.asked: list[str] = []
        self.client = Client(self.polls.in_front_of(self._flask))
        self.flask = self.app.test_client()

    def _flask(self, environ: Any, start_response: Any) -> Any:
        self.asked.append(environ["PATH_INFO"])
        return self.app(environ, start_response)

    def reached_flask(self, url: str, **asked: Any) -> bool:
        """Ask, and say whether the question went on to Flask."""
        before = len(self.asked)
        with self.client.open(url, **asked) as reply:
            self.last = reply.status_code
        return len(self.asked) > before


@pytest.fixture
def air(house: House) -> Iterator[Air]:
    yield from on_air(house, number=1)


@pytest.fixture
def site(house: House) -> Site:
    return Site(house)


@pytest.fixture
def warm(site: Site, air: Air) -> Site:
    """Return a site that has answered the channel's live end just now."""
    assert site.reached_flask(air.url("index.m3u8?v=1"))
    assert not site.reached_flask(air.url())
    return site


def told(reply: TestResponse) -> dict[str, str]:
    return dict(sorted(reply.headers.items()))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", [{}, GZIP])
@pytest.mark.parametrize("query", ["", "?v=1"])
def test_the_reply_is_that_of_flask(
    warm: Site, air: Air, method: str, headers: dict[str, str], query: str
) -> None:
    url = air.url(f"index.m3u8{query}")
    asked = len(warm.asked)
    mine = warm.client.open(url, method=method, headers=headers)
    assert len(warm.asked) == asked
    flasks = warm.flask.open(url, method=method, headers=headers)
    assert (mine.status, told(mine), mine.data) == (flasks.status, told(flasks), flasks.data)
    assert mine.headers["Access-Control-Allow-Origin"] == "*"
    assert len(mine.headers) == len(flasks.headers)
    if method == "GET":
        body = gzip.decompress(mine.data) if headers else mine.data
        assert body.count(b"#EXTINF") == 30
    else:
        assert mine.data == b""
        whole = warm.client.get(url, headers=headers)
        assert mine.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_unchanged_one_is_not_sent_again(warm: Site, air: Air, method: str) -> None:
    known = {"If-None-Match": warm.client.get(air.url()).headers["ETag"]}
    asked = len(warm.asked)
    mine = warm.client.open(air.url(), method=method, headers=known)
    assert len(warm.asked) == asked
    flasks = warm.flask.open(air.url(), method=method, headers=known)
    assert mine.status_code == 304
    assert (mine.status, told(mine), mine.data) == (flasks.status, told(flasks), b"")
    other = warm.client.open(air.url(), method=method, headers={"If-None-Match": '"x"'})
    assert other.status_code == 200


def test_whoever_tells_more_is_asked_by_flask(
    warm: Site, air: Air, house: House, places: County, village_box: dict[str, str]
) -> None:
    with session_scope(house.sessions) as session:
        _, key = issue_key(session, place=places.village, name="王家", max_streams=1, now=START)
    expires = int(START.timestamp()) + 3600
    signature = sign_live(house.media_key, air.id, expires)
    start = expires - 3900
    for query in (
        f"key={key}",
        f"v=1&key={key}",
        "key=wrong",
        f"e={expires}&s={signature}",
        f"v=1&start={start}&end={start + 100}",
        "v=1&window=120",
        "v=2",
    ):
        assert warm.reached_flask(air.url(f"index.m3u8?{query}")), query
    assert warm.reached_flask(air.url(), headers=village_box)
    assert warm.reached_flask(air.url(), headers={"Authorization": "Bearer nobody"})
    assert warm.reached_flask(air.url("timeshift_rel-0.m3u8"))
    assert warm.reached_flask(air.url(), method="POST")
    assert warm.last == 405
    assert warm.reached_flask(air.url(), method="OPTIONS")
    assert warm.reached_flask("/live/9999/index.m3u8")
    assert not warm.reached_flask(air.url())


def test_it_is_given_for_a_moment_only(warm: Site, air: Air) -> None:
    air.recorder.record(1)
    first = warm.client.get(air.url()).headers["ETag"]
    warm.seconds += KEPT_S - 0.001
    assert not warm.reached_flask(air.url())
    warm.seconds += 0.002
    assert warm.reached_flask(air.url())
    assert not warm.reached_flask(air.url())
    assert warm.client.get(air.url()).headers["ETag"] != first


def test_a_late_answer_does_not_replace_a_newer_one(warm: Site, air: Air) -> None:
    old = warm.app.extensions["live"].playlists._kept.copy().popitem()[1]
    warm.seconds += 1
    air.recorder.record(1)
    newer = warm.client.get(air.url()).data
    warm.polls.keep(air.id, old, "public, max-age=1", since=warm.seconds - 0.01)
    assert not warm.reached_flask(air.url())
    assert warm.client.get(air.url()).data == newer != old.body


@pytest.mark.parametrize("change", ["off", "private"])
def test_a_channel_that_is_taken_away_is_refused_in_a_moment(
    warm: Site, air: Air, house: House, places: County, change: str
) -> None:
    with session_scope(house.sessions) as session:
        channel = session.get_one(Channel, air.id)
        if change == "off":
            set_wanted(session, channel, False, now=START)
        else:
            set_places(session, channel, [places.village.id], now=START)
    warm.seconds += KEPT_S  # the facts themselves are looked up at once in this house
    assert warm.reached_flask(air.url())
    assert warm.last == 404
    assert warm.reached_flask(air.url())


def test_what_a_box_sees_of_its_village_is_not_kept_for_others(
    site: Site, house: House, places: County, village_box: dict[str, str]
) -> None:
    for air in on_air(house, number=3, places=[places.village]):
        assert site.reached_flask(air.url(), headers=village_box)
        assert site.last == 200
        assert site.reached_flask(air.url())
        assert site.last == 404


def test_what_gunicorn_runs_has_them_in_front(
    house: House, air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    flask = Flask.__call__

    def counted(self: Flask, environ: Any, start_response: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        return flask(self, environ, start_response)

    monkeypatch.setattr(Flask, "__call__", counted)
    monkeypatch.setattr(live_polls, "KEPT_S", 3600.0)
    client = Client(make_wsgi(house))
    replies = [client.get(air.url("index.m3u8?v=1")).data for _ in range(3)]
    assert replies[0] == replies[1] == replies[2]
    assert asked == [air.url()]
