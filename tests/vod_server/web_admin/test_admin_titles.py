"""The list: who sees which titles, filters, live rows, moving many."""

from __future__ import annotations

import base64
import re

import pytest
from sqlalchemy import event

from catalog.titles.tables import Title
from core.db import read_scope, session_scope
from core.jobs.service import enqueue
from core.jobs.tables import Job
from county import audit
from tests.factories import make_title
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import notices
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House


def names(html: str) -> list[str]:
    return re.findall(r'id="title-\d+-link"[^>]*>([^<]*)<', html)


def add(house: House, **values) -> int:
    with session_scope(house.sessions) as session:
        return make_title(session, **values).id


def state_of(house: House, title_id: int) -> str:
    with read_scope(house.sessions) as session:
        return session.get_one(Title, title_id).state


def add_job(house: House, title_id: int, **values) -> int:
    with session_scope(house.sessions) as session:
        job = enqueue(session, values.pop("kind", "transcode"), f"title:{title_id}", now=START)
        for name, value in values.items():
            setattr(job, name, value)
        return job.id


def test_an_empty_list_says_what_to_do_first(enter) -> None:
    html = enter("admin").get("/admin/").text
    assert "还没有节目" in html
    assert "选择文件" in html


def test_everybody_sees_what_is_theirs_to_see(enter, house: House, office: Office) -> None:
    add(house, name="全县的")
    add(house, name="柳湾村的", place=office.county.village)
    add(house, name="上河村的", place=office.county.sister)
    add(house, name="古井村的", place=office.county.far)
    add(house, name="文书自己的", owner=office.recorder)
    everything = ["文书自己的", "古井村的", "上河村的", "柳湾村的", "全县的"]
    assert names(enter("admin").get("/admin/").text) == everything
    assert names(enter("reviewer").get("/admin/").text) == ["上河村的", "柳湾村的"]
    assert names(enter("recorder").get("/admin/").text) == ["文书自己的", "柳湾村的"]
    assert names(enter("stranger").get("/admin/").text) == ["古井村的"]


def test_a_reviewer_is_offered_no_upload(enter) -> None:
    editor = enter("reviewer")
    assert 'id="uploads"' not in editor.get("/admin/").text
    assert editor.get("/admin/uploads").status_code == 403


def test_filters_and_counts(enter, house: House) -> None:
    add(house, name="水稻育秧", state="published", lecturer="赵敏")
    add(house, name="小麦条锈病", state="review")
    add(house, name="防诈骗 100%", category="")
    editor = enter("admin")
    html = editor.get("/admin/?state=review").text
    assert names(html) == ["小麦条锈病"]
    assert 'id="count-published">1<' in html
    assert 'id="count-all">3<' in html
    assert names(editor.get("/admin/?q=赵敏").text) == ["水稻育秧"]
    assert names(editor.get("/admin/?q=100%25").text) == ["防诈骗 100%"]
    assert names(editor.get("/admin/?q=%25").text) == ["防诈骗 100%"]
    assert names(editor.get("/admin/?category=0").text) == ["防诈骗 100%"]
    assert "没有符合条件的节目" in editor.get("/admin/?q=没有的").text
    assert editor.get("/admin/?state=nonsense&category=x&page=0").status_code == 200


def test_pages(enter, house: House) -> None:
    with session_scope(house.sessions) as session:
        for number in range(1, 24):
            make_title(session, name=f"第{number}号")
    editor = enter("admin")
    first, second = editor.get("/admin/").text, editor.get("/admin/?page=2").text
    assert names(first)[0] == "第23号"
    assert len(names(first)) == 20
    assert names(second) == ["第3号", "第2号", "第1号"]
    assert names(editor.get("/admin/?page=99").text) == names(second)


def test_names_are_shown_and_never_run(enter, house: House) -> None:
    evil = '<script>alert(1)</script>"onload=x'
    title_id = add(house, name=evil, file_name=evil)
    editor = enter("admin")
    for path in ("/admin/", f"/admin/titles/{title_id}", f"/admin/titles/live?id={title_id}"):
        html = editor.get(path).text
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html


def test_only_what_is_under_way_is_asked_for_again(enter, house: House) -> None:
    quiet, busy = add(house, name="安静"), add(house, name="忙碌")
    editor = enter("admin")
    assert 'hx-trigger="every' not in editor.get("/admin/").text
    job_id = add_job(
        house, busy, state="running", progress=0.425, eta_s=125.0, message="正在转码 720p"
    )
    page = editor.get("/admin/").text
    assert 'hx-trigger="every 1500ms"' in page
    assert "正在转码 720p · 42% · 还需约 2 分钟" in page
    live = editor.get(f"/admin/titles/live?id={busy}&id=99999", headers={"HX-Request": "true"}).text
    assert names(live) == ["忙碌"]
    assert f'id="title-{quiet}"' not in live
    assert 'value="42"' in live
    assert "every 1500ms" in live
    with session_scope(house.sessions) as session:
        job = session.get_one(Job, job_id)
        job.state, job.message = "failed", "文件在一半处断了。"
    live = editor.get(f"/admin/titles/live?id={busy}").text
    assert "文件在一半处断了。" in live
    assert "重试" in live
    assert "every 1500ms" not in live


