"""What a box says of itself, shown to staff as it is; and forms that somebody else sends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from core.db import session_scope
from county.box_faults import Told, note_fault, source_of
from county.boxes import PairedBox, pair_box
from county.questions import About, ask_question
from county.remotes import propose
from tests.fakes import START
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House
from vod_server.web.access import declared_right

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

SCRIPT = "\"'><script>alert(1)</script>"


@pytest.fixture
def box_id(house: House, office: Office) -> int:
    """Return a box that calls everything a script."""
    with session_scope(house.sessions) as session:
        village = office.county.village
        box, _ = pair_box(session, place=village, name=f"三组{SCRIPT}", now=START)
        box.model, box.version = SCRIPT, SCRIPT
        sender = PairedBox(box.id, village.path)
        about = About("title", 1, SCRIPT)
        ask_question(session, sender, SCRIPT, about=about, now=START)
        keys = {"ok": [13]}
        propose(session, sender, model=SCRIPT, profile="ctc", keys=keys, now=START)
        told = Told(model=SCRIPT, version=SCRIPT, count=1, last=SCRIPT, screen=SCRIPT)
        assert note_fault(session, told, source_of(box.id, "", key="k"), now=START)
        return box.id


def test_what_a_box_says_is_text_on_every_page(enter, box_id: int) -> None:
    editor = enter("admin")
    asked = ["boxes", "boxes?q=%22%3E%3Cscript%3E", f"boxes/{box_id}", "remotes", "questions"]
    for path in asked:
        page = editor.get(f"/admin/{path}")
        assert page.status_code == 200
        assert "&lt;script&gt;" in page.text, path
        assert "<script>alert" not in page.text, path
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
    # The notice that offers to take it back names the box too.
    assert editor.post(f"/admin/boxes/{box_id}/revoke").status_code == 303
    told = editor.get("/admin/boxes").text
    assert "已解除绑定，只能看公开的内容" in told
    assert "<script>alert" not in told


def forms_of(app: Flask) -> Iterator[str]:
    """Yield the addresses that change something for somebody who is signed in."""
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith("admin."):
            built = rule.build(dict.fromkeys(rule.arguments, 1), append_unknown=False)
            assert built is not None
            assert declared_right(app, rule.endpoint)
            yield built[1]


def test_no_form_is_taken_that_a_foreign_page_sends(enter, app: Flask) -> None:
    client = enter("admin").client
    sent = list(forms_of(app))
    assert "/admin/boxes/pair" in sent
    assert "/admin/remotes/1/1" in sent
    assert "/admin/questions/1/answer" in sent
    for path in sent:
        reply = client.post(path, data={"move": "publish", "code": "123456", "name": "x"})
        assert reply.status_code == 400, path
        assert "页面已过期" in reply.text, path


@pytest.mark.parametrize(
    "address",
    ["//evil.example/admin/", "/\\evil.example", "https://evil.example/admin/", "/admin/../../x",
     "/admin/\n//evil.example", "javascript:alert(1)"],
)  # fmt: skip
def test_the_code_on_a_television_leads_nowhere_else(enter, address: str) -> None:
    """The QR code's address goes by the door; what it asks for after it is a page of ours."""
    reply = enter("admin").get("/admin/sign-in", query_string={"next": address})
    assert reply.status_code == 302
    assert reply.headers["Location"].startswith("/admin/")
    assert "evil" not in reply.headers["Location"]
