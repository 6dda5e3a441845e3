"""A channel's page: fields, places, sources, loop, key; two editors at once."""

from __future__ import annotations

import re

import pytest

from core.db import read_scope, session_scope
from county import audit
from epg.channels import service
from epg.channels.model import SourceSpec
from epg.channels.tables import Channel
from tests.factories import make_channel, make_person
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import Editor, notices
from vod_server.bootstrap import House

HTMX = {"HX-Request": "true"}


def add(house: House, **values) -> int:
    with session_scope(house.sessions) as session:
        return make_channel(session, **values).id


def sources(house: House, channel_id: int) -> list[tuple[str, str, str]]:
    with read_scope(house.sessions) as session:
        channel = session.get_one(Channel, channel_id)
        return [(one.kind, one.url, one.mode) for one in channel.sources]


def version(editor: Editor, channel_id: int, form: str) -> str:
    html = editor.get(f"/admin/channels/{channel_id}").text
    found = re.search(
        rf'action="/admin/channels/{channel_id}/{form}".*?name="version" value="(\w+)"',
        html,
        re.DOTALL,
    )
    assert found
    return found[1]


def fields(editor: Editor, channel_id: int, **changes) -> dict[str, object]:
    plain = {"number": "51", "name": "县新闻", "level": "county", "kind": "live"}
    return {
        "version": version(editor, channel_id, "edit"),
        "retention_days": "7",
        **plain,
        **changes,
    }


def test_a_channel_is_made_off_the_air(enter, house: House) -> None:
    editor = enter("admin")
    assert 'value="1"' in editor.get("/admin/channels/new").text
    form = {"number": "５１", "name": " 县  新闻 ", "level": "county", "kind": "live"}
    reply = editor.post("/admin/channels/new", {**form, "retention_days": "3"})
    assert reply.status_code == 303
    with read_scope(house.sessions) as session:
        channel = session.query(Channel).one()
        assert (channel.number, channel.name, channel.wanted) == (51, "县 新闻", False)
        assert audit.history(session, f"channel:{channel.id}")[0].action == "channel.create"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "请填写名称。"),
        ({"number": "0"}, "频道号请填 1 到 9999 的整数。"),
        ({"number": "7"}, "频道号 7 已经给了“占着”。"),
        ({"level": "moon"}, "请从列表里选择级别。"),
        ({"retention_days": "400"}, "保留天数请填 0 到 366 的整数。"),
        ({"logo": "javascript:alert(1)"}, "台标地址要以"),
    ],
)
def test_bad_input_keeps_what_was_typed(enter, house: House, changes, words: str) -> None:
    add(house, number=7, name="占着")
    editor = enter("admin")
    editor.get("/admin/channels/new")
    form = {"number": "51", "name": "打好的名称", "level": "county", "kind": "loop"}
    reply = editor.post("/admin/channels/new", {**form, "retention_days": "3", **changes})
    assert reply.status_code in {400, 409}
    assert words in reply.text or "logo" in changes
    if "name" not in changes:
        assert "打好的名称" in reply.text
    channel_id = add(house, number=51, name="县新闻")
    reply = editor.post(
        f"/admin/channels/{channel_id}/edit", fields(editor, channel_id, tvg_id="打好的", **changes)
    )
    assert reply.status_code in {400, 409}
    assert words in reply.text
    assert 'value="打好的"' in reply.text
    field = next(iter(changes))
    assert f'id="f-{field}-fault"' in reply.text


def test_every_field_is_saved_and_written_down(enter, house: House, office) -> None:
    channel_id = add(house, number=5, name="旧")
    editor = enter("admin")
    county = office.county
    form = fields(
        editor,
        channel_id,
        group_title="县内;新闻",
        names="一台，新闻台、一台",
        tvg_id="QH1",
        logo="/static/x.png",
        retention_days="30",
        radio="1",
        seen_by="places",
        # A village below a chosen town adds nothing.
        place=[county.village.id, county.town.id, county.far.id],
    )
    assert editor.post(f"/admin/channels/{channel_id}/edit", form).status_code == 303
    html = editor.get(f"/admin/channels/{channel_id}").text
    assert "已保存" in html
    assert "收看范围" in html
    with read_scope(house.sessions) as session:
        channel = session.get_one(Channel, channel_id)
        assert (channel.number, channel.name, channel.retention_days) == (51, "县新闻", 30)
        assert channel.names == ["一台", "新闻台"]
        assert channel.radio
        assert [place.id for place in channel.places] == [county.town.id, county.far.id]
        (entry,) = audit.history(session, f"channel:{channel_id}")
        assert entry.detail["fields"][-1] == "place_ids"


def test_places_must_be_chosen_where_they_are_asked_for(enter, house: House) -> None:
    channel_id = add(house, number=51, name="县新闻")
    editor = enter("admin")
    form = fields(editor, channel_id, seen_by="places")
    reply = editor.post(f"/admin/channels/{channel_id}/edit", form)
    assert reply.status_code == 400
    assert "请至少勾选一个地方" in reply.text


