"""Browsing by category and the page of a series: long lists, places kept, episodes in order."""

from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, focus, pair, press, state
from tests.stb_app.test_tv_focus import metrics
from tests.stb_app.tv_server import TvServer

NODES = "document.getElementsByTagName('*').length"


def open_browse(page: Page, category: str = "agri") -> None:
    page.evaluate("slug => CT.nav.open('browse', {category: slug})", category)
    page.wait_for_function("CT.state().screen === 'browse' && CT.state().detail.state === 'ready'")


def test_categories_stand_beside_the_titles_of_the_one_in_focus(tv: OpenTv) -> None:
    page = tv("")
    open_browse(page)
    assert state(page)["focus"]["label"] == "农技"
    press(page, "ArrowDown")
    page.wait_for_function(
        "CT.state().detail.category === 'party' && CT.state().detail.count === 4"
    )
    press(page, "ArrowRight")
    assert (focus(page), state(page)["focus"]["label"]) == ((1, 0), "学习党章：入党为什么")
    press(page, "ArrowDown")
    assert focus(page) == (1, 3), "the last line has one card"
    press(page, "ArrowLeft")
    assert focus(page) == (0, 1)
    press(page, "ArrowRight", "Enter")
    assert state(page)["screen"] == "title"
    press(page, "Escape")
    page.wait_for_function("CT.state().screen === 'browse'")
    assert focus(page) == (1, 3)
    press(page, "Escape")
    assert state(page)["screen"] == "home"


def test_each_category_keeps_its_place(tv: OpenTv) -> None:
    page = tv("")
    open_browse(page)
    press(page, "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown")
    assert focus(page) == (1, 7)
    page.evaluate("CT.nav.back()")
    open_browse(page, "law")
    page.evaluate("CT.nav.back()")
    open_browse(page)
    press(page, "ArrowRight")
    assert focus(page) == (1, 7)


def test_thirty_thousand_titles_cost_no_more_than_ten(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    open_browse(page, "health")
    few = page.evaluate(NODES)
    page.evaluate("CT.nav.back()")
    server.county.library.grow("agri", 30_000)
    open_browse(page)
    press(page, "ArrowRight")
    assert page.evaluate(NODES) == few
    assert few <= 400
    for _ in range(45):
        page.evaluate("CT.nav.key(['pagedown'], 1)")
        page.wait_for_timeout(20)
    page.wait_for_function("CT.state().detail.count > 200")
    assert page.evaluate(NODES) == few
    press(page, "6", "0", "0", "Enter")
    page.wait_for_function("CT.state().detail.index === 599")
    assert state(page)["focus"]["label"] == "第 591 号", "nine titles came before 第 1 号"
    press(page, "1", "0", "Enter")
    assert focus(page) == (1, 9)
    page.wait_for_function("CT.state().focus.label === '第 1 号'")


def test_a_move_in_the_grid_forces_no_layout(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    server.county.library.grow("agri", 400)
    open_browse(page)
    press(page, "ArrowRight")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    page.wait_for_timeout(500)
    for way, back in (("right", "left"), ("down", "up")):
        spent = []
        for fn in (way, back) * 4:
            before = metrics(cdp)
            page.evaluate("fn => CT.nav.key([fn], 0)", fn)
            page.wait_for_timeout(60)
            after = metrics(cdp)
            if fn == way:
                spent.append([after[n] - before[n] for n in ("RecalcStyleCount", "LayoutCount")])
            page.wait_for_timeout(200)
        assert min(recalculations for recalculations, _ in spent) <= 1, way
        assert min(layouts for _, layouts in spent) <= (1 if way == "right" else 2), way


def test_bad_reply_says_so_and_ok_tries_again(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    page.evaluate("CT.backoff = n => n > 1 ? 1e6 : 20")  # it would mend itself
    server.county.faults.append((r"/titles$|/categories", "html!"))
    page.evaluate("CT.nav.open('browse')")
    page.wait_for_function("CT.state().detail.state === 'failed'")
    assert state(page)["focus"]["label"] == "农技", "the categories of home stand in"
    server.county.faults.clear()
    press(page, "ArrowRight")
    assert state(page)["focus"]["label"] == "再试一次"
    press(page, "Enter")
    page.wait_for_function("CT.state().detail.state === 'ready'")


def test_lessons_say_what_they_count_for(tv: OpenTv, server: TvServer) -> None:
    for card in server.county.rows[1]["items"]:
        card.update(required=True, study_hours=0.5)
    page = tv("")
    open_browse(page, "party")
    page.wait_for_function(
        "/必修 0.5 学时/.test(document.querySelector('.browse .card-mark').textContent)"
    )


def test_series_offers_to_go_on_and_marks_what_was_watched(tv: OpenTv, server: TvServer) -> None:
    page = tv(pair(server))
    page.evaluate("""async () => { const s = await (await fetch('/api/v1/series/1')).json();
      CT.resume.note(s.items[0], 60, 60, false); CT.nav.open('series', {id: 1}); }""")
    page.wait_for_function("CT.state().detail.episodes === 6")
    assert state(page)["focus"]["label"] == "接着看 第 2 集"
    assert page.locator(".series .episode-seen:not(.off)").count() == 1
    press(page, "ArrowDown")
    assert focus(page) == (1, 1)
    press(page, "6", "Enter")
    assert state(page)["focus"]["label"] == "第六讲 储粮防霉"
    press(page, "ArrowUp", "ArrowUp", "Enter")
    page.wait_for_function("CT.state().screen === 'player'")
    press(page, "End")


def test_title_leads_to_its_series_and_may_be_kept(tv: OpenTv) -> None:
    page = tv("")
    press(page, "Enter")
    page.wait_for_function("/全集/.test(CT.state().detail.buttons)")
    press(page, "ArrowRight", "Enter")
    page.wait_for_function("/已收藏/.test(CT.state().detail.buttons)")
    assert state(page)["focus"]["label"] == "已收藏", "the focus stays on the button"
    count = state(page)["focus"]["count"]
    press(page, *["ArrowRight"] * count, "Enter")
    page.wait_for_function("CT.state().screen === 'series'")
