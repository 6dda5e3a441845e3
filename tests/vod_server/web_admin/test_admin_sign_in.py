"""The door of the admin: who gets in, who is told to wait, when a session ends."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import read_scope, session_scope
from county import audit, people
from county.tables import AuditEntry, Person, SignInFailure
from tests.factories import PASSWORD
from tests.fakes import FakeClock
from tests.vod_server.web_admin.admin_site import Editor
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House
from vod_server.web.admin.sign_in import local_path


def test_a_page_leads_to_the_door_and_back(app: Flask) -> None:
    editor = Editor(app)
    reply = editor.get("/admin/?state=review")
    assert reply.status_code == 302
    door = editor.get(reply.location)
    assert door.status_code == 200
    assert "用户名" in door.text
    reply = editor.sign_in("admin", next="/admin/?state=review")
    assert (reply.status_code, reply.location) == (303, "/admin/?state=review")
    assert "节目" in editor.get("/admin/").text


def test_signing_in_is_written_down(app: Flask, house: House, office: Office) -> None:
    Editor(app).sign_in("admin")
    with read_scope(house.sessions) as session:
        entries = audit.history(session, f"person:{office.admin.id}")
        assert [(entry.actor, entry.action) for entry in entries] == [("admin", "person.sign_in")]


@pytest.mark.parametrize(("login", "password"), [("admin", "wrong"), ("nobody", PASSWORD)])
def test_the_refusal_does_not_say_what_was_wrong(app: Flask, login: str, password: str) -> None:
    reply = Editor(app).sign_in(login, password)
    assert reply.status_code == 401
    assert people.WRONG in reply.text


def test_a_barred_person_stays_out(app: Flask, house: House, office: Office) -> None:
    with session_scope(house.sessions) as session:
        session.get_one(Person, office.admin.id).active = False
    assert Editor(app).sign_in("admin").status_code == 401


def test_failures_are_counted_and_the_waiting_time_told(
    app: Flask, house: House, clock: FakeClock
) -> None:
    editor = Editor(app)
    for _ in range(people.MAX_FAILURES_PER_LOGIN):
        assert editor.sign_in("admin", "wrong").status_code == 401
    with read_scope(house.sessions) as session:
        counted = session.scalar(select(func.count()).select_from(SignInFailure))
        assert counted == people.MAX_FAILURES_PER_LOGIN
    reply = editor.sign_in("admin")
    assert reply.status_code == 429
    assert "15 分钟后再试" in reply.text
    assert int(reply.headers["Retry-After"]) == 900
    clock.advance(minutes=16)
    assert editor.sign_in("admin").status_code == 303


def test_the_session_is_new_after_signing_in(app: Flask) -> None:
    editor = Editor(app)
    editor.get("/admin/sign-in")
    with editor.client.session_transaction() as session:
        session["planted"] = "by somebody else"
        before = session["csrf_token"]
    editor.sign_in("admin")
    with editor.client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != before
        assert session.permanent


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/admin/",
        "//evil.example/admin/",
        "/\\evil.example",
        "/admin/\\..\\evil",
        "/admin/\r\nSet-Cookie: a=b",
        "/admin/../evil",
        "javascript:alert(1)",
        "/tv/",
        "",
    ],
)
def test_the_door_leads_nowhere_else(app: Flask, address: str) -> None:
    assert local_path(address) is None
    reply = Editor(app).sign_in("admin", next=address)
    assert (reply.status_code, reply.location) == (303, "/admin/")


def test_a_form_without_the_token_is_refused(app: Flask) -> None:
    editor = Editor(app)
    editor.get("/admin/sign-in")
    editor.token = ""
    reply = editor.post("/admin/sign-in", {"login": "admin", "password": PASSWORD})
    assert reply.status_code == 400
    assert "页面已过期" in reply.text
    assert editor.get("/admin/").status_code == 302


def test_signing_out_ends_the_session(enter) -> None:
    editor = enter("admin")
    assert editor.client.get("/admin/sign-out").status_code == 405
    assert editor.post("/admin/sign-out").status_code == 303
    assert editor.get("/admin/").status_code == 302


def test_a_new_password_ends_sessions_elsewhere(enter, app: Flask) -> None:
    here, elsewhere = enter("admin"), enter("admin")
    new = "一句记得住的话就很好了"
    reply = here.post("/admin/password", {"old": PASSWORD, "password": new, "again": new})
    assert reply.status_code == 303
    assert "密码已修改" in here.get("/admin/").text
    assert elsewhere.get("/admin/").status_code == 302
    assert Editor(app).sign_in("admin").status_code == 401
    assert Editor(app).sign_in("admin", new).status_code == 303


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"old": "wrong", "password": "x" * 12, "again": "x" * 12}, 401, "现在的密码不对"),
        ({"old": PASSWORD, "password": "x" * 12, "again": "y" * 12}, 400, "两次输入的新密码不一样"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, 400, "密码至少 10 位"),
    ],
)
def test_a_password_that_cannot_be_changed(enter, form, status: int, sentence: str) -> None:
    editor = enter("admin")
    reply = editor.post("/admin/password", form)
    assert reply.status_code == status
    assert sentence in reply.text
    assert editor.get("/admin/").status_code == 200


def test_guessing_the_old_password_is_counted_too(enter) -> None:
    editor = enter("admin")
    form = {"old": "wrong", "password": "x" * 12, "again": "x" * 12}
    for _ in range(people.MAX_FAILURES_PER_LOGIN):
        editor.post("/admin/password", form)
    assert editor.post("/admin/password", {**form, "old": PASSWORD}).status_code == 429


def test_nobody_without_a_right_sees_the_list(enter) -> None:
    reply = enter("member").get("/admin/")
    assert reply.status_code == 403
    assert "没有这项权限" in reply.text
    assert "换一个用户登录" in reply.text


def test_pages_forbid_inline_script_and_have_none(enter, app: Flask) -> None:
    editor = enter("admin")
    for reply in (editor.get("/admin/"), Editor(app).get("/admin/sign-in")):
        assert "script-src 'self'" in reply.headers["Content-Security-Policy"]
        assert "<script>" not in reply.text
        assert " style=" not in reply.text
        assert "onclick" not in reply.text


def test_the_sign_in_of_one_person_is_not_audited_for_another(app: Flask, house: House) -> None:
    Editor(app).sign_in("admin", "wrong")
    with read_scope(house.sessions) as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
