"""录像: spans kept and let go, what recordings take, a past span played."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.db import read_scope, session_scope
from epg.channels.tables import RecordingPin
from tests.factories import make_channel
from tests.vod_server.web_admin.admin_site import notices
from vod_server.bootstrap import House

ZONE = ZoneInfo("Asia/Shanghai")


def at(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(datetime(2026, 5, 1, int(hour), int(minute), tzinfo=ZONE).timestamp())


@pytest.fixture
def channel_id(house: House) -> int:
    with session_scope(house.sessions) as session:
        return make_channel(session, number=51, name="县新闻").id


def pins(house: House) -> list[tuple[str, int, int]]:
    with read_scope(house.sessions) as session:
        return [(one.name, one.start_ms, one.stop_ms) for one in session.query(RecordingPin)]


def test_a_span_is_kept_and_let_go_and_kept_again(enter, house: House, channel_id: int) -> None:
    editor = enter("admin")
    editor.get("/admin/recordings")
    span = {"start": "2026-05-01T08:00", "stop": "2026-05-01T09:30", "name": "人代会"}
    editor.post("/admin/recordings/pin", {"channel": channel_id, **span})
    kept = [("人代会", at("08:00") * 1000, at("09:30") * 1000)]
    assert pins(house) == kept
    html = notices(editor, "/admin/recordings")
    number = re.search(r"/admin/recordings/(\d+)/unpin", html)
    assert number
    assert f"start={at('08:00')}" in html
    editor.post(f"/admin/recordings/{number[1]}/unpin")
    assert pins(house) == []
    html = notices(editor, "/admin/recordings")
    undo = re.search(r'action="/admin/recordings/pin">(.*?)</form>', html, re.DOTALL)
    assert undo
    editor.post("/admin/recordings/pin", dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo[1])))
    assert pins(house) == kept


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": "gestern"}, "start"),
        ({"stop": "2026-05-01T07:00"}, "stop"),
        ({"stop": "2026-05-02T07:00"}, "stop"),
        ({"channel": "x"}, "channel"),
        ({"name": "长" * 201}, "name"),
    ],
)
def test_a_span_that_cannot_be(enter, house: House, channel_id: int, changes, field) -> None:
    editor = enter("admin")
    editor.get("/admin/recordings")
    typed = {"channel": str(channel_id), "start": "2026-05-01T08:00", "stop": "2026-05-01T09:00"}
    reply = editor.post("/admin/recordings/pin", {**typed, **changes})
    assert reply.status_code == 400
    assert "有 1 处需要改正" in reply.text
    assert re.search(rf'class="field[^"]*wrong">\s*<label for="f-{field}"', reply.text)
    assert pins(house) == []


def test_what_recordings_take_is_told(enter, house: House, channel_id: int) -> None:
    folder = house.settings.effective_recordings_dir / str(channel_id)
    for hour in range(12):
        path = folder / "20260430" / f"{hour:02}"
        path.mkdir(parents=True)
        start = 1777507200_000 + hour * 3_600_000
        lines = "".join(f"{start + n * 2000} 2000 500000\n" for n in range(10))
        (path / "index").write_text(f"cuntai-index 1 1 0\n{lines}")
    html = enter("admin").get("/admin/recordings").text
    assert "12 小时" in html
    assert "约 60.0 MB" in html


def test_a_past_span_is_played(enter, channel_id: int) -> None:
    query = f"channel={channel_id}&start={at('08:00')}&stop={at('09:00')}&name=早间"
    html = enter("admin").get(f"/admin/recordings/play?{query}").text
    start, stop = at("08:00"), at("09:00")
    assert f'data-src="/live/{channel_id}/index.m3u8?start={start}&amp;end={stop}"' in html
    wrong = f"/admin/recordings/play?channel={channel_id}&start=5&stop=4"
    assert enter("admin").get(wrong).status_code == 400


def test_who_may_not_edit_keeps_nothing(enter, house: House, channel_id: int) -> None:
    editor = enter("recorder")
    span = {"start_ms": "1777507200000", "stop_ms": "1777507260000", "channel": channel_id}
    assert editor.post("/admin/recordings/pin", span).status_code == 403
    assert editor.get("/admin/recordings").status_code == 403
    assert pins(house) == []
