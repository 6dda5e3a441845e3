"""A title's page: what it shows, the form, the moves, two editors at once."""

from __future__ import annotations

import re
from datetime import date

import pytest

from catalog.titles.service import edit_title
from catalog.titles.tables import SourceFile, Title
from core.db import read_scope, session_scope
from core.jobs.service import enqueue
from core.jobs.tables import Job
from county import audit
from tests.factories import make_measured, make_title
from tests.fakes import START
from tests.vod_server.web_admin.admin_site import Editor
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House


def add(house: House, **values) -> int:
    with session_scope(house.sessions) as session:
        return make_title(session, **values).id


def look(house: House, title_id: int) -> Title:
    with read_scope(house.sessions) as session:
        return session.get_one(Title, title_id)


def form_on(editor: Editor, title_id: int, **changes: str) -> dict[str, str]:
    """Return the form as the page shows it, with changes."""
    html = editor.get(f"/admin/titles/{title_id}").text
    version = re.search(r'name="version" value="([^"]*)"', html)
    place = re.search(r'<select id="place".*?</select>', html, re.DOTALL)
    assert version
    assert place
    chosen = re.search(r'value="(\d*)" selected', place[0])
    return {
        "version": version[1],
        "name": "新名称",
        "place": chosen[1] if chosen else "",
        **changes,
    }


def move(editor: Editor, title_id: int, name: str, **form: str):
    return editor.post(f"/admin/titles/{title_id}/move", {"move": name, **form})


def test_the_page_tells_what_was_made(enter, house: House) -> None:
    title_id = add(
        house,
        name="水稻育秧",
        state="published",
        renditions=(make_measured("720p", width=1280), make_measured("480p")),
    )
    with session_scope(house.sessions) as session:
        job = enqueue(session, "pictures", f"title:{title_id}", now=START)
        job.state, job.message, job.error = "failed", "磁盘已满。", "Traceback: ENOSPC"
    html = enter("admin").get(f"/admin/titles/{title_id}").text
    for words in ("1280 × 720", "2.4 MB", "1.1 Mbps", "1.4 Mbps", "可播放", "0:18"):
        assert words in html, words
    assert f'data-src="/vod/{title_id}/index.m3u8"' in html
    assert "磁盘已满。" in html
    assert re.search(r"<details[^>]*><summary>技术细节</summary><pre>Traceback: ENOSPC", html)
    assert 'value="withdraw"' in html
    assert 'value="publish"' not in html


def test_staff_may_play_a_draft(enter, house: House, office: Office, app) -> None:
    title_id = add(house, place=office.county.village, renditions=(make_measured(),))
    address = f"/vod/{title_id}/index.m3u8"
    assert "480p/index.m3u8" in enter("reviewer").get(address).text
    assert enter("stranger").get(address).status_code == 404
    assert app.test_client().get(address).status_code == 404


def test_the_wrong_village_finds_nothing(enter, house: House, office: Office) -> None:
    title_id = add(house, name="柳湾村的", place=office.county.village)
    editor = enter("stranger")
    replies = [
        editor.get(f"/admin/titles/{title_id}"),
        editor.get(f"/admin/titles/{title_id}/live"),
        editor.post(f"/admin/titles/{title_id}/edit", {"name": "x"}),
        editor.post(f"/admin/titles/{title_id}/poster", {"name": "x"}),
        editor.post(f"/admin/titles/{title_id}/transcode"),
        move(editor, title_id, "submit"),
    ]
    assert [reply.status_code for reply in replies] == [404] * 6
    assert all("柳湾村" not in reply.text for reply in replies)


def test_a_reviewer_looks_but_does_not_edit(enter, house: House, office: Office) -> None:
    title_id = add(house, name="旧", place=office.county.village)
    editor = enter("reviewer")
    assert "不能修改" in editor.get(f"/admin/titles/{title_id}").text
    reply = editor.post(f"/admin/titles/{title_id}/edit", {"name": "新"})
    assert reply.status_code == 403
    assert look(house, title_id).name == "旧"


