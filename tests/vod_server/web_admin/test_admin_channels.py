"""频道: the list, its filters, the switch, changes of many, who may see and do what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.db import read_scope, session_scope
from county import audit
from county.alerts import raise_alert
from county.tables import Person
from epg.channels import service
from epg.channels.model import SourceSpec
from epg.channels.tables import Channel, ChannelRun
from tests.factories import make_channel, make_person
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import Editor, notices
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House

HTMX = {"HX-Request": "true"}


def add(house: House, **values) -> int:
    with session_scope(house.sessions) as session:
        return make_channel(session, **values).id


def look(house: House, channel_id: int) -> Channel:
    with read_scope(house.sessions) as session:
        return session.get_one(Channel, channel_id)


def run(house: House, channel_id: int, state: str, **values) -> None:
    facts = {"lease_until": START + timedelta(seconds=10), "owner": "head-1", **values}
    with session_scope(house.sessions) as session:
        channel = session.get_one(Channel, channel_id)
        service.set_sources(
            session, channel, [SourceSpec("udp", "udp://239.1.1.1:5000")], now=START
        )
        source_id = channel.sources[0].id
        session.add(ChannelRun(channel_id=channel_id, state=state, source_id=source_id, **facts))


def names(html: str) -> list[str]:
    return re.findall(r'id="ch-\d+-link"[^>]*>([^<]+)<', html)


def test_an_empty_house_says_what_to_do(enter) -> None:
    html = enter("admin").get("/admin/channels").text
    assert "还没有频道" in html
    assert "/admin/channels/new" in html


def test_the_list_tells_what_each_is_doing(enter, house: House) -> None:
    on = add(house, number=1, name="新闻", level="central")
    run(
        house,
        on,
        "on_air",
        mode="copy",
        bitrate_bps=3_400_000,
        restarts=2,
        on_air_since=START - timedelta(hours=26),
        last_segment_at=START - timedelta(seconds=2),
    )
    stalled = add(house, number=2, name="卫视")
    run(
        house,
        stalled,
        "stalled",
        last_error="没有数据。",
        last_segment_at=START - timedelta(minutes=3),
    )
    add(house, number=3, name="没人管")
    add(house, number=4, name="停着", wanted=False)
    html = enter("admin").get("/admin/channels").text
    assert names(html) == ["新闻", "卫视", "没人管", "停着"]
    for words in ("1 天 2 小时", "首选 · UDP", "直接封装", "3.4 Mbps", "2 秒前", "重启 2 次"):
        assert words in html, words
    for state in ("在播", "断流", "等待重试", "未开播"):
        assert f"</svg>{state}</span>" in html, state
    assert "没有数据。" in html
    assert "没有录制程序接管" in html


def test_a_supervisor_that_died_is_not_on_air(enter, house: House, clock) -> None:
    channel_id = add(house, name="新闻")
    run(house, channel_id, "on_air", on_air_since=START)
    clock.advance(minutes=1)
    html = enter("admin").get("/admin/channels").text
    assert "live-on_air" not in html
    assert "没有录制程序接管" in html


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=off", ["丙"]),
        ("level=town", ["乙"]),
        ("group=党建", ["甲", "乙"]),
        ("q=61", ["甲"]),
        ("q=别名", ["丙"]),
        ("q=没有这个", []),
        ("state=nonsense&level=moon", ["甲", "乙", "丙"]),
    ],
)
def test_filters(enter, house: House, query: str, found: list[str]) -> None:
    add(house, number=61, name="甲", group_title="县内;党建")
    add(house, number=70, name="乙", group_title="党建", level="town")
    add(house, number=80, name="丙", names=["别名"], wanted=False)
    html = enter("admin").get(f"/admin/channels?{query}").text
    assert names(html) == found
    assert ("没有符合条件的频道" in html) == (not found)


def test_the_refresh_brings_only_what_is_asked_and_known(enter, house: House, office) -> None:
    mine, other = add(house, name="甲"), add(house, name="乙")
    html = enter("admin").get(f"/admin/channels/live?id={mine}&id=99999&id=x").text
    assert f'id="ch-{mine}-live" hx-swap-oob="true"' in html
    assert f"ch-{other}-live" not in html


def test_the_switch_is_written_down(enter, house: House) -> None:
    channel_id = add(house, name="新闻")
    editor = enter("admin")
    html = editor.post(f"/admin/channels/{channel_id}/air", {"on": ""}, headers=HTMX).text
    assert 'aria-checked="false"' in html
    assert not look(house, channel_id).wanted
    reply = editor.post(f"/admin/channels/{channel_id}/air", {"on": "1"})
    assert reply.status_code == 303
    assert look(house, channel_id).wanted
    with read_scope(house.sessions) as session:
        entries = audit.history(session, f"channel:{channel_id}")
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("admin", "channel.on"),
        ("admin", "channel.off"),
    ]


def test_many_are_changed_and_changed_back(enter, house: House) -> None:
    ids = [add(house, level="county"), add(house, level="city"), add(house, level="town")]
    editor = enter("admin")
    editor.get("/admin/channels")
    editor.post("/admin/channels/change", {"do": "level", "level": "town", "id": ids})
    assert [look(house, one).level for one in ids] == ["town"] * 3
    html = notices(editor, "/admin/channels")
    assert "2 个频道已改为乡镇" in html
    was = re.findall(r'name="was" value="([^"]+)"', html)
    editor.post("/admin/channels/restore", {"was": was})
    assert [look(house, one).level for one in ids] == ["county", "city", "town"]


def test_many_go_off_the_air_with_a_way_back(enter, house: House) -> None:
    ids = [add(house), add(house), add(house, wanted=False)]
    editor = enter("admin")
    editor.post("/admin/channels/change", {"do": "off", "id": ids})
    assert not any(look(house, one).wanted for one in ids)
    was = re.findall(r'name="was" value="([^"]+)"', notices(editor, "/admin/channels"))
    assert was == [f"air:1:{ids[0]},{ids[1]}"]
    editor.post("/admin/channels/restore", {"was": was})
    assert [look(house, one).wanted for one in ids] == [True, True, False]


def test_a_group_is_set_for_many(enter, house: House) -> None:
    channel_id = add(house, group_title="旧:组")
    editor = enter("admin")
    editor.post("/admin/channels/change", {"do": "group", "group": " 党建 ", "id": [channel_id]})
    assert look(house, channel_id).group_title == "党建"
    was = re.findall(r'name="was" value="([^"]+)"', notices(editor, "/admin/channels"))
    editor.post("/admin/channels/restore", {"was": was})
    assert look(house, channel_id).group_title == "旧:组"


def test_what_cannot_be_changed_is_told(enter, house: House) -> None:
    editor = enter("admin")
    assert editor.post("/admin/channels/change", {"do": "explode"}).status_code == 400
    editor.post("/admin/channels/change", {"do": "on"})
    assert "请先选择频道" in notices(editor, "/admin/channels")
    editor.post("/admin/channels/change", {"do": "on", "id": ["424242"]})
    assert "没有这个频道" in notices(editor, "/admin/channels")


@pytest.fixture
def host(house: House, office: Office) -> str:
    """A town host of the first town: looks at channels, changes none."""
    with session_scope(house.sessions) as session:
        make_person(session, "town_host", office.county.town, login="host")
        make_person(session, "county_editor", office.county.town, login="town_editor")
    return "host"


@pytest.fixture
def enter_as(app, house: House):
    def enter_as(login: str):
        editor = Editor(app)
        with read_scope(house.sessions) as session:
            person = session.scalars(select(Person).where(Person.login == login)).one()
        with editor.client.session_transaction() as cookie:
            cookie["person_id"], cookie["epoch"] = person.id, person.session_epoch
        editor.get("/admin/password")
        return editor

    return enter_as


def test_a_town_sees_what_its_villages_see(enter_as, house: House, office, host: str) -> None:
    county = office.county
    add(house, number=1, name="全县")
    add(house, number=2, name="本镇", places=[county.town])
    add(house, number=3, name="本镇一村", places=[county.village])
    add(house, number=4, name="已绑定", places=[county.root])
    other = add(house, number=5, name="别的镇", places=[county.other_town])
    editor = enter_as(host)
    html = editor.get("/admin/channels").text
    assert names(html) == ["全县", "本镇", "本镇一村", "已绑定"]
    assert "新建频道" not in html
    assert editor.get(f"/admin/channels/{other}").status_code == 404
    assert f"ch-{other}" not in editor.get(f"/admin/channels/live?id={other}").text


def test_who_only_looks_changes_nothing(enter_as, house: House, office, host: str) -> None:
    channel_id = add(house, name="新闻")
    editor = enter_as(host)
    for path in ("air", "edit", "sources", "loop", "stream-key", "delete"):
        assert editor.post(f"/admin/channels/{channel_id}/{path}").status_code == 403, path
    assert (
        editor.post("/admin/channels/change", {"do": "off", "id": [channel_id]}).status_code == 403
    )
    assert editor.get("/admin/channels/new").status_code == 403
    assert look(house, channel_id).wanted


def test_an_editor_of_a_town_keeps_to_it(enter_as, house: House, office, host: str) -> None:
    county = office.county
    mine = add(house, name="本镇", places=[county.town])
    public = add(house, name="全县")
    far = add(house, name="别的镇", places=[county.other_town])
    editor = enter_as("town_editor")
    replies = [editor.post(f"/admin/channels/{one}/air", {"on": ""}) for one in (mine, public, far)]
    assert [reply.status_code for reply in replies] == [303, 403, 404]
    editor.get("/admin/channels")
    editor.post("/admin/channels/change", {"do": "off", "id": [mine, public, far]})
    assert look(house, public).wanted
    assert look(house, far).wanted
    assert editor.get("/admin/channels/import").status_code == 403
    # Nor may it give its channel to everybody, or to another town.
    page = editor.get(f"/admin/channels/{mine}").text
    version = re.search(
        r'name="version" value="([^"]*)">\s*<fieldset[^>]*>\s*<legend[^>]*>频道资料', page
    )
    assert version
    form = {"version": version[1], "number": look(house, mine).number, "name": "本镇"}
    form |= {"level": "town", "kind": "live", "retention_days": "7"}
    reply = editor.post(f"/admin/channels/{mine}/edit", {**form, "seen_by": ""})
    assert reply.status_code == 400
    form |= {"seen_by": "places", "place": [county.town.id, county.other_town.id]}
    reply = editor.post(f"/admin/channels/{mine}/edit", form)
    assert reply.status_code == 400
    assert "请选择您负责的地区" in reply.text


def test_village_people_do_not_find_the_room(enter) -> None:
    editor = enter("recorder")
    assert editor.get("/admin/channels").status_code == 403
    assert 'href="/admin/channels"' not in editor.get("/admin/").text


def test_alerts_stand_on_every_page(enter, enter_as, house: House, office, host: str) -> None:
    far = add(house, name="别的镇", places=[office.county.other_town])
    with session_scope(house.sessions) as session:
        subject = f"channel:{far}"
        raise_alert(session, kind="channel.silent", subject=subject, words="没有画面。", now=START)
        raise_alert(
            session, kind="disk.full", subject="recordings", words="磁盘快满了。", now=START
        )
    html = enter("admin").get("/admin/").text
    assert "2 件事需要处理" in html
    assert f'href="/admin/channels/{far}">没有画面。' in html
    # Another town's channel is no news for this one, nor is the county's disk.
    assert "件事需要处理" not in enter_as(host).get("/admin/channels").text
    assert "件事需要处理" not in enter("recorder").get("/admin/").text
    assert "磁盘快满了。" in enter("admin").get("/admin/alerts").text
