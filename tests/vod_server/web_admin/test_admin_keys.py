"""家庭密钥: issued and shown once, revoked, kept to one's places."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.db import read_scope, session_scope
from core.errors import UnauthenticatedError
from county import audit
from county.key_streams import note_stream
from county.keys import authenticate_key, authenticate_login, issue_key
from county.tables import HouseholdKey
from tests.factories import make_person
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import Editor
from vod_server.bootstrap import House


def issue(editor: Editor, place_id: int, **changes: str):
    editor.get("/admin/keys")
    form = {"place": str(place_id), "name": "王秀兰家", "streams": "２", "expires": "", **changes}
    return editor.post("/admin/keys", form)


def shown(page: str) -> dict[str, str]:
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'id="i-([\w-]+)"[^>]*value="([^"]*)"', page)
    }


def test_a_key_is_shown_once_with_its_addresses(enter, house: House, office) -> None:
    editor = enter("admin")
    reply = issue(editor, office.county.village.id, expires="2026-12-31")
    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "no-store"
    values = shown(reply.text)
    token = values["xt-password"]
    assert values["m3u"] == f"http://localhost/playlist.m3u?key={token}"
    assert values["epg"] == f"http://localhost/xmltv.xml.gz?key={token}"
    assert values["m3u-cn"].endswith("&format=cn")
    assert token not in editor.get("/admin/keys").text
    with read_scope(house.sessions) as session:
        holder = authenticate_login(session, values["xt-user"], token, now=START)
        assert holder.place_path == office.county.village.path
        assert holder.max_streams == 2
        key = session.get_one(HouseholdKey, holder.id)
        # The last day is good to its end, by the county's clock.
        assert key.expires_at == datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
        (entry,) = audit.history(session, f"key:{key.id}")
        assert entry.action == "key.issue"
        assert token not in str(entry.detail)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 81}, "name"),
        ({"place": ""}, "place"),
        ({"place": "99999"}, "place"),
        ({"streams": "0"}, "streams"),
        ({"streams": "viele"}, "streams"),
        ({"expires": "2026-04-30"}, "expires"),
        ({"expires": "morgen"}, "expires"),
    ],
)
def test_bad_input_issues_nothing(enter, house: House, office, changes, field: str) -> None:
    reply = issue(enter("admin"), office.county.village.id, **changes)
    assert reply.status_code == 400
    assert re.search(rf'class="field[^"]*wrong">\s*<label for="f-{field}"', reply.text)
    if field != "name":
        assert 'value="王秀兰家"' in reply.text
    with read_scope(house.sessions) as session:
        assert session.query(HouseholdKey).count() == 0


def test_a_revoked_key_is_dead(enter, house: House, office) -> None:
    editor = enter("admin")
    values = shown(issue(editor, office.county.village.id).text)
    key_id = int(values["xt-user"][1:])
    assert editor.post(f"/admin/keys/{key_id}/revoke").status_code == 303
    page = editor.get("/admin/keys").text
    assert "已作废" in page
    assert f"/admin/keys/{key_id}/revoke" not in page
    with read_scope(house.sessions) as session, pytest.raises(UnauthenticatedError):
        authenticate_key(session, values["xt-password"], now=START)
    assert editor.post(f"/admin/keys/{key_id}/revoke").status_code == 303
    with read_scope(house.sessions) as session:
        assert len(audit.history(session, f"key:{key_id}")) == 2
    assert editor.post("/admin/keys/99999/revoke").status_code == 404


def test_streams_in_use_are_counted(enter, house: House, office, clock) -> None:
    with session_scope(house.sessions) as session:
        _, token = issue_key(
            session, place=office.county.village, name="家", max_streams=3, now=START
        )
        holder = authenticate_key(session, token, now=START)
        for client in ("a", "b"):
            note_stream(session, holder, client=client, subject="channel:1", now=START)
    editor = enter("admin")
    assert re.search(r">2</span> / 3", editor.get("/admin/keys").text)
    clock.advance(minutes=5)
    assert re.search(r">0</span> / 3", editor.get("/admin/keys").text)


def test_a_key_over_its_day_is_told(enter, house: House, office, clock) -> None:
    ends = START + timedelta(days=1)
    with session_scope(house.sessions) as session:
        issue_key(
            session,
            place=office.county.village,
            name="家",
            max_streams=1,
            now=START,
            expires_at=ends,
        )
    clock.advance(days=2)
    assert "已过期" in enter("admin").get("/admin/keys").text


def test_a_town_keeps_to_its_households(app, enter, house: House, office) -> None:
    with session_scope(house.sessions) as session:
        person = make_person(session, "county_admin", office.county.town, login="town_admin")
        far, _ = issue_key(
            session, place=office.county.far, name="外镇人家", max_streams=1, now=START
        )
        near, _ = issue_key(
            session, place=office.county.village, name="本镇人家", max_streams=1, now=START
        )
    editor = Editor(app)
    with editor.client.session_transaction() as cookie:
        cookie["person_id"], cookie["epoch"] = person.id, person.session_epoch
    page = editor.get("/admin/keys").text
    assert "本镇人家" in page
    assert "外镇人家" not in page
    assert "古井村" not in page
    assert editor.post(f"/admin/keys/{far.id}/revoke").status_code == 404
    assert issue(editor, office.county.far.id).status_code == 403
    assert editor.post(f"/admin/keys/{near.id}/revoke").status_code == 303


def test_others_do_not_find_the_room(enter) -> None:
    for login in ("reviewer", "recorder", "member"):
        assert enter(login).get("/admin/keys").status_code == 403, login
