"""Kodi with pvr.iptvsimple: channels, guide, live and catch-up, judged by its screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.players import client_kodi
from tests.players.clock_reader import UnreadableClockError, apart_s, read_clock, said
from tests.players.kodi_rpc import Kodi
from tests.players.on_air import (
    BEHIND_S,
    FACE,
    SEGMENT_S,
    VILLAGE,
    second_of_day,
    wait_until_recorded,
)
from tests.players.station import MINUTE_S, TITLE, Station

pytestmark = [pytest.mark.players, pytest.mark.media, pytest.mark.timeout(600)]

CHANNELS = {"时钟", "短片", VILLAGE}
SHOWN_S = 60.0


@pytest.fixture(scope="module")
def kodi(station: Station, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kodi]:
    if (reason := client_kodi.missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("kodi")
    key = f"?key={station.key}"
    addresses = {
        "m3u_url": f"{station.url}/playlist.m3u{key}",
        "epg_url": f"{station.url}/xmltv.xml.gz{key}",
    }
    with client_kodi.running_kodi(home, **addresses) as running:
        yield running


def clock_on_screen(kodi: Kodi) -> tuple[int, float, float]:
    """Wait until nothing covers the clock; return it, the position in s and when that was."""

    def ask() -> tuple[int, float, float] | None:
        before_s, at_s = client_kodi.position_s(kodi), time.time()
        picture = kodi.screen()
        after_s = client_kodi.position_s(kodi)
        if before_s is None or after_s is None or not 0 <= after_s - before_s <= SEGMENT_S:
            return None  # a busy machine took too long to look: ask again
        try:
            return read_clock(picture, FACE), before_s, at_s
        except UnreadableClockError:
            return None

    return kodi.wait_for("clock on the screen", ask, SHOWN_S)


def test_kodi_knows_channels_and_guide_and_plays_live(kodi: Kodi, station: Station) -> None:
    known = client_kodi.channels(kodi)
    assert set(known) == CHANNELS
    guide = {row["title"]: row for row in client_kodi.broadcasts(kodi, known[VILLAGE])}
    minute = guide[TITLE]
    start = datetime.strptime(minute["starttime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    stop = datetime.strptime(minute["endtime"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert start.timestamp() == station.minute_s
    assert (stop - start).total_seconds() == MINUTE_S

    client_kodi.play(kodi, channelid=known[VILLAGE])
    first, _, _ = clock_on_screen(kodi)
    deadline = time.monotonic() + SHOWN_S
    shown, _, at_s = clock_on_screen(kodi)
    while (shown - first) % 86_400 < 4 and time.monotonic() < deadline:
        shown, _, at_s = clock_on_screen(kodi)
    assert 4 <= (shown - first) % 86_400 < 120, said([first, shown])
    assert apart_s(shown, second_of_day(at_s)) <= BEHIND_S
    client_kodi.stop(kodi)


def test_kodi_plays_a_programme_of_the_past(kodi: Kodi, station: Station) -> None:
    wait_until_recorded(station)
    village = client_kodi.channels(kodi)[VILLAGE]
    guide = {row["title"]: row for row in client_kodi.saved_broadcasts(kodi, village)}
    client_kodi.play(kodi, broadcastid=guide[TITLE]["broadcastid"])
    shown, position_s, _ = clock_on_screen(kodi)
    wanted = second_of_day(station.minute_s + position_s)
    # The screen is looked at up to a segment's length after the position was asked for.
    assert apart_s(shown, wanted) <= 2 * SEGMENT_S, (said([shown, wanted]), position_s)
    assert apart_s(shown, second_of_day(station.minute_s)) <= MINUTE_S
    client_kodi.stop(kodi)
