"""Search by remote: letters, nine keys, what leads on, what is found, and what OK does with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests.stb_app.remote import OpenTv, press

pytestmark = pytest.mark.e2e

#: Name, kind, initials; the server's part is tested with the server.
KNOWN = [
    ("农业技术讲座", "title", "NYJSJZ"),
    ("农药安全使用", "series", "NYAQSY"),
    ("农业农村频道", "channel", "NYNCPD"),
    ("法治进乡村", "title", "FZJXC"),
]
_KEYS = ["ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"]
NINE = {letter: str(digit) for digit, keys in enumerate(_KEYS, 2) for letter in keys}
Search = Callable[[], Page]


def reply(url: str) -> dict[str, Any]:
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    typed, nine = query.get("q", "").upper(), query.get("form") == "t9"
    found, leads, counts = [], set(), {"title": 0, "series": 0, "channel": 0, "programme": 0}
    for number, (name, kind, letters) in enumerate(KNOWN, 1):
        key = "".join(NINE[c] for c in letters) if nine else letters
        if not key.startswith(typed):
            continue
        counts[kind] += 1
        leads.add(key[len(typed) : len(typed) + 1])
        if query.get("kind", kind) == kind:
            item = {"kind": kind, "id": number, "name": name, "mark": [0, len(typed)]}
            found.append({**item, "detail": "农技"})
    return {"items": found, "next": "".join(sorted(leads)), "counts": counts}


@pytest.fixture
def search(tv: Callable[[str], Page], page: Page) -> Search:
    def answer(route: Route) -> None:
        route.fulfill(json=reply(route.request.url))

    def open_search() -> Page:
        page.route(re.compile(r"/api/v1/(suggest|search)"), answer)
        tv("")
        page.evaluate("CT.nav.open('search')")
        page.wait_for_function("CT.state().screen === 'search' && CT.state().detail.found.length")
        return page

    return open_search


def say(page: Page, what: str) -> None:
    """Wait until something holds of `d`, the screen's detail."""
    page.wait_for_function(f"(() => {{ const d = CT.state().detail; return {what}; }})()")


def type_letters(page: Page, letters: str) -> None:
    for letter in letters:
        place = ord(letter) - 65
        page.evaluate(f"CT.nav.top().board.focus({place // 6}, {place % 6})")
        press(page, "Enter")


def dead(page: Page) -> str:
    return "".join(page.locator(".letter.dead").all_inner_texts())


def test_what_others_watch_stands_there_before_a_key_is_pressed(search: Search) -> None:
    page = search()
    assert page.evaluate("CT.state().detail.words") == "大家在看"
    assert page.evaluate("CT.state().focus.label") == "A"


def test_letters_that_lead_nowhere_are_dimmed_and_do_nothing(search: Search) -> None:
    page = search()
    type_letters(page, "N")
    page.wait_for_selector(".letter.dead")
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(dead(page)) == {"Y"}
    type_letters(page, "B")
    assert page.evaluate("CT.state().detail.typed") == "N"


def test_results_come_from_the_second_key_on_and_by_kind(search: Search) -> None:
    page = search()
    type_letters(page, "N")
    say(page, "d.words === '再按一个键就能看到结果' && d.found.length === 0")
    type_letters(page, "Y")
    say(page, "d.found.length === 3")
    tabs = page.locator(".search-tabs .button").all_inner_texts()
    assert tabs == ["全部 3", "视频 1", "课程 1", "频道 1"]
    press(page, *["ArrowRight"] * 6)
    say(page, "d.zone === 'results'")
    press(page, "ArrowUp")
    say(page, "d.zone === 'tabs'")
    press(page, "ArrowRight")
    press(page, "ArrowRight")
    press(page, "Enter")
    say(page, "d.kind === 'series' && d.found.join() === '农药安全使用'")
    press(page, "ArrowDown")
    press(page, "ArrowLeft")
    say(page, "d.zone === 'letters'")


def test_digits_of_the_remote_type_on_the_nine_keys(search: Search) -> None:
    page = search()
    press(page, *"695")
    say(page, "d.form === 't9' && d.typed === '695' && d.found.join() === '农业技术讲座'")
    press(page, "F1")
    say(page, "d.typed === '69' && d.found.length === 3")


