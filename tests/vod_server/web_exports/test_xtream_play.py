"""The Xtream paths that play: where they lead, and what flows where they are a stream."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.db import session_scope
from county.keys import revoke_key
from epg.channels.service import edit_channel, pin_recording
from epg.channels.tables import Channel, ChannelSource
from tests.factories import County, make_title
from tests.fakes import START, FakeClock
from tests.vod_server.recordings.recorded import Recorder
from tests.vod_server.web_exports.on_air import START_S, Household, Shown, content
from vod_server.bootstrap import House
from vod_server.recordings.writer import ChannelWriter
from vod_server.web.exports import transport
from vod_server.web.exports.transport import MAX_STREAMS

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def location(client: FlaskClient, url: str) -> str:
    reply = client.get(url)
    assert reply.status_code == 302, reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    return reply.headers["Location"]


@pytest.mark.parametrize(
    "form", ["/live/{path}/{id}", "/live/{path}/{id}.m3u8", "/{path}/{id}", "/{path}/{id}.m3u8"]
)
def test_live_leads_to_the_playlist(
    client: FlaskClient, household: Household, shown: Shown, form: str
) -> None:
    url = form.format(path=household.path, id=shown.town.id)
    address = location(client, url)
    assert address == f"/live/{shown.town.id}/index.m3u8?key={household.token}"
    reply = client.get(address)
    assert reply.status_code == 200
    assert reply.text.count("#EXTINF") == 30


def test_an_operators_channel_leads_to_the_operator(
    client: FlaskClient, house: House, household: Household, shown: Shown
) -> None:
    url = f"/live/{household.path}/{shown.operator.id}.ts"
    assert location(client, url) == "http://operator.example:8080/rtp/239.1.1.1:1"
    with session_scope(house.sessions) as session:
        source = session.query(ChannelSource).one()
        source.kind, source.url = "udp", "udp://@239.1.1.1:1"
    assert client.get(url).status_code == 404


def test_titles_lead_to_a_signed_playlist(
    client: FlaskClient, house: House, household: Household, places: County
) -> None:
    with session_scope(house.sessions) as session:
        title_id = make_title(session, state="published", place=places.village).id
    for form in (
        f"/movie/{household.path}/{title_id}.mp4",
        f"/series/{household.path}/{title_id}.m3u8",
    ):
        address = location(client, form)
        reply = client.get(address)
        assert reply.status_code == 200
        assert "#EXT-X-STREAM-INF" in reply.text
    assert client.get(f"/movie/{household.path}/99.m3u8").status_code == 404


STARTS = [
    "2026-05-01:09-59",
    "2026-05-01:09-59-00",
    "2026-05-01_09-59",
    "2026-05-01:09:59",
    "2026-05-01:09:59:00",
    "2026-05-01%2009:59:00",
    "2026-05-01T09:59:00%2B08:00",
    str(START_S - 60),
    str((START_S - 60) * 1000),
]


@pytest.mark.parametrize("start", STARTS)
def test_the_past_in_all_shapes_of_its_start(
    client: FlaskClient, household: Household, shown: Shown, start: str
) -> None:
    id_ = shown.town.id
    span = f"start={START_S - 60}&end={START_S + 240}&vod=1"
    wanted = f"/live/{id_}/index.m3u8?key={household.token}&{span}"
    assert location(client, f"/timeshift/{household.path}/5/{start}/{id_}.m3u8") == wanted
    query = f"{household.login}&stream={id_}&start={start}&duration=5"
    assert location(client, f"/streaming/timeshift.php?{query}") == wanted


def test_the_past_is_the_minute_asked_for(
    client: FlaskClient, household: Household, shown: Shown, clock: FakeClock
) -> None:
    clock.advance(minutes=10)
    id_ = shown.town.id
    address = location(client, f"/timeshift/{household.path}/1/2026-05-01:09-59/{id_}.m3u8")
    reply = client.get(address)
    assert "#EXT-X-ENDLIST" in reply.text
    assert reply.text.count("#EXTINF") == 30
    with client.get(f"/timeshift/{household.path}/1/2026-05-01:09-59/{id_}.ts") as stream:
        assert stream.mimetype == "video/mp2t"
        assert stream.data == b"".join(content(id_, n) for n in range(30))
        assert stream.headers["Content-Length"] == str(30 * 188)


def test_a_long_programme_is_given_its_first_hours(
    client: FlaskClient, household: Household, shown: Shown
) -> None:
    url = f"/timeshift/{household.path}/2000/{START_S - 60}/{shown.town.id}.m3u8"
    assert f"&end={START_S - 60 + 12 * 3600}" in location(client, url)


@pytest.mark.parametrize(
    "tail",
    ["5/yesterday/{id}.m3u8", "x/2026-05-01:09-59/{id}.m3u8", "0/2026-05-01:09-59/{id}.ts"],
)
def test_what_cannot_be_understood_is_a_bad_request(
    client: FlaskClient, household: Household, shown: Shown, tail: str
) -> None:
    url = f"/timeshift/{household.path}/{tail.format(id=shown.town.id)}"
    assert client.get(url).status_code == 400


@pytest.mark.parametrize("name", ["x.ts", "-1.ts", "99999999999999.ts", "9.ts", ".m3u8"])
def test_what_is_not_there_is_not_found(
    client: FlaskClient, household: Household, shown: Shown, name: str
) -> None:
    del shown
    assert client.get(f"/live/{household.path}/{name}").status_code == 404
    assert client.get(f"/timeshift/{household.path}/5/1777600000/{name}").status_code == 404


def test_a_pinned_past_flows_beyond_its_retention(
    client: FlaskClient, house: House, household: Household, shown: Shown, clock: FakeClock
) -> None:
    url = f"/timeshift/{household.path}/1/{START_S - 60}/{shown.town.id}.ts"
    clock.advance(days=4)
    assert client.get(url).status_code == 404
    with session_scope(house.sessions) as session:
        channel = session.get_one(Channel, shown.town.id)
        pin_recording(
            session,
            channel,
            start_ms=(START_S - 40) * 1000,
            stop_ms=(START_S - 20) * 1000,
            name="村晚",
            by="",
            now=START,
        )
    with client.get(url) as reply:
        assert reply.status_code == 200


@pytest.fixture
def on_air(house: House, shown: Shown) -> Iterator[Recorder]:
    """Return a recorder that goes on recording the town's channel from START."""
    root = house.settings.effective_recordings_dir
    with closing(ChannelWriter(root, shown.town.id)) as writer:
        yield Recorder(writer, START_S * 1000, run="run-2")


