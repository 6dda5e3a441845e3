"""The television never dies of our mistake: bad replies, a lost server, a throw, no storage."""

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, focus, press, state
from tests.stb_app.tv_server import TvServer


@pytest.mark.parametrize("fault", ["html", "500", "cut", "slow", "shape"])
def test_bad_reply_to_home_is_tried_again_quietly(server: TvServer, page: Page, fault: str) -> None:
    server.county.faults.append(("/api/v1/home", fault))
    page.add_init_script("window.CT_CONFIG = {}; ")
    page.goto(f"{server.url}/tv/")
    page.evaluate("CT.timeout_ms = 800")
    if fault == "shape":  # well-formed JSON of broken rows: an empty county, never a crash
        page.wait_for_function("/还没有节目/.test(document.body.textContent)")
        press(page, "Enter")
    page.wait_for_function("CT.state().detail.rows === 5", timeout=20000)
    assert state(page)["error"] is None


def test_home_of_yesterday_shows_while_the_server_is_gone(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    server.county.faults.append(("/api/", "500!"))
    page.reload()
    page.wait_for_function("CT.state().detail.rows === 5")
    page.wait_for_function("/服务器正忙，正在重试/.test(document.body.textContent)")
    press(page, "ArrowRight")
    assert focus(page) == (1, 1)
    press(page, "Enter")
    page.wait_for_timeout(300)
    assert state(page)["screen"] == "title"
    press(page, "Escape")
    assert state(page)["screen"] == "home"


def test_no_server_at_all_says_so_and_recovers_on_ok(server: TvServer, page: Page) -> None:
    server.county.faults.append(("/api/", "500!"))
    page.goto(f"{server.url}/tv/")
    page.wait_for_function("/暂时连不上县里的服务器/.test(document.body.textContent)")
    server.county.faults.clear()
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.rows === 5")


def test_empty_county_says_so(server: TvServer, page: Page) -> None:
    server.county.rows.clear()
    page.goto(f"{server.url}/tv/")
    page.wait_for_function("/还没有节目/.test(document.body.textContent)")
    assert state(page)["focus"]["label"] == "刷新"


def test_withdrawn_title_leaves_a_way_back(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    server.county.faults.append((r"/titles/\d+$", "404!"))
    press(page, "Enter")
    page.wait_for_function("/已经下架/.test(document.body.textContent)")
    press(page, "ArrowRight", "Enter")
    assert state(page)["screen"] == "home"


def test_a_throw_in_a_screen_leads_home(tv: OpenTv) -> None:
    page = tv("")
    press(page, "Enter")
    page.evaluate("() => { CT.nav.top().key = () => { throw new Error('planted'); }; }")
    press(page, "ArrowDown")
    assert state(page)["screen"] == "home"
    assert "planted" in state(page)["error"]
    press(page, "ArrowRight")
    assert focus(page) == (1, 1)


def test_a_throw_in_home_rebuilds_it(tv: OpenTv) -> None:
    page = tv("")
    page.evaluate("() => { CT.nav.top().key = () => { throw new Error('planted'); }; }")
    press(page, "ArrowRight")
    page.wait_for_function("CT.state().focus && CT.state().detail.rows === 5")
    press(page, "ArrowRight")
    assert focus(page) == (1, 1)


def test_storage_that_throws_is_no_trouble(server: TvServer, page: Page) -> None:
    page.add_init_script("""Object.defineProperty(window, 'localStorage',
      {get() { throw new Error('denied'); }});""")
    page.goto(f"{server.url}/tv/#token=secret")
    page.wait_for_function("CT.state().detail.rows === 5")
    press(page, "F4", "Enter")
    assert (state(page)["elder"], state(page)["error"]) == (True, None)


def test_revoked_token_falls_back_to_what_is_public(tv: OpenTv, page: Page) -> None:
    page.route("**/api/v1/**", lambda route: route.fulfill(status=401, body="{}")
               if route.request.headers.get("authorization") else route.continue_())  # fmt: skip
    assert state(tv("token=revoked"))["detail"]["rows"] == 5


def test_token_stays_with_its_server(server: TvServer, tv: OpenTv, page: Page) -> None:
    tv("token=secret")
    server.county.log.clear()
    page.goto("about:blank")
    page.goto(f"{server.url}/tv/#api={server.url}/")
    page.wait_for_function("window.CT && CT.state().detail.rows === 5")
    sent = {auth for _, path, auth in server.county.log if path.startswith("/api/")}
    assert sent == {""}, "a foreign #api= never gets the token"