def test_what_was_opened_is_there_again_and_back_returns_to_it(search: Search) -> None:
    page = search()
    type_letters(page, "FZ")
    say(page, "d.found.join() === '法治进乡村'")
    press(page, *["ArrowRight"] * 6)
    say(page, "d.zone === 'results'")
    press(page, "Enter")
    page.wait_for_function("CT.state().screen === 'title'")
    press(page, "Escape")
    say(page, "d.zone === 'results' && d.typed === 'FZ'")
    assert page.evaluate("CT.state().focus.label") == "法治进乡村"
    press(page, "Escape")
    page.evaluate("CT.nav.open('search')")
    say(page, "d.words === '最近找过的和大家在看的' && d.found[0] === '法治进乡村'")


def test_letters_that_lead_nowhere_are_stepped_over(search: Search) -> None:
    page = search()
    type_letters(page, "N")
    page.wait_for_selector(".letter.dead")  # Y alone leads on
    for keys, label in (("ArrowUp", "N"), ("ArrowDown", "Y"), ("ArrowRight", "删除")):
        press(page, keys)
        assert page.evaluate("CT.state().focus.label") == label
    press(page, "ArrowDown", "ArrowUp", "ArrowLeft", "Enter")
    say(page, "d.typed === 'NY'")


def test_what_digits_find_is_an_ok_away(search: Search) -> None:
    page = search()
    press(page, *"69")
    say(page, "d.zone === 'results' && d.found.length === 3")
    press(page, "ArrowDown", "3")  # typed on where the list is
    say(page, "d.typed === '693' && d.found.length === 0 && d.zone === 'letters'")
    press(page, "F1", "5")
    say(page, "d.typed === '695' && d.zone === 'results'")
    press(page, "Enter")
    page.wait_for_function("CT.state().screen === 'title'")


def test_a_page_key_leads_from_the_letters_to_what_was_found(search: Search) -> None:
    page = search()
    type_letters(page, "NY")
    say(page, "d.found.length === 3")
    press(page, "PageDown")
    say(page, "d.zone === 'results'")
    assert page.evaluate("CT.state().focus.label") == "农业技术讲座"


def test_the_green_key_opens_search_from_live(live: OpenTv) -> None:
    page = live("player=hlsjs")
    press(page, "F2")
    page.wait_for_function("CT.state().screen === 'search'")
    press(page, "F2")  # once is enough
    press(page, "Escape")
    page.wait_for_function("CT.state().screen === 'live'")


def found_here(page: Page) -> list[str]:
    names: list[str] = page.evaluate("CT.foundHere.list().map(one => one.name)")
    return names


def test_what_was_found_here_is_forgotten_one_by_one_or_all_and_taken_back(search: Search) -> None:
    page = search()
    for letters in ("FZ", "NYJ"):
        type_letters(page, letters)
        say(page, "d.found.length === 1")
        press(page, "PageDown", "Enter")
        page.wait_for_function("CT.state().screen === 'title'")
        press(page, "Escape", "Escape")
        page.evaluate("CT.nav.open('search')")
    say(page, "d.words === '最近找过的和大家在看的'")
    assert found_here(page) == ["农业技术讲座", "法治进乡村"]
    press(page, "PageDown", "F1")  # 红键
    assert found_here(page) == ["法治进乡村"]
    say(page, "d.found[0] === '法治进乡村'")
    press(page, "Enter")  # of the note
    assert found_here(page) == ["农业技术讲座", "法治进乡村"]
    say(page, "d.found[0] === '农业技术讲座'")
    press(page, "ArrowLeft", *["ArrowDown"] * 4, *["ArrowRight"] * 3)
    assert page.evaluate("CT.state().focus.label") == "清空"
    press(page, "Enter")
    assert found_here(page) == []
    say(page, "d.words === '大家在看'")
    press(page, "Enter")
    assert found_here(page) == ["农业技术讲座", "法治进乡村"]


@pytest.mark.parametrize("body", ["<html>", json.dumps({"items": 3}), json.dumps([None])])
def test_a_bad_answer_leaves_the_keys_working(search: Search, body: str) -> None:
    page = search()
    page.route(re.compile(r"/api/v1/suggest"), lambda route: route.fulfill(body=body))
    type_letters(page, "NY")
    say(page, "d.offline && d.words === '暂时连不上服务器，正在重试…'")
    page.unroute(re.compile(r"/api/v1/suggest"))
    say(page, "!d.offline && d.found.length === 3")
