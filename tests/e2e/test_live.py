"""The main job on air: a burnt-in clock is watched, paused, rewound and watched again later.

The second that the picture shows is read back each time; it must be the second that was asked for.
"""

from __future__ import annotations

import base64
import io
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from bench.browser import CHROMIUM
from core.db import session_scope
from core.settings import Settings
from epg.channels import service
from epg.channels.model import SourceSpec
from epg.guide.editing import add_programme
from tests.e2e.conftest import Installation
from tests.players.clock_reader import (
    Face,
    UnreadableClockError,
    apart_s,
    frame_at,
    read_clock,
)
from vod_server.bootstrap import open_house
from vod_server.live import card

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed"),
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

FACE = Face(font=card.font(card.DIGIT_FONTS), index=0, box=card.CLOCK_BOX)
COUNTY = ZoneInfo("Asia/Shanghai")
#: A segment is two seconds; a picture may be as old as the one before it, and a screenshot late.
SEGMENT_S = 4
#: How far behind the clock a live picture may be: three target durations, and a slow machine.
BEHIND_S = 30
MINUTE_S = 60


def put_on_air(installation: Installation) -> tuple[int, int]:
    """Add a clock channel with programmes of a minute; return its id and a minute's start."""
    environ = {k[7:].lower(): v for k, v in installation.environ.items() if k.startswith("CUNTAI_")}
    house = open_house(Settings.model_validate(environ))
    now = house.clock.now()
    minute_s = int(now.timestamp()) // MINUTE_S * MINUTE_S
    with session_scope(house.sessions) as session:
        channel = service.create_channel(session, name="标准时间", number=100, now=now)
        service.set_sources(session, channel, [SourceSpec("card", "clock?title=时间")], now=now)
        other = service.create_channel(session, name="彩条", number=101, now=now)
        service.set_sources(session, other, [SourceSpec("card", "bars")], now=now)
        for n in range(12):
            start_s = minute_s + n * MINUTE_S
            words = f"第 {n} 分钟"
            add_programme(
                session,
                channel.id,
                start_s=start_s,
                stop_s=start_s + MINUTE_S,
                title=words,
                now=now,
            )
        channel_id = channel.id
    house.engine.dispose()
    return channel_id, minute_s


def second_of_day(epoch_s: float) -> int:
    at = datetime.fromtimestamp(epoch_s, UTC).astimezone(COUNTY)
    return at.hour * 3600 + at.minute * 60 + at.second


def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("CT.state()")
    return found


#: The element with a picture; that of a screen below has none.
VIDEO = "Array.from(document.querySelectorAll('video')).filter((v) => v.videoWidth).pop()"
#: The frame on the screen, without what the app lays over it.
GRAB = (
    f"() => {{ const video = {VIDEO};"
    """
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    return [canvas.toDataURL("image/png"), (CT.state().detail || {}).at_s || 0];
}"""
)


def shown(page: Page) -> tuple[int, float]:
    """Return the second the picture shows and the instant the app says it shows."""
    data, at_s = page.evaluate(GRAB)
    picture = Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2])))
    return read_clock(picture, FACE), at_s


def wait_for(page: Page, what: Callable[[], bool], *, limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if what():
            return
        page.wait_for_timeout(250)
    pytest.fail(f"in vain after {limit_s} s: {state(page)}")


def close_to(page: Page, epoch_s: Callable[[], float], within_s: float) -> bool:
    """Say whether the picture's clock shows an instant; a picture may be between two yet."""
    try:
        second, _ = shown(page)
    except UnreadableClockError:
        return False
    return apart_s(second, second_of_day(epoch_s())) <= within_s


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(150)


def wait_for_playing(page: Page) -> None:
    page.wait_for_function("CT.state().detail && CT.state().detail.state === 'playing'")


def wait_for_recording(installation: Installation, channel_id: int, seconds: int) -> None:
    """Wait until so much of the channel is on its timeline."""
    url = f"{installation.url}/live/{channel_id}/index.m3u8?window=3600"
    deadline = time.monotonic() + seconds + 60
    length_s = 0.0
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url) as reply:
                lines = reply.read().decode().splitlines()
        except OSError:
            lines = []
        length_s = sum(float(line[8:-1]) for line in lines if line.startswith("#EXTINF:"))
        if length_s >= seconds:
            return
        time.sleep(0.5)
    pytest.fail(f"{length_s} s on air: {installation.log.read_text()}")


