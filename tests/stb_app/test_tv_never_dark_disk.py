"""A box without a disk, with a full one, or with rubbish on it: television all the same."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from stb_app.bundle import whole_script
from tests.stb_app.remote import press, wait_channel, wait_playing
from tests.stb_app.test_tv_never_dark import boot
from tests.stb_app.tv_server import TvServer
from tests.stb_app.tv_troubles import Troubles, dress_box

#: Everything the app keeps on a box (`CT.load` and `CT.save` in stb_app/src).
KEPT = (
    "boot", "box", "caption", "captionLang", "captionSize", "channel", "channels", "elder",
    "faults", "faultsAt", "favourites", "found", "home", "idle", "keys", "keysSent", "lang",
    "phrases", "reminders", "resume", "searchForm", "token@", "tour",
)  # fmt: skip
_CARD = {"id": 7, "title": {}, "poster": 3, "duration_s": "x"}
#: What may stand in their place, as JSON; `LITERAL` as it is.
RUBBISH: dict[str, Any] = {
    "a number": 1e300,
    "zero": 0,
    "negative": -1,
    "words": "不是 JSON 能懂的",
    "true": True,
    "empty list": [],
    "list of nothing": [None, None, 0, "", [], {}],
    "empty table": {},
    "table of nothing": {"a": None, "items": None, "rows": None, "id": None, "7": {"c": 5}},
    "lists of wrong things": {
        "items": [None, 3, {"id": {}}, {"id": 7, "number": "x", "live_url": 5, "name": []}],
        "rows": [None, {"items": [_CARD, None], "name": 5}],
        "ok": "13", "up": [None, "x"], "boot": [], "count": {}, "keys": {"back": 8},
        "7": {"c": _CARD, "p": "x", "t": None},
    },
    "list of wrong things": [
        {"kind": "title", "id": {}, "card": 5}, {"kind": "title", "id": 7, "card": _CARD},
        {"kind": "channel", "id": None}, {"channel": 7}, {"channel": "x", "start": []},
        {"kind": "programme", "name": 5}, 5, None, [[]], "words",
    ],
    "huge": [{"kind": "title", "id": n, "card": {"id": n}} for n in range(3000)],
    "not closed": "LITERAL{\"items\": [1, 2",
    "not JSON": "LITERAL\u0000\ufffd<html>",
}  # fmt: skip
VISIT = """async () => {
  const screens = [['home'], ['browse', {}], ['search'], ['guide'], ['history', {tab: 'resume'}],
    ['favourites', {}], ['ask', {}], ['settings'], ['keytest'], ['about'], ['tour'],
    ['title', {card: {id: 9, title: '学习党章'}}], ['player', {card: {id: 9, title: '学习党章'}}]];
  const pause = ms => new Promise(done => setTimeout(done, ms));
  for (const [name, params] of screens) {
    CT.nav.open(name, params);
    await pause(30);
    for (const key of [40, 39, 38]) {
      ['keydown', 'keyup'].forEach(type =>
        document.dispatchEvent(new KeyboardEvent(type, {keyCode: key})));
      await pause(5);
    }
    const said = document.body.innerText;
    if (/undefined|NaN|\\[object/.test(said)) { return name + ' says ' + said; }
    if (CT.lastError) { return name + ' fell: ' + CT.lastError; }
    CT.nav.live();
  }
  CT.reminders.has(7, 1); // as its timer does
  return CT.lastError || 'well'; }"""


@pytest.fixture
def troubles(air: TvServer) -> Troubles:
    return Troubles(air)


def test_every_kept_thing_is_named_here() -> None:
    """A new name in the app is tried with rubbish too."""
    names = set(re.findall(r"""CT\.(?:load|save)\(['"](\w+@?)['"]""", whole_script()))
    assert names - set(KEPT) == set()


def spoil(page: Page, value: Any) -> None:
    """Let every kept thing be this at each start."""
    text = (
        value[7:] if isinstance(value, str) and value.startswith("LITERAL") else json.dumps(value)
    )
    page.add_init_script(f"""{json.dumps(KEPT)}.forEach(name => {{
      localStorage.setItem('ct.' + name, {json.dumps(text)}); }});""")


def boot_blind(page: Page, troubles: Troubles) -> None:
    page.goto(f"{troubles.server.url}/tv/#player=none")
    page.wait_for_function("window.CT && CT.state().screen === 'live'")
    page.evaluate("CT.touched = true; new Promise(CT.rare)")


def test_rubbish_on_the_disk_harms_nobody(page: Page, troubles: Troubles) -> None:
    for kind, value in RUBBISH.items():
        page.goto("about:blank")
        spoil(page, value)  # after what was planted before
        boot_blind(page, troubles)
        page.wait_for_function("CT.state().detail.channel === 7")
        assert page.evaluate(VISIT) == "well", kind


@pytest.mark.parametrize("disk", ["full disk", "no disk"])
def test_a_disk_that_takes_nothing_keeps_nobody_from_television(
    page: Page, troubles: Troubles, disk: str
) -> None:
    dress_box(page, disk)
    boot(page, troubles)
    press(page, "ArrowUp")
    wait_channel(page, 17)
    page.evaluate("CT.favourites.toggle('title', 9, {id: 9, title: '学习党章'})")
    assert page.evaluate("CT.favourites.has('title', 9)")
    page.evaluate("CT.nav.open('favourites', {})")
    page.wait_for_function("/学习党章/.test(CT.nav.top().node.innerText)")
    page.evaluate("CT.nav.live()")
    press(page, "F4")
    assert page.evaluate("CT.elder")
    wait_playing(page)
    page.goto("about:blank")
    boot_blind(page, troubles)
    assert page.evaluate(VISIT) == "well"
    assert page.evaluate("CT.lastError || 'well'") == "well"
