"""An operator's M3U: looked at, then brought in; ours given out."""

from __future__ import annotations

import io
import re

from core.db import read_scope, session_scope
from county import audit
from epg.channels.tables import Channel
from epg.guide.feeds import add_feed
from epg.guide.tables import GuideChannel
from tests.vod_server.web_admin.admin_site import notices
from vod_server.bootstrap import House
from vod_server.web.admin import channel_transfer

HTMX = {"HX-Request": "true"}

LIST = """#EXTM3U
#EXTINF:-1 tvg-id="A1" tvg-chno="11" group-title="央视" x-own="kept",甲台
http://10.0.0.8/a.m3u8
#EXTINF:-1 tvg-id="B1" tvg-chno="11",乙台
udp://239.1.1.2:5000
#EXTINF:-1,丙台
carrier-pigeon://x
"""


def m3u(text: str, encoding: str = "utf-8") -> dict[str, object]:
    return {"file": (io.BytesIO(text.encode(encoding)), "list.m3u")}


def test_an_import_is_looked_at_and_then_made(enter, house: House) -> None:
    editor = enter("admin")
    editor.get("/admin/channels/import")
    look = editor.post("/admin/channels/import", {**m3u(LIST), "do": "look"}, headers=HTMX)
    assert "还没有改动任何东西" in look.text
    assert "频道号 11 已被占用" in look.text
    assert "不支持 carrier-pigeon" in look.text
    with read_scope(house.sessions) as session:
        assert session.query(Channel).count() == 0
    digest = re.search(r'name="digest" value="(\w+)"', look.text)
    assert digest
    form = {"do": "apply", "digest": digest[1]}
    other = editor.post("/admin/channels/import", {**m3u(LIST + "\n"), **form})
    assert other.status_code == 409
    reply = editor.post("/admin/channels/import", {**m3u(LIST), **form}, headers=HTMX)
    assert reply.headers["HX-Redirect"] == "/admin/channels"
    assert "新建 2 条，不能导入 1 条" in notices(editor, "/admin/channels")
    with read_scope(house.sessions) as session:
        found = session.query(Channel).order_by(Channel.number).all()
        assert [(one.name, one.wanted) for one in found] == [("甲台", False), ("乙台", False)]
        assert found[0].attributes["x-own"] == "kept"
        assert audit.history(session, "channels")[0].action == "channel.import"
    text = editor.get("/admin/channels/channels.m3u").text
    assert 'x-own="kept"' in text
    assert "udp://239.1.1.2:5000" in text


def test_an_old_encoding_is_read_and_nonsense_refused(enter, monkeypatch) -> None:
    editor = enter("admin")
    editor.get("/admin/channels/import")
    reply = editor.post("/admin/channels/import", {**m3u(LIST, "gb18030"), "do": "look"})
    assert "甲台" in reply.text
    reply = editor.post("/admin/channels/import", {**m3u("<html>"), "do": "look"})
    assert "没有要建立或更新的频道" in reply.text
    assert 'value="apply"' not in reply.text
    reply = editor.post("/admin/channels/import", {"do": "look"})
    assert reply.status_code == 400
    assert "请先选择 M3U 文件" in reply.text
    monkeypatch.setattr(channel_transfer, "MAX_BYTES", 100)
    big = {"file": (io.BytesIO(LIST.encode()), "big.m3u"), "do": "look"}
    assert editor.post("/admin/channels/import", big).status_code == 413


def test_an_import_is_matched_with_the_guide_that_is_there(enter, house: House) -> None:
    with session_scope(house.sessions) as session:
        feed = add_feed(session, name="省网", now=house.clock.now())
        session.add(GuideChannel(feed_id=feed.id, ref="A1", names=["甲"], icon="", matched_by=""))
    editor = enter("admin")
    editor.get("/admin/channels/import")
    look = editor.post("/admin/channels/import", {**m3u(LIST), "do": "look"}, headers=HTMX)
    digest = re.search(r'name="digest" value="(\w+)"', look.text)
    assert digest
    editor.post("/admin/channels/import", {**m3u(LIST), "do": "apply", "digest": digest[1]})
    with read_scope(house.sessions) as session:
        [theirs] = session.query(GuideChannel).all()
        assert theirs.matched_by == "id"
        assert theirs.channel.name == "甲台"