def test_live_is_paused_rewound_and_watched_again(
    installation: Installation, chromium: Browser
) -> None:
    channel_id, first_minute_s = put_on_air(installation)
    wait_for_recording(installation, channel_id, 20)
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{installation.url}/tv/")
    page.wait_for_function("window.CT && CT.state().screen === 'live'")
    wait_for_playing(page)
    wait_for(page, lambda: close_to(page, time.time, BEHIND_S))

    pause_and_go_on(page)
    rewind(page)
    back_to_live(page)
    change_channel_and_back(page)
    # The programme that the station began in is over, and all of the one after it is recorded.
    whole_s = first_minute_s + MINUTE_S
    wait_for(page, lambda: time.time() > whole_s + MINUTE_S + 5, limit_s=150)
    address = watch_again(page, channel_id, whole_s)
    first = read_clock(frame_at(f"{installation.url}{address}", 0.0), FACE)
    assert apart_s(first, second_of_day(whole_s)) <= SEGMENT_S
    later = read_clock(frame_at(f"{installation.url}{address}", 30.0), FACE)
    assert apart_s(later, second_of_day(whole_s + 30)) <= SEGMENT_S
    assert faults == []
    context.close()


def pause_and_go_on(page: Page) -> None:
    """Stop the picture for longer than a player holds on to it; it goes on where it stopped."""
    press(page, " ")
    wait_for(page, lambda: state(page)["detail"]["state"] == "paused")
    held, _ = shown(page)
    page.wait_for_timeout(12_000)
    assert shown(page)[0] == held
    press(page, " ")
    wait_for_playing(page)
    wait_for(page, lambda: apart_s(shown(page)[0], held) > 0)
    second, at_s = shown(page)
    assert apart_s(second, held) <= SEGMENT_S + 2
    assert apart_s(second, second_of_day(at_s)) <= SEGMENT_S
    assert state(page)["detail"]["shifted"]


def rewind(page: Page) -> None:
    """Go back with the arrow; what the bar says is what the picture shows."""
    before = state(page)["detail"]["at_s"]
    press(page, "ArrowLeft")
    wait_for(page, lambda: state(page)["detail"]["target_s"] is None)
    wait_for_playing(page)
    wait_for(page, lambda: close_to(page, lambda: state(page)["detail"]["at_s"], SEGMENT_S))
    after = state(page)["detail"]["at_s"]
    assert after < before + 5
    assert state(page)["detail"]["shifted"]


def back_to_live(page: Page) -> None:
    """Back, once the banner is gone, leads to the live edge."""
    deadline = time.monotonic() + 20
    while state(page)["detail"]["shifted"] and time.monotonic() < deadline:
        press(page, "Escape")
    assert not state(page)["detail"]["shifted"]
    wait_for_playing(page)
    wait_for(page, lambda: close_to(page, time.time, BEHIND_S))


def change_channel_and_back(page: Page) -> None:
    press(page, "PageUp")
    wait_for(page, lambda: state(page)["detail"]["number"] == 101)
    wait_for_playing(page)
    press(page, "1", "0", "0", "Enter")
    wait_for(page, lambda: state(page)["detail"]["number"] == 100)
    wait_for_playing(page)
    wait_for(page, lambda: close_to(page, time.time, BEHIND_S))


def watch_again(page: Page, channel_id: int, start_s: int) -> str:
    """Find a past programme in the guide by keys, watch it, and return its address."""
    press(page, "g")
    page.wait_for_function("CT.state().screen === 'guide'")
    for _ in range(20):
        detail = state(page)["detail"]
        if detail["start"] == start_s:
            break
        press(page, "ArrowLeft" if (detail["start"] or time.time()) > start_s else "ArrowRight")
        page.wait_for_timeout(600)
    assert state(page)["detail"]["start"] == start_s
    with page.expect_response(lambda reply: f"/live/{channel_id}/" in reply.url) as asked:
        press(page, "Enter")
    page.wait_for_function("CT.state().screen === 'player'")
    page.wait_for_function(
        f"(() => {{ const v = {VIDEO}; return v && !v.paused && v.currentTime > 0.5 }})()"
    )

    def on_time() -> bool:
        at = page.evaluate(f"{VIDEO}.currentTime")
        return close_to(page, lambda: start_s + at, SEGMENT_S)

    wait_for(page, on_time)
    return asked.value.url.partition("://")[2].partition("/")[2].join(["/", ""])
