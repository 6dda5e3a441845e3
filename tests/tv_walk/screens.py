"""Every screen of the TV app: how it is opened from live, and when it is there."""

from __future__ import annotations

from playwright.sync_api import Page

SCREENS = {
    "live menu": ("", "CT.nav.top().board || (CT.nav.top().back(), false)"),
    "channel list": ("CT.nav.top().key('ok', 0)", "CT.state().detail.list && CT.state().focus"),
    "guide": ("CT.nav.guide()", "CT.state().detail.title"),
    "home": ("CT.nav.open('home')", "CT.state().focus && CT.state().detail.rows > 0"),
    "search": ("CT.nav.open('search')", "CT.state().detail.found.length"),
}


def open_screen(page: Page, name: str) -> None:
    """Open a screen and wait until it shows what it has."""
    how, ready = SCREENS[name]
    page.evaluate(f"() => {{ {how} }}")
    page.wait_for_function(ready)
    page.wait_for_timeout(300)
