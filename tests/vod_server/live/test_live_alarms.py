"""When an alert of a silent channel opens and closes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from county.alerts import open_alerts
from epg.channels.tables import ChannelRun
from tests.factories import make_channel
from tests.fakes import START
from vod_server.live.alarms import AHEAD, SILENT, SILENT_S, Alarms, Due, write_alerts
from vod_server.live.state import AirState
from vod_server.live.wanted import WantedChannel, WantedSource

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

T0 = 1000.0
#: Just not silent yet, and just silent.
STILL, SILENCE = T0 + SILENT_S, T0 + SILENT_S + 0.1
ON_AIR = AirState(state="on_air", last_segment_ms=1, heard_at=T0)
NEW = AirState(state="starting", heard_at=T0)


class Watch:
    """Alarms of one channel; what they say is written down."""

    def __init__(self, session: Session) -> None:
        self.session = session
        channel = make_channel(session, name="县新闻")
        source = WantedSource(1, "file", "x.ts", "auto")
        self.channel = WantedChannel(channel.id, channel.name, False, 3, None, (source,))
        self.alarms = Alarms()

    def look(self, state: AirState | None, instant: float, *, is_wanted: bool = True) -> list[Due]:
        wanted = {self.channel.id: self.channel} if is_wanted else {}
        states = {self.channel.id: state} if state else {}
        due = self.alarms.due(self.session, wanted, states, now=START, instant=instant)
        write_alerts(self.session, due, now=START)
        return due

    @property
    def words(self) -> list[str]:
        return [alert.words for alert in open_alerts(self.session)]


@pytest.fixture
def watch(session: Session) -> Watch:
    return Watch(session)


def test_it_opens_after_ten_seconds_and_closes_with_the_next_segment(watch: Watch) -> None:
    assert watch.look(ON_AIR, STILL) == []
    silent = AirState(state="waiting", last_segment_ms=1, heard_at=T0, last_error="信号中断")
    watch.look(silent, SILENCE)
    assert watch.words == ["县新闻 没有新的画面：信号中断"]
    assert watch.look(silent, SILENCE + 60) == [], "it is said once"
    watch.look(AirState(state="on_air", last_segment_ms=2, heard_at=SILENCE + 61), SILENCE + 62)
    assert watch.words == []


def test_a_channel_that_just_starts_is_not_silent_yet(watch: Watch) -> None:
    assert watch.look(NEW, STILL) == []
    watch.look(NEW, SILENCE)
    assert watch.words


def test_a_restart_of_the_supervisor_does_not_close_it(watch: Watch) -> None:
    watch.look(NEW, SILENCE)
    restarted = AirState(state="starting", heard_at=SILENCE)
    assert watch.look(restarted, SILENCE + 5) == []
    assert watch.words


def test_it_closes_when_the_channel_is_wanted_no_more(watch: Watch) -> None:
    watch.look(NEW, SILENCE)
    watch.look(None, SILENCE + 1, is_wanted=False)
    assert watch.words == []


def test_a_channel_nobody_records_is_told(watch: Watch) -> None:
    assert watch.look(None, T0) == []
    assert watch.look(None, STILL) == []
    watch.look(None, SILENCE)
    assert watch.words == ["县新闻 没有录制进程来录制"]


def test_what_another_living_one_records_is_left_to_it(watch: Watch) -> None:
    watch.look(NEW, SILENCE)
    lease = START + timedelta(seconds=5)
    watch.session.add(ChannelRun(channel_id=watch.channel.id, owner="b", lease_until=lease))
    watch.session.flush()
    assert watch.look(None, SILENCE + 60) == []
    assert watch.words


def test_time_ahead_of_the_clock_is_told(watch: Watch) -> None:
    ahead = AirState(state="on_air", last_segment_ms=1, heard_at=T0, ahead_ms=60_000)
    assert [kind for kind, _, _ in watch.look(ahead, T0)] == [AHEAD]
    assert watch.look(ON_AIR, T0) == [(AHEAD, watch.channel.id, "")]
    assert SILENT != AHEAD
