"""机顶盒: the list and its words, renaming and moving, first screens handed down the tree."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.db import read_scope, session_scope
from county import audit
from county.box_faults import Told, note_fault
from county.boxes import note_box
from county.place_settings import effective
from county.tables import Box, Place
from tests.factories import make_box, make_person
from tests.fakes import START, FakeClock
from tests.vod_server.web_admin.admin_site import Editor
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House
from vod_server.web.admin.box_boot import holding
from vod_server.web.admin.box_sight import seen_words


def add(house: House, place: Place, name: str) -> int:
    with session_scope(house.sessions) as session:
        return make_box(session, place, name=name)[0].id


def of(house: House, box_id: int) -> Box:
    with read_scope(house.sessions) as session:
        return session.get_one(Box, box_id)


def change(editor: Editor, box_id: int, place: Place, name: str):
    page = editor.get(f"/admin/boxes/{box_id}").text
    found = re.search(r'name="version" value="([^"]*)"', page)
    version = found[1] if found else ""
    form = {"name": name, "place": str(place.id), "version": version}
    return editor.post(f"/admin/boxes/{box_id}", form)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (None, "从未"),
        (timedelta(seconds=-5), "刚刚"),
        (timedelta(minutes=59), "刚刚"),
        (timedelta(hours=3, minutes=59), "3 小时前"),
        (timedelta(hours=24), "1 天前"),
        (timedelta(days=40), "40 天前"),
    ],
)
def test_seen_words(age: timedelta | None, words: str) -> None:
    assert seen_words(None if age is None else START - age, START) == words


def test_the_list_tells_what_a_box_is_and_what_fell(
    enter, house: House, office: Office, clock: FakeClock
) -> None:
    editor = enter("admin")
    assert "还没有绑定机顶盒" in editor.get("/admin/boxes").text
    box_id = add(house, office.county.village, "李大爷家")
    add(house, office.county.far, "王秀兰家")
    fault = Told("B700", "1.4.2", 7, "x is undefined", "home")
    with session_scope(house.sessions) as session:
        note_box(session, box_id, model="B700", version="1.4.2", now=START)
        note_fault(session, fault, f"box:{box_id}", now=START)
    clock.advance(3 * 3600)
    page = editor.get("/admin/boxes").text
    for words in ("柳河镇 · 柳湾村", "B700", "1.4.2", ">3 小时前<", ">7</span>", ">从未<"):
        assert words in page, words
    assert "共出错 7 次" in page
    assert "x is undefined" in editor.get(f"/admin/boxes/{box_id}").text
    clock.advance(86400)
    assert ">7</span>" not in editor.get("/admin/boxes").text


@pytest.mark.parametrize("words", ["李大爷", "柳湾", "B700"])
def test_boxes_are_found_by_household_place_and_model(
    enter, house: House, office: Office, words: str
) -> None:
    box_id = add(house, office.county.village, "李大爷家")
    add(house, office.county.far, "王秀兰家")
    with session_scope(house.sessions) as session:
        note_box(session, box_id, model="B700", now=START)
    page = enter("admin").get("/admin/boxes", query_string={"q": words}).text
    assert "李大爷家" in page
    assert "王秀兰家" not in page
    page = enter("admin").get("/admin/boxes", query_string={"q": "没有这户"}).text
    assert "没有找到“没有这户”" in page


def test_long_lists_have_pages(enter, house: House, office: Office) -> None:
    with session_scope(house.sessions) as session:
        for number in range(53):
            make_box(session, office.county.village, name=f"第{number:02}户")
    editor = enter("admin")
    first = editor.get("/admin/boxes").text
    assert "第49户" in first
    assert "第50户" not in first
    after = re.search(r'href="/admin/boxes\?after=(\d+)"', first)
    assert after
    second = editor.get(f"/admin/boxes?after={after[1]}").text
    assert "第50户" in second
    assert 'rel="next"' not in second


def test_a_box_is_renamed_and_moved_and_that_taken_back(
    enter, house: House, office: Office
) -> None:
    box_id = add(house, office.county.village, "李大爷家")
    editor = enter("admin")
    assert change(editor, box_id, office.county.sister, "李大爷新家").status_code == 303
    box = of(house, box_id)
    assert (box.name, box.place_id) == ("李大爷新家", office.county.sister.id)
    page = editor.get("/admin/boxes").text
    notice = page.partition('class="notice ')[2].partition("</form>")[0]
    undo = dict(re.findall(r'name="(name|place|version)" value="([^"]*)"', notice))
    assert editor.post(f"/admin/boxes/{box_id}", undo).status_code == 303
    box = of(house, box_id)
    assert (box.name, box.place_id) == ("李大爷家", office.county.village.id)
    with read_scope(house.sessions) as session:
        actions = [one.action for one in audit.history(session, f"box:{box_id}")]
    assert actions == ["box.edit", "box.edit"]


def test_of_two_who_rename_the_second_is_told(enter, house: House, office: Office) -> None:
    box_id = add(house, office.county.village, "李大爷家")
    editor = enter("admin")
    editor.get("/admin/boxes")
    form = {"name": "旧页面", "place": str(office.county.village.id), "version": "alt"}
    reply = editor.post(f"/admin/boxes/{box_id}", form)
    assert reply.status_code == 409
    assert 'value="旧页面"' in reply.text
    assert of(house, box_id).name == "李大爷家"


@pytest.mark.parametrize("name", ["", "长" * 81])
def test_a_name_that_is_none_changes_nothing(
    enter, house: House, office: Office, name: str
) -> None:
    box_id = add(house, office.county.village, "李大爷家")
    reply = change(enter("admin"), box_id, office.county.village, name)
    assert reply.status_code == 400
    assert 'id="f-name-fault"' in reply.text
    assert of(house, box_id).name == "李大爷家"


def test_another_towns_admin_sees_and_changes_nothing(app, house: House, office: Office) -> None:
    with session_scope(house.sessions) as session:
        person = make_person(session, "county_admin", office.county.other_town, login="other")
    near, far = add(house, office.county.far, "本镇人家"), add(house, office.county.village, "外镇")
    editor = Editor(app)
    with editor.client.session_transaction() as cookie:
        cookie["person_id"], cookie["epoch"] = person.id, person.session_epoch
    page = editor.get("/admin/boxes").text
    assert "本镇人家" in page
    assert "外镇" not in page
    assert "柳湾村" not in editor.get("/admin/boxes/boot").text
    assert "柳湾村" not in editor.get("/admin/boxes/pair").text
    assert editor.get(f"/admin/boxes/{far}").status_code == 404
    for path in ("", "/revoke", "/restore"):
        form = {"name": "我的", "place": str(office.county.far.id), "version": ""}
        assert editor.post(f"/admin/boxes/{far}{path}", form).status_code == 404, path
    # Nor is a box of one's own given away.
    assert change(editor, near, office.county.village, "本镇人家").status_code == 403
    assert of(house, far).revoked_at is None
    assert of(house, far).name == "外镇"
    assert of(house, near).place_id == office.county.far.id


def test_revoking_is_written_down_once_and_offered_back(
    enter, house: House, office: Office
) -> None:
    box_id = add(house, office.county.village, "李大爷家")
    editor = enter("admin")
    editor.get("/admin/boxes")
    for _ in range(2):
        assert editor.post(f"/admin/boxes/{box_id}/revoke").status_code == 303
    page = editor.get("/admin/boxes").text
    notice = page.partition('class="notice ')[2].partition("</form>")[0]
    assert f"/admin/boxes/{box_id}/restore" in notice
    assert "撤销" in notice
    for _ in range(2):
        assert editor.post(f"/admin/boxes/{box_id}/restore").status_code == 303
    with read_scope(house.sessions) as session:
        actions = [one.action for one in audit.history(session, f"box:{box_id}")]
    assert actions == ["box.restore", "box.revoke"]


def test_the_nearest_place_is_heard() -> None:
    assert holding("1/2/3/", {}) == "live"
    assert holding("1/2/3/", {1: "home"}) == "home"
    assert holding("1/2/3/", {1: "home", 2: "live"}) == "live"
    assert holding("1/2/3/", {1: "home", 2: "moon", 4: "live"}) == "home"


def test_a_first_screen_is_handed_down_and_let_go(enter, house: House, office: Office) -> None:
    town, village = office.county.town, office.county.village
    editor = enter("admin")
    editor.get("/admin/boxes/boot")

    def boot() -> str:
        with read_scope(house.sessions) as session:
            return effective(session, village.path, "boot")

    assert editor.post(f"/admin/boxes/boot/{town.id}", {"boot": "home"}).status_code == 303
    assert boot() == "home"
    page = editor.get("/admin/boxes/boot").text
    row = re.search(r"柳湾村</th>\s*<td>(.*?)</td>", page, re.DOTALL)
    assert row
    assert "首页" in row[1]
    assert "随上级" in row[1]
    assert editor.post(f"/admin/boxes/boot/{town.id}", {"boot": ""}).status_code == 303
    assert boot() == "live"
    assert editor.post(f"/admin/boxes/boot/{town.id}").status_code == 400
    assert editor.post("/admin/boxes/boot/99999", {"boot": "home"}).status_code == 404
    with read_scope(house.sessions) as session:
        entries = audit.history(session, f"place:{town.id}")
    assert [one.detail for one in entries] == [
        {"before": "home", "after": ""},
        {"before": "", "after": "home"},
    ]
