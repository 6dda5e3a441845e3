"""One contract for every player: native HLS, both hls.js, and those of boxes (faked, unkindly)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.stb_app.remote import SOLO, eventually
from tests.stb_app.tv_server import TvServer

FAKES = Path(__file__).parent / "fakes"
BOXES = ("ctc", "ipanel", "advance")
PLAYERS = ("native", "hlsjs", "hlsjs-old", *BOXES)
NO_PROMISE = "delete window.Promise; delete window.Map; delete window.fetch;"
FILM = f"/vod/{SOLO}/index.m3u8?s=1"
LIVE = "/live/7/index.m3u8?e=1&s=1"

Contract = Callable[..., "Driven"]


def put_box(page: Page, box: str, **unkind: object) -> None:
    """Give the page a box's player before the app is loaded, as unkind as told."""
    page.add_init_script(f"window.FAKE = {json.dumps(unkind)};")
    for name in ("clockwork", box):
        page.add_init_script(path=FAKES / f"{name}.js")


class Driven:
    """One player made by its driver, without any screen around it.

    The page is asked by the debugger's protocol: Playwright's own scripts need Promise and Map.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self._debugger = page.context.new_cdp_session(page)

    def ask(self, expression: str) -> Any:
        """Return the JSON value of an expression."""
        reply = self._debugger.send(
            "Runtime.evaluate", {"expression": expression, "returnByValue": True}
        )
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def until(self, what: str) -> None:
        assert eventually(self.page, lambda: bool(self.ask(what))), (what, self.ask("told"))

    def make(self) -> str:
        """Make the player of the first driver; returns the driver's name."""
        name: str = self.ask("""(function () {
          var host = document.createElement('div'), driver = CT.players.usable()[0];
          document.body.appendChild(host);
          window.told = [];
          window.player = driver.make(host, function (name, detail) { told.push([name, detail]); });
          player.area(0, 0, 1280, 720);
          return driver.name; }())""")
        return name

    def open(self, url: str, at_s: float | None, *, growing: bool = False) -> None:
        self.ask("told.length = 0")
        self.ask(f"player.open({json.dumps(url)}, {json.dumps(at_s)}, {json.dumps(growing)})")

    def do(self, call: str) -> Any:
        return self.ask(f"player.{call}")

    def told(self) -> list[str]:
        """Return the names of what it told, in order, paused and waiting left out."""
        return [name for name, *_ in self.ask("told") if name not in ("paused", "waiting")]

    def wait(self, name: str) -> None:
        self.until(f"told.some(function (event) {{ return event[0] === '{name}'; }})")

    def wait_at(self, second: float) -> None:
        self.until(f"player.position() >= {second}")

    def moves(self) -> None:
        """Wait until the position goes on."""
        self.wait_at(float(self.do("position()")) + 0.6)

    def stands(self) -> float:
        """Return where it stands still."""
        self.page.wait_for_timeout(400)
        at = float(self.do("position()"))
        self.page.wait_for_timeout(1300)
        assert float(self.do("position()")) == at
        return at


@pytest.fixture
def driven(air: TvServer, page: Page) -> Contract:
    """Return ``driven(kind, **unkind)``: the app's home, and one player of that kind."""

    def make(kind: str, **unkind: object) -> Driven:
        if kind in BOXES:
            put_box(page, kind, **unkind)
        if kind == "hlsjs-old":
            page.add_init_script(NO_PROMISE)
        page.route(  # home plays live in a window of its own: here it has no channel
            "**/api/v1/channels", lambda route: route.fulfill(json={"version": "0", "items": []})
        )
        name = kind.removesuffix("-old")
        page.goto(f"{air.url}/tv/#player={name}")
        player = Driven(page)
        assert eventually(page, lambda: bool(player.ask("!!(window.CT && CT.nav.top())")))
        if not player.ask("CT.players.usable().length"):
            pytest.skip(f"this Chromium has no {kind}")
        assert player.make() == name
        return player

    return make


