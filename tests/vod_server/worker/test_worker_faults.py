"""A killed worker's job is taken up; a full disk is told and loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.titles import reading
from catalog.titles.tables import Title
from core.db import read_scope
from core.jobs.runner import Runner
from core.jobs.tables import Job
from tests.conftest import CHECKOUT
from vod_server.bootstrap import House

pytestmark = pytest.mark.media

Jobs = Callable[[], dict[str, Job]]


@pytest.fixture
def settings_overrides() -> dict[str, Any]:
    """Take lost jobs up quickly."""
    return {"job_lease_s": 3, "job_sweep_s": 1}


def start_worker(environ: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "vod_server", "worker"],
            cwd=CHECKOUT,
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def wait_for(what: Callable[[], bool], seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return
        time.sleep(0.2)
    pytest.fail(f"waited {seconds} s: {log.read_text()}")


def test_a_killed_workers_transcode_is_taken_up_by_another(
    house: House,
    jobs: Jobs,
    clips: Callable[..., Path],
    import_file: Callable[..., int],
    child_environ: dict[str, str],
    tmp_path: Path,
) -> None:
    log = tmp_path / "worker.log"
    title_id = import_file(clips(40, "1280x720", 250))
    first = start_worker(child_environ, log)

    def encoding() -> bool:
        job = jobs().get("transcode")
        return job is not None and job.state == "running" and job.progress > 0.02

    try:
        wait_for(encoding, 60, log)
        job = jobs()["transcode"]
        assert job.heartbeat_at is not None
        assert job.message == "正在转码"
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    time.sleep(0.5)
    running = subprocess.run(
        ["pgrep", "-f", f"ffmpeg.*{house.settings.path()}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert running.stdout == "", "no ffmpeg outlives its worker"

    second = start_worker(child_environ, log)
    try:
        wait_for(lambda: jobs()["transcode"].state == "done", 120, log)
    finally:
        second.send_signal(signal.SIGTERM)
        assert second.wait(20) == 0
    assert jobs()["transcode"].attempts == 2
    with read_scope(house.sessions) as session:
        title = session.get(Title, title_id)
        assert title is not None
        names = [rendition.name for rendition in reading.ready_renditions(session, title)]
        assert names == ["720p", "480p", "360p"]
        assert {rendition.gen for rendition in title.renditions} == {title.media_gen}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 3 MB, where this run may."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_the_job_waits_for_room(
    house: House,
    runner: Runner,
    jobs: Jobs,
    clips: Callable[..., Path],
    import_file: Callable[..., int],
    small_disk: Path,
) -> None:
    work = house.settings.path("work")
    if work.exists():
        work.rmdir()
    work.symlink_to(small_disk)
    title_id = import_file(clips(40, "1280x720", 250))
    runner.run_due()
    job = jobs()["transcode"]
    assert job.state == "queued", "a full disk may mend: it is tried again"
    assert job.attempts == 1
    assert "磁盘" in job.message
    with read_scope(house.sessions) as session:
        title = session.get(Title, title_id)
        assert title is not None
        assert title.source_file is not None, "the original is safe"
    assert list(small_disk.iterdir()) == [], "the scratch of the failed try is gone"
