"""Every arrow from every place: the focus is seen, all is reached, Back leads to live."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.tv_walk.conftest import Open

pytestmark = pytest.mark.e2e

#: A screen, how it is opened, and what must be true before it is walked.
SCREENS = {
    "home": ("CT.nav.open('home')", "CT.state().focus"),
    "guide": ("CT.nav.guide()", "CT.state().detail.title"),
    "search": ("CT.nav.open('search')", "CT.state().detail.found.length"),
    "live menu": ("", "CT.nav.top().board || (CT.nav.top().back(), false)"),
}
#: Places of screens that go on for weeks: walked so far, then left.
MOST = {"guide": 400}
LIMIT = 3000


def open_screen(page: Page, name: str) -> None:
    how, ready = SCREENS[name]
    page.evaluate(f"() => {{ {how} }}")
    page.wait_for_function(ready)
    page.wait_for_timeout(300)


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
@pytest.mark.parametrize("name", SCREENS)
def test_every_place_is_reached_and_back_leads_to_live(
    television: Open, name: str, elder: bool
) -> None:
    page = television(elder=elder)
    open_screen(page, name)
    walked: dict[str, Any] = page.evaluate("most => crawl(most)", MOST.get(name, LIMIT))
    assert walked["faults"] == []
    assert walked["complete"] or name in MOST
    assert name in MOST or walked["never"] == []
    assert page.evaluate("backs()") <= 5
    assert page.evaluate("CT.state().error") is None
