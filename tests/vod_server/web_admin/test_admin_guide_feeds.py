"""节目源 and 频道对应: feeds, uploads, matching and its undo."""

from __future__ import annotations

import gzip
import io
import re

import pytest

from core.db import read_scope, session_scope
from core.jobs.tables import Job
from county import audit
from epg.guide import feeds
from epg.guide.tables import GuideChannel, GuideFeed, Programme
from tests.factories import make_channel
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import notices
from vod_server.bootstrap import House

GUIDE = """<?xml version="1.0" encoding="UTF-8"?><tv>
<channel id="A1"><display-name>县新闻</display-name></channel>
<channel id="B1"><display-name>省级乡村台</display-name></channel>
<programme start="20260501090000 +0800" stop="20260501100000 +0800" channel="A1">
<title>早间</title></programme>
<programme start="20260501090000 +0800" stop="20260501100000 +0800" channel="B1">
<title>乡村</title></programme>
</tv>"""

FEED = {"name": "联通", "url": "", "zone": "Asia/Shanghai", "every_s": "21600"}


def only_feed(house: House) -> GuideFeed:
    with read_scope(house.sessions) as session:
        return session.query(GuideFeed).one()


def jobs(house: House) -> list[tuple[str, str]]:
    with read_scope(house.sessions) as session:
        return [(job.kind, job.subject) for job in session.query(Job)]


def upload(editor, feed_id: int, content: bytes, **form):
    data = {"file": (io.BytesIO(content), "guide.xml"), **form}
    return editor.post(f"/admin/guide/feeds/{feed_id}/upload", data)


def test_a_feed_is_added_fetched_changed_and_removed(enter, house: House) -> None:
    editor = enter("admin")
    assert "还没有节目源" in editor.get("/admin/guide/feeds").text
    editor.post("/admin/guide/feeds", {**FEED, "url": "http://10.0.0.8/epg.xml.gz"})
    feed = only_feed(house)
    assert (feed.name, feed.every_s) == ("联通", 21600)
    assert jobs(house) == [("fetch_guide", f"feed:{feed.id}")]
    # One is under way already.
    assert editor.post(f"/admin/guide/feeds/{feed.id}/fetch").status_code == 409
    html = editor.get("/admin/guide/feeds").text
    assert "排队等待" in html
    assert (
        f'id="feed-{feed.id}-state" hx-swap-oob="true"'
        in editor.get("/admin/guide/feeds/live").text
    )
    form = {**FEED, "name": "联通二", "every_s": "3600", "enabled": ""}
    assert editor.post(f"/admin/guide/feeds/{feed.id}/edit", form).status_code == 303
    changed = only_feed(house)
    assert (changed.name, changed.every_s, changed.enabled) == ("联通二", 3600, False)
    assert editor.post(f"/admin/guide/feeds/{feed.id}/delete").status_code == 303
    with read_scope(house.sessions) as session:
        assert session.query(GuideFeed).count() == 0
        actions = [one.action for one in audit.history(session, f"feed:{feed.id}")]
    assert actions == ["feed.delete", "feed.edit", "feed.create"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "1 到 120 个字"),
        ({"name": "已有"}, "已有名为"),
        ({"url": "ftp://x/y"}, "http:// 或 https:// 开头"),
        ({"zone": "Mars/Base"}, "Mars/Base"),
        ({"every_s": "1"}, "请从列表里选择"),
    ],
)
def test_bad_input_keeps_what_was_typed(enter, house: House, changes, words: str) -> None:
    with session_scope(house.sessions) as session:
        feeds.add_feed(session, name="已有", now=START)
    editor = enter("admin")
    editor.get("/admin/guide/feeds")
    typed = {**FEED, "url": "http://10.0.0.8/typed.xml", **changes}
    reply = editor.post("/admin/guide/feeds", typed)
    assert reply.status_code in {400, 409}
    assert words in reply.text
    assert typed["url"] in reply.text
    assert only_feed(house).name == "已有"


@pytest.mark.parametrize("pack", [lambda text: text, gzip.compress], ids=["plain", "gz"])
def test_a_file_is_brought_in(enter, house: House, pack) -> None:
    with session_scope(house.sessions) as session:
        channel_id = make_channel(session, name="县新闻", tvg_id="A1").id
        feed_id = feeds.add_feed(session, name="手工", now=START).id
    editor = enter("admin")
    editor.get("/admin/guide/feeds")
    assert upload(editor, feed_id, pack(GUIDE.encode())).status_code == 303
    html = notices(editor, "/admin/guide/feeds")
    assert "2 个频道、2 条节目，对上本县的 1 个频道" in html
    with read_scope(house.sessions) as session:
        assert [one.title for one in session.query(Programme)] == ["早间"]
        assert session.query(Programme).one().channel_id == channel_id
    assert house.settings.path("guide", f"feed-{feed_id}.guide").exists()


