"""Where a station's windows are found, as players find them, and what their clocks must show."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from PIL import Image

from tests.players.clock_reader import Face, UnreadableClockError, apart_s, read_clock, said
from tests.players.station import MINUTE_S, Station, wait_for
from vod_server.live import card

FACE = Face(card.font(card.DIGIT_FONTS), 0, card.CLOCK_BOX)
ZONE = timezone(timedelta(hours=8))
VILLAGE = "镇里的时钟"
#: The least length of a segment (`CUNTAI_LIVE_SEGMENT_S`): windows begin at the one asked into.
SEGMENT_S = 2
#: How far from the asked second a window's first picture may be: its segment's length, and one for
#: a clock that shows whole seconds and is drawn some 0.1 s (a busy machine: more) before its
#: segment is dated.
WITHIN_S = SEGMENT_S + 1
#: How far behind the clock a player may show live: its own caution, and a slow machine.
BEHIND_S = 45
_ENTRY = re.compile(r"#EXTINF:-1 (?P<facts>.*),(?P<name>[^,\n]*)\n(?P<url>\S+)")
_SOURCE = re.compile(r'catchup-source="([^"]*)"')


def listed(station: Station, name: str = VILLAGE) -> tuple[str, str]:
    """Return a channel's address and its catch-up template in the household's playlist."""
    url = f"{station.url}/playlist.m3u?key={station.key}"
    with urllib.request.urlopen(url, timeout=30) as reply:
        text = reply.read().decode()
    found = next(entry for entry in _ENTRY.finditer(text) if entry["name"] == name)
    source = _SOURCE.search(found["facts"])
    assert source, text
    return found["url"], source[1]


def live_address(station: Station) -> str:
    """Return the live address the household's playlist gives."""
    return listed(station)[0]


def minute_address(station: Station) -> str:
    """Return the address of the minute, made of the playlist's template as a player makes it."""
    _, source = listed(station)
    stop_s = station.minute_s + MINUTE_S
    return source.replace("{utc}", str(station.minute_s)).replace("{utcend}", str(stop_s))


def wait_until_recorded(station: Station) -> None:
    """Wait until the minute is over and all of it recorded."""
    over_s = station.minute_s + MINUTE_S + 2 * SEGMENT_S
    wait_for("the minute", lambda: time.time() > over_s, 240)


def second_of_day(epoch_s: float) -> int:
    """Return what a clock of the county shows then."""
    at = datetime.fromtimestamp(epoch_s, UTC).astimezone(ZONE)
    return at.hour * 3600 + at.minute * 60 + at.second


def clocks(pictures: Sequence[Image.Image]) -> list[int]:
    """Read the clock of every picture; one that a player drew half is left out, two are not."""
    found, unreadable = [], 0
    for picture in pictures:
        try:
            found.append(read_clock(picture, FACE))
        except UnreadableClockError:
            unreadable += 1
    assert unreadable <= 1, f"{unreadable} of {len(pictures)} pictures show no clock"
    return found


def must_play_on(shown: Sequence[int], seconds: float) -> None:
    """Ask that clocks go forward, none back, over so many seconds at least."""
    assert shown, "no picture"
    steps = [(after - before) % 86_400 for before, after in pairwise(shown)]
    assert all(step <= 2 * SEGMENT_S for step in steps), said(shown)
    assert sum(steps) >= seconds, said(shown)


def must_be_live(shown: Sequence[int], seconds: float) -> None:
    """Ask that a player has followed the live channel for so many seconds up to now."""
    must_play_on(shown, seconds)
    now = second_of_day(time.time())
    assert apart_s(shown[-1], now) <= BEHIND_S, f"{said(shown)}, but it is {said([now])}"


def must_be_the_minute(shown: Sequence[int], station: Station, seconds: float) -> None:
    """Ask that what was played begins with the minute, within one segment, and stays in it."""
    must_play_on(shown, seconds)
    begins = second_of_day(station.minute_s)
    assert apart_s(shown[0], begins) <= WITHIN_S, f"{said(shown)} for {said([begins])}"
    last = (shown[-1] - begins) % 86_400
    assert last <= MINUTE_S + SEGMENT_S, f"{said(shown)} for {said([begins])}"