def test_live_rows_keep_the_secret_of_others(enter, house: House, office: Office) -> None:
    title_id = add(house, name="柳湾村的", place=office.county.village)
    assert names(enter("stranger").get(f"/admin/titles/live?id={title_id}").text) == []


def test_many_are_published_from_drafts_and_taken_back(enter, house: House) -> None:
    ready = add(house, name="好了", state="review")
    draft = add(house, name="草稿", state="published")
    bare = add(house, name="没有画面")
    with session_scope(house.sessions) as session:
        session.get_one(Title, draft).state = "draft"
    editor = enter("admin")
    ids = [str(ready), str(draft), str(bare), "99999", "x"]
    assert editor.post("/admin/titles/move", {"move": "publish", "id": ids}).status_code == 303
    html = notices(editor)
    assert "已发布 2 个节目" in html
    assert "《没有画面》：还没有可以播放的画面" in html
    assert "撤回这次发布" in html
    # The submit that preceded the refused publish was undone with it.
    assert [state_of(house, i) for i in (ready, draft, bare)] == ["published", "published", "draft"]
    with read_scope(house.sessions) as session:
        actions = [entry.action for entry in audit.history(session, f"title:{draft}")][:2]
        assert actions == ["title.publish", "title.submit"]
    editor.post("/admin/titles/move", {"move": "withdraw", "id": [str(ready), str(draft)]})
    assert [state_of(house, i) for i in (ready, draft)] == ["withdrawn", "withdrawn"]


def test_a_recorder_submits_but_does_not_publish(enter, house: House, office: Office) -> None:
    mine = add(house, name="本村", place=office.county.village)
    other = add(house, name="别村", place=office.county.far)
    editor = enter("recorder")
    editor.post("/admin/titles/move", {"move": "publish", "id": [str(mine)]})
    assert "没有这项权限" in notices(editor)
    assert state_of(house, mine) == "draft"
    editor.post("/admin/titles/move", {"move": "submit", "id": [str(mine), str(other)]})
    html = notices(editor)
    assert "已提交审核 1 个节目" in html
    assert "别村" not in html
    assert (state_of(house, mine), state_of(house, other)) == ("review", "draft")


def test_nothing_chosen_and_nothing_known(enter) -> None:
    editor = enter("admin")
    editor.post("/admin/titles/move", {"move": "publish"})
    assert "请先选择节目" in notices(editor)
    assert editor.post("/admin/titles/move", {"move": "delete"}).status_code == 400


def test_unfinished_uploads_are_listed_to_their_owner(enter, house: House) -> None:
    editor = enter("admin")
    name = base64.b64encode("水稻育秧.mp4".encode("gb18030")).decode()
    mark = base64.b64encode(b"1000-5-x").decode()
    reply = editor.client.post(
        "/api/v1/uploads",
        headers={
            "X-CSRFToken": editor.token,
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "1000",
            "Upload-Metadata": f"filename {name},fingerprint {mark}",
        },
    )
    assert reply.status_code == 201
    editor.client.patch(
        reply.location,
        data=b"x" * 630,
        headers={
            "X-CSRFToken": editor.token,
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        },
    )
    found = editor.get("/admin/uploads").get_json()
    assert found["csrf_token"]
    (item,) = found["items"]
    assert item["file_name"] == "水稻育秧.mp4"
    assert item["fingerprint"] == "1000-5-x"
    assert (item["offset_bytes"], item["length_bytes"]) == (630, 1000)
    assert reply.location.endswith(item["url"])
    assert enter("recorder").get("/admin/uploads").get_json()["items"] == []


def test_a_whole_upload_becomes_a_draft_in_the_list(enter, house: House) -> None:
    editor = enter("recorder")
    headers = {"X-CSRFToken": editor.token, "Tus-Resumable": "1.0.0"}
    name = base64.b64encode("村民大会_纪实.mp4".encode("gb18030")).decode()
    reply = editor.client.post(
        "/api/v1/uploads",
        data=b"not a film",
        headers={
            **headers,
            "Upload-Length": "10",
            "Upload-Metadata": f"filename {name}",
            "Content-Type": "application/offset+octet-stream",
        },
    )
    assert reply.status_code == 201
    html = editor.get("/admin/").text
    assert names(html) == ["村民大会 纪实"]
    assert "接收文件" in html
    assert "排队等待" in html


@pytest.mark.parametrize("headers", [{}, {"X-CSRFToken": "wrong"}])
def test_an_upload_needs_the_token(enter, headers) -> None:
    editor = enter("admin")
    reply = editor.client.post(
        "/api/v1/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "10", **headers}
    )
    assert reply.status_code == 400


def test_the_list_asks_the_database_few_questions(enter, house: House) -> None:
    for number in range(15):
        add_job(house, add(house, name=f"第{number}号", state="published"), state="failed")
    editor = enter("admin")
    asked: list[str] = []

    def note(connection, cursor, statement, *_) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(house.engine, "before_cursor_execute", note)
    try:
        editor.get("/admin/")
    finally:
        event.remove(house.engine, "before_cursor_execute", note)
    # Person, roles, grants, root; counts, titles, jobs, playable, categories: not one per row.
    assert len(asked) <= 12, asked
