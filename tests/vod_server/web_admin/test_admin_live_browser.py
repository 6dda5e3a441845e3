"""Channels in a real Chromium: the list that refreshes itself, order by keyboard, undo."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from core.db import read_scope, session_scope
from county.alerts import raise_alert
from epg.channels import service
from epg.channels.model import SourceSpec
from epg.channels.tables import Channel, ChannelRun
from tests.factories import PASSWORD, make_channel, make_measured, make_title
from tests.fakes import START
from vod_server.bootstrap import House
from vod_server.web.app import make_wsgi

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

SOURCES = [
    SourceSpec("udp", "udp://239.1.1.1:5000"),
    SourceSpec("hls", "http://10.0.0.8/a.m3u8"),
    SourceSpec("srt", "srt://10.0.0.9:9000"),
]


@pytest.fixture
def channel_id(house: House) -> int:
    """A channel on the air, with three sources."""
    with session_scope(house.sessions) as session:
        channel = make_channel(session, number=51, name="县新闻")
        service.set_sources(session, channel, SOURCES, now=START)
        lease = START + timedelta(hours=1)
        facts = {"owner": "head-1", "lease_until": lease, "bitrate_bps": 3_400_000}
        session.add(ChannelRun(channel_id=channel.id, state="on_air", **facts))
        return channel.id


@pytest.fixture
def page(chromium: Browser, house: House, office: object) -> Iterator[Page]:
    server = make_server("127.0.0.1", 0, make_wsgi(house), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, base_url=f"http://127.0.0.1:{server.server_port}"
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: "Content Security Policy" in line.text and faults.append(line.text),
    )
    page.on("dialog", lambda dialog: dialog.accept())
    try:
        page.goto("/admin/")
        page.fill("#login", "admin")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("h1.page-title")
        yield page
        assert faults == []
    finally:
        context.close()
        server.shutdown()
        thread.join()
        server.server_close()


def change_run(house: House, channel_id: int, **values: object) -> None:
    with session_scope(house.sessions) as session:
        run = session.get_one(ChannelRun, channel_id)
        for name, value in values.items():
            setattr(run, name, value)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_the_list_follows_and_leaves_the_focus(page: Page, house: House, channel_id: int) -> None:
    page.goto("/admin/channels")
    live = page.locator(f"#ch-{channel_id}-live")
    expect(live).to_contain_text("在播")
    page.check(".pick input")
    page.focus(f"#air-{channel_id}")
    change_run(house, channel_id, state="stalled", last_error="没有数据。")
    expect(live).to_contain_text("断流", timeout=20_000)
    expect(live).to_contain_text("没有数据。")
    assert focused(page) == f"air-{channel_id}"
    expect(page.locator(".pick input")).to_be_checked()
    # The switch itself works by the keyboard, and keeps the focus when its row is replaced.
    page.keyboard.press("Space")
    switch = page.locator(f"#air-{channel_id}")
    expect(switch).to_have_attribute("aria-checked", "false")
    assert focused(page) == f"air-{channel_id}"
    with read_scope(house.sessions) as session:
        assert not session.get_one(Channel, channel_id).wanted


def test_the_banner_tells_of_what_has_come(page: Page, house: House, channel_id: int) -> None:
    page.goto("/admin/channels")
    with session_scope(house.sessions) as session:
        subject = f"channel:{channel_id}"
        raise_alert(session, kind="channel.silent", subject=subject, words="没有画面。", now=START)
    expect(page.locator("#alerts")).to_contain_text("1 件事需要处理", timeout=30_000)
    page.locator("#alerts a").click()
    expect(page.locator("h1")).to_contain_text("县新闻")


def rows(page: Page) -> list[str]:
    return [box.input_value() for box in page.locator('#source-list [name="url"]').all()]


def test_sources_are_put_in_order_by_the_keyboard(
    page: Page, house: House, channel_id: int
) -> None:
    page.goto(f"/admin/channels/{channel_id}")
    udp, hls, srt = (spec.url for spec in SOURCES)
    last = page.locator(".source-row").nth(2).locator('[name="url"]')
    last.focus()
    page.keyboard.press("Alt+ArrowUp")
    assert rows(page) == [udp, srt, hls]
    expect(page.locator("#sources .order-said")).to_have_text("SRT 移到第 2 位。")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    assert rows(page) == [srt, udp, hls]
    expect(page.locator("#sources .order-said")).to_have_text("已经在最前面。")
    assert page.evaluate("document.activeElement.value") == srt
    expect(page.locator("#sources .unsaved")).to_be_visible()
    # Buttons do the same; what is removed can be put back.
    page.locator(".source-row").nth(0).get_by_role("button", name="下移").press("Enter")
    assert rows(page) == [udp, srt, hls]
    page.locator(".source-row").nth(1).get_by_role("button", name="移除").press("Enter")
    assert rows(page) == [udp, hls]
    page.locator("#sources .order-said").get_by_role("button", name="撤销").press("Enter")
    assert rows(page) == [udp, srt, hls]
    page.get_by_role("button", name="保存信号源").press("Enter")
    expect(page.locator(".notice-ok")).to_contain_text("信号源已保存")
    with read_scope(house.sessions) as session:
        saved = session.get_one(Channel, channel_id).sources
        assert [source.url for source in saved] == [udp, srt, hls]


def test_a_wrong_address_is_told_at_once(page: Page, channel_id: int) -> None:
    page.goto(f"/admin/channels/{channel_id}")
    page.get_by_role("button", name="加一个").click()
    added = page.locator(".source-row").nth(3)
    expect(added.locator("select").first).to_be_focused()
    added.locator("select").first.select_option("rtp")
    url = added.locator('[name="url"]')
    expect(url).to_have_attribute("placeholder", "例如 rtp://239.1.1.1:5000")
    url.fill("rtp://239.1.1.1")
    url.press("Tab")
    expect(added.locator(".fault")).to_contain_text("地址要写明端口")
    url.fill("rtp://239.1.1.1:5000")
    url.press("Tab")
    expect(added.locator(".ready")).to_be_visible()


def test_a_loop_is_filled_from_the_search(page: Page, house: House) -> None:
    with session_scope(house.sessions) as session:
        for name in ("水稻育秧", "水稻收割", "果树修剪"):
            make_title(session, name=name, state="published", renditions=(make_measured("720p"),))
        loop_id = make_channel(session, kind="loop", name="农技轮播").id
    page.goto(f"/admin/channels/{loop_id}")
    page.fill("#find", "水稻")
    expect(page.locator("#found .found")).to_have_count(2)
    page.get_by_role("button", name="加入《水稻收割》").press("Enter")
    expect(page.locator(".loop-row")).to_have_count(1)
    page.get_by_role("button", name="全部加入").click()
    expect(page.locator(".loop-row")).to_have_count(4)
    expect(page.locator("#loop-sum")).to_contain_text("共 4 个，一遍 1 分 12 秒")
    page.get_by_role("button", name="保存轮播表").click()
    expect(page.locator(".notice-ok")).to_contain_text("轮播表已保存")
    expect(page.locator("#ch-state .now-tag")).to_have_text("正在播")


def test_no_page_is_wider_than_a_phone(page: Page, house: House, channel_id: int) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    paths = ("channels", f"channels/{channel_id}", "channels/new", "channels/import", "recordings")
    for path in (*paths, "guide", "guide/feeds", "guide/matching", "keys", "alerts"):
        page.goto(f"/admin/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