@pytest.mark.parametrize("kind", PLAYERS)
def test_a_film_opens_at_a_time_pauses_seeks_and_ends_once(driven: Contract, kind: str) -> None:
    player = driven(kind)
    assert [player.do(f"{call}()") for call in ("position", "duration", "date")] == [0, 0, 0]
    assert player.do("held()") == [0, 0]
    player.open(FILM, 20)
    player.wait("playing")
    player.moves()
    assert 20 <= player.do("position()") < 32
    assert player.do("duration()") == pytest.approx(60, abs=1)
    assert player.do("held()") == [0, pytest.approx(60, abs=1)]
    player.do("pause()")
    player.wait("paused")
    still = player.stands()
    player.do("resume()")
    player.wait_at(still + 0.6)
    player.do("seek(40)")
    player.wait_at(41)
    assert player.do("position()") < 50
    player.do("seek(5)")
    player.until("player.position() < 12")
    player.moves()
    player.do("seek(57)")
    player.wait("ended")
    assert player.do("position()") == pytest.approx(60, abs=1)
    player.page.wait_for_timeout(700)
    assert player.told().count("ended") == 1
    assert "error" not in player.told()


@pytest.mark.parametrize("kind", PLAYERS)
def test_live_opens_again_after_halt_and_stop_ends_all(driven: Contract, kind: str) -> None:
    player = driven(kind)
    player.open(LIVE, None, growing=True)
    player.wait("playing")
    player.moves()
    assert all(isinstance(player.do(f"{call}()"), int | float) for call in ("duration", "date"))
    player.do("halt()")
    assert player.do("position()") == 0 or kind in BOXES
    player.ask("told.length = 0")
    player.page.wait_for_timeout(600)
    assert player.told() == [], "a halted player says nothing"
    player.open(FILM, 0)
    player.wait("playing")
    player.moves()
    assert player.do("position()") < 20
    player.ask("told.length = 0")
    player.do("stop()")
    player.page.wait_for_timeout(900)
    assert player.told() == []
    assert player.ask("document.querySelectorAll('video').length") == 0
    if kind in BOXES:
        assert player.ask("[FAKE.running, FAKE.visible]") == [0, None]


@pytest.mark.parametrize("kind", PLAYERS)
def test_a_fault_is_told_once_with_its_kind(driven: Contract, kind: str) -> None:
    player = driven(kind)
    player.open("/vod/9/index.m3u8?s=old", 0)  # 410
    player.wait("error")
    player.page.wait_for_timeout(700)
    faults = [told[1]["kind"] for told in player.ask("told") if told[0] == "error"]
    kinds = {"hlsjs": "expired", "hlsjs-old": "expired", "ctc": "expired"}
    assert faults == [kinds.get(kind, "media")]
    player.open(FILM, 0)
    player.wait("playing")
    player.moves()
    player.open("/vod/9/index.m3u8?s=old", 0)
    player.wait("error")
    assert player.told() == ["error"]


@pytest.mark.parametrize("kind", PLAYERS)
def test_the_picture_lies_where_it_is_told(driven: Contract, kind: str) -> None:
    player = driven(kind)
    player.open(LIVE, None, growing=True)
    player.wait("playing")
    rect = """(function () { if (window.FAKE) return FAKE.visible;
      var r = document.querySelector('video').getBoundingClientRect();
      return [r.left, r.top, r.width, r.height].map(Math.round); }())"""
    assert player.ask(rect) in ("full", [0, 0, 1280, 720])
    player.do("area(640, 120, 560, 315)")
    assert player.ask(rect) == [640, 120, 560, 315]
    player.do("halt()")
    player.open(LIVE, None, growing=True)
    player.wait("playing")
    assert player.ask(rect) == [640, 120, 560, 315], "it is kept for the next picture"


@pytest.mark.parametrize(
    ("kind", "times"), [("ctc", "ms"), ("ipanel", "hours"), ("advance", "number")]
)
def test_times_are_seconds_whatever_the_box_counts(driven: Contract, kind: str, times: str) -> None:
    player = driven(kind, times=times, event="keypress")
    player.open(FILM, 30)
    player.wait("playing")
    player.moves()
    player.moves()
    assert 30 <= player.do("position()") < 42
    assert player.do("duration()") == pytest.approx(60, abs=1)


