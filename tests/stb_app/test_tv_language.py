"""The app's words in a second language: every word of every screen has one, and it is shown."""

import re
from pathlib import Path

from playwright.sync_api import Page

from stb_app import bundle
from tests.stb_app.remote import OpenTv, load_rare, press, state
from tests.stb_app.tv_box import BoxDesk

SOURCE = Path(bundle.__file__).parent / "src"
DICTIONARY = SOURCE / "rare" / "97-lang-en.js"
HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"//[^\n]*|/\*.*?\*/|'((?:\\.|[^'\\\n])*)'", re.DOTALL)
_ENTRY = re.compile(r"'([^'\n]+)': '([^'\n]*)'")


def dictionary() -> dict[str, str]:
    return dict(_ENTRY.findall(DICTIONARY.read_text(encoding="utf-8")))


def literals(path: Path) -> set[str]:
    """Return the Chinese strings of a script, comments left out."""
    found = (match[1] for match in _WORD.finditer(path.read_text(encoding="utf-8")))
    return {text for text in found if text and HAN.search(text)}


def missing(path: Path) -> list[str]:
    """Return the strings without an entry: neither a sentence nor a piece of one.

    A piece counts where a sentence of the dictionary has it between its gaps: 'a {0} b' has 'a '
    and ' b'. The days of the week stand in one string and are shown one by one.
    """
    known = dictionary()
    pieces = {piece.strip() for key in known for piece in re.split(r"\{\d\}", key)}
    return sorted(
        text
        for text in literals(path)
        if text not in known
        and text.strip(" \u3000·") not in pieces
        and not all(letter in known for letter in text)
    )


def test_every_word_of_the_app_is_in_the_dictionary() -> None:
    paths = [path for path in SOURCE.rglob("*.js") if path != DICTIONARY]
    assert {path.name: missing(path) for path in paths if missing(path)} == {}


def test_the_dictionary_is_sound() -> None:
    """No sentence stands twice, and each keeps the gaps of its original."""
    text = DICTIONARY.read_text(encoding="utf-8")
    entries = _ENTRY.findall(text)
    assert len(entries) > 250
    assert sorted(key for key, _ in entries) == sorted(dictionary())
    gaps = {key: value for key, value in entries
            if set(re.findall(r"\{\d\}", key)) != set(re.findall(r"\{\d\}", value))}  # fmt: skip
    assert gaps == {}
    assert "\u2019" not in text, "it is as wide as a Chinese letter in the boxes' fonts"


def test_english_is_looked_up_by_sentence_pattern_and_part(tv: OpenTv, page: Page) -> None:
    BoxDesk(page)
    tv("")
    load_rare(page)
    page.evaluate("CT.setLanguage('en')")
    for sentence, english in {
        "首页": "Home",
        "改过 3 个键": "3 keys changed",
        "1 小时 30 分": "1 h 30 min",
        "11月23日 星期一": "Mon 23/11",
        "全部　5 个频道": "All　5 channels",
        "编号 19：原来当作【暂停】，现在改成【上】": "Code 19: was Pause, is Up now",
        "2025年11月20日 提问": "Asked: 20/11/2025",
        "今天 提问　等待答复": "Asked: today　Waiting",
        "水稻直播栽培技术要点": "水稻直播栽培技术要点",
        "十月1日至十二月10日": "十月1日至十二月10日",
    }.items():
        assert page.evaluate("s => CT.tr(s)", sentence) == english
    assert page.evaluate("CT.tr('还等 {0} 秒', [7])") == "7 s left"


def test_what_is_on_the_screen_changes_and_changes_back(tv: OpenTv, page: Page) -> None:
    BoxDesk(page)
    tv("")
    load_rare(page)
    page.evaluate("CT.nav.open('settings')")
    press(page, "ArrowDown", "ArrowDown", "ArrowRight")
    assert page.evaluate("document.documentElement.lang") == "en"
    focused = page.locator(".set-line.focus")
    assert focused.get_attribute("aria-label") == "Language English"
    assert page.locator(".settings .set-heading").text_content() == "Setup"
    left = (
        "[...document.querySelectorAll('.settings *')].map(n => n.ctText && n.firstChild.nodeValue)"
    )
    shown = [text for text in page.evaluate(left) if text]
    assert [text for text in shown if HAN.search(text)] == []
    press(page, "ArrowLeft")
    assert page.locator(".settings .set-heading").text_content() == "设置"
    assert focused.get_attribute("aria-label") == "语言 中文"
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    plain = "CT.language() === 'zh' && !/translate/.test(String(CT.text))"
    assert page.evaluate(plain), "Chinese pays nothing for the second language"


def test_the_choice_outlives_the_power_switch(live: OpenTv, page: Page) -> None:
    BoxDesk(page)
    live("player=hlsjs")
    page.evaluate("CT.save('lang', 'en')")
    live("player=hlsjs")
    page.wait_for_function("CT.language && CT.language() === 'en'")
    press(page, "Escape", "Escape")
    if not state(page)["detail"]["menu"]:
        press(page, "Escape")
    assert page.locator(".live-menu .button").first.text_content() == "Home"
