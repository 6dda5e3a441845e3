"""Notices, reader, messages and asking on the television, against the real server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import delete
from werkzeug.serving import make_server

from catalog.notices.tables import Notice
from catalog.titles.service import touch_catalog
from core.db import read_scope, session_scope
from core.settings import Settings
from county.boxes import PairedBox
from county.places import get_place
from county.questions import (
    PHRASES,
    answer_question,
    ask_question,
    count_unread,
    questions_of,
)
from tests import databases
from tests.conftest import closing_house
from tests.factories import make_box
from tests.stb_app.remote import eventually, load_rare, press, state
from vod_server.bootstrap import House, open_house
from vod_server.cli.content import add_demo_places
from vod_server.demo.notices import add_demo_notices
from vod_server.demo.places import COUNTY_CODE, PILOT_VILLAGE_CODE
from vod_server.web.app import make_wsgi

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Village:
    """The demo county with its notices, on a server of its own."""

    house: House
    url: str

    def new_box(self) -> tuple[int, str]:
        """Pair a box in the pilot village; return its id and token."""
        with session_scope(self.house.sessions) as session:
            place = get_place(session, PILOT_VILLAGE_CODE)
            box, token = make_box(session, place)
            return box.id, token


@pytest.fixture(scope="module")
def village(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    home = tmp_path_factory.mktemp("village")
    url = databases.copy_sqlite(sqlite_template, home / "cuntai.db")
    values = {"home": home, "database_url": url, "disk_reserve_bytes": 0, "snapshot_ttl_s": 0}
    settings = Settings.model_validate(values)
    with closing_house(open_house(settings, create_secret=True)) as house:
        with session_scope(house.sessions) as session:
            add_demo_places(session)
        add_demo_notices(house.sessions, house.blobs, now=house.clock.now())
        server = make_server("127.0.0.1", 0, make_wsgi(house), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Village(house, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def box(village: Village) -> tuple[int, str]:
    return village.new_box()


@pytest.fixture
def screen(village: Village, box: tuple[int, str], page: Page) -> Callable[..., Page]:
    """Return ``screen(name)``: the app of a box, paired or not, with that screen open."""

    def open_screen(name: str, params: str = "{}", *, paired: bool = True) -> Page:
        token = f"&token={box[1]}" if paired else ""
        page.goto("about:blank")
        page.goto(f"{village.url}/tv/#screen=home{token}")
        page.wait_for_function(
            "window.CT && CT.screens && CT.screens.notices && CT.nav.top() && CT.state().screen"
        )
        load_rare(page)
        page.evaluate(f"CT.nav.open('{name}', {params})")
        page.wait_for_function(f"CT.state().screen === '{name}'")
        return page

    return open_screen


def detail(page: Page) -> Any:
    return state(page)["detail"]


def shown(page: Page) -> str:
    return page.locator(f".screen.{state(page)['screen']}").last.inner_text()


def wait_list(page: Page, count: int = 3) -> None:
    page.wait_for_function(f"CT.state().detail.count >= {count}")


def open_reader(screen: Callable[..., Page], at: int) -> Page:
    """Open the notice at a place of the list."""
    page = screen("notices")
    wait_list(page)
    press(page, *["ArrowDown"] * at, "Enter")
    page.wait_for_function("CT.state().detail.pages > 0")
    return page


def test_the_list_says_what_is_important_and_back_leads_to_the_same_item(
    screen: Callable[..., Page],
) -> None:
    page = screen("notices")
    wait_list(page)
    assert state(page)["focus"]["label"].startswith(
        " 柳湾村上月财务收支公示 柳湾村　今天　扫描件 2 页"
    )
    press(page, "ArrowDown")
    focused = state(page)["focus"]["label"]
    assert focused.startswith("重要 冬季森林防火")
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.pages > 0")
    assert "柳河镇" in shown(page)
    press(page, "Escape")
    assert state(page)["screen"] == "notices"
    assert state(page)["focus"]["label"] == focused


def test_words_are_turned_page_by_page_and_end_with_what_to_do(
    screen: Callable[..., Page],
) -> None:
    page = open_reader(screen, 1)
    count = detail(page)["pages"]
    assert count >= 2
    assert f"第 1 页 / 共 {count} 页" in shown(page)
    press(page, "ArrowLeft")
    assert detail(page)["page"] == 1
    press(page, *["PageDown"] * (count - 1))
    assert f"第 {count} 页 / 共 {count} 页" in shown(page)
    press(page, "ArrowRight")
    assert "我要提问" in shown(page)
    press(page, "Escape", "PageUp")
    assert detail(page)["page"] == count - 1


def test_digits_name_a_notice_and_a_page(screen: Callable[..., Page]) -> None:
    page = screen("notices")
    wait_list(page)
    press(page, "2", "Enter")
    assert detail(page)["at"] == 1
    press(page, "1", "Enter", "Enter")
    page.wait_for_function("CT.state().detail.pages === 3")  # words, and two scanned pages
    press(page, "3")
    assert "第 3 页" in shown(page)
    press(page, "Enter")
    assert (detail(page)["page"], detail(page)["zoom"]) == (3, 1), "OK took the number only"
    press(page, "9", "Enter")
    assert "没有第 9 页" in shown(page)


def test_large_letters_keep_the_place(screen: Callable[..., Page]) -> None:
    page = open_reader(screen, 1)
    press(page, "ArrowRight")
    first = page.locator(".paper-line").first.inner_text().strip()
    normal = detail(page)
    press(page, "F4")
    page.wait_for_function("CT.elder")
    assert first[:8] in page.locator(".paper").inner_text().replace("\n", "")
    assert detail(page)["pages"] > normal["pages"]
    press(page, "F4")
    assert detail(page)["page"] == normal["page"]


def test_no_line_is_wider_than_the_paper(screen: Callable[..., Page]) -> None:
    page = open_reader(screen, 1)
    words = (
        "WWWW MMMM @@@@ %%%% wwww mmmm " * 6
        + "\n联系人：李 Ms. WANG，EC6108V9，“引号”（括号）……——。" * 8
        + "\n" + "长" * 400 + "\n" + "Kilimanjaro" * 30 + "\n。，、；" * 40 + "\n😀" * 60
    )  # fmt: skip
    for elder in (False, True):
        wide = page.evaluate(
            """([words, elder]) => {
              CT.elder = elder; CT.dressRoot();
              const size = CT.paperSizes();
              const node = CT.makePaper(document.getElementById('app')).node;
              const limit = size.width * CT.scale, pages = CT.setPages(words, size), found = [];
              const line = node.firstChild; line.style.width = 'auto';
              let text = '';
              for (const p of pages) for (const t of p.lines) {
                CT.text(line, t); text += t;
                if (line.getBoundingClientRect().width > limit + 1) found.push(t);
              }
              CT.remove(node);
              const bare = t => t.replace(/\\s/g, '');
              const fits = pages.every(p => p.lines.length <= size.rows);
              return [found, bare(text) === bare(words), fits];
            }""",
            [words, elder],
        )
        assert wide == [[], True, True]


def test_a_scanned_page_grows_moves_and_is_read_on(screen: Callable[..., Page]) -> None:
    page = open_reader(screen, 0)
    while not detail(page)["scan"]:
        press(page, "ArrowRight")
    whole = page.locator(".scan-picture")
    whole.wait_for()
    page.wait_for_function("document.querySelector('.scan-picture').className === 'scan-picture'")
    box = whole.bounding_box()
    assert box is not None
    assert box["height"] == pytest.approx(626, abs=2)
    press(page, "Enter", "Enter", "Enter")
    assert detail(page)["zoom"] == 3
    grown = whole.bounding_box()
    assert grown is not None
    assert grown["height"] == pytest.approx(3 * box["height"], abs=4)
    at = detail(page)["page"]
    press(page, "ArrowDown")
    moved = whole.bounding_box()
    assert moved is not None
    assert moved["y"] < grown["y"]
    for _ in range(6):
        press(page, "ArrowDown")
        if detail(page)["page"] == at + 1:
            break
    assert detail(page)["page"] == at + 1
    assert detail(page)["zoom"] == 3
    press(page, "Enter")
    assert detail(page)["zoom"] == 1


def test_a_picture_that_fails_is_asked_for_again(screen: Callable[..., Page], page: Page) -> None:
    page.route("**/page.jpg*", lambda route: route.abort())
    opened = open_reader(screen, 0)
    while not detail(opened)["scan"]:
        press(opened, "ArrowRight")
    opened.wait_for_function("CT.state().detail.sorry")
    assert "再试一次" in shown(opened)
    opened.unroute("**/page.jpg*")
    press(opened, "Enter")
    opened.wait_for_function("!CT.state().detail.sorry")
    opened.wait_for_function("document.querySelector('.scan-picture').className === 'scan-picture'")


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, "oops"), (200, "<html>Gateway</html>"), (200, '{"items":[{"id'), (200, '{"items":3}')],
    ids=["500", "html", "cut", "shape"],
)
def test_bad_replies_lead_to_a_friendly_state_and_back(
    screen: Callable[..., Page], page: Page, status: int, body: str
) -> None:
    page.add_init_script("window.fast = setInterval(() => window.CT && (CT.backoff = () => 20), 5)")
    page.route("**/api/v1/notices*", lambda route: route.fulfill(status=status, body=body))
    opened = screen("notices")
    opened.wait_for_function("CT.state().focus && CT.state().focus.label === '再试一次'")
    opened.unroute("**/api/v1/notices*")
    press(opened, "Enter")
    wait_list(opened)
    assert state(opened)["error"] is None


def test_items_of_strange_shape_are_left_out(screen: Callable[..., Page], page: Page) -> None:
    body = '{"items":[null,3,{"id":"x"},{"id":5,"title":7,"place":null,"picture":{},"pages":"n"}]}'
    page.route("**/api/v1/notices*", lambda route: route.fulfill(status=200, body=body))
    opened = screen("notices")
    wait_list(opened, 1)
    assert detail(opened)["count"] == 1
    assert state(opened)["error"] is None


def test_a_hundred_notices_need_no_more_nodes_than_three(
    screen: Callable[..., Page], village: Village, page: Page
) -> None:
    page.route("**/api/v1/notices*", lambda route: route.continue_())  # without the HTTP cache
    screen("notices")
    wait_list(page)
    count = "document.querySelector('.notices').getElementsByTagName('*').length"
    few = page.evaluate(count)
    press(page, "Escape")
    place_id = publish_many(village, 100)
    try:
        page.evaluate("CT.nav.open('notices')")
        wait_list(page, 50)
        press(page, *["PageDown"] * 8)
        page.wait_for_function("CT.state().detail.count === 100")
        assert "第 41 条 / 共 100 条以上" in shown(page)
        press(page, "9", "0", "Enter")
        page.wait_for_function("CT.state().detail.count === 103")
        assert "第 90 条 / 共 103 条" in shown(page)
        assert page.evaluate(count) <= few + 3
    finally:
        with session_scope(village.house.sessions) as session:
            many = Notice.place_id == place_id, Notice.title.startswith("第")
            session.execute(delete(Notice).where(*many))
            touch_catalog(session)


def publish_many(village: Village, count: int) -> int:
    """Add rows of published notices; return their place."""
    now = village.house.clock.now()
    with session_scope(village.house.sessions) as session:
        place = get_place(session, COUNTY_CODE)
        facts = {"place_id": place.id, "state": "published", "published_at": now}
        session.add_all(
            Notice(title=f"第{n}号", body="好", created_at=now, updated_at=now, **facts)
            for n in range(count)
        )
        touch_catalog(session)
        return place.id


def ask_and_answer(village: Village, box_id: int, answers: dict[str, str]) -> None:
    """Let a box have asked some questions; an empty answer is none yet."""
    now = village.house.clock.now()
    with session_scope(village.house.sessions) as session:
        path = get_place(session, PILOT_VILLAGE_CODE).path
        for words, answer in answers.items():
            paired = PairedBox(box_id, path)
            question = ask_question(session, paired, words, about=None, now=now)
            if answer:
                answer_question(
                    session, question, answer, before=None, name="李会计", actor="x", now=now
                )


def unread(village: Village, box_id: int) -> int:
    with read_scope(village.house.sessions) as session:
        return count_unread(session, box_id)


def test_answers_are_marked_until_they_are_read(
    screen: Callable[..., Page], village: Village, box: tuple[int, str]
) -> None:
    ask_and_answer(village, box[0], {"几时停水？": "明天上午。", "路灯坏了": ""})
    page = screen("messages")
    wait_list(page, 2)
    assert "有 1 条新答复" in shown(page)
    assert "等待答复" in state(page)["focus"]["label"]
    press(page, "ArrowDown")
    assert state(page)["focus"]["label"].startswith("新答复 几时停水？")
    press(page, "Enter")
    page.wait_for_function("CT.state().screen === 'reader'")
    for words in ("您问：几时停水？", "明天上午。", "李会计"):
        assert words in shown(page)
    assert eventually(page, lambda: unread(village, box[0]) == 0)
    press(page, "Escape")
    page.wait_for_function("/^ 几时停水？ 今天 提问　已答复/.test(CT.state().focus.label)")
    press(page, "ArrowUp", "Enter")
    assert "还没有答复" in shown(page)


def test_a_question_is_agreed_to_before_it_is_sent(
    screen: Callable[..., Page], village: Village, box: tuple[int, str]
) -> None:
    page = open_reader(screen, 0)
    title = page.locator(".reader-title").inner_text()
    press(page, "Enter", "Enter")
    page.wait_for_function("CT.state().screen === 'ask' && CT.state().detail.phrases > 0")
    assert title in shown(page)
    press(page, "7", "Escape")
    assert detail(page)["digits"] == ""
    press(page, "ArrowRight", "1", "3", "8", "Enter")
    asked = f"{PHRASES[1]} 138"
    assert asked in shown(page)
    press(page, "ArrowRight", "Enter")
    assert not detail(page)["dialog"]
    with read_scope(village.house.sessions) as session:
        assert questions_of(session, box[0]) == []
    press(page, "Enter", "Enter")
    page.wait_for_function("/谢谢/.test(document.querySelector('.ask').textContent)")
    with read_scope(village.house.sessions) as session:
        [question] = questions_of(session, box[0])
        assert (question.text, question.about_name) == (asked, title)
    press(page, "Enter")
    assert state(page)["screen"] == "reader"


def test_what_could_not_be_sent_is_kept_and_tried_again(
    screen: Callable[..., Page], village: Village, box: tuple[int, str]
) -> None:
    page = screen("ask")
    page.wait_for_function("CT.state().detail.phrases > 0")
    page.route("**/api/v1/messages", lambda route: route.abort())
    press(page, "Enter", "Enter")
    page.wait_for_function("/没有发出去/.test(document.querySelector('.ask').textContent)")
    page.unroute("**/api/v1/messages")
    press(page, "Enter")
    page.wait_for_function("/谢谢/.test(document.querySelector('.ask').textContent)")
    with read_scope(village.house.sessions) as session:
        assert len(questions_of(session, box[0])) == 1


def test_an_unpaired_box_is_told_how_to_get_there(screen: Callable[..., Page]) -> None:
    for name in ("messages", "ask"):
        page = screen(name, paired=False)
        assert "还没有绑定" in shown(page)
        assert state(page)["focus"]["label"] in {"现在绑定", "返回"}
