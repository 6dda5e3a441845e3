"""An error in one screen takes nothing down, and is told at most once an hour; lost scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import current, load_rare, press, wait_past, wait_playing
from tests.stb_app.test_tv_never_dark import MOMENTS, WELL_MS, boot
from tests.stb_app.tv_server import TvServer
from tests.stb_app.tv_troubles import FOCUS_SEEN, WORDS, Troubles

HOUR_MS = 3_600_000
_FALL = "throw new Error('planted')"
#: Where an error may come from while a screen is on top.
FALLS = {
    "a key": f"CT.nav.top().key = () => {{ {_FALL}; }}; CT.keys.tap = null; DOWN()",
    "being shown": f"CT.nav.top().shown = () => {{ {_FALL}; }}; CT.later(CT.nav.toggleElder, 0)",
    "a timer": f"CT.later(() => {{ {_FALL}; }}, 0)",
    "a reply": f"CT.request('GET', '/api/v1/channels', {{}}, () => {{ {_FALL}; }})",
    "being made": "MADE(); CT.later(() => CT.nav.open('planted'), 0)",
}
_HELP = """
  window.DOWN = () => ['keydown', 'keyup'].forEach(type =>
    document.dispatchEvent(new KeyboardEvent(type, {key: 'ArrowDown', keyCode: 40})));
  window.MADE = () => { CT.screens.planted = root => {
    CT.el('div', 'screen planted', root); throw new Error('planted'); }; };
  let ahead = 0;
  const real = Date;  // four falls within ten seconds would open the page anew
  window.LATER = () => { ahead += 11000; };
  window.Date = class extends real {
    constructor(...given) {
      if (given.length) { super(...given); } else { super(real.now() + ahead); } }
    static now() { return real.now() + ahead; } }; 0"""


@pytest.fixture
def troubles(air: TvServer) -> Troubles:
    return Troubles(air)


def boot_blind(page: Page, troubles: Troubles) -> None:
    """Boot on a box that has no player: what is looked at is not the picture."""
    page.goto(f"{troubles.server.url}/tv/#player=none&token=secret")
    page.wait_for_function("window.CT && CT.state().screen === 'live'")
    load_rare(page)


def test_a_fall_of_any_screen_is_kept_inside(page: Page, troubles: Troubles) -> None:
    boot_blind(page, troubles)
    page.evaluate(_HELP)
    for name, (opening, _, _) in MOMENTS.items():
        for cause, planted in FALLS.items():
            page.evaluate("CT.nav.live(); CT.clearNote(); CT.lastError = null; LATER()")
            page.evaluate(opening)
            page.wait_for_function(f"CT.state().screen === '{name}'")
            page.evaluate(f"() => {{ {planted}; }}")
            page.wait_for_function(f"/planted/.test(CT.lastError) && /小问题|打不开/.test({WORDS})")
            stays = name if cause == "being made" else "live"
            assert page.evaluate("CT.state().screen") == stays, (name, cause)
            page.wait_for_function(FOCUS_SEEN)
            shown = "[...document.querySelectorAll('#app > .screen')].length === CT.nav.depth()"
            assert page.evaluate(shown), (name, cause)


def test_a_fall_behind_the_picture_leaves_it_alone(page: Page, troubles: Troubles) -> None:
    boot(page, troubles)
    before = current(page)
    page.evaluate(f"CT.later(() => {{ {_FALL}; }}, 0)")
    page.wait_for_function("/planted/.test(CT.lastError)")
    wait_past(page, before + 0.5)
    page.evaluate(FALLS["being made"].replace("MADE();", "").replace("'planted'", "'nothing'"))
    wait_past(page, before + 1)
    assert page.evaluate("document.querySelectorAll('video').length") == 1
    press(page, "ArrowUp")
    page.wait_for_function("CT.state().detail.number === 17")
    wait_playing(page)


def test_falls_without_end_open_the_page_anew_only_once(page: Page, troubles: Troubles) -> None:
    boot_blind(page, troubles)
    page.evaluate("window.former = true; CT.openAnew = (open => () => open(10))(CT.openAnew)")
    storm = f"for (let n = 0; n < 5; n += 1) {{ CT.guard(() => {{ {_FALL}; }})(); }}"
    page.evaluate(storm)
    page.wait_for_function("!window.former && window.CT && CT.state().screen === 'live'")
    page.evaluate(f"window.former = true; {storm}")
    page.wait_for_timeout(500)
    assert page.evaluate("[former, CT.openAnew(), CT.state().screen]") == [True, False, "live"]
    page.wait_for_function(FOCUS_SEEN)


def test_falls_are_told_once_an_hour_whatever_the_clock_does(
    page: Page, troubles: Troubles
) -> None:
    for step in range(3):  # each time the box starts with another clock
        page.add_init_script(f"""window.fall = () => CT.guard(() => {{ {_FALL}; }})();
          (() => {{ const Real = Date, off = [0, 1, -1][{step}] * 365 * 86400000;
          window.Date = class extends Real {{
            constructor(...a) {{
              if (a.length) {{ super(...a); }} else {{ super(Real.now() + off); }} }}
            static now() {{ return Real.now() + off; }} }}; }})();""")  # fmt: skip
        page.goto("about:blank")
        boot_blind(page, troubles)
        page.evaluate("fall(); CT.askBox()")
        page.wait_for_function("CT.box.id === 12")
        page.wait_for_timeout(200)
    assert len(troubles.falls) == 1
    assert troubles.falls[0]["last"].startswith("Error: planted")
    page.evaluate(f"CT.save('faultsAt', CT.now() - {HOUR_MS}); CT.askBox()")
    page.wait_for_function("CT.load('faults') === null")
    assert [fall["count"] for fall in troubles.falls] == [1, 2]


def test_a_page_of_a_gateway_in_place_of_a_script_is_asked_for_again(
    page: Page, troubles: Troubles
) -> None:
    page.route("**/more-*.js", lambda route: route.fulfill(
        body="<html>Gateway</html>", content_type="text/html"), times=2)  # fmt: skip
    page.goto(f"{troubles.server.url}/tv/#player=none")
    page.wait_for_function("window.CT && CT.state().screen === 'live'")
    press(page, "Home")
    page.wait_for_function(f"/网络不太顺畅/.test({WORDS})")
    press(page, "Home")
    page.wait_for_timeout(500)
    press(page, "Home")
    page.wait_for_function("CT.state().screen === 'home'", timeout=WELL_MS)


@pytest.mark.parametrize("script", ["more", "rare", "box"])
def test_a_page_older_than_its_server_opens_anew_once(
    page: Page, troubles: Troubles, script: str
) -> None:
    """Its scripts have other names by now."""
    if script == "box":
        page.add_init_script("window.MediaPlayer = function () { this.setSingleMedia = () => 0; }")
    page.route(f"**/{script}-*.js", lambda route: route.fulfill(status=404))
    loads: list[str] = []
    page.on("domcontentloaded", lambda _: loads.append(page.url))
    page.goto(f"{troubles.server.url}/tv/")
    page.wait_for_function("window.CT && CT.state().screen")
    if script != "box":
        page.evaluate("CT.nav.start = CT.nav.start; window.former = true")
        open_it = {"more": "CT.nav.open('home')", "rare": "CT.nav.open('settings')"}[script]
        page.evaluate(open_it)
    page.wait_for_function("!window.former && window.CT && CT.state().screen === 'live'")
    for _ in range(20):
        if len(loads) > 1:
            break
        page.wait_for_timeout(100)
    assert len(loads) == 2
    if script != "box":
        page.evaluate(open_it)
    page.wait_for_timeout(2500)
    assert len(loads) == 2, "no page starts for ever"
    assert page.evaluate("CT.state().screen") == "live"
