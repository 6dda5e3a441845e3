"""我的: what was begun, kept and watched; one taken away, all cleared, and both brought back."""

from playwright.sync_api import Page

from tests.stb_app.remote import OpenTv, asked, eventually, pair, press, state
from tests.stb_app.tv_server import TvServer


def open_mine(page: Page, tab: str, count: int) -> None:
    page.evaluate("tab => CT.nav.open('history', {tab: tab})", tab)
    page.wait_for_function(
        f"CT.state().detail.tab === '{tab}' && CT.state().detail.count === {count}"
    )


def keep(page: Page, *numbers: int) -> None:
    page.evaluate("""async ids => { for (const id of ids) {
      const card = await (await fetch('/api/v1/titles/' + id)).json();
      CT.favourites.toggle('title', id, card); } }""", list(numbers))  # fmt: skip


def deleted(server: TvServer) -> list[str]:
    return [path for method, path, _ in server.county.log if method == "DELETE"]


def test_unpaired_box_remembers_by_itself(tv: OpenTv, server: TvServer) -> None:
    page = tv("")
    keep(page, 9, 10, 12)
    page.reload()
    page.wait_for_function("CT.favourites")
    open_mine(page, "favourites", 3)
    assert asked(server, "/favourites") == []
    press(page, "ArrowDown")
    assert state(page)["focus"]["label"] == server.county.titles[12]["title"], "newest first"


def test_red_key_takes_one_away_and_ok_brings_it_back(tv: OpenTv, server: TvServer) -> None:
    server.county.library.favourites = [("title", 9), ("title", 10), ("series", 1)]
    page = tv(pair(server))
    open_mine(page, "favourites", 3)
    press(page, "ArrowDown", "F1")
    assert state(page)["detail"]["count"] == 2
    press(page, "Enter")
    assert state(page)["detail"]["count"] == 3
    assert deleted(server) == []
    press(page, "F1")
    assert eventually(page, lambda: deleted(server) == ["/api/v1/favourites/title/9"])
    assert server.county.library.favourites == [("title", 10), ("series", 1)]


def test_clearing_asks_first_and_the_server_hears_of_it_later(tv: OpenTv, server: TvServer) -> None:
    server.county.library.history = [(3, 41.0, False), (9, 20.0, False), (12, 60.0, True)]
    page = tv(pair(server))
    open_mine(page, "history", 3)
    assert page.locator(".card-mark:not(.off)").first.inner_text() == "看完了"
    press(page, "ArrowRight", "Enter")
    assert state(page)["detail"]["dialog"] is True
    assert state(page)["focus"]["label"] == "不清空"
    press(page, "Escape")
    assert (state(page)["detail"]["dialog"], state(page)["detail"]["count"]) == (False, 3)
    press(page, "Enter", "ArrowRight", "Enter")
    assert state(page)["detail"]["count"] == 0
    assert server.county.library.history != []
    assert eventually(page, lambda: server.county.library.history == [])


def test_what_the_server_knows_and_what_only_the_box_knows_come_together(
    tv: OpenTv, server: TvServer
) -> None:
    page = tv("")
    keep(page, 12)
    server.county.library.favourites = [("title", 9)]
    options = pair(server)
    page = tv(options)
    open_mine(page, "favourites", 2)
    assert eventually(page, lambda: ("title", 12) in server.county.library.favourites)


def test_empty_lists_say_what_they_are_for(tv: OpenTv) -> None:
    page = tv("")
    for tab in ("resume", "favourites", "history"):
        open_mine(page, tab, 0)
        assert state(page)["focus"]["count"] == 4
        press(page, "ArrowDown")
        assert state(page)["focus"]["label"] == "去看看节目"
        press(page, "Escape")
        assert state(page)["screen"] == "home"
    open_mine(page, "history", 0)
    press(page, "ArrowDown", "Enter")
    page.wait_for_function("CT.state().screen === 'browse'")


def test_bad_replies_leave_what_the_box_remembers(tv: OpenTv, server: TvServer) -> None:
    page = tv(pair(server))
    keep(page, 9)
    page.evaluate("CT.backoff = () => 20")
    server.county.faults.append(("/favourites|/history|/resume", "html!"))
    open_mine(page, "favourites", 1)
    press(page, "Escape")
    open_mine(page, "history", 2)
    assert state(page)["error"] is None
