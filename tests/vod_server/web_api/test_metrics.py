"""What the monitoring reads, and who may read it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from core.db import session_scope
from core.jobs.service import enqueue
from county.alerts import close_alert, raise_alert
from epg.channels.tables import ChannelRun
from tests.factories import make_channel
from tests.fakes import START, FakeClock
from vod_server.bootstrap import House
from vod_server.web.app import make_app


def read(client: FlaskClient, **options) -> list[str]:
    reply = client.get("/metrics", **options)
    assert reply.status_code == 200, reply.text
    return reply.text.splitlines()


def test_a_channel_on_air_is_told_with_its_age(
    house: House, client: FlaskClient, clock: FakeClock
) -> None:
    with session_scope(house.sessions) as session:
        channel = make_channel(session, number=51, name="县新闻综合")
        make_channel(session, number=52, name="没开的", wanted=False)
        make_channel(session, number=53, name="还没起来")
        session.add(
            ChannelRun(
                channel_id=channel.id,
                state="on_air",
                bitrate_bps=2_000_000,
                restarts=3,
                lease_until=START + timedelta(seconds=5),
                on_air_since=START - timedelta(seconds=60),
                last_segment_at=START - timedelta(seconds=2),
            )
        )
    lines = read(client)
    labels = '{channel="51",name="县新闻综合"}'
    assert f"cuntai_channel_on_air{labels} 1.0" in lines
    assert 'cuntai_channel_on_air{channel="53",name="还没起来"} 0.0' in lines
    assert f"cuntai_channel_last_segment_age_seconds{labels} 2.0" in lines
    assert f"cuntai_channel_uptime_seconds{labels} 60.0" in lines
    assert f"cuntai_channel_bitrate_bps{labels} 2e+06" in lines
    assert f"cuntai_channel_restarts{labels} 3.0" in lines
    assert not any("没开的" in line for line in lines)


def test_a_dead_supervisors_word_does_not_count(house: House, client: FlaskClient) -> None:
    with session_scope(house.sessions) as session:
        channel = make_channel(session, number=51, name="县新闻综合")
        gone = START - timedelta(seconds=1)
        session.add(ChannelRun(channel_id=channel.id, state="on_air", lease_until=gone))
    assert 'cuntai_channel_on_air{channel="51",name="县新闻综合"} 0.0' in read(client)


def test_jobs_alerts_and_disk_are_counted(house: House, client: FlaskClient) -> None:
    with session_scope(house.sessions) as session:
        enqueue(session, kind="tidy", subject="x", now=START)
        raise_alert(session, kind="channel.silent", subject="channel:1", words="断了", now=START)
        raise_alert(session, kind="channel.silent", subject="channel:2", words="断了", now=START)
        close_alert(session, kind="channel.silent", subject="channel:2", now=START)
    lines = read(client)
    assert 'cuntai_jobs{kind="tidy",state="queued"} 1.0' in lines
    assert 'cuntai_alerts_open{kind="channel.silent"} 1.0' in lines
    free = next(line for line in lines if line.startswith('cuntai_disk_free_bytes{folder="rec'))
    assert float(free.split()[-1]) > 0


def test_only_this_machine_reads_without_a_token(client: FlaskClient) -> None:
    foreign = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert foreign.status_code == 403
    proxied = client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
    assert proxied.status_code == 403


class TestToken:
    @pytest.fixture
    def settings_overrides(self) -> dict[str, object]:
        return {"metrics_token": "sesame-of-the-county"}

    def test_the_token_is_asked_of_everybody(self, house: House) -> None:
        client = make_app(house).test_client()
        assert client.get("/metrics").status_code == 403
        wrong = {"Authorization": "Bearer sesame"}
        assert client.get("/metrics", headers=wrong).status_code == 403
        right = {"Authorization": "Bearer sesame-of-the-county"}
        assert read(client, headers=right, environ_base={"REMOTE_ADDR": "192.0.2.7"})