LOST = {
    "ctc": ["EVENT_MEDIA_BEGINING", "EVENT_PLAYMODE_CHANGE", "EVENT_MEDIA_END"],
    "ipanel": [5202, 5205, 5210],
    "advance": [13001, 13003, 13009, 13011, 10901],
}


@pytest.mark.parametrize("kind", BOXES)
def test_lost_reports_are_made_up_for_by_the_position(driven: Contract, kind: str) -> None:
    player = driven(kind, lost=LOST[kind])
    player.open(FILM, 0)
    player.wait("playing")
    player.do("pause()")
    player.wait("paused")
    player.do("resume()")
    player.moves()
    player.do("seek(57)")
    player.wait("ended")
    assert player.told().count("ended") == 1
    player.do("seek(0)")
    player.ask("told.length = 0")
    player.wait("playing")
    player.moves()
    assert player.do("position()") < 15, "after the end it plays again from where it is sent"


@pytest.mark.parametrize("kind", ["ctc", "advance"])
def test_an_instance_that_is_refused_is_not_the_last_one(driven: Contract, kind: str) -> None:
    player = driven(kind, refuse=2)
    player.open(LIVE, None, growing=True)
    player.wait("playing")
    player.do("stop()")
    assert player.ask("FAKE.running") == 0


@pytest.mark.parametrize("kind", ["ctc", "advance"])
def test_a_box_that_gives_no_instance_says_media(driven: Contract, kind: str) -> None:
    player = driven(kind, refuse=99)
    player.open(LIVE, None, growing=True)
    player.wait("error")
    assert player.ask("told") == [["error", {"kind": "media"}]]


def test_a_seek_is_tried_in_seconds_where_hours_do_nothing(driven: Contract) -> None:
    player = driven("ipanel", seek="seconds")
    player.open(FILM, 0)
    player.wait("playing")
    player.do("seek(33)")
    player.until("FAKE.at() > 33")
    assert player.ask("FAKE.log.filter(c => /seek/.test(c))") == ["seek 00:00:33", "seek 33"]


def test_only_one_player_has_the_decoder(driven: Contract) -> None:
    """Live waits below a film: what it held goes to the film, and comes back."""
    player = driven("ctc")
    player.open(LIVE, None, growing=True)
    player.wait("playing")
    player.ask("window.below = player")
    player.make()
    player.open(FILM, 10)
    player.wait("playing")
    assert player.ask("FAKE.running") == 1
    player.ask("told.length = 0; below.open('/live/8/index.m3u8?e=1&s=1', null, true)")
    player.wait("playing")
    assert "/live/8/" in player.ask("FAKE.url")
    assert player.ask("FAKE.running") == 1


def test_channels_of_the_operator_are_joined_and_rewound_by_its_own_clock(driven: Contract) -> None:
    player = driven("ctc")
    player.open("igmp://239.1.1.1:5140#12", None, growing=True)
    player.wait("playing")
    assert player.do("dated()") is True
    player.open("igmp://239.1.1.1:5140#12&utc=1780000000", 0, growing=True)
    player.wait("playing")
    player.do("halt()")
    calls = player.ask("FAKE.log")
    assert [c for c in calls if c.split()[0] in ("join", "leave", "time")] == [
        "join 12", "leave", "join 12", "time 2 20260528T202640.00Z", "leave",
    ]  # fmt: skip
    assert "init14" in calls


def test_leaving_the_page_frees_the_box(driven: Contract) -> None:
    player = driven("ctc")
    player.open(LIVE, None, growing=True)
    player.wait("playing")
    player.ask("window.dispatchEvent(new Event('pagehide'))")
    assert player.ask("[FAKE.running, FAKE.log.indexOf('release') > 0]") == [0, True]


def test_reports_reach_the_player_and_no_screen(driven: Contract) -> None:
    player = driven("ctc")
    player.ask("window.keys = []; CT.keys.start('ctc', function (fns) { keys.push(fns[0]); })")
    player.open(FILM, 0)
    player.wait("playing")
    player.do("pause()")
    player.page.wait_for_timeout(500)
    assert player.ask("keys") == []
    assert player.ask("CT.players.event(768)") is True
    assert player.ask("CT.players.event(13)") is False
