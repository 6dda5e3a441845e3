"""The main job on real input: two videos go in at the county office, a village television plays."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PASSWORD, Installation
from tests.lint_hls import lint_vod
from tests.lint_hls.fetching import http_fetch

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

FILES = ("big-buck-bunny-480p-30s.mp4", "rabbit320.webm")
TRANSCODED_MS = 240_000


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/")
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="上传视频")).to_be_visible()


def upload(page: Page, paths: list[Path]) -> None:
    page.set_input_files("#files", [str(path) for path in paths])
    for path in paths:
        link = page.get_by_role("link", name=path.stem.replace("_", " "))
        expect(link).to_be_visible(timeout=60_000)


def publish(page: Page, url: str, name: str, category: str) -> None:
    page.goto(f"{url}/admin/")
    page.get_by_role("link", name=name).click()
    button = page.get_by_role("button", name="提交并发布")
    expect(button).to_be_enabled(timeout=TRANSCODED_MS)
    page.get_by_label("栏目", exact=True).select_option(label=category)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="提交并发布").click()
    expect(page.locator("#state")).to_contain_text("已发布")


def titles(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{url}/api/v1/titles") as reply:
        items: list[dict[str, Any]] = json.load(reply)["items"]
    return items


def wait_for_jobs(installation: Installation, count: int) -> None:
    """Wait until `cuntai doctor` sees nothing queued or running but the later tidying."""
    deadline = time.monotonic() + TRANSCODED_MS / 1000
    while time.monotonic() < deadline:
        done = installation.cuntai("doctor", "--json")
        says = next(row["says"] for row in json.loads(done.stdout) if row["what"] == "任务")
        if "进行 0" in says and "失败 0" in says and "排队 0" in says:
            return
        time.sleep(1)
    pytest.fail(f"{count} titles are not done: {says} {installation.log.read_text()}")


def strict_decode(url: str) -> None:
    """Decode with the strict client; any warning is a failure."""
    command = ["ffmpeg", "-v", "warning", "-xerror", "-i", url, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def variants(url: str) -> list[str]:
    with urllib.request.urlopen(url) as reply:
        lines = reply.read().decode().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("CT.state()")
    return found


def video(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        "(() => { const v = document.querySelector('video');"
        " return v ? {t: v.currentTime, paused: v.paused, w: v.videoWidth} : null })()"
    )
    return found


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(120)


def find_on_home(page: Page, name: str) -> None:
    """Walk the rows of home with arrows until the title has the focus."""
    rows = state(page)["focus"]["rows"]
    for _ in range(rows + 1):
        for _ in range(state(page)["focus"]["count"]):
            if name in state(page)["focus"]["label"]:
                return
            press(page, "ArrowRight")
        press(page, "ArrowDown")
    pytest.fail(f"{name} is not found on home: {state(page)}")


def picture(page: Page) -> bytes:
    return page.locator("video").screenshot()


def wait_for_playing(page: Page, beyond_s: float = 0.5) -> None:
    page.wait_for_function(
        f"(() => {{ const v = document.querySelector('video');"
        f" return v && !v.paused && v.currentTime > {beyond_s} }})()",
        timeout=30_000,
    )


def watch_with_keys_only(page: Page, url: str, name: str) -> None:
    """Find, play, pause, seek, reload and resume a title by remote keys alone."""
    page.goto(f"{url}/tv/")
    page.wait_for_function("window.CT && CT.state().focus !== null")
    find_on_home(page, name)
    press(page, "Enter")
    page.wait_for_function("CT.state().screen === 'title'")
    page.wait_for_function("CT.state().focus !== null")
    press(page, "Enter")
    wait_for_playing(page)
    first, before = picture(page), video(page)
    wait_for_playing(page, before["t"] + 1)
    assert picture(page) != first, "the picture does not change"
    press(page, "Enter")
    page.wait_for_function("document.querySelector('video').paused")
    held = video(page)["t"]
    page.wait_for_timeout(600)
    assert video(page)["t"] == pytest.approx(held, abs=0.05)
    press(page, "Enter")
    wait_for_playing(page)


def seek_and_resume(page: Page, url: str, name: str) -> None:
    """Seek forward by the seek bar, leave by a reload, and go on where it was."""
    start = video(page)["t"]
    press(page, "ArrowRight")
    tile = page.locator(".hover:not(.off) .tile:not(.off)")
    expect(tile).to_be_visible()
    assert "sprite-0.jpg" in tile.evaluate("node => node.style.backgroundImage")
    press(page, "Enter")
    page.wait_for_function(f"document.querySelector('video').currentTime > {start + 5}")
    reached = video(page)["t"]
    page.reload()
    page.wait_for_function("window.CT && CT.state().focus !== null")
    assert "继续看" in page.inner_text("body")
    find_on_home(page, name)
    press(page, "Enter")
    page.wait_for_function("CT.state().screen === 'title' && CT.state().focus !== null")
    assert "继续播放" in state(page)["focus"]["label"]
    press(page, "Enter")
    wait_for_playing(page, reached - 3)
    press(page, "Escape", "Escape", "Escape")
    page.wait_for_function("CT.state().screen === 'home'")


def test_a_real_video_goes_in_and_a_village_television_plays_it(
    installation: Installation, chromium: Browser, shared_dir: Path
) -> None:
    paths = [shared_dir / "media" / name for name in FILES]
    admin = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800}).new_page()
    sign_in(admin, installation.url)
    upload(admin, paths)
    for path, category in zip(paths, ("农技", "健康"), strict=True):
        publish(admin, installation.url, path.stem.replace("_", " "), category)
    wait_for_jobs(installation, len(paths))
    shown = titles(installation.url)
    assert {card["title"] for card in shown} == {path.stem.replace("_", " ") for path in paths}

    tv = chromium.new_context(viewport={"width": 1280, "height": 720}).new_page()
    faults: list[str] = []
    tv.on("pageerror", lambda error: faults.append(str(error)))
    watch_with_keys_only(tv, installation.url, paths[1].stem)
    press(tv, "Escape", "Escape")
    watch_with_keys_only(tv, installation.url, paths[0].stem)
    seek_and_resume(tv, installation.url, paths[0].stem)
    assert faults == []

    for card in shown:
        master = f"{installation.url}/vod/{card['id']}/index.m3u8"
        addresses = variants(master)
        assert addresses
        for address in addresses:
            assert re.match(r"/media/[\w-]{22}/\d+/vod/", address)
            strict_decode(f"{installation.url}{address}")
        findings = [f for f in lint_vod(http_fetch, master) if f.level == "must"]
        assert findings == []
