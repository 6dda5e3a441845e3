"""Positions: on the box at once, on the server when it is paired, and the newer wins."""

import json

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import (
    SOLO,
    OpenTv,
    current,
    eventually,
    play,
    settle,
    wait_playing,
)
from tests.stb_app.tv_server import TvServer


def test_unpaired_box_resumes_after_a_reload(tv: OpenTv, page: Page) -> None:
    tv("")
    play(page, at_s=30)
    page.reload()
    page.wait_for_function("window.CT && CT.state().detail.rows === 6")
    assert page.evaluate("CT.state().focus.label") == "学习党章：入党为什么"
    page.keyboard.press("Enter")
    page.wait_for_function("/^继续播放 00:3/.test(CT.state().detail.buttons)")
    settle(page)
    page.keyboard.press("Enter")
    wait_playing(page)
    assert 30 <= current(page) < 40


def test_paired_box_tells_the_server_on_pause_and_on_leaving(tv: OpenTv, server: TvServer) -> None:
    page = tv("token=secret")
    play(page, at_s=12)
    page.keyboard.press("Enter")
    page.wait_for_function("CT.state().detail.state === 'paused'")
    page.wait_for_timeout(300)
    assert server.county.resume[SOLO][0] == pytest.approx(current(page), abs=1)
    server.county.resume.clear()
    page.keyboard.press("Escape")
    settle(page)
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert page.evaluate("CT.state().screen") == "home"
    assert 12 <= server.county.resume[SOLO][0] < 20
    assert all(auth == "Bearer secret" for verb, _, auth in server.county.log if verb == "PUT")


def test_position_goes_up_every_ten_seconds(tv: OpenTv, server: TvServer) -> None:
    page = tv("token=secret")
    play(page)
    page.wait_for_timeout(11500)
    assert server.county.resume[SOLO][0] > 5


def test_position_kept_while_the_server_was_away_goes_up_later(
    tv: OpenTv, server: TvServer, page: Page
) -> None:
    tv("token=secret")
    server.county.faults.append(("/resume", "500!"))
    page.route("**/titles/*/resume", lambda route: route.abort())
    play(page, at_s=25)
    page.keyboard.press("Enter")
    settle(page)
    page.unroute("**/titles/*/resume")
    server.county.faults.clear()
    assert SOLO not in server.county.resume
    page.evaluate("() => { const s = CT.nav.top(); s.close = null; s.saveNow = null; }")
    page.reload()
    page.wait_for_function("window.CT && CT.state().detail.rows > 0")
    assert eventually(page, lambda: SOLO in server.county.resume)
    assert 24 < server.county.resume[SOLO][0] < 32


def test_newer_of_box_and_server_wins(tv: OpenTv, server: TvServer, page: Page) -> None:
    server.county.resume = {SOLO: (20.0, "2026-01-02T03:04:05Z"), 3: (10.0, "2099-01-01T00:00:00Z")}
    card = server.county.card
    entries = {n: {"p": 33, "t": 1767409446000, "c": card(n)} for n in (SOLO, 3)}
    stored = json.dumps(json.dumps(entries))
    page.add_init_script(f"localStorage.setItem('ct.resume', {stored})")
    tv("token=secret")
    page.wait_for_function("CT.state().detail.rows === 6")
    assert page.evaluate(f"[CT.resume.find({SOLO}), CT.resume.find(3)]") == [33, 10]


def test_finished_film_is_not_offered_again(tv: OpenTv, page: Page) -> None:
    tv("")
    play(page, at_s=57.5)
    page.wait_for_function("CT.state().detail.state === 'ended'")
    assert page.locator(".dialog .button").all_inner_texts() == ["重播", "返回"]
    page.keyboard.press("Escape")
    settle(page)
    assert page.evaluate("CT.state().detail.rows") == 5
    assert page.evaluate(f"CT.resume.find({SOLO})") == 0