def test_a_broken_file_changes_nothing(enter, house: House) -> None:
    with session_scope(house.sessions) as session:
        make_channel(session, name="县新闻", tvg_id="A1")
        feed_id = feeds.add_feed(session, name="手工", now=START).id
    editor = enter("admin")
    editor.get("/admin/guide/feeds")
    upload(editor, feed_id, GUIDE.encode())
    assert upload(editor, feed_id, GUIDE.encode()[:400]).status_code == 400
    assert upload(editor, feed_id, b"").status_code == 400
    assert editor.post(f"/admin/guide/feeds/{feed_id}/upload").status_code == 400
    with read_scope(house.sessions) as session:
        assert session.query(Programme).count() == 1
    assert "件事需要处理" in editor.get("/admin/guide/feeds").text


@pytest.fixture
def theirs(house: House) -> dict[str, int]:
    """Two channels of ours; of the feed's three one is matched by its id."""
    with session_scope(house.sessions) as session:
        news = make_channel(session, number=51, name="县新闻", tvg_id="A1")
        rural = make_channel(session, number=32, name="省乡村频道")
        feed = feeds.add_feed(session, name="联通", now=START)
        rows = [
            ("A1", "县新闻", news.id, "id"),
            ("B1", "省乡村台高清", None, ""),
            ("C1", "购物", None, ""),
        ]
        found = {"news": news.id, "rural": rural.id, "feed": feed.id}
        for ref, name, ours, how in rows:
            row = GuideChannel(
                feed_id=feed.id, ref=ref, names=[name], channel_id=ours, matched_by=how
            )
            session.add(row)
            session.flush()
            found[ref] = row.id
        return found


def match_of(house: House, row_id: int) -> tuple[int | None, str]:
    with read_scope(house.sessions) as session:
        row = session.get_one(GuideChannel, row_id)
        return row.channel_id, row.matched_by


def undo_of(html: str) -> dict[str, str]:
    form = re.search(
        r'class="notice .*?<form method="post" action="/admin/guide/matching/\d+">(.*?)</form>',
        html,
        re.DOTALL,
    )
    assert form
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))


def test_the_open_ones_come_with_suggestions(enter, theirs) -> None:
    html = enter("admin").get("/admin/guide/matching").text
    assert "省乡村台高清" in html
    assert "购物" in html
    assert re.search(r'name="suggested" value="32"[^>]*>32 省乡村频道', html)
    by_id = enter("admin").get("/admin/guide/matching?shown=id").text
    assert "标识相同</span>" in by_id
    assert "购物" not in by_id.split('id="matching"')[1]


@pytest.mark.parametrize("typed", ["32 省乡村频道", "32", "省乡村频道"])
def test_a_person_matches_and_takes_it_back(enter, house: House, theirs, typed: str) -> None:
    editor = enter("admin")
    editor.get("/admin/guide/matching")
    address = f"/admin/guide/matching/{theirs['B1']}"
    assert editor.post(address, {"do": "number", "ours": typed, "was": ":"}).status_code == 303
    assert match_of(house, theirs["B1"]) == (theirs["rural"], "person")
    assert jobs(house) == [("fetch_guide", f"feed:{theirs['feed']}")]
    html = notices(editor, "/admin/guide/matching")
    assert "对应到 32 省乡村频道" in html
    editor.post(address, undo_of(html))
    assert match_of(house, theirs["B1"])[1] != "person"


def test_none_of_ours_is_a_word_too(enter, house: House, theirs) -> None:
    editor = enter("admin")
    editor.get("/admin/guide/matching")
    address = f"/admin/guide/matching/{theirs['C1']}"
    editor.post(address, {"do": "none"})
    assert match_of(house, theirs["C1"]) == (None, "none")
    editor.post(address, undo_of(notices(editor, "/admin/guide/matching")))
    assert match_of(house, theirs["C1"]) == (None, "")
    with read_scope(house.sessions) as session:
        assert len(audit.history(session, f"feed:{theirs['feed']}")) == 2


def test_a_wrong_or_late_word_is_told(enter, house: House, theirs) -> None:
    editor = enter("admin")
    editor.get("/admin/guide/matching")
    address = f"/admin/guide/matching/{theirs['B1']}"
    for typed, words in (("", "请先选择"), ("没有的台", "没有找到"), ("77", "没有找到")):
        reply = editor.post(address, {"do": "number", "ours": typed})
        assert reply.status_code == 400
        assert words in reply.text
    assert 'value="77"' in reply.text
    editor.post(address, {"do": "none", "was": ":"})
    late = editor.post(address, {"do": "number", "ours": "32", "was": ":"})
    assert late.status_code == 409
    assert match_of(house, theirs["B1"]) == (None, "none")


def test_town_people_keep_out(enter, theirs) -> None:
    editor = enter("reviewer")
    assert editor.get("/admin/guide/feeds").status_code == 403
    assert editor.post("/admin/guide/feeds", FEED).status_code == 403
    assert editor.post(f"/admin/guide/matching/{theirs['B1']}", {"do": "none"}).status_code == 403
