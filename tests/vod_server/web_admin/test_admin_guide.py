"""节目单: a channel's day, corrections, what survives, who may."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.db import read_scope, session_scope
from county import audit
from epg.guide import feeds
from epg.guide.reading import entries
from epg.guide.tables import Programme
from tests.factories import make_channel, make_person
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import Editor, notices
from vod_server.bootstrap import House

ZONE = ZoneInfo("Asia/Shanghai")
DAY = "2026-05-01"  # tests.fakes.START is 10:00 of it


def at(clock: str, day: int = 1) -> int:
    hour, minute = clock.split(":")
    return int(datetime(2026, 5, day, int(hour), int(minute), tzinfo=ZONE).timestamp())


@pytest.fixture
def channel_id(house: House) -> int:
    """A channel with a morning from a feed."""
    with session_scope(house.sessions) as session:
        channel = make_channel(session, number=51, name="县新闻")
        feed = feeds.add_feed(session, name="源", url="http://10.0.0.8/x.xml", now=START)
        for start, stop, title in (("09:00", "10:30", "早间新闻"), ("10:30", "12:00", "农技")):
            session.add(
                Programme(
                    channel_id=channel.id,
                    feed_id=feed.id,
                    start_s=at(start),
                    stop_s=at(stop),
                    title=title,
                )
            )
        return channel.id


def told(house: House, channel_id: int) -> list[tuple[str, str]]:
    with read_scope(house.sessions) as session:
        found = entries(session, [channel_id], at("00:00"), at("00:00", 2))[channel_id]
    return [(one.title, one.origin) for one in found]


def edit_of(editor: Editor, channel_id: int, title: str) -> tuple[str, str]:
    """Return the id of a programme of the day and the version its form sends back."""
    html = editor.get(f"/admin/guide?channel={channel_id}&day={DAY}").text
    found = re.search(rf'edit=(\w+)#programme" aria-label="修改《{title}》"', html)
    assert found
    page = editor.get(f"/admin/guide?channel={channel_id}&day={DAY}&edit={found[1]}").text
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version
    return found[1], version[1]


def form(**changes: str) -> dict[str, str]:
    return {
        "day": DAY,
        "on": DAY,
        "start": "10:30",
        "stop": "12:00",
        "title": "县委专访",
        **changes,
    }


def test_the_day_marks_what_is_on(enter, channel_id: int) -> None:
    html = enter("admin").get("/admin/guide").text
    row = re.search(r'<li class="programme now[^>]*aria-current="time">.*?</li>', html, re.DOTALL)
    assert row
    assert "早间新闻" in row[0]
    assert "09:00" in row[0]
    other = enter("admin").get(f"/admin/guide?channel={channel_id}&day=2026-05-02").text
    assert "这一天没有节目单" in other
    assert enter("admin").get("/admin/guide?channel=999").status_code == 404


def test_a_correction_survives_and_can_be_taken_back(enter, house: House, channel_id: int) -> None:
    editor = enter("admin")
    entry, version = edit_of(editor, channel_id, "农技")
    address = f"/admin/guide/{channel_id}/{entry}/edit"
    assert editor.post(address, form(version=version)).status_code == 303
    assert "您的修改会留着" in notices(editor, f"/admin/guide?channel={channel_id}")
    assert told(house, channel_id) == [("早间新闻", "feed"), ("县委专访", "person")]
    mine, _ = edit_of(editor, channel_id, "县委专访")
    editor.post(f"/admin/guide/{channel_id}/{mine}/drop", {"day": DAY})
    assert told(house, channel_id) == [("早间新闻", "feed"), ("农技", "feed")]
    html = notices(editor, f"/admin/guide?channel={channel_id}&day={DAY}")
    again = re.search(
        rf'<form method="post" action="/admin/guide/{channel_id}/add">(.*?)</form>', html, re.DOTALL
    )
    assert again
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', again[1]))
    editor.post(f"/admin/guide/{channel_id}/add", fields)
    assert ("县委专访", "person") in told(house, channel_id)
    with read_scope(house.sessions) as session:
        actions = [one.action for one in audit.history(session, f"channel:{channel_id}")]
    assert actions == ["guide.add", "guide.drop", "guide.edit"]


def test_a_programme_over_midnight(enter, house: House, channel_id: int) -> None:
    editor = enter("admin")
    editor.get("/admin/guide")
    editor.post(f"/admin/guide/{channel_id}/add", form(title="晚会", start="22:00", stop="1:30"))
    with read_scope(house.sessions) as session:
        row = session.query(Programme).where(Programme.feed_id.is_(None)).one()
        assert (row.start_s, row.stop_s) == (at("22:00"), at("01:30", 2))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"on": "2026-02-30"}, "on"),
        ({"start": "25:00"}, "start"),
        ({"stop": ""}, "stop"),
        ({"stop": "10:30"}, "stop"),
    ],
)
def test_bad_input_is_told_at_its_field(enter, house: House, channel_id, changes, field) -> None:
    editor = enter("admin")
    editor.get("/admin/guide")
    typed = form(sub_title="打好的副标题", **changes)
    reply = editor.post(f"/admin/guide/{channel_id}/add", typed)
    assert reply.status_code == 400
    assert f'id="f-{field}-fault"' in reply.text
    assert "打好的副标题" in reply.text
    assert len(told(house, channel_id)) == 2


def test_an_overlap_with_what_a_person_wrote_is_told(enter, channel_id: int) -> None:
    editor = enter("admin")
    editor.get("/admin/guide")
    editor.post(f"/admin/guide/{channel_id}/add", form())
    reply = editor.post(f"/admin/guide/{channel_id}/add", form(title="另一条", start="11:00"))
    assert reply.status_code == 409
    assert "时间重叠" in reply.text
    assert 'id="f-start-fault"' in reply.text


def test_the_second_of_two_who_correct_is_told(enter, house: House, channel_id: int) -> None:
    first, second = enter("admin"), enter("admin")
    entry, version = edit_of(first, channel_id, "农技")
    address = f"/admin/guide/{channel_id}/{entry}/edit"
    assert first.post(address, form(version=version)).status_code == 303
    second.get("/admin/guide")
    reply = second.post(address, form(version=version, title="乙的"))
    assert reply.status_code == 409
    assert 'value="乙的"' in reply.text
    assert ("县委专访", "person") in told(house, channel_id)


def test_a_loops_guide_is_its_loop(enter, house: House) -> None:
    with session_scope(house.sessions) as session:
        loop_id = make_channel(session, kind="loop", name="轮播").id
    editor = enter("admin")
    html = editor.get(f"/admin/guide?channel={loop_id}").text
    assert "由轮播表算出" in html
    assert "加一条节目" not in html
    assert editor.post(f"/admin/guide/{loop_id}/add", form()).status_code == 409


def test_a_town_host_looks_and_the_wrong_town_does_not(
    app, house: House, office, channel_id
) -> None:
    with session_scope(house.sessions) as session:
        host = make_person(session, "town_host", office.county.town, login="host")
        far = make_channel(session, name="别的镇", places=[office.county.other_town]).id
    editor = Editor(app)
    with editor.client.session_transaction() as cookie:
        cookie["person_id"], cookie["epoch"] = host.id, host.session_epoch
    html = editor.get("/admin/guide").text
    assert "早间新闻" in html
    assert "别的镇" not in html
    assert "加一条节目" not in html
    assert editor.get(f"/admin/guide?channel={far}").status_code == 404
    assert editor.post(f"/admin/guide/{channel_id}/add", form()).status_code == 403
    for path in ("feeds", "matching"):
        assert editor.get(f"/admin/guide/{path}").status_code == 403
