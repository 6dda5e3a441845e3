"""遥控器修正: what a correction changes, who sent it, and how far it reaches."""

from __future__ import annotations

import re

from core.db import read_scope, session_scope
from county import audit
from county.box_tables import KeyCorrection
from county.boxes import PairedBox, pair_box, revoke_box
from county.remotes import approved_keys, propose
from county.tables import Place
from tests.factories import make_person
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import Editor
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House


def send(house: House, place: Place, name: str, keys: dict[str, list[int]], box_id: int = 0):
    """Let a household's box send a correction; return its id and the box's."""
    with session_scope(house.sessions) as session:
        if not box_id:
            box, _ = pair_box(session, place=place, name=name, now=START)
            box.model, box_id = "B700", box.id
        sender = PairedBox(box_id, place.path)
        sent = propose(session, sender, model="B700", profile="ctc", keys=keys, now=START)
        return sent.id, box_id


def act(editor: Editor, correction_id: int, step: str) -> int:
    return editor.post(f"/admin/remotes/{correction_id}/{step}").status_code


def part(page: str, correction_id: int) -> str:
    return page.partition(f'id="keys-{correction_id}"')[2].partition("</li></ol>")[0]


def held(house: House) -> dict[str, list[int]] | None:
    with read_scope(house.sessions) as session:
        return approved_keys(session, "B700")


def test_a_correction_says_what_it_changes_and_whose_it_is(
    enter, house: House, office: Office
) -> None:
    first, _ = send(house, office.county.village, "李大爷家", {"back": [8], "ok": [13]})
    editor = enter("admin")
    assert act(editor, first, "approve") == 303
    second, gone = send(house, office.county.far, "王秀兰家", {"back": [461]})
    with session_scope(house.sessions) as session:
        pair_box(session, place=office.county.far, name="别的型号", now=START)
    words = part(editor.get("/admin/remotes").text, second)
    assert "石桥镇 · 古井村 王秀兰家" in words
    assert "返回：8 → 461" in words
    assert "确定：13 → 没有" in words
    assert "全县有 2 台这个型号" in words
    with session_scope(house.sessions) as session:
        revoke_box(session, gone, now=START)
    assert "全县有 1 台这个型号" in part(editor.get("/admin/remotes").text, second)


def test_taking_back_brings_what_held_before(enter, house: House, office: Office) -> None:
    first, _ = send(house, office.county.village, "李大爷家", {"back": [8]})
    second, _ = send(house, office.county.far, "王秀兰家", {"back": [461]})
    editor = enter("admin")
    assert act(editor, first, "approve") == 303
    assert act(editor, second, "approve") == 303
    assert held(house) == {"back": [461]}
    assert f"/admin/remotes/{second}/take-back" in editor.get("/admin/remotes").text
    assert act(editor, second, "take-back") == 303
    assert held(house) == {"back": [8]}
    with read_scope(house.sessions) as session:
        entries = audit.history(session, f"keys:{second}")
        assert [one.action for one in entries] == ["keys.take_back", "keys.approve"]
        assert entries[0].place_id == office.county.far.id
        assert entries[0].detail["keys"] == {"back": [461]}


def test_what_was_taken_back_after_a_newer_one_cannot_be_approved_again(
    enter, house: House, office: Office
) -> None:
    sent, box_id = send(house, office.county.village, "李大爷家", {"back": [8]})
    editor = enter("admin")
    assert act(editor, sent, "approve") == 303
    editor.get("/admin/remotes")
    send(house, office.county.village, "", {"back": [27]}, box_id)
    assert act(editor, sent, "take-back") == 303
    # No button that could only fail.
    assert f"/admin/remotes/{sent}/" not in editor.get("/admin/remotes").text
    assert act(editor, sent, "approve") == 409


def test_what_is_refused_is_gone_and_tells_no_box(enter, house: House, office: Office) -> None:
    sent, _ = send(house, office.county.village, "李大爷家", {"back": [8]})
    editor = enter("admin")
    assert re.search(r"遥控器修正 <b>1</b>", editor.get("/admin/boxes").text)
    assert act(editor, sent, "refuse") == 303
    assert act(editor, sent, "approve") == 409
    assert act(editor, sent, "burn") == 404
    assert act(editor, 99999, "approve") == 404
    assert held(house) is None
    assert "没有遥控器修正" in editor.get("/admin/remotes").text
    with read_scope(house.sessions) as session:
        assert session.get_one(KeyCorrection, sent).decided_by == "admin"


def test_a_towns_admin_neither_sees_nor_decides(app, house: House, office: Office) -> None:
    sent, _ = send(house, office.county.village, "李大爷家", {"back": [8]})
    with session_scope(house.sessions) as session:
        person = make_person(session, "county_admin", office.county.town, login="town_admin")
    editor = Editor(app)
    with editor.client.session_transaction() as cookie:
        cookie["person_id"], cookie["epoch"] = person.id, person.session_epoch
    assert "/admin/remotes" not in editor.get("/admin/boxes").text
    assert editor.get("/admin/remotes").status_code == 403
    for step in ("approve", "refuse", "take-back"):
        assert act(editor, sent, step) == 403
    assert held(house) is None
