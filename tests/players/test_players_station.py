"""ffmpeg, mpv, VLC and GStreamer: live plays on, and a given minute of the past is that minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest

from tests.lint_hls import http_fetch, lint_live, must, watch_live
from tests.players import client_ffmpeg, client_gstreamer, client_mpv, client_vlc
from tests.players.clock_reader import apart_s
from tests.players.on_air import (
    WITHIN_S,
    ZONE,
    clocks,
    live_address,
    minute_address,
    must_be_live,
    must_be_the_minute,
    must_play_on,
    second_of_day,
    wait_until_recorded,
)
from tests.players.station import MINUTE_S, Station

pytestmark = [pytest.mark.players, pytest.mark.media, pytest.mark.timeout(600)]

CLIENTS = [client_ffmpeg, client_mpv, client_vlc, client_gstreamer]
PLAYED_S = 8.0
#: A new segment at least must have come while it played.
FOLLOWED_S = 5


@pytest.fixture(params=CLIENTS, ids=[client.NAME for client in CLIENTS])
def client(request: pytest.FixtureRequest) -> ModuleType:
    found: ModuleType = request.param
    if (reason := found.missing()) is not None:
        pytest.skip(reason)
    return found


def test_live_plays(station: Station, client: ModuleType, folder: Path) -> None:
    shown = clocks(client.watch(live_address(station), folder, seconds=PLAYED_S))
    must_be_live(shown, FOLLOWED_S)


def test_catch_up_shows_the_clock_of_its_minute(
    station: Station, client: ModuleType, folder: Path
) -> None:
    wait_until_recorded(station)
    shown = clocks(client.watch(minute_address(station), folder, seconds=PLAYED_S))
    must_be_the_minute(shown, station, 3)


def test_a_revoked_key_plays_nothing(station: Station, client: ModuleType, folder: Path) -> None:
    url = live_address(station).replace(station.key, station.revoked)
    assert station.revoked in url
    with pytest.raises(AssertionError):
        client.watch(url, folder, seconds=PLAYED_S)
    assert list(folder.iterdir()) == []


def _archive(station: Station) -> str:
    name = f"archive-{station.minute_s}-{MINUTE_S}.m3u8"
    return f"{station.url}/live/{station.village}/{name}?key={station.key}"


def _playseek(station: Station) -> str:
    ends = (station.minute_s, station.minute_s + MINUTE_S)
    span = "-".join(datetime.fromtimestamp(end, ZONE).strftime("%Y%m%d%H%M%S") for end in ends)
    base = f"{station.url}/live/{station.village}/index.m3u8"
    return f"{base}?key={station.key}&playseek={span}"


def _xtream(station: Station) -> str:
    start = datetime.fromtimestamp(station.minute_s, ZONE).strftime("%Y-%m-%d:%H-%M")
    login = f"h{station.key_id}/{station.key}"
    return f"{station.url}/timeshift/{login}/1/{start}/{station.village}.m3u8"


def _xtream_php(station: Station) -> str:
    start = datetime.fromtimestamp(station.minute_s, ZONE).strftime("%Y-%m-%d:%H-%M")
    login = f"username=h{station.key_id}&password={station.key}"
    rest = f"stream={station.village}&start={start}&duration=1"
    return f"{station.url}/streaming/timeshift.php?{login}&{rest}"


@pytest.mark.parametrize("address", [_archive, _playseek, _xtream, _xtream_php])
def test_every_shape_of_address_leads_to_the_minute(
    station: Station, address: Callable[[Station], str], folder: Path
) -> None:
    """What Flussonic's, Chinese and Xtream players ask for; mpv plays what they would."""
    if (reason := client_mpv.missing()) is not None:
        pytest.skip(reason)
    wait_until_recorded(station)
    shown = clocks(client_mpv.watch(address(station), folder, seconds=4))
    must_play_on(shown, 2)
    assert apart_s(shown[0], second_of_day(station.minute_s)) <= WITHIN_S


@pytest.mark.parametrize("ending", ["m3u8", "ts"])
def test_xtream_live_plays(station: Station, ending: str, folder: Path) -> None:
    if (reason := client_mpv.missing()) is not None:
        pytest.skip(reason)
    login = f"h{station.key_id}/{station.key}"
    url = f"{station.url}/live/{login}/{station.village}.{ending}"
    must_be_live(clocks(client_mpv.watch(url, folder, seconds=PLAYED_S)), FOLLOWED_S)


def test_live_and_past_keep_every_rule_of_hls(station: Station) -> None:
    """The clock is encoded here; the film is copied from a source that begins anew every 6 s."""
    live = f"{station.url}/live/{station.clock}/index.m3u8?v=1"
    assert must(lint_live(watch_live(http_fetch, live, seconds=12), behind_s=10)) == []
    start_over = f"{live}&start={station.minute_s}&end={station.minute_s + 7200}"
    assert must(lint_live(watch_live(http_fetch, start_over, seconds=5))) == []
    wait_until_recorded(station)
    past = f"{live}&start={station.minute_s}&end={station.minute_s + MINUTE_S}"
    assert must(lint_live(watch_live(http_fetch, past, seconds=0))) == []