def test_an_endless_stream_follows_the_recording(
    client: FlaskClient,
    household: Household,
    shown: Shown,
    on_air: Recorder,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id_ = shown.town.id

    def wait(seconds: float) -> None:
        del seconds
        clock.advance(2)
        if on_air.number < 3:
            on_air.commit(on_air.finish(content(id_, 100 + on_air.number)))

    monkeypatch.setattr("vod_server.web.exports.xtream_transport.time.sleep", wait)
    monkeypatch.setattr(transport, "SILENCE_S", 1.0)
    with client.get(f"/live/{household.path}/{id_}.ts", buffered=False) as reply:
        assert reply.status_code == 200
        assert reply.headers["X-Accel-Buffering"] == "no"
        assert "Content-Length" not in reply.headers
        assert reply.data == b"".join(
            content(id_, number) for number in (27, 28, 29, 100, 101, 102)
        )


@pytest.mark.parametrize("fault", ["revoked", "off air"])
def test_an_endless_stream_ends_when_the_right_does(
    client: FlaskClient,
    house: House,
    household: Household,
    shown: Shown,
    on_air: Recorder,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    id_ = shown.town.id

    def wait(seconds: float) -> None:
        del seconds
        clock.advance(2)
        on_air.commit(on_air.finish(content(id_, 100 + on_air.number)))
        if on_air.number != 3:
            return
        with session_scope(house.sessions) as session:
            if fault == "revoked":
                revoke_key(session, household.id, now=clock.now())
            else:
                edit_channel(session, session.get_one(Channel, id_), now=START, wanted=False)

    monkeypatch.setattr("vod_server.web.exports.xtream_transport.time.sleep", wait)
    with client.get(f"/{household.path}/{id_}.ts", buffered=False) as reply:
        found = reply.data
    assert content(id_, 102) in found
    assert on_air.number < 12


def test_there_are_only_so_many_streams_and_each_place_is_given_back(
    app: Flask, client: FlaskClient, household: Household, shown: Shown
) -> None:
    slots = app.extensions["transport"]
    held = [slots.take() for _ in range(MAX_STREAMS - 1)]
    url = f"/live/{household.path}/{shown.town.id}.ts"
    with client.get(url, buffered=False) as reply:
        assert reply.status_code == 200
        busy = client.get(url)
        assert busy.status_code == 503
        assert busy.headers["Retry-After"] == "10"
    # Also where nothing was read, and where only the head was asked for.
    for _ in range(2):
        with client.head(url, buffered=False) as reply:
            assert reply.status_code == 200
    assert all(held)


def test_what_flows_is_a_transport_stream_to_ffmpeg(
    client: FlaskClient,
    house: House,
    household: Household,
    shown: Shown,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    pattern = tmp_path / "made-%d.ts"
    subprocess.run(  # six seconds in three files, as the recorder cuts them
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=6"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-f", "segment"),
            *("-segment_time", "2", "-segment_format", "mpegts", str(pattern)),
        ],
        check=True,
        timeout=120,
    )
    root = house.settings.effective_recordings_dir
    clock.advance(3600)
    begin_s = START_S + 3000
    with closing(ChannelWriter(root, shown.far.id)) as writer:
        recorder = Recorder(writer, begin_s * 1000, run="real")
        for number in range(3):
            recorder.commit(recorder.finish((tmp_path / f"made-{number}.ts").read_bytes()))
    with session_scope(house.sessions) as session:
        session.get_one(Channel, shown.far.id).places = []
    url = f"/timeshift/{household.path}/1/{begin_s}/{shown.far.id}.ts"
    whole = tmp_path / "whole.ts"
    with client.get(url) as reply:
        whole.write_bytes(reply.data)
    assert shutil.which("ffprobe")
    probed = subprocess.run(
        [
            *("ffprobe", "-v", "warning", "-count_packets", "-show_entries"),
            *("stream=codec_name,nb_read_packets", "-of", "json", str(whole)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert probed.stderr == b""
    [stream] = json.loads(probed.stdout)["streams"]
    assert (stream["codec_name"], int(stream["nb_read_packets"])) == ("h264", 150)