def test_every_field_is_saved_and_written_down(enter, house: House, office: Office) -> None:
    title_id = add(house, name="旧", category="农技")
    editor = enter("admin")
    form = form_on(
        editor,
        title_id,
        name="  水稻  育秧 ",
        summary="第一行\r\n第二行",
        category="",
        place=str(office.county.town.id),
        series="水稻种植",
        episode="３",
        lecturer="赵敏",
        source="县农业农村局",
        licence="本县自制",
        audience="种粮户",
        study_hours="0.5",
        expires_on="2027-03-31",
        required="1",
    )
    assert editor.post(f"/admin/titles/{title_id}/edit", form).status_code == 303
    html = editor.get(f"/admin/titles/{title_id}").text
    assert "已保存" in html
    assert "修改资料" in html
    with read_scope(house.sessions) as session:
        title = session.get_one(Title, title_id)
        assert title.name == "水稻 育秧"
        assert title.summary == "第一行\n第二行"
        assert title.category_id is None
        assert title.place_id == office.county.town.id
        assert title.series is not None
        assert title.series.name == "水稻种植"
        assert (title.episode, title.study_hours, title.required) == (3, 0.5, True)
        assert title.expires_on == date(2027, 3, 31)
        (entry,) = audit.history(session, f"title:{title_id}")
        assert entry.actor == "admin"
        assert "study_hours" in entry.detail["fields"]


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(enter, house: House) -> None:
    title_id = add(house, name="旧")
    editor = enter("admin")
    form = form_on(
        editor,
        title_id,
        name="",
        summary="写了很久的简介",
        study_hours="很多",
        episode="0",
        expires_on="三月",
        category="99",
        lecturer="长" * 81,
    )
    reply = editor.post(f"/admin/titles/{title_id}/edit", form)
    assert reply.status_code == 400
    assert "有 6 处需要改正" in reply.text
    for name in ("name", "study_hours", "episode", "expires_on", "category", "lecturer"):
        assert f'id="{name}-fault"' in reply.text, name
    assert "主讲人最多 80 个字，现在有 81 个。" in reply.text
    for typed in ("写了很久的简介", "很多", "三月"):
        assert typed in reply.text
    assert look(house, title_id).name == "旧"


def test_a_recorder_gives_only_to_their_own_place(enter, house: House, office: Office) -> None:
    title_id = add(house, name="旧", owner=office.recorder, place=office.county.village)
    editor = enter("recorder")
    for place in ("", str(office.county.far.id), str(office.county.root.id)):
        reply = editor.post(
            f"/admin/titles/{title_id}/edit", form_on(editor, title_id, place=place)
        )
        assert reply.status_code == 400
        assert "请选择您负责的地区" in reply.text
    assert look(house, title_id).place_id == office.county.village.id
    assert (
        editor.post(f"/admin/titles/{title_id}/edit", form_on(editor, title_id)).status_code == 303
    )


def test_the_second_of_two_editors_is_told_and_loses_nothing(enter, house: House) -> None:
    title_id = add(house, name="旧")
    first, second = enter("admin"), enter("admin")
    late = form_on(second, title_id, name="第二人的", summary="第二人写的")
    first.post(f"/admin/titles/{title_id}/edit", form_on(first, title_id, name="第一人的"))
    reply = second.post(f"/admin/titles/{title_id}/edit", late)
    assert reply.status_code == 409
    assert "别人改过这个节目" in reply.text
    assert "第二人写的" in reply.text
    assert look(house, title_id).name == "第一人的"
    # Sent once more without looking again, it is still refused.
    assert second.post(f"/admin/titles/{title_id}/edit", late).status_code == 409


def test_progress_of_a_job_does_not_disturb_an_editor(enter, house: House) -> None:
    title_id = add(house, name="旧")
    editor = enter("admin")
    form = form_on(editor, title_id)
    with session_scope(house.sessions) as session:
        title = session.get_one(Title, title_id)
        title.duration_s, title.updated_at = 12.0, START.replace(year=2027)
    assert editor.post(f"/admin/titles/{title_id}/edit", form).status_code == 303


def test_the_way_to_the_screen_step_by_step(enter, house: House, office: Office) -> None:
    title_id = add(
        house, place=office.county.village, owner=office.recorder, renditions=(make_measured(),)
    )
    recorder, admin = enter("recorder"), enter("admin")
    assert "提交并发布" not in recorder.get(f"/admin/titles/{title_id}").text
    assert move(recorder, title_id, "submit").status_code == 303
    assert look(house, title_id).state == "review"
    assert move(recorder, title_id, "publish").status_code == 403
    refused = move(enter("reviewer"), title_id, "send_back")
    assert refused.status_code == 400
    assert "请写明原因" in refused.text
    assert move(enter("reviewer"), title_id, "send_back", remark="声音太小").status_code == 303
    html = recorder.get(f"/admin/titles/{title_id}").text
    assert "退回修改" in html
    assert "声音太小" in html
    assert move(admin, title_id, "submit_and_publish").status_code == 303
    html = admin.get(f"/admin/titles/{title_id}").text
    assert "已发布。" in html
    assert "撤回这次发布" in html
    with read_scope(house.sessions) as session:
        entries = audit.history(session, f"title:{title_id}")
        assert [(entry.actor, entry.action) for entry in entries] == [
            ("admin", "title.publish"),
            ("admin", "title.submit"),
            ("reviewer", "title.send_back"),
            ("recorder", "title.submit"),
        ]
    assert move(admin, title_id, "withdraw").status_code == 303
    assert move(recorder, title_id, "reopen").status_code == 303
    assert look(house, title_id).state == "draft"


