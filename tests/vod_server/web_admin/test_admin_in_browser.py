"""The list and its uploads in a real Chromium: progress, reload, resume, cancel, keyboard."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from core.db import read_scope, session_scope
from core.jobs.service import enqueue
from core.jobs.tables import Job
from tests.factories import PASSWORD, make_title
from tests.fakes import START
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House
from vod_server.media.uploads.store import UploadStore
from vod_server.media.uploads.tables import Upload
from vod_server.web.app import make_wsgi

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

LIMIT_BYTES = 12_000_000


@pytest.fixture
def settings_overrides() -> dict[str, object]:
    return {"upload_max_bytes": LIMIT_BYTES}


@contextmanager
def serving(house: House) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_wsgi(house), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def signed_in(chromium: Browser, base: str, login: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: "Content Security Policy" in line.text and faults.append(line.text),
    )
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{base}/admin/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("h1.page-title")
    # The scripts run after the page is there; a test acts faster than they are fetched.
    page.wait_for_load_state()
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def page(chromium: Browser, house: House, office: Office) -> Iterator[Page]:
    with serving(house) as base, signed_in(chromium, base, "admin") as page:
        yield page


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., str]:
    def film(name: str, size: int) -> str:
        path = tmp_path / name
        path.write_bytes(os.urandom(size))
        return str(path)

    return film


def slow_down(page: Page, bytes_per_s: float) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1}
    cdp.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": bytes_per_s})


def wait_for_share(page: Page, thousandths: int) -> None:
    """Wait until the first bar is so far; the page's policy forbids Playwright's own way."""
    bar = page.locator(".upload progress").first
    for _ in range(200):
        if bar.evaluate("bar => bar.value") > thousandths:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"the upload never got beyond {thousandths} ‰")


def row(page: Page, name: str):
    return page.locator(".upload").filter(has_text=name)


def uploads(house: House) -> list[Upload]:
    with read_scope(house.sessions) as session:
        return list(session.query(Upload).order_by(Upload.created_at))


def test_many_files_and_the_bad_ones_stop_no_other(page: Page, film) -> None:
    names = [
        "水稻育秧.mp4",
        "果树修剪.mkv",
        "反诈.mov",
        "广场舞.mp4",
        "<img src=x onerror=alert(1)>.mp4",
    ]
    files = [film(name, 300_000) for name in names]
    page.set_input_files("#files", [film("空.mp4", 0), *files, film("太大.mp4", LIMIT_BYTES + 1)])
    expect(row(page, "空.mp4")).to_contain_text("文件是空的（0 字节）")
    expect(row(page, "太大.mp4")).to_contain_text("文件太大：12.0 MB，最多 12.0 MB。")
    expect(page.locator(".row")).to_have_count(5)
    titles = set(page.locator(".row h3").all_inner_texts())
    assert titles == {Path(name).stem for name in names}
    expect(page.locator("#count-draft")).to_have_text("5")
    expect(page.locator(".job-words").first).to_contain_text("排队等待")
    row(page, "空.mp4").get_by_role("button", name="知道了").click()
    expect(row(page, "空.mp4")).to_have_count(0)


def test_after_a_reload_it_goes_on_at_the_byte(page: Page, house: House, film) -> None:
    path = film("村民大会.mp4", 6_000_000)
    slow_down(page, 1_500_000)
    page.set_input_files("#files", path)
    expect(row(page, "村民大会")).to_contain_text("MB/秒")
    wait_for_share(page, 400)
    page.reload()
    waiting = row(page, "村民大会")
    expect(waiting).to_contain_text("已暂停——请重新选择同一个文件，从")
    (upload,) = uploads(house)
    kept = house.uploads.offset_bytes(upload.id)
    assert 1_000_000 < kept < 6_000_000
    expect(waiting).to_contain_text(f"从 {100 * kept // 6_000_000}% 继续")
    sent: list[int] = []
    page.on(
        "request",
        lambda request: (
            request.method == "PATCH" and sent.append(int(request.headers["upload-offset"]))
        ),
    )
    page.set_input_files("#files", path)
    expect(page.locator(".row h3")).to_have_text("村民大会")
    assert sent[0] == kept
    (upload,) = uploads(house)
    assert upload.state == "complete"
    assert house.uploads.path(upload.id).read_bytes() == Path(path).read_bytes()


def test_another_file_is_not_taken_for_it(page: Page, house: House, film) -> None:
    slow_down(page, 1_000_000)
    page.set_input_files("#files", film("甲.mp4", 5_000_000))
    wait_for_share(page, 200)
    page.reload()
    with page.expect_file_chooser() as chooser:
        row(page, "甲.mp4").get_by_role("button", name="选择文件").click()
    chooser.value.set_files(film("乙.mp4", 1000))
    expect(row(page, "甲.mp4")).to_contain_text("选的不是同一个文件")
    assert len(uploads(house)) == 1


def test_pause_resume_and_cancel(page: Page, house: House, film) -> None:
    slow_down(page, 700_000)
    page.set_input_files("#files", film("长片.mp4", 9_000_000))
    mine = row(page, "长片.mp4")
    wait_for_share(page, 50)
    mine.get_by_role("button", name="暂停").click()
    expect(mine).to_contain_text("已暂停在")
    mine.get_by_role("button", name="继续").click()
    expect(mine.get_by_role("button", name="暂停")).to_be_visible()
    mine.get_by_role("button", name="取消上传").click()
    page.locator("#ask").get_by_role("button", name="返回").click()
    expect(mine).to_have_count(1)
    mine.get_by_role("button", name="取消上传").click()
    with page.expect_response(lambda reply: reply.request.method == "DELETE") as gone:
        page.locator("#ask-yes").click()
    assert gone.value.status == 204
    expect(mine).to_have_count(0)
    (upload,) = uploads(house)
    assert upload.state == "cancelled"
    assert not house.uploads.path(upload.id).exists()


def test_a_file_is_dropped_anywhere(page: Page) -> None:
    drop = """() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["not a film"], "拖来的.mp4"));
        const at = document.querySelector(".page-title");
        at.dispatchEvent(new DragEvent("dragenter", {dataTransfer: transfer, bubbles: true}));
        const veiled = !document.getElementById("drop-veil").hidden;
        const options = {dataTransfer: transfer, bubbles: true, cancelable: true};
        at.dispatchEvent(new DragEvent("drop", options));
        return veiled;
    }"""
    assert page.evaluate(drop)
    expect(page.locator("#drop-veil")).to_be_hidden()
    expect(page.locator(".row h3")).to_have_text("拖来的")


def test_a_full_disk_is_told_at_the_row(chromium: Browser, house: House, office, film) -> None:
    store = UploadStore(house.settings.path("uploads"), measure_free=lambda _: 1000)
    vars(house)["uploads"] = store
    with serving(house) as base, signed_in(chromium, base, "admin") as page:
        page.set_input_files("#files", film("片.mp4", 5000))
        expect(row(page, "片.mp4")).to_contain_text("服务器磁盘空间不足")
        store._measure_free = lambda _: 10**9
        row(page, "片.mp4").get_by_role("button", name="继续").click()
        expect(page.locator(".row h3")).to_have_text("片")


def test_a_session_that_ended_is_told_and_mended(page: Page, film) -> None:
    # A reply still under way would set the session's cookie again.
    page.wait_for_load_state("networkidle")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.set_input_files("#files", film("片.mp4", 5000))
    expect(row(page, "片.mp4")).to_contain_text("登录已过期")
    page.context.add_cookies(cookies)
    row(page, "片.mp4").get_by_role("button", name="继续").click()
    expect(page.locator(".row h3")).to_have_text("片")


def test_progress_moves_by_itself_and_leaves_the_focus(page: Page, house: House) -> None:
    with session_scope(house.sessions) as session:
        title = make_title(session, name="水稻")
        job = enqueue(session, "transcode", f"title:{title.id}", now=START)
        job.state, job.progress, job.message = "running", 0.2, "正在转码"
        job_id = job.id
    page.reload()
    expect(page.locator(".job-words")).to_contain_text("20%")
    page.check(".pick input")
    page.focus(f"#job-{job_id}-cancel")
    with session_scope(house.sessions) as session:
        session.get_one(Job, job_id).progress = 0.6
    expect(page.locator(".job-words")).to_contain_text("60%")
    assert page.evaluate("document.activeElement.id") == f"job-{job_id}-cancel"
    expect(page.locator(".pick input")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_contain_text("取消“转码”吗")
    page.keyboard.press("Escape")
    expect(page.locator("#ask")).to_be_hidden()
    page.locator(f"#job-{job_id}-cancel").click()
    page.locator("#ask-yes").click()
    expect(page.locator(".job-words")).to_contain_text("正在取消")
    with session_scope(house.sessions) as session:
        job = session.get_one(Job, job_id)
        job.state, job.message = "cancelled", "已取消"
    expect(page.get_by_role("button", name="重试")).to_be_visible()
    expect(page.locator("#poller")).not_to_have_attribute("hx-trigger", "every 1500ms")


def test_the_list_is_filtered_without_a_reload(page: Page, house: House) -> None:
    with session_scope(house.sessions) as session:
        make_title(session, name="水稻", state="published")
        make_title(session, name="果树")
    page.reload()
    page.evaluate("window.same = true")
    page.get_by_text("已发布").first.click()
    expect(page.locator(".row h3")).to_have_text(["水稻"])
    page.fill("#q", "果")
    expect(page.locator("#titles")).to_contain_text("没有符合条件的节目")
    expect(page.locator("#count-all")).to_have_text("1")
    assert "state=published" in page.url
    assert page.evaluate("window.same")
    page.reload()
    expect(page.locator("#q")).to_have_value("果")


def test_nothing_is_wider_than_a_phone(page: Page, house: House) -> None:
    with session_scope(house.sessions) as session:
        long = "很长的名称" * 20 + "abcdefghij" * 10
        title_id = make_title(session, name=long, state="published").id
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/admin/", f"/admin/titles/{title_id}", "/admin/password"):
        page.goto(page.url.split("/admin/")[0] + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
