"""Every screen in English: what is Chinese on it the county said, and nothing is cut."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Response

from tests.stb_app.remote import load_rare
from tests.tv_walk.conftest import Open
from tests.tv_walk.screens import SCREENS, open_screen

pytestmark = pytest.mark.e2e

HAN = re.compile(r"[\u4e00-\u9fff]+")
#: The whole's name and an example stay as they are; a card of `SCREENS` is not the county's.
OURS = {"村台", "农业", "一课"}
#: What of the app's own is in sight: its words, and how far they reach beyond the screen.
SEEN = """() => [...CT.nav.top().node.querySelectorAll('*')].filter(node => node.ctText
    && node.getClientRects().length && getComputedStyle(node).visibility !== 'hidden').map(node => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  return [node.firstChild.nodeValue, node.className, Math.round(box.left), Math.round(box.right)];
})"""
#: Rows that go on beyond the screen, until the focus gets there.
ROWS = ("card-title", "cover-text", "episode-", "guide-", "row-name")


def listening(page: Page) -> list[str]:
    """Return what the county says from now on, reply by reply."""
    said: list[str] = []

    def hear(reply: Response) -> None:
        if "/api/v1/" in reply.url and "json" in reply.headers.get("content-type", ""):
            said.append(str(reply.json()))

    page.on("response", hear)
    return said


@pytest.mark.parametrize("elder", [False, True])
def test_every_screen_speaks_english(television: Open, elder: bool) -> None:
    page = television("", elder=elder)
    said = listening(page)
    page.reload()
    load_rare(page)
    page.evaluate("CT.setLanguage('en')")
    left, cut = [], []
    for name in SCREENS:
        if name == "film":  # its words are the test's own
            continue
        open_screen(page, name)
        county = "".join(said)
        for text, kind, begin, end in page.evaluate(SEEN):
            ours = [run for run in HAN.findall(text) if run not in OURS and run not in county]
            left += [(name, text, run) for run in ours]
            if (begin < 0 or end > 1280) and not kind.startswith(ROWS):
                cut.append((name, text, begin, end))
        page.evaluate("CT.nav.live()")
    assert left == []
    assert cut == []
