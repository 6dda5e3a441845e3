"""Home walked with real keys: focus, Back, windowing, and what a key costs."""

from playwright.sync_api import CDPSession, Page

from tests.stb_app.remote import OpenTv, focus, press, state
from tests.stb_app.tv_server import TvServer

SPY = """() => { window.reads = [];
  const spy = (proto, name) => { const d = Object.getOwnPropertyDescriptor(proto, name);
    const note = () => window.reads.push(name);
    if (d.get) { Object.defineProperty(proto, name,
      {get() { note(); return d.get.call(this); }, set: d.set}); return; }
    proto[name] = function () { note(); return d.value.apply(this, arguments); }; };
  const boxes = ['offsetWidth', 'offsetHeight', 'offsetTop', 'offsetLeft'];
  const sizes = ['clientWidth', 'clientHeight', 'scrollTop', 'scrollLeft'];
  boxes.forEach(name => spy(HTMLElement.prototype, name));
  sizes.concat('getBoundingClientRect').forEach(name => spy(Element.prototype, name));
  spy(window, 'getComputedStyle'); }"""


def test_arrows_reach_every_card_and_dom_focus_follows(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    reached = []
    for row in server.county.rows:
        press(page, *["ArrowLeft"] * state(page)["focus"]["index"])
        for n, card in enumerate(row["items"]):
            assert state(page)["focus"]["label"] == card["title"]
            reached.append(card["id"])
            press(page, "ArrowRight" if n + 1 < len(row["items"]) else "ArrowDown")
    assert len(reached) == sum(len(row["items"]) for row in server.county.rows)
    page.wait_for_timeout(200)
    assert page.evaluate("document.activeElement.className") == "card focus"
    heard = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert heard.startswith(state(page)["focus"]["label"])


def test_focused_card_is_wholly_on_screen_wherever_it_is(tv: OpenTv) -> None:
    page = tv("")
    for key in ["ArrowRight"] * 8 + ["ArrowDown"] * 5 + ["ArrowRight"] * 2 + ["ArrowUp"] * 5:
        press(page, key)
        box = page.locator(".focus").bounding_box()
        assert box is not None
        assert box["x"] >= 56
        assert box["y"] >= 32
        assert box["x"] + box["width"] <= 1224
        assert box["y"] + box["height"] <= 688


def test_each_row_remembers_its_place(tv: OpenTv) -> None:
    page = tv("")
    press(page, "ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowUp")
    assert focus(page) == (1, 2)
    press(page, "ArrowDown")
    assert focus(page) == (2, 1)


def test_edges_hold_and_flare(tv: OpenTv) -> None:
    page = tv("")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.getElementById('app').className") == "bump"
    assert focus(page) == (1, 0)
    page.wait_for_function("document.getElementById('app').className === ''")


def test_back_always_leads_home(tv: OpenTv) -> None:
    page = tv("")
    press(page, "ArrowDown", "ArrowRight", "Enter")
    assert state(page)["screen"] == "title"
    press(page, "Enter")
    assert state(page)["screen"] == "player"
    press(page, "i", "Escape")
    assert state(page)["screen"] == "player", "the first Back closes the banner"
    press(page, "Escape", "Escape")
    assert state(page)["screen"] == "home"
    assert focus(page) == (2, 1), "home is where it was left"
    press(page, "Escape")
    assert focus(page) == (1, 0)
    press(page, "Escape")
    assert state(page)["screen"] == "home"


def test_exit_goes_home_from_anywhere(tv: OpenTv) -> None:
    page = tv("")
    press(page, "Enter", "Enter", "End")
    assert (state(page)["screen"], focus(page)) == ("home", (1, 0))


def test_dom_is_the_same_for_ten_titles_and_a_thousand(
    tv: OpenTv, server: TvServer, page: Page
) -> None:
    nodes = "document.getElementsByTagName('*').length"
    before = tv("").evaluate(nodes)
    cards = server.county.rows[0]["items"]
    server.county.rows[0]["items"] = [{**cards[n % 9], "id": n + 1} for n in range(1000)]
    server.county.rows += [{**server.county.rows[1], "id": f"more-{n}"} for n in range(50)]
    tv("")
    page.wait_for_function("CT.state().detail.rows === 55")
    assert page.evaluate(nodes) == before
    for _ in range(30):
        page.evaluate("CT.nav.key(['right'], 1); CT.nav.key(['right'], 2)")
    assert state(page)["focus"]["index"] == 60
    assert state(page)["focus"]["label"] == cards[60 % 9]["title"]
    press(page, *["ArrowDown"] * 5)
    assert page.evaluate(nodes) == before
    assert before <= 400


BACK = {"right": "left", "left": "right", "down": "up", "up": "down"}
COUNTS = ("RecalcStyleCount", "LayoutCount")


def metrics(cdp: CDPSession) -> dict[str, float]:
    return {m["name"]: m["value"] for m in cdp.send("Performance.getMetrics")["metrics"]}


def test_a_focus_move_forces_no_layout_and_recalculates_style_once(tv: OpenTv) -> None:
    page = tv("")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    page.wait_for_timeout(500)
    for fn in ("right", "left", "down", "up"):
        # The clock ticks and pictures arrive meanwhile; a move's own work is in every try.
        spent = []
        for way in (fn, BACK[fn]) * 4:
            before = metrics(cdp)
            page.evaluate("fn => CT.nav.key([fn], 0)", way)
            page.wait_for_timeout(60)
            after = metrics(cdp)
            if way == fn:
                spent.append([after[name] - before[name] for name in COUNTS])
            page.wait_for_timeout(200)
        assert min(recalculations for recalculations, _ in spent) <= 1, fn
        assert min(layouts for _, layouts in spent) == 0, fn


def test_nothing_reads_layout_while_keys_are_handled(tv: OpenTv) -> None:
    page = tv("")
    page.evaluate(SPY)
    press(page, *["ArrowRight"] * 6, *["ArrowDown"] * 3, "ArrowUp", "Enter", "Escape")
    assert page.evaluate("window.reads") == []
