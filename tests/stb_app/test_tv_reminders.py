"""Reminders: set in the guide, marked, kept on box and server, told when their time has come."""

import time

import pytest

from tests.stb_app.remote import OpenTv, advance_clock, detail, open_guide, press, walk
from tests.stb_app.tv_server import TvServer


@pytest.mark.parametrize("token", ["", "token=secret"])
def test_reminder_is_set_marked_kept_and_told(live: OpenTv, air: TvServer, token: str) -> None:
    assert air.county.live is not None
    page = live(f"player=hlsjs&{token}")
    open_guide(page)
    press(page, "ArrowDown")
    walk(page, "ArrowRight")
    start = detail(page)["start"]
    press(page, "Enter")
    assert page.locator(".guide-cell.focus").inner_text().startswith("已提醒 ")
    page.wait_for_function("JSON.parse(localStorage.getItem('ct.reminders')).length === 1")
    if token:
        deadline = time.monotonic() + 10
        while air.county.live.reminders != {(8, start)} and time.monotonic() < deadline:
            page.wait_for_timeout(50)
        assert air.county.live.reminders == {(8, start)}
    press(page, "Escape")
    advance_clock(page, start + 2)
    page.wait_for_function(
        "/CCTV-17.*开始了，OK 键观看/.test(document.querySelector('.note').textContent)"
    )
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.number === 17")
    page.wait_for_function("localStorage.getItem('ct.reminders') === '[]'")


def test_reminder_is_removed_by_the_same_key(live: OpenTv, air: TvServer) -> None:
    page = live("player=hlsjs&token=secret")
    open_guide(page)
    walk(page, "ArrowRight")
    start = detail(page)["start"]
    press(page, "Enter", "Enter")
    assert "已提醒" not in page.locator(".guide-cell.focus").inner_text()
    page.wait_for_timeout(300)
    sent = [(verb, path) for verb, path, _ in air.county.log if "/reminders/" in path]
    place = f"/api/v1/reminders/7/{start}"
    assert sent == [("PUT", place), ("DELETE", place)]