def test_the_second_of_two_editors_is_told(enter, house: House) -> None:
    channel_id = add(house, number=51, name="县新闻")
    first, second = enter("admin"), enter("admin")
    late = fields(second, channel_id, name="乙改的")
    first.post(f"/admin/channels/{channel_id}/edit", fields(first, channel_id, name="甲改的"))
    reply = second.post(f"/admin/channels/{channel_id}/edit", late)
    assert reply.status_code == 409
    assert "别人改过这里" in reply.text
    assert 'value="乙改的"' in reply.text
    with read_scope(house.sessions) as session:
        assert session.get_one(Channel, channel_id).name == "甲改的"


def test_sources_are_saved_in_their_order(enter, house: House) -> None:
    channel_id = add(house)
    editor = enter("admin")
    address = f"/admin/channels/{channel_id}/sources"
    form = {
        "version": version(editor, channel_id, "sources"),
        "kind": ["udp", "hls", "push"],
        "url": ["udp://239.1.1.1:5000", " http://10.0.0.8/a.m3u8 ", ""],
        "mode": ["copy", "auto", "encode"],
    }
    assert editor.post(address, form).status_code == 303
    wanted = [
        ("udp", "udp://239.1.1.1:5000", "copy"),
        ("hls", "http://10.0.0.8/a.m3u8", "auto"),
        ("push", "", "encode"),
    ]
    assert sources(house, channel_id) == wanted
    # The page was opened before the other one saved.
    stale = {**form, "kind": [], "url": [], "mode": []}
    reply = editor.post(address, stale)
    assert reply.status_code == 409
    assert sources(house, channel_id) == wanted


def test_a_wrong_source_is_told_in_its_row(enter, house: House) -> None:
    channel_id = add(house)
    editor = enter("admin")
    form = {
        "version": version(editor, channel_id, "sources"),
        "kind": ["udp", "hls"],
        "url": ["udp://239.1.1.1", "http://10.0.0.8/a.m3u8"],
        "mode": ["auto", "auto"],
    }
    reply = editor.post(f"/admin/channels/{channel_id}/sources", form)
    assert reply.status_code == 400
    assert "有 1 个信号源需要改正" in reply.text
    assert "地址要写明端口" in reply.text
    assert 'value="http://10.0.0.8/a.m3u8"' in reply.text
    assert sources(house, channel_id) == []
    short = {**form, "mode": ["auto"]}
    assert editor.post(f"/admin/channels/{channel_id}/sources", short).status_code == 400


def test_an_address_is_checked_while_it_is_typed(enter) -> None:
    editor = enter("admin")
    address = "/admin/channels/check-source"
    good = editor.post(address, {"kind": "srt", "url": "srt://10.0.0.9:9000"}, headers=HTMX)
    bad = editor.post(address, {"kind": "srt", "url": "http://10.0.0.9"}, headers=HTMX)
    assert "没有问题" in good.text
    assert "地址要以 srt:// 开头" in bad.text


def test_a_new_key_kills_the_old_one(enter, house: House) -> None:
    channel_id = add(house)
    editor = enter("admin")
    keys = []
    for _ in range(2):
        editor.post(f"/admin/channels/{channel_id}/stream-key")
        html = editor.get(f"/admin/channels/{channel_id}").text
        found = re.search(r'id="push-key"[^>]*value="(\w+)"', html)
        assert found
        keys.append(found[1])
    assert keys[0] != keys[1]
    assert "data-confirm" in html
    with read_scope(house.sessions) as session:
        assert session.get_one(Channel, channel_id).stream_key == keys[1]
        assert all(
            key not in str(entry.detail)
            for entry in audit.history(session, f"channel:{channel_id}")
            for key in keys
        )


def test_a_channel_is_deleted_off_the_air_only(enter, house: House) -> None:
    channel_id = add(house, name="旧频道")
    editor = enter("admin")
    reply = editor.post(f"/admin/channels/{channel_id}/delete")
    assert reply.status_code == 409
    assert "请先停播" in reply.text
    editor.post(f"/admin/channels/{channel_id}/air", {"on": ""})
    assert editor.post(f"/admin/channels/{channel_id}/delete").status_code == 303
    assert "已删除频道 旧频道" in notices(editor, "/admin/channels")
    assert editor.get(f"/admin/channels/{channel_id}").status_code == 404


def test_passwords_in_addresses_are_for_editors(app, enter, house: House, office) -> None:
    channel_id = add(house)
    with session_scope(house.sessions) as session:
        channel = session.get_one(Channel, channel_id)
        spec = SourceSpec("srt", "srt://10.0.0.9:9000?passphrase=geheim99")
        service.set_sources(session, channel, [spec], now=START)
        host = make_person(session, "town_host", office.county.town, login="host")
    assert "geheim99" in enter("admin").get(f"/admin/channels/{channel_id}").text
    editor = Editor(app)
    with editor.client.session_transaction() as cookie:
        cookie["person_id"], cookie["epoch"] = host.id, host.session_epoch
    page = editor.get(f"/admin/channels/{channel_id}")
    assert page.status_code == 200
    assert "geheim99" not in page.text
