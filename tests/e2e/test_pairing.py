"""A box and its village: paired, taught, revoked. A television and an admin, each in a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from catalog.notices.service import create_notice, move_notice
from catalog.titles.service import touch_catalog
from core.db import read_scope, session_scope
from core.settings import Settings
from county.tables import Box
from tests import databases
from tests.conftest import closing_house
from tests.factories import PASSWORD, make_channel, make_county, make_person
from tests.stb_app.remote import load_rare, press, state
from tests.stb_app.test_tv_keytest import answer, finish
from tests.stb_app.tv_remotes import send
from vod_server.bootstrap import House, open_house
from vod_server.web.app import make_wsgi

pytestmark = pytest.mark.e2e

PUBLIC, PRIVATE = "青禾新闻", "柳湾村广播"
NOTICE = "柳湾村十月账目公示"
HOUSEHOLD = "三组 王秀兰家"
BACK_MS = 20_000
#: The app's own storage, as one text.
STORED = "() => JSON.stringify(Object.entries(localStorage))"
#: What is fetched now, by the browser's cache or by the server, as the app would fetch it.
FETCHED = """async paths => (await Promise.all(paths.map(async path =>
  (await fetch('/api/v1' + path)).text()))).join()"""


@dataclass(frozen=True)
class Town:
    """A served county: one channel for all, one channel and one notice for a village."""

    house: House
    url: str
    village: str  #: its name, as the TV says it


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    home = tmp_path / "town"
    home.mkdir()
    url = databases.copy_sqlite(sqlite_template, home / "cuntai.db")
    values = {"home": home, "database_url": url, "disk_reserve_bytes": 0, "snapshot_ttl_s": 0}
    with closing_house(open_house(Settings.model_validate(values), create_secret=True)) as house:
        with session_scope(house.sessions) as session:
            now = house.clock.now()
            county = make_county(session)
            make_person(session, "county_admin", county.root, login="admin", now=now)
            make_channel(session, number=1, name=PUBLIC, now=now)
            make_channel(session, number=2, name=PRIVATE, places=[county.village], now=now)
            notice = create_notice(
                session, place=county.village, title=NOTICE, body="收入与支出。", now=now
            )
            move_notice(session, notice, "publish", actor="admin", now=now)
            touch_catalog(session)
        server = make_server("127.0.0.1", 0, make_wsgi(house), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Town(house, f"http://127.0.0.1:{server.server_port}", "柳河镇 · 柳湾村")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[[], Page]]:
    """Return what switches a browser on, with nothing remembered; no page may fall."""
    contexts, faults = [], []

    def new_page() -> Page:
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 720})
        context.set_default_timeout(BACK_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert faults == []


def switch_on(page: Page, town: Town) -> Page:
    """Boot a television; none of these channels has a picture."""
    page.goto(f"{town.url}/tv/")
    return boot(page)


def boot(page: Page) -> Page:
    """Wait until every script of a television is there."""
    page.wait_for_function("window.CT && CT.nav && CT.nav.top()")
    assert page.evaluate("new Promise(CT.more)")
    load_rare(page)
    return page


def sign_in(page: Page, town: Town) -> Page:
    page.goto(f"{town.url}/admin/")
    page.fill("#login", "admin")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("h1.page-title")
    return page


def detail(page: Page) -> Any:
    return state(page)["detail"]


def accept(admin: Page, town: Town, code: str) -> None:
    """Type the code of a television as it is read out, and say whose it is."""
    admin.goto(f"{town.url}/admin/boxes")
    admin.get_by_role("link", name="绑定").first.click()
    admin.get_by_label("配对码").fill(f"{code[:3]} {code[3:]}")
    admin.get_by_label("户名").fill(HOUSEHOLD)
    admin.locator("#f-place").select_option(label="　　柳湾村")
    admin.get_by_role("button", name="绑定", exact=True).click()
    expect(admin.locator("body")).to_contain_text(f"已绑定“{HOUSEHOLD}”的机顶盒")


def pair(tv: Page, admin: Page, town: Town) -> None:
    """Pair a television by its pairing screen; it is on that screen's last page afterwards."""
    tv.evaluate("CT.nav.open('pairing')")
    tv.wait_for_function("CT.state().detail.stage === 'waiting'")
    assert tv.locator(".pair-code").inner_text().replace(" ", "") == detail(tv)["code"]
    accept(admin, town, detail(tv)["code"])
    tv.wait_for_function("CT.state().detail.stage === 'paired'")


def numbers(page: Page) -> list[int]:
    found: list[int] = page.evaluate("CT.channels.list.map(channel => channel.number)")
    return found


def test_the_picture_of_the_code_leads_to_the_form_with_the_code_in_it(
    town: Town, new_page: Callable[[], Page]
) -> None:
    tv, admin = switch_on(new_page(), town), sign_in(new_page(), town)
    tv.evaluate("CT.nav.open('pairing')")
    tv.wait_for_function("CT.state().detail.stage === 'waiting'")
    code = detail(tv)["code"]
    picture = tv.locator(".pair-qr").evaluate("node => node.style.backgroundImage.slice(5, -2)")
    with_picture = tv.request.get(town.url + picture if picture.startswith("/") else picture)
    assert with_picture.headers["content-type"] == "image/png"
    admin.goto(f"{town.url}/admin/boxes/pair?code={code}")
    expect(admin.get_by_label("配对码")).to_have_value(code)