def test_nothing_to_play_is_not_published(enter, house: House) -> None:
    title_id = add(house)
    editor = enter("admin")
    assert "disabled" in editor.get(f"/admin/titles/{title_id}").text
    reply = move(editor, title_id, "submit_and_publish")
    assert reply.status_code == 409
    assert "还没有可以播放的画面" in reply.text
    assert look(house, title_id).state == "draft"


def test_a_move_from_a_state_that_is_past(enter, house: House) -> None:
    title_id = add(house, state="review")
    editor = enter("admin")
    editor.get(f"/admin/titles/{title_id}")
    assert move(enter("admin"), title_id, "publish").status_code == 303
    reply = move(editor, title_id, "publish")
    assert reply.status_code == 409
    assert "当前状态是“已发布”" in reply.text.replace("&#34;", '"')
    assert 'value="withdraw"' in reply.text


def test_a_move_without_the_token(enter, house: House) -> None:
    title_id = add(house, state="review")
    editor = enter("admin")
    editor.token = ""
    assert move(editor, title_id, "publish").status_code == 400
    assert look(house, title_id).state == "review"


def test_the_live_part_leaves_the_player_alone(enter, house: House) -> None:
    title_id = add(house, renditions=(make_measured(),))
    with session_scope(house.sessions) as session:
        enqueue(session, "transcode", f"title:{title_id}", now=START)
    editor = enter("admin")
    page = editor.get(f"/admin/titles/{title_id}").text
    word = re.search(r'name="pictures" value="([^"]*)"', page)
    assert word
    assert "every 1500ms" in page
    live = editor.get(f"/admin/titles/{title_id}/live?player=1&pictures={word[1]}").text
    assert 'id="jobs" hx-swap-oob="true"' in live
    assert "<video" not in live
    assert 'id="posters"' not in live
    assert "<video" in editor.get(f"/admin/titles/{title_id}/live?player=0&pictures=").text


@pytest.fixture
def twins(house: House, office: Office) -> tuple[int, int]:
    """Return two titles of one file; the second was left without renditions."""
    with session_scope(house.sessions) as session:
        source = SourceFile(
            sha256="a" * 64, size_bytes=5, blob_key="sources/aa/a", created_at=START
        )
        session.add(source)
        first = make_title(session, name="先来的", renditions=(make_measured(),))
        second = make_title(session, name="后来的", place=office.county.village)
        first.source_file = second.source_file = source
        session.flush()
        return first.id, second.id


def test_a_file_known_already_is_transcoded_when_asked_for(enter, house: House, twins) -> None:
    title_id = twins[1]
    editor = enter("admin")
    html = editor.get(f"/admin/titles/{title_id}").text
    assert "这个文件以前上传过" in html
    assert "先来的" in html
    assert "仍然转码" in html
    assert editor.post(f"/admin/titles/{title_id}/transcode").status_code == 303
    assert editor.post(f"/admin/titles/{title_id}/transcode").status_code == 409
    with read_scope(house.sessions) as session:
        (job,) = session.query(Job).all()
        assert (job.kind, job.subject) == ("transcode", f"title:{title_id}")
    assert "仍然转码" not in editor.get(f"/admin/titles/{title_id}").text
    assert house.waker.queue.pending_count() >= 1


def test_twins_of_others_are_not_named(enter, twins) -> None:
    html = enter("recorder").get(f"/admin/titles/{twins[1]}").text
    assert "先来的" not in html
    assert "其他单位的 1 个节目" in html


def test_a_change_by_the_service_is_a_change_to_the_form(enter, house: House) -> None:
    title_id = add(house)
    editor = enter("admin")
    form = form_on(editor, title_id)
    with session_scope(house.sessions) as session:
        edit_title(session, session.get_one(Title, title_id), now=START, lecturer="别人")
    assert editor.post(f"/admin/titles/{title_id}/edit", form).status_code == 409
