"""通知 in the admin: written, scanned, put in order, published, withdrawn, and by whom."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image

from catalog.notices.reading import notice_for_staff
from catalog.notices.service import create_notice, move_notice
from catalog.notices.tables import Notice
from core.db import read_scope, session_scope
from county.audit import history
from tests.fakes import START
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House

PHONE = "13800138000"


@pytest.fixture
def notice_id(house: House, office: Office) -> int:
    with session_scope(house.sessions) as session:
        place = office.county.village
        return create_notice(session, place=place, title="十月账目", body="请查看。", now=START).id


def of(house: House, notice_id: int) -> Notice:
    with read_scope(house.sessions) as session:
        return notice_for_staff(session, notice_id, ["1/"])


def form(office: Office, **fields: Any) -> dict[str, Any]:
    place = office.county.village.id
    return {"title": "开会通知", "body": "周五晚上七点。", "place": place} | fields


def version(html: str) -> str:
    found = re.search(r'name="version" value="(\w*)"', html)
    assert found
    return found[1]


def picture(
    colour: str = "#eeeeee", kind: str = "PNG", size: tuple[int, int] = (620, 877)
) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def upload(editor: Any, notice_id: int, *files: tuple[bytes, str]) -> Any:
    sent = [(io.BytesIO(content), name) for content, name in files]
    return editor.post(f"/admin/notices/{notice_id}/pages", {"file": sent})


def test_a_village_writes_publishes_and_withdraws(enter, house: House, office: Office) -> None:
    editor = enter("recorder")
    assert "还没有通知" in editor.get("/admin/notices").text
    reply = editor.post("/admin/notices", form(office, important="1", expires_on="2026-12-31"))
    assert reply.status_code == 303
    notice_id = int(reply.headers["Location"].rsplit("/", 1)[1])
    saved = of(house, notice_id)
    assert (saved.title, saved.state, saved.important) == ("开会通知", "draft", True)
    assert str(saved.expires_on) == "2026-12-31"
    assert saved.owner is not None
    assert saved.owner.login == "recorder"
    editor.post(f"/admin/notices/{notice_id}/move", {"move": "publish"})
    assert of(house, notice_id).state == "published"
    page = editor.get(f"/admin/notices/{notice_id}").text
    assert "柳湾村的电视上可以看到" in page
    assert 'name="body"' not in page
    editor.post(f"/admin/notices/{notice_id}/move", {"move": "withdraw"})
    assert of(house, notice_id).state == "withdrawn"
    with read_scope(house.sessions) as session:
        actions = [entry.action for entry in history(session, f"notice:{notice_id}")]
    assert actions == ["notice.withdraw", "notice.publish", "notice.create"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "长" * 81),
        ("body", "长" * 8001),
        ("place", ""),
        ("place", "999"),
        ("expires_on", "明天"),
    ],
    ids=["no title", "long title", "long body", "no place", "no such place", "no day"],
)
def test_what_does_not_fit_is_told_at_its_field_and_nothing_typed_is_lost(
    enter, house: House, office: Office, field: str, value: str
) -> None:
    reply = enter("recorder").post("/admin/notices", form(office) | {field: value})
    assert reply.status_code == 400
    assert 'class="fault"' in reply.text
    assert "周五晚上七点" in reply.text or field == "body"
    with read_scope(house.sessions) as session:
        assert session.query(Notice).count() == 0


def test_a_village_does_not_speak_for_the_town(enter, house: House, office: Office) -> None:
    reply = enter("recorder").post("/admin/notices", form(office, place=office.county.town.id))
    assert reply.status_code == 400
    assert (
        enter("reviewer")
        .post("/admin/notices", form(office, place=office.county.town.id))
        .status_code
        == 303
    )


@pytest.mark.parametrize(("login", "status"), [("stranger", 404), ("member", 403)])
def test_whose_notice_it_is_not(enter, notice_id: int, login: str, status: int) -> None:
    editor = enter(login)
    assert editor.get(f"/admin/notices/{notice_id}").status_code == status
    for path in ("edit", "move", "pages/order", "pages/1/remove"):
        data = {"move": "publish", "order": "1", "title": "x"}
        assert editor.post(f"/admin/notices/{notice_id}/{path}", data).status_code == status
    assert upload(editor, notice_id, (picture(), "a.png")).status_code == status


def test_a_telephone_number_is_not_published_and_its_place_is_named(
    enter, house: House, notice_id: int
) -> None:
    editor = enter("recorder")
    page = editor.get(f"/admin/notices/{notice_id}").text
    data = {
        "title": "十月账目",
        "body": f"请看。\n有疑问打 {PHONE} 找会计。",
        "place": str(of(house, notice_id).place_id),
        "version": version(page),
    }
    assert editor.post(f"/admin/notices/{notice_id}/edit", data).status_code == 303
    reply = editor.post(f"/admin/notices/{notice_id}/move", {"move": "publish"})
    assert reply.status_code == 400
    assert "正文第 2 段" in reply.text
    assert "手机号码" in reply.text
    assert of(house, notice_id).state == "draft"


def test_a_page_opened_before_somebody_else_saved_does_not_overwrite(
    enter, house: House, notice_id: int
) -> None:
    first, second = enter("recorder"), enter("admin")
    opened = version(first.get(f"/admin/notices/{notice_id}").text)
    data = {"title": "甲", "body": "一", "place": str(of(house, notice_id).place_id)}
    path = f"/admin/notices/{notice_id}/edit"
    assert first.post(path, data | {"version": opened}).status_code == 303
    late = second.post(path, data | {"title": "乙", "version": opened})
    assert late.status_code == 409
    assert 'value="乙"' in late.text
    assert of(house, notice_id).title == "甲"


def test_what_is_published_is_not_changed(enter, house: House, notice_id: int) -> None:
    editor = enter("recorder")
    opened = version(editor.get(f"/admin/notices/{notice_id}").text)
    upload(editor, notice_id, (picture(), "a.png"))
    [page] = of(house, notice_id).pages
    with session_scope(house.sessions) as session:
        move_notice(session, session.get_one(Notice, notice_id), "publish", actor="x", now=START)
    data = {"title": "改", "place": str(of(house, notice_id).place_id), "version": opened}
    assert editor.post(f"/admin/notices/{notice_id}/edit", data).status_code == 409
    assert upload(editor, notice_id, (picture("#000"), "b.png")).status_code == 409
    removed = editor.post(f"/admin/notices/{notice_id}/pages/{page.id}/remove")
    assert removed.status_code == 409
    ordered = editor.post(f"/admin/notices/{notice_id}/pages/order", {"order": str(page.id)})
    assert ordered.status_code == 409
    assert len(of(house, notice_id).pages) == 1
    again = editor.post(f"/admin/notices/{notice_id}/move", {"move": "publish"})
    assert again.status_code == 409


def test_pages_come_in_as_clean_jpegs_and_are_put_in_order(
    enter, house: House, notice_id: int
) -> None:
    editor = enter("recorder")
    colours = ("#ff0000", "#00ff00", "#0000ff")
    files = [(picture(colour), f"{n}.png") for n, colour in enumerate(colours)]
    assert upload(editor, notice_id, *files).status_code == 303
    ids = [page.id for page in of(house, notice_id).pages]
    html = editor.get(f"/admin/notices/{notice_id}").text
    moved = f"{ids[1]},{ids[0]},{ids[2]}"
    assert moved in html
    editor.post(f"/admin/notices/{notice_id}/pages/order", {"order": moved})
    pages = of(house, notice_id).pages
    assert [page.id for page in pages] == [ids[1], ids[0], ids[2]]
    with house.blobs.open(f"{pages[0].folder}/page.jpg") as blob, Image.open(blob) as image:
        assert image.format == "JPEG"
        assert image.getpixel((5, 5))[1] > 240  # type: ignore[index]
    stale = editor.post(f"/admin/notices/{notice_id}/pages/order", {"order": str(ids[0])})
    assert stale.status_code == 409
    assert list(house.settings.path("work").iterdir()) == []


def test_a_page_that_is_taken_out_is_gone_from_the_store(
    enter, house: House, notice_id: int
) -> None:
    editor = enter("recorder")
    upload(editor, notice_id, (picture(), "a.png"))
    [page] = of(house, notice_id).pages
    assert house.blobs.exists(f"{page.folder}/page.jpg")
    path = f"/admin/notices/{notice_id}/pages/{page.id}/remove"
    assert editor.post(path).status_code == 303
    assert of(house, notice_id).pages == []
    assert not house.blobs.exists(f"{page.folder}/page.jpg")
    assert not house.blobs.exists(f"{page.folder}/small.jpg")
    assert editor.post(path).status_code == 404


def test_a_bad_picture_stops_no_good_one_and_is_told_by_its_name(
    enter, house: House, notice_id: int
) -> None:
    editor = enter("recorder")
    upload(editor, notice_id, (b"no picture", "坏的.png"), (picture(), "好的.png"))
    html = editor.get(f"/admin/notices/{notice_id}").text
    assert "坏的.png" in html
    assert "已添加 1 页" in html
    upload(editor, notice_id, (picture(), "又一次.png"))
    assert "没有重复添加" in editor.get(f"/admin/notices/{notice_id}").text
    assert len(of(house, notice_id).pages) == 1


def test_more_than_a_form_may_hold_elsewhere_is_taken_here(
    enter, house: House, notice_id: int
) -> None:
    # Two files of 9 MB each: over the 16 MB of other forms. Written out here, as the client would
    # leave its own temporary file open.
    editor, padding = enter("recorder"), b"\0" * 9_000_000
    parts = [
        f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{n}.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode()
        + picture(colour, "JPEG")
        + padding
        + b"\r\n"
        for n, colour in enumerate(("#111111", "#eeeeee"))
    ]
    reply = editor.client.post(
        f"/admin/notices/{notice_id}/pages",
        data=b"".join(parts) + b"--cut--\r\n",
        content_type="multipart/form-data; boundary=cut",
        headers={"X-CSRFToken": editor.token},
    )
    assert reply.status_code == 303
    assert len(of(house, notice_id).pages) == 2


def test_staff_of_the_place_see_a_page_whatever_its_state(
    enter, house: House, notice_id: int
) -> None:
    editor = enter("recorder")
    upload(editor, notice_id, (picture(), "a.png"))
    [page] = of(house, notice_id).pages
    path = f"/admin/notices/{notice_id}/pages/{page.id}/"
    html = editor.get(f"/admin/notices/{notice_id}").text
    assert f'href="{path}page.jpg"' in html
    assert f'src="{path}small.jpg"' in html
    assert f'src="{path}small.jpg"' in editor.get("/admin/notices").text
    for name in ("page.jpg", "small.jpg"):
        shown = editor.get(path + name)
        assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
        assert shown.headers["Cache-Control"] == "no-store"
        with Image.open(io.BytesIO(shown.data)) as image:
            assert image.format == "JPEG"
    assert editor.get(path + "other.jpg").status_code == 404
    assert editor.get(f"/admin/notices/{notice_id}/pages/999/page.jpg").status_code == 404
    assert enter("stranger").get(path + "page.jpg").status_code == 404
    assert enter("member").get(path + "page.jpg").status_code == 403