def test_a_box_is_paired_sees_its_village_and_is_a_stranger_again(
    town: Town, new_page: Callable[[], Page]
) -> None:
    tv, admin = switch_on(new_page(), town), sign_in(new_page(), town)
    assert numbers(tv) == [1]
    pair(tv, admin, town)
    assert town.village in tv.locator(".pairing").inner_text()
    with read_scope(town.house.sessions) as session:
        [box] = session.query(Box).all()
        assert (box.name, box.revoked_at) == (HOUSEHOLD, None)
    tv.wait_for_function("CT.channels.list.length === 2 && CT.box.place !== ''")
    assert tv.evaluate("[CT.box.place, CT.box.notices]") == [town.village, 1]
    press(tv, "Enter")
    see_what_is_private(tv)
    revoke(admin, town)
    tv.evaluate("CT.askBox()")  # as it does every ten minutes
    tv.wait_for_function("CT.box.id === null && CT.channels.list.length === 1")
    expect(tv.locator(".note")).to_contain_text("解除绑定")
    assert_nothing_private(tv, town)
    tv.reload()
    assert_nothing_private(boot(tv), town)


def see_what_is_private(tv: Page) -> None:
    """Watch the village's channel, keep it, and leave its notice open on the screen."""
    tv.evaluate("CT.nav.live(CT.channels.byNumber(2))")
    tv.wait_for_function("CT.state().detail.number === 2")
    tv.evaluate("CT.favourites.toggle('channel', CT.channels.byNumber(2).id)")
    tv.evaluate("CT.nav.open('notices')")
    tv.wait_for_function("CT.state().detail.count === 1")
    press(tv, "Enter")
    expect(tv.locator(".reader-title")).to_have_text(NOTICE)
    assert PRIVATE in tv.evaluate(STORED)


def revoke(admin: Page, town: Town) -> None:
    admin.goto(f"{town.url}/admin/boxes")
    admin.get_by_role("link", name=HOUSEHOLD).first.click()
    admin.get_by_role("button", name="解除绑定").click()
    expect(admin.locator("body")).to_contain_text("已解除绑定，只能看公开的内容")


def assert_nothing_private(tv: Page, town: Town) -> None:
    """The television shows, remembers and fetches what anybody may see, and nothing else."""
    tv.wait_for_function("CT.state().screen === 'live' && CT.state().detail.number === 1")
    kept = tv.evaluate(STORED)
    fetched = tv.evaluate(FETCHED, ["/channels", "/now", "/notices", "/home", "/favourites"])
    html = tv.evaluate("document.documentElement.outerHTML")
    for words in (PRIVATE, NOTICE, HOUSEHOLD, town.village, "柳湾村"):
        assert words not in kept
        assert words not in fetched
        assert words not in html
    assert tv.evaluate("CT.favourites.list().concat(CT.resume.seen())") == []
    assert tv.evaluate("window.caches ? caches.keys() : []") == []


def test_a_restored_box_finds_its_village_again_without_a_code(
    town: Town, new_page: Callable[[], Page]
) -> None:
    tv, admin = switch_on(new_page(), town), sign_in(new_page(), town)
    pair(tv, admin, town)
    press(tv, "Enter")
    tv.wait_for_function("CT.box.id !== null")
    revoke(admin, town)
    tv.evaluate("CT.askBox()")
    tv.wait_for_function("CT.box.id === null")
    admin.get_by_role("button", name="撤销").click()
    expect(admin.locator("body")).to_contain_text("不用重新绑定")
    tv.evaluate("CT.askBox()")
    tv.wait_for_function("CT.box.id !== null && CT.channels.list.length === 2")
    assert tv.evaluate("CT.box.place") == town.village


def test_a_key_that_one_household_taught_works_on_every_box_of_the_model(
    town: Town, new_page: Callable[[], Page]
) -> None:
    tv, admin, other = switch_on(new_page(), town), sign_in(new_page(), town), new_page()
    pair(tv, admin, town)
    press(tv, "Enter")
    finish(tv)  # teaches 201 as Up and 202 as OK
    answer(tv, 202)
    tv.wait_for_function("/已经报告给县里/.test(document.querySelector('.key-said').textContent)")
    switch_on(other, town)
    other.evaluate("CT.askBox()")
    other.evaluate("CT.nav.open('settings')")
    press(other, "ArrowDown")
    send(other, "keydown", 201)
    assert state(other)["focus"]["index"] == 1, "nobody has approved it yet"

    admin.goto(f"{town.url}/admin/remotes")
    admin.get_by_role("button", name="采用", exact=False).first.click()
    expect(admin.locator("body")).to_contain_text("已采用")
    other.evaluate("CT.askBox()")
    other.wait_for_function("CT.box.keys !== null")
    send(other, "keydown", 201)
    send(other, "keyup", 201)
    other.wait_for_function("CT.state().focus.index === 0")
    other.reload()
    other.wait_for_function("window.CT && CT.keys && CT.nav.top()")
    assert other.evaluate("CT.keys.decode(null, {keyCode: 202})") == ["ok"], "known from boot on"
