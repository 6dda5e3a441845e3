"""机顶盒 and 遥控器: pairing by code, revoking with a way back, first screens, corrections."""

from __future__ import annotations

import pytest

from core.db import read_scope, session_scope
from core.errors import UnauthenticatedError
from county import audit, pairing, place_settings, remotes
from county.boxes import PairedBox, authenticate_box, pair_box
from county.tables import Box, Place
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import Editor
from vod_server.bootstrap import House

KEYS = {"back": [461], "ok": [13]}


def show_code(house: House) -> tuple[str, str]:
    """Let a television show a code; return it and the secret."""
    with session_scope(house.sessions) as session:
        key = house.pairing_key
        offer = pairing.offer_pairing(session, model="B700", address="10.0.0.9", key=key, now=START)
        return offer.code, offer.secret


def pair(editor: Editor, code: str, place: Place, name: str = "王秀兰家"):
    editor.get("/admin/boxes")
    form = {"code": code, "place": str(place.id), "name": name}
    return editor.post("/admin/boxes/pair", form)


def add_box(house: House, place: Place, name: str) -> tuple[int, str]:
    with session_scope(house.sessions) as session:
        box, token = pair_box(session, place=place, name=name, now=START)
        return box.id, token


def send_correction(house: House, box_id: int, place: Place) -> int:
    with session_scope(house.sessions) as session:
        box = PairedBox(box_id, place.path)
        return remotes.propose(session, box, model="B700", profile="ctc", keys=KEYS, now=START).id


def test_a_clerk_pairs_the_box_that_shows_the_code(enter, house: House, office) -> None:
    code, secret = show_code(house)
    editor = enter("recorder")
    page = editor.get(f"/admin/boxes/pair?code={code}").text
    assert f'value="{code}"' in page
    assert pair(editor, code, office.county.village).status_code == 303
    token = pairing.make_token(secret, key=house.pairing_key)
    with read_scope(house.sessions) as session:
        box = authenticate_box(session, token)
        assert box.place_path == office.county.village.path
        (entry,) = audit.history(session, f"box:{box.id}")
        assert entry.action == "box.pair"
    page = editor.get("/admin/boxes").text
    assert "王秀兰家" in page
    assert "B700" in page
    assert token not in page


def test_a_box_is_paired_only_into_ones_own_places(enter, house: House, office) -> None:
    code, _ = show_code(house)
    assert pair(enter("recorder"), code, office.county.far).status_code == 403
    assert enter("member").get("/admin/boxes").status_code == 403
    with read_scope(house.sessions) as session:
        assert session.query(Box).count() == 0


def test_wrong_codes_are_counted(enter, house: House, office) -> None:
    code, _ = show_code(house)
    wrong = "000000" if code != "000000" else "000001"
    editor = enter("recorder")
    for _ in range(pairing.MAX_WRONG):
        reply = pair(editor, wrong, office.county.village)
        assert reply.status_code == 404
        assert "请核对" in reply.text
    assert pair(editor, code, office.county.village).status_code == 429


@pytest.mark.parametrize("code", ["", "12345", "12345x"])
def test_a_code_that_is_none_is_said_beside_the_field(enter, office, code: str) -> None:
    reply = pair(enter("recorder"), code, office.county.village)
    assert reply.status_code == 400
    assert "6 位数字" in reply.text


def test_a_box_is_released_and_taken_back_by_its_own_people_only(
    enter, house: House, office
) -> None:
    box_id, token = add_box(house, office.county.village, "李大爷家")
    stranger, recorder = enter("stranger"), enter("recorder")
    assert "李大爷家" not in stranger.get("/admin/boxes").text
    assert stranger.post(f"/admin/boxes/{box_id}/revoke", {}).status_code == 404
    assert recorder.post(f"/admin/boxes/{box_id}/revoke", {}).status_code == 303
    with read_scope(house.sessions) as session, pytest.raises(UnauthenticatedError):
        authenticate_box(session, token)
    assert stranger.post(f"/admin/boxes/{box_id}/restore", {}).status_code == 404
    assert recorder.post(f"/admin/boxes/{box_id}/restore", {}).status_code == 303
    with read_scope(house.sessions) as session:
        assert authenticate_box(session, token).id == box_id


def test_the_first_screen_is_set_for_ones_own_place(enter, house: House, office) -> None:
    village, far = office.county.village, office.county.far
    editor = enter("recorder")
    editor.get("/admin/boxes")
    path = f"/admin/boxes/boot/{village.id}"
    assert editor.post(path, {"boot": "home"}).status_code == 303
    assert editor.post(f"/admin/boxes/boot/{far.id}", {"boot": "home"}).status_code in {403, 404}
    assert editor.post(path, {"boot": "moon"}).status_code == 400
    with read_scope(house.sessions) as session:
        assert place_settings.effective(session, village.path, "boot") == "home"
        assert place_settings.effective(session, far.path, "boot") == "live"


def test_a_correction_is_approved_for_the_model_and_taken_back(enter, house: House, office) -> None:
    village = office.county.village
    box_id, _ = add_box(house, village, "李大爷家")
    correction_id = send_correction(house, box_id, village)
    editor = enter("admin")
    page = editor.get("/admin/remotes").text
    assert "李大爷家" in page
    assert "返回：461" in page
    path = f"/admin/remotes/{correction_id}"
    assert editor.post(f"{path}/approve", {}).status_code == 303
    with read_scope(house.sessions) as session:
        assert remotes.approved_keys(session, "B700") == KEYS
    assert editor.post(f"{path}/refuse", {}).status_code == 409
    assert editor.post(f"{path}/take-back", {}).status_code == 303
    with read_scope(house.sessions) as session:
        assert remotes.approved_keys(session, "B700") is None


def test_corrections_are_the_countys_alone(enter, house: House, office) -> None:
    village = office.county.village
    box_id, _ = add_box(house, village, "李大爷家")
    correction_id = send_correction(house, box_id, village)
    editor = enter("recorder")
    assert editor.get("/admin/remotes").status_code == 403
    assert editor.post(f"/admin/remotes/{correction_id}/approve", {}).status_code == 403
