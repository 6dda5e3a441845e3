"""`/live/<channel_id>/…`: who may watch, what each address gives, and how it is kept."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import m3u8
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalog.titles.service import move_title
from catalog.titles.tables import Title
from core.db import session_scope
from county.keys import issue_key, revoke_key
from epg.channels.service import pin_recording, set_loop
from epg.channels.tables import Channel
from epg.channels.version import touch_epg
from epg.playout.service import refresh_playout
from tests.factories import PASSWORD, County, make_channel, make_person, make_title
from tests.fakes import START, FakeClock
from tests.vod_server.web_api.live_air import START_MS, Air, on_air
from vod_server.bootstrap import House
from vod_server.streams.delivery import SegmentApp, in_front_of
from vod_server.streams.signing import sign_live
from vod_server.web.app import make_app
from vod_server.web.live import live
from vod_server.web.live_rights import KeyGate

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def app(house: House) -> Flask:
    """Return the application, with the files in front as in production."""
    app = make_app(house)
    if live.name not in app.blueprints:
        app.register_blueprint(live)
    root = house.settings.effective_recordings_dir
    segments = SegmentApp(house.blobs, house.media_key, house.clock, root)
    app.wsgi_app = in_front_of(segments, app.wsgi_app)  # type: ignore[method-assign]
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def air(house: House) -> Iterator[Air]:
    yield from on_air(house, number=1)


@pytest.fixture
def village_air(house: House, places: County) -> Iterator[Air]:
    yield from on_air(house, number=2, places=[places.village])


def playlist(reply: TestResponse) -> m3u8.M3U8:
    assert reply.status_code == 200, reply.text
    m3u8.parser.parse(reply.text, strict=True)
    return m3u8.loads(reply.text)


def starts_s(reply: TestResponse) -> list[int]:
    """Return when the segments start, in seconds from START."""
    instants = [segment.current_program_date_time for segment in playlist(reply).segments]
    return [round((instant - START).total_seconds()) for instant in instants]


def fetched(client: FlaskClient, url: str) -> tuple[int, bytes]:
    with client.get(url) as reply:
        return reply.status_code, reply.data


def epoch(second: float) -> int:
    return START_MS // 1000 + int(second)


# --- windows -----------------------------------------------------------------------------------


def test_live_lists_the_last_minute_and_its_segments_can_be_fetched(
    client: FlaskClient, air: Air
) -> None:
    reply = client.get(air.url())
    assert starts_s(reply) == list(range(-60, 0, 2))
    assert reply.mimetype == "application/vnd.apple.mpegurl"
    listed = playlist(reply)
    assert listed.media_sequence == air.writer.last.sequence - 29  # type: ignore[union-attr]
    assert not listed.is_endlist
    first, last = listed.segments[0].uri, listed.segments[-1].uri
    assert fetched(client, first) == (200, b"run-1/170")
    assert fetched(client, last) == (200, b"run-1/199")
    assert fetched(client, last.replace("/live/", "/live/1"))[0] == 403


def test_a_new_segment_is_listed_at_once(client: FlaskClient, air: Air) -> None:
    before = client.get(air.url())
    air.recorder.record(1)
    after = client.get(air.url())
    assert starts_s(after)[-1] == starts_s(before)[-1] + 2
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize(
    ("name", "first_s", "last_s", "kind"),
    [
        ("index.m3u8?window=120", -120, -2, None),
        ("timeshift_rel-100.m3u8", -160, -102, None),
        (f"index.m3u8?utc={epoch(-100)}", -100, -2, "event"),
        (f"index.m3u8?utc={epoch(-100)}&lutc={epoch(0)}", -100, -2, "event"),
        (f"timeshift_abs-{epoch(-100)}.m3u8", -100, -2, "event"),
        (f"archive-{epoch(-100)}-now.m3u8", -100, -2, "event"),
        (f"index.m3u8?start={epoch(-100)}&end={epoch(500)}", -100, -2, "event"),
        (f"index.m3u8?start={epoch(-300)}&end={epoch(-200)}", -300, -202, "vod"),
        (f"index.m3u8?utc={epoch(-300)}&utcend={epoch(-200)}", -300, -202, "vod"),
        (f"archive-{epoch(-300)}-100.m3u8", -300, -202, "vod"),
        ("index.m3u8?playseek=20260501095500-20260501095640", -300, -202, "vod"),
        (f"index.m3u8?start={epoch(-300)}&end={epoch(-200)}&pad=20", -320, -182, "vod"),
        (f"index.m3u8?start={epoch(-9000)}&end={epoch(-380)}", -400, -382, "vod"),
        (f"index.m3u8?start={epoch(-100)}&end={epoch(500)}&vod=1", -100, -2, "vod"),
        (f"archive-{epoch(-100)}-now.m3u8?vod=1", -100, -2, "vod"),
    ],
)
def test_every_address_gives_its_window(
    client: FlaskClient, air: Air, name: str, first_s: int, last_s: int, kind: str | None
) -> None:
    reply = client.get(air.url(name))
    assert starts_s(reply) == list(range(first_s, last_s + 2, 2))
    listed = playlist(reply)
    assert listed.playlist_type == kind
    assert listed.is_endlist == (kind == "vod")
    if kind:
        assert listed.media_sequence == 0
    assert fetched(client, listed.segments[0].uri)[0] == 200


@pytest.mark.parametrize(
    ("name", "status", "word"),
    [
        ("index.m3u8?utc=soon", 400, "utc"),
        ("index.m3u8?playseek=now", 400, "playseek"),
        ("live.ts", 404, "播放列表"),
        (f"index.m3u8?start={epoch(-9000)}&end={epoch(-8000)}", 404, "没有录像"),
    ],
)
def test_what_cannot_be_had_is_said(
    client: FlaskClient, air: Air, name: str, status: int, word: str
) -> None:
    reply = client.get(air.url(name))
    assert reply.status_code == status
    assert word in reply.text


def test_a_start_over_becomes_vod(client: FlaskClient, air: Air, clock: FakeClock) -> None:
    url = air.url(f"index.m3u8?start={epoch(-20)}&end={epoch(20)}")
    grown = [client.get(url)]
    for _ in range(12):
        air.recorder.record(1)
        clock.advance(2)
        grown.append(client.get(url))
    for before, after in pairwise(grown):
        assert after.text.startswith(before.text.removesuffix("#EXT-X-ENDLIST\n"))
    assert playlist(grown[-1]).is_endlist
    assert playlist(grown[-1]).playlist_type == "event"
    clock.advance(600)
    assert playlist(client.get(url)).playlist_type == "vod"
    assert starts_s(client.get(url)) == list(range(-20, 20, 2))


def test_a_closed_window_is_a_vod_of_what_there_is(
    client: FlaskClient, air: Air, clock: FakeClock
) -> None:
    """Kodi asks for a quarter of an hour more than a programme, and begins an EVENT at its edge."""
    url = air.url(f"index.m3u8?start={epoch(-20)}&end={epoch(20)}&vod=1")
    for number in range(10):
        reply = client.get(url)
        listed = playlist(reply)
        assert (listed.playlist_type, listed.is_endlist) == ("vod", True)
        assert starts_s(reply) == list(range(-20, 2 * number, 2))
        assert reply.headers["Cache-Control"] == "private, max-age=1"
        air.recorder.record(1)
        clock.advance(2)
    whole = client.get(url)
    assert starts_s(whole) == list(range(-20, 20, 2))
    assert whole.headers["Cache-Control"] == "private, max-age=120"
    air.recorder.record(3)
    clock.advance(1000)
    assert client.get(url).data == whole.data
    assert client.get(url.removesuffix("&vod=1")).data == whole.data


def test_what_is_older_than_the_retention_is_not_given(
    client: FlaskClient, house: House, clock: FakeClock, air: Air
) -> None:
    clock.advance(days=8)
    past = f"index.m3u8?start={epoch(-300)}&end={epoch(-200)}"
    assert client.get(air.url(past)).status_code == 404
    with session_scope(house.sessions) as session:
        channel = session.get_one(Channel, air.id)
        pin_recording(
            session,
            channel,
            start_ms=START_MS - 300_000,
            stop_ms=START_MS - 200_000,
            name="村民大会",
            by="县管理员",
            now=clock.now(),
        )
    assert starts_s(client.get(air.url(past))) == list(range(-300, -200, 2))
    assert client.get(air.url()).status_code == 404


def test_addresses_are_renewed_before_they_die(
    client: FlaskClient, house: House, clock: FakeClock, air: Air
) -> None:
    url = air.url(f"index.m3u8?start={epoch(-300)}&end={epoch(-200)}")
    ttl = house.settings.address_ttl_s
    clock.advance(600)
    first = client.get(url).text
    for _ in range(40):
        clock.advance(ttl / 10)
        address = playlist(client.get(url)).segments[0].uri
        assert fetched(client, address)[0] == 200
        expires = int(address.split("/")[3])
        assert expires - clock.now().timestamp() >= ttl / 2
    assert client.get(url).text != first


# --- who may -----------------------------------------------------------------------------------


def test_a_village_channel_is_for_its_boxes(
    client: FlaskClient, village_air: Air, village_box: dict[str, str]
) -> None:
    assert client.get(village_air.url()).status_code == 404
    assert client.get(village_air.url(), headers=village_box).status_code == 200
    wrong = {"Authorization": "Bearer nobody"}
    assert client.get(village_air.url(), headers=wrong).status_code == 401


def test_a_box_of_another_village_does_not_see_it(
    client: FlaskClient, house: House, places: County, village_box: dict[str, str]
) -> None:
    for air in on_air(house, number=3, places=[places.far]):
        assert client.get(air.url(), headers=village_box).status_code == 404


def test_a_signed_address_opens_its_channel_until_it_expires(
    client: FlaskClient, house: House, village_air: Air, clock: FakeClock
) -> None:
    expires = epoch(3600)
    signature = sign_live(house.media_key, village_air.id, expires)
    url = village_air.url(f"index.m3u8?e={expires}&s={signature}")
    assert client.get(url).status_code == 200
    assert client.get(url + f"&utc={epoch(-60)}").status_code == 200
    other = sign_live(house.media_key, village_air.id + 1, expires)
    assert client.get(village_air.url(f"index.m3u8?e={expires}&s={other}")).status_code == 403
    assert client.get(village_air.url(f"index.m3u8?e=x&s={signature}")).status_code == 403
    clock.advance(3601)
    assert client.get(url).status_code == 410


def issued(house: House, place: Any, max_streams: int = 1) -> tuple[int, str]:
    with session_scope(house.sessions) as session:
        key, token = issue_key(
            session, place=place, name="老王家", max_streams=max_streams, now=START
        )
        return key.id, token


def test_a_household_key_opens_what_its_place_may_see(
    client: FlaskClient, house: House, village_air: Air, places: County
) -> None:
    _, token = issued(house, places.village)
    _, far = issued(house, places.far)
    assert client.get(village_air.url(f"index.m3u8?key={token}")).status_code == 200
    assert client.get(village_air.url(f"index.m3u8?key={far}")).status_code == 404
    assert client.get(village_air.url("index.m3u8?key=wrong")).status_code == 401


def test_a_key_plays_so_many_streams_and_no_more(
    client: FlaskClient, house: House, air: Air, village_air: Air, places: County
) -> None:
    _, token = issued(house, places.village)
    for _ in range(3):
        assert client.get(air.url(f"index.m3u8?key={token}")).status_code == 200
    other = {"User-Agent": "another player"}
    reply = client.get(village_air.url(f"index.m3u8?key={token}"), headers=other)
    assert reply.status_code == 403


def test_who_tries_keys_is_told_to_wait(
    client: FlaskClient, air: Air, village_air: Air, house: House, places: County
) -> None:
    statuses = [client.get(air.url(f"index.m3u8?key=try-{n}")).status_code for n in range(70)]
    assert (statuses[0], statuses[-1]) == (401, 429)
    _, token = issued(house, places.village)
    assert client.get(village_air.url(f"index.m3u8?key={token}")).status_code == 200


def test_a_revoked_key_is_refused_also_where_none_is_needed(
    client: FlaskClient, house: House, air: Air, places: County, app: Flask
) -> None:
    key_id, token = issued(house, places.village)
    url = air.url(f"index.m3u8?key={token}")
    assert client.get(url).status_code == 200
    with session_scope(house.sessions) as session:
        revoke_key(session, key_id, now=START)
    app.extensions["live"].gate = KeyGate(house.sessions)  # a moment later
    assert client.get(url).status_code == 401


def signed_in(app: Flask, house: House, role: str, place: Any) -> FlaskClient:
    with session_scope(house.sessions) as session:
        person = make_person(session, role, place, login=role)  # type: ignore[arg-type]
        login = person.login
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    reply = client.post("/admin/sign-in", data={"login": login, "password": PASSWORD})
    assert reply.status_code == 303
    return client


def test_staff_see_every_channel_of_theirs(
    app: Flask, house: House, village_air: Air, places: County
) -> None:
    assert (
        signed_in(app, house, "county_admin", places.root).get(village_air.url()).status_code == 200
    )
    town = signed_in(app, house, "town_host", places.town)
    assert town.get(village_air.url()).status_code == 200
    recorder = signed_in(app, house, "village_recorder", places.village)
    assert recorder.get(village_air.url()).status_code == 404


def test_an_unwanted_channel_is_for_staff_only(
    app: Flask, client: FlaskClient, house: House, air: Air, places: County
) -> None:
    with session_scope(house.sessions) as session:
        session.get_one(Channel, air.id).wanted = False
        touch_epg(session)
    past = air.url(f"index.m3u8?start={epoch(-300)}&end={epoch(-200)}")
    expires = epoch(3600)
    signature = sign_live(house.media_key, air.id, expires)
    assert client.get(past).status_code == 404
    assert client.get(past + f"&e={expires}&s={signature}").status_code == 404
    assert signed_in(app, house, "county_editor", places.root).get(past).status_code == 200


def test_a_reference_channel_has_no_playlist(client: FlaskClient, house: House) -> None:
    with session_scope(house.sessions) as session:
        channel = make_channel(session, kind="reference")
    reply = client.get(f"/live/{channel.id}/index.m3u8")
    assert reply.status_code == 404
    assert "运营商" in reply.text


def test_a_channel_without_a_recording_says_so(client: FlaskClient, house: House) -> None:
    with session_scope(house.sessions) as session:
        channel = make_channel(session)
    reply = client.get(f"/live/{channel.id}/index.m3u8")
    assert reply.status_code == 404
    assert "信号" in reply.text
    assert client.get("/live/999999/index.m3u8").status_code == 404
    assert client.get("/live/99999999999999999999/index.m3u8").status_code == 404


def test_a_loop_channel_lists_what_has_been_played(
    client: FlaskClient, house: House, clock: FakeClock
) -> None:
    with session_scope(house.sessions) as session:
        channel = make_channel(session, kind="loop")
        titles = [make_title(session, state="published") for _ in range(3)]
        set_loop(session, channel, [title.id for title in titles], now=START)
        refresh_playout(session, channel, now=START)
    clock.advance(300.5)
    url = f"/live/{channel.id}/index.m3u8"
    listed = playlist(client.get(url))
    assert len(listed.segments) >= 10
    ends = [s.current_program_date_time + timedelta(seconds=s.duration) for s in listed.segments]
    assert clock.now() - timedelta(seconds=6.5) <= ends[-1] <= clock.now()
    assert listed.segments[0].uri.split("/")[4] == "vod"
    clock.advance(6)
    later = playlist(client.get(url))
    assert later.media_sequence > listed.media_sequence
    start_s = int(START.timestamp()) + 60
    past = playlist(client.get(f"{url}?start={start_s}&end={start_s + 100}"))
    assert past.segments[0].current_program_date_time <= START + timedelta(seconds=60)
    with session_scope(house.sessions) as session:
        for title in titles:
            move_title(session, session.get_one(Title, title.id), "withdraw", actor="x", now=START)
    assert client.get(f"{url}?start={start_s}&end={start_s + 100}").status_code == 404


# --- how it is kept ----------------------------------------------------------------------------


def test_polls_between_two_segments_are_answered_from_memory(
    client: FlaskClient, air: Air, app: Flask
) -> None:
    kept = app.extensions["live"].playlists
    written = []
    write = kept._write

    def counted(*args: Any) -> Any:
        written.append(args[0])
        return write(*args)

    kept._write = counted
    for _ in range(5):
        client.get(air.url())
    assert len(written) == 1
    air.recorder.record(1)
    for _ in range(5):
        client.get(air.url())
        client.get(air.url(f"index.m3u8?start={epoch(-300)}&end={epoch(-200)}"))
    assert len(written) == 3


def test_memory_of_playlists_has_an_end(client: FlaskClient, air: Air, app: Flask) -> None:
    kept = app.extensions["live"].playlists
    kept._max_bytes = 50_000
    for second in range(100):
        client.get(air.url(f"index.m3u8?start={epoch(-300)}&end={epoch(-200 + second)}"))
    held = sum(len(playlist.body) for playlist in kept._kept.values())
    assert 0 < held == kept._bytes <= 50_000


def test_an_unchanged_playlist_is_not_sent_again(client: FlaskClient, air: Air) -> None:
    first = client.get(air.url())
    again = client.get(air.url(), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    air.recorder.record(1)
    changed = client.get(air.url(), headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_playlists_are_packed_for_who_can_unpack(client: FlaskClient, air: Air) -> None:
    packed = client.get(air.url(), headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == client.get(air.url()).data
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_how_long_a_reply_is_kept(
    client: FlaskClient, air: Air, village_air: Air, village_box: dict[str, str]
) -> None:
    past = f"index.m3u8?start={epoch(-300)}&end={epoch(-200)}"
    assert client.get(air.url()).headers["Cache-Control"] == "public, max-age=1"
    growing = client.get(air.url(f"index.m3u8?utc={epoch(-60)}"))
    assert growing.headers["Cache-Control"] == "public, max-age=1"
    assert client.get(air.url(past)).headers["Cache-Control"] == "private, max-age=120"
    private = client.get(village_air.url(), headers=village_box)
    assert private.headers["Cache-Control"] == "private, max-age=1"


def test_a_closed_window_of_a_loop_grows_with_it(
    client: FlaskClient, house: House, clock: FakeClock
) -> None:
    with session_scope(house.sessions) as session:
        channel = make_channel(session, kind="loop")
        titles = [make_title(session, state="published") for _ in range(3)]
        set_loop(session, channel, [title.id for title in titles], now=START)
        refresh_playout(session, channel, now=START)
    clock.advance(100)
    url = f"/live/{channel.id}/index.m3u8?start={epoch(0)}&end={epoch(200)}&vod=1"
    counts = []
    for _ in range(4):
        reply = client.get(url)
        assert playlist(reply).playlist_type == "vod"
        counts.append((len(playlist(reply).segments), reply.headers["Cache-Control"]))
        clock.advance(60)
    assert counts[0][0] < counts[1][0] < counts[2][0] == counts[3][0]
    assert counts[1][1] == "private, max-age=1"
    assert counts[3][1] == "private, max-age=120"


def test_a_player_zaps_at_its_limit_without_waiting(
    client: FlaskClient, house: House, air: Air, village_air: Air, places: County, clock: FakeClock
) -> None:
    _, token = issued(house, places.village)
    for number in range(4):
        one = (air, village_air)[number % 2]
        assert client.get(one.url(f"index.m3u8?key={token}")).status_code == 200
        clock.advance(1)
    other = {"User-Agent": "another player"}
    assert client.get(air.url(f"index.m3u8?key={token}"), headers=other).status_code == 403
