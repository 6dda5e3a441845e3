"""The real TV app in Chromium, driven from live television by the keys that are to open a title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Browser, Page
from sqlalchemy import select

from bench.browser import chromium, open_page
from bench.tv_county import served
from core.db import session_scope
from epg.channels.service import create_channel
from epg.channels.tables import Channel
from vod_server.bootstrap import House

LIVE = "window.CT && CT.state().screen === 'live' && (CT.more(), !!CT.screens.search)"
#: The answer to what was typed is there.
SETTLED = "CT.state().screen !== 'search' || CT.state().detail.settled"
TITLE = "CT.state().screen === 'title' && document.querySelector('.title-name').textContent"
#: Further apart than what counts as one press reported twice.
STEP_MS = 100


def row(
    house: House, ways: Sequence[tuple[str, Sequence[str]]], openings: Sequence[Sequence[str]]
) -> dict[str, Any]:
    """Press the keys, and return the row that says how many titles they have opened.

    Args:
        house: whose titles they are.
        ways: names of titles, and the keys that open them from the search screen.
        openings: keys from live television to search, taken in turn.
    """
    _add_channel(house)
    with served(house) as url, chromium() as browser:
        opened = sum(
            _opens(browser, url, name, openings[number % len(openings)], keys)
            for number, (name, keys) in enumerate(ways)
        )
    return {
        "what": "the same presses in the real app open the title",
        "value": opened / len(ways),
        "unit": "",
        "goal": "1",
        "met": opened == len(ways),
        "note": f"{opened} of {len(ways)}, from live in Chromium",
    }


def _add_channel(house: House) -> None:
    """Add one where there is none: the app then begins with live television."""
    with session_scope(house.sessions) as session:
        if session.scalar(select(Channel.id).limit(1)) is None:
            create_channel(session, name="综合", number=1, now=house.clock.now())


def _opens(
    browser: Browser, url: str, name: str, opening: Sequence[str], keys: Sequence[str]
) -> bool:
    page, _ = open_page(browser, f"{url}/tv/", ready=LIVE)
    if page.evaluate("CT.state().detail.banner"):
        _press(page, "i")  # it goes by itself where there is a picture
    for key in opening:
        _press(page, key)
    page.wait_for_function("CT.state().screen === 'search'")
    for key in keys:
        _press(page, key)
        page.wait_for_function(SETTLED)
    page.wait_for_function("CT.state().screen !== 'search'")
    shown = page.evaluate(TITLE)
    page.context.close()
    return bool(shown == name)


def _press(page: Page, key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_timeout(STEP_MS)
