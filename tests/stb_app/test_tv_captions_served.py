"""Captions from the real server to the screen: attached, signed, fetched, read and drawn."""

from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import select

from bench.tv_county import Size, make_county, served
from catalog.titles.caption_files import read_captions
from catalog.titles.captions import attach_captions, store_captions
from catalog.titles.tables import Title
from core.db import session_scope
from tests.stb_app.tv_captions import said
from vod_server.bootstrap import House

SRT = """1
00:00:01,000 --> 00:00:04,000
氮肥 < 磷肥 & 钾肥

2
01:00:00,500 --> 01:00:02,000
<i>先看</i>树势
再下剪子
"""
_FOLLOW = """id => new Promise(done => CT.api.title(id, (error, detail) => {
  window.film = {state: 'paused', started: true, at: 0, place: () => film.at, detail: detail};
  window.captions = CT.makeCaptions(document.getElementById('app'));
  captions.follow(film);
  captions.look();
  done(detail.captions.map(one => [one.language, one.label])); }))"""


def attach(house: House, **files: str) -> int:
    """Give the first title captions by language; return its number."""
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        title = session.scalars(select(Title).order_by(Title.id)).first()
        assert title is not None
        for language, text in files.items():
            code = language.replace("_", "-")
            stored = store_captions(
                house.blobs, title.id, read_captions(text.encode("gb18030")), language=code
            )
            attach_captions(session, title, stored, actor="admin", now=now, keep_s=60)
        return title.id


def test_what_is_attached_in_the_county_stands_on_the_screen(tmp_path: Path, page: Page) -> None:
    house = make_county(tmp_path / "var", Size(titles=2, channels=0))
    try:
        number = attach(house, zh_CN=SRT, en=SRT.replace("先看", "First "))
        with served(house) as url:
            page.goto(f"{url}/tv/#screen=home")
            page.wait_for_function("window.CT && CT.state().screen === 'home'")
            named = page.evaluate(_FOLLOW, number)
            assert named == [["zh-CN", "中文"], ["en", "English"]]
            page.wait_for_function("captions.state().count === 2")
            assert said(page, 2) == "氮肥 < 磷肥 & 钾肥"
            assert said(page, 3600.6) == "先看树势\n再下剪子"
            page.evaluate("captions.choices()[1].act()")
            page.wait_for_function(
                "captions.state().count === 2 && /First/.test(captions.state().text)"
            )
            assert page.locator(".caption").get_attribute("lang") == "en"
    finally:
        house.engine.dispose()
