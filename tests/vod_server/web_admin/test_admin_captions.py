"""字幕 on a title's page: uploaded, shown, replaced, removed, taken back; who may."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from catalog.titles import caption_files
from catalog.titles.captions import list_captions
from catalog.titles.tables import Title, TitleCaption
from core.db import read_scope, session_scope
from core.jobs.service import claim_next
from county import audit
from tests.factories import make_title
from tests.fakes import START, FakeClock
from tests.vod_server.web_admin.admin_site import Editor
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House

SRT = "1\n00:00:01,000 --> 00:00:02,000\n四看 <&>\n\n2\n00:01:03,000 --> 00:01:04,000\n剪口要平\n"


@pytest.fixture
def title_id(house: House, office: Office) -> int:
    with session_scope(house.sessions) as session:
        return make_title(session, name="剪枝", place=office.county.village).id


def send(
    editor: Editor, title_id: int, content: str | bytes = SRT, language: str = "zh-CN", **more: Any
):
    raw = content.encode() if isinstance(content, str) else content
    data = {"language": language, "file": (io.BytesIO(raw), "剪枝.srt"), **more}
    return editor.post(f"/admin/titles/{title_id}/captions", data)


def rows(house: House, title_id: int) -> list[TitleCaption]:
    with read_scope(house.sessions) as session:
        return list(list_captions(session, title_id))


def section(editor: Editor, title_id: int) -> str:
    html = editor.get(f"/admin/titles/{title_id}").text
    return html[html.index('id="captions"') : html.index('id="posters"')]


def undo(editor: Editor, title_id: int):
    """Press the button in the notice of what was just done."""
    html = editor.get(f"/admin/titles/{title_id}").text
    form = re.search(
        r'<form method="post" action="([^"]+/captions/restore)">.*?</form>', html, re.DOTALL
    )
    assert form, html
    fields = dict(re.findall(r'name="(language|gen)" value="([^"]*)"', form[0]))
    return editor.post(form[1], fields)


def test_a_file_becomes_captions_and_is_shown_with_its_first_words(
    enter, house: House, title_id: int
) -> None:
    editor = enter("recorder")
    assert "还没有字幕" in section(editor, title_id)
    reply = send(editor, title_id, SRT.encode("gb18030"))
    assert reply.status_code == 303
    assert reply.headers["Location"].endswith(f"/admin/titles/{title_id}#captions")
    html = editor.get(f"/admin/titles/{title_id}").text
    assert "已添加中文字幕，共 2 句。" in html
    shown = section(editor, title_id)
    assert "2 句" in shown
    assert "四看 &lt;&amp;&gt;" in shown
    assert "<time>1:03</time>" in shown
    assert "中文（更换现有的）" in shown
    (row,) = rows(house, title_id)
    assert (row.cues, row.created_by) == (2, "recorder")
    assert f"/vod/{title_id}/{row.gen}/captions/zh-CN.vtt" in shown
    with read_scope(house.sessions) as session:
        entry = audit.history(session, f"title:{title_id}")[0]
    assert (entry.actor, entry.action) == ("recorder", "title.captions")
    assert entry.detail == {"language": "zh-CN", "cues": 2}
    assert "上传字幕" in html[html.index('id="history"') :]


def test_another_file_replaces_it_and_can_be_taken_back(enter, house: House, title_id: int) -> None:
    editor = enter("admin")
    send(editor, title_id)
    first = rows(house, title_id)[0].gen
    send(editor, title_id, SRT.replace("四看", "五看"))
    assert "五看" in section(editor, title_id)
    send(editor, title_id, SRT.replace("四看", "六看"))
    assert [row.gen for row in rows(house, title_id)] != [first]
    assert undo(editor, title_id).status_code == 303
    assert "五看" in section(editor, title_id)
    assert len(rows(house, title_id)) == 1


def test_tidying_up_hours_later_is_no_work_in_progress(enter, title_id: int) -> None:
    editor = enter("admin")
    send(editor, title_id)
    editor.post(f"/admin/titles/{title_id}/captions/remove", {"language": "zh-CN"})
    html = editor.get(f"/admin/titles/{title_id}").text
    assert "清理" not in html
    assert "正在准备画面" not in html
    assert "hx-trigger" not in html[html.index('id="poller"') :][:200]
    assert "清理" not in editor.get("/admin/").text


def test_the_same_file_again_changes_nothing(enter, house: House, title_id: int) -> None:
    editor = enter("admin")
    send(editor, title_id)
    gen = rows(house, title_id)[0].gen
    send(editor, title_id, SRT.replace("\n", "\r\n").encode("utf-16"))
    assert "没有改动" in editor.get(f"/admin/titles/{title_id}").text
    assert [row.gen for row in rows(house, title_id)] == [gen]
    assert len(list(house.blobs.keys(f"vod/{title_id}"))) == 1


def test_languages_stand_side_by_side(enter, title_id: int) -> None:
    editor = enter("admin")
    send(editor, title_id, language="bo")
    send(editor, title_id)
    shown = section(editor, title_id)
    assert shown.index("<b>中文</b>") < shown.index("<b>藏文</b>")
    assert 'lang="bo"' in shown


def test_removed_ones_come_back_by_the_notice(enter, house: House, title_id: int) -> None:
    editor = enter("recorder")
    send(editor, title_id)
    gen = rows(house, title_id)[0].gen
    path = f"/admin/titles/{title_id}/captions/remove"
    assert editor.post(path, {"language": "zh-CN"}).status_code == 303
    assert rows(house, title_id) == []
    assert undo(editor, title_id).status_code == 303
    assert [row.gen for row in rows(house, title_id)] == [gen]
    assert "已恢复中文字幕，共 2 句。" in editor.get(f"/admin/titles/{title_id}").text
    with read_scope(house.sessions) as session:
        actions = [entry.action for entry in audit.history(session, f"title:{title_id}")]
    assert actions[:3] == ["title.captions_restore", "title.captions_remove", "title.captions"]
    assert editor.post(path, {"language": "bo"}).status_code == 404


def test_what_is_being_tidied_does_not_come_back(
    enter, house: House, clock: FakeClock, title_id: int
) -> None:
    editor = enter("admin")
    send(editor, title_id)
    gen = rows(house, title_id)[0].gen
    editor.post(f"/admin/titles/{title_id}/captions/remove", {"language": "zh-CN"})
    clock.advance(days=1)
    with session_scope(house.sessions) as session:
        assert claim_next(session, ["tidy"], "worker", now=clock.now(), lease_s=30) is not None
    reply = editor.post(
        f"/admin/titles/{title_id}/captions/restore", {"language": "zh-CN", "gen": gen}
    )
    assert reply.status_code == 409
    assert "请重新上传" in reply.text
    assert rows(house, title_id) == []


def test_a_rendition_is_not_brought_back_as_captions(enter, house: House, title_id: int) -> None:
    house.blobs.put_bytes(f"vod/{title_id}/abc/480p/index.m3u8", b"#EXTM3U")
    path = f"/admin/titles/{title_id}/captions/restore"
    for gen in ("abc", "../../1/abc", "", "abc/480p"):
        assert enter("admin").post(path, {"language": "zh-CN", "gen": gen}).status_code == 409
    assert rows(house, title_id) == []


@pytest.mark.parametrize(
    ("content", "language", "status", "message"),
    [
        ("1\n00:00:02,000 --> 00:00:01,000\n反了\n", "zh-CN", 400, "第 2 行：这一句的结束"),
        (b"", "zh-CN", 400, "字幕文件是空的"),
        (b"\xff\xd8\xff\xe0 a picture", "zh-CN", 400, "文件"),
        (SRT, "", 400, "请选择字幕的语言"),
        (SRT, "../en", 400, "请选择字幕的语言"),
    ],
)
def test_a_bad_file_is_refused_in_words(
    enter,
    house: House,
    title_id: int,
    content: str | bytes,
    language: str,
    status: int,
    message: str,
) -> None:
    reply = send(enter("admin"), title_id, content, language)
    assert reply.status_code == status
    fault = reply.text[reply.text.index('class="notice notice-bad"') :]
    assert message in fault[:400]
    assert rows(house, title_id) == []
    assert list(house.blobs.keys(f"vod/{title_id}")) == []


def test_a_large_file_is_refused_in_words(
    enter, house: House, title_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A lower limit: the client of the tests leaves the temporary file of a large form open.
    monkeypatch.setattr(caption_files, "MAX_BYTES", len(SRT.encode()) - 1)
    reply = send(enter("admin"), title_id)
    assert reply.status_code == 413
    assert "字幕文件太大" in reply.text
    assert rows(house, title_id) == []


def test_a_form_without_a_file_says_so(enter, title_id: int) -> None:
    editor = enter("admin")
    reply = editor.post(f"/admin/titles/{title_id}/captions", {"language": "zh-CN"})
    assert reply.status_code == 400
    assert "请先选择字幕文件" in reply.text


@pytest.mark.parametrize(
    ("login", "status"), [("stranger", 404), ("reviewer", 403), ("member", 403)]
)
def test_whose_title_it_is_not(enter, house: House, title_id: int, login: str, status: int) -> None:
    send(enter("admin"), title_id)
    gen = rows(house, title_id)[0].gen
    editor = enter(login)
    for action in ("", "/remove", "/restore"):
        file = (io.BytesIO(SRT[:40].encode()), "x.srt")
        data = {"language": "zh-CN", "gen": gen, "file": file}
        path = f"/admin/titles/{title_id}/captions{action}"
        assert editor.post(path, data).status_code == status
    assert [row.gen for row in rows(house, title_id)] == [gen]
    if login == "reviewer":
        assert "captions/remove" not in section(editor, title_id)


def test_a_form_without_its_token_is_refused(enter, house: House, title_id: int) -> None:
    editor = enter("admin")
    assert send(editor, title_id, csrf_token="").status_code == 400
    assert rows(house, title_id) == []


def test_work_in_progress_brings_new_captions_to_the_page(enter, title_id: int) -> None:
    editor = enter("admin")
    html = editor.get(f"/admin/titles/{title_id}").text
    word = re.search(r'name="captions" value="([^"]*)"', html)
    assert word
    live = f"/admin/titles/{title_id}/live?captions="
    assert 'id="captions"' not in editor.get(live + word[1]).text
    send(editor, title_id)
    assert 'id="captions" hx-swap-oob="true"' in editor.get(live + word[1]).text


def test_a_file_that_is_gone_is_told_and_can_be_replaced(
    enter, house: House, title_id: int
) -> None:
    editor = enter("admin")
    send(editor, title_id)
    house.blobs.delete_prefix(f"vod/{title_id}")
    assert "字幕文件读不到" in section(editor, title_id)
    send(editor, title_id, SRT.replace("四看", "五看"))
    assert "五看" in section(editor, title_id)


def test_the_title_is_newer_by_its_captions(
    enter, house: House, clock: FakeClock, title_id: int
) -> None:
    clock.advance(days=1)
    send(enter("admin"), title_id)
    with read_scope(house.sessions) as session:
        assert session.get_one(Title, title_id).updated_at > START
