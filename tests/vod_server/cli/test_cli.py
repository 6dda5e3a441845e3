"""The command line as its users meet it: set-up, imports, bad input, two servers, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.front_door import free_port
from tests.conftest import CHECKOUT

HEADER = "file,title,category,summary,poster\n"


@pytest.fixture
def environ(tmp_path: Path, database_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "CUNTAI_HOME": str(tmp_path / "var"),
        "CUNTAI_DATABASE_URL": database_url,
        "CUNTAI_HOST": "127.0.0.1",
        "CUNTAI_DISK_RESERVE_BYTES": "0",
    }


def cuntai(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vod_server", *arguments],
        cwd=CHECKOUT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_init_tells_the_password_once_and_keeps_what_is_there(environ: dict[str, str]) -> None:
    first = cuntai(environ, "init")
    assert first.returncode == 0, first.stderr
    assert re.search(r"密码（只显示这一次）：[a-z0-9]{14}$", first.stdout, re.MULTILINE)
    second = cuntai(environ, "init")
    assert second.returncode == 0, second.stderr
    assert "密码" not in second.stdout


def test_an_unknown_setting_is_refused_by_name(environ: dict[str, str]) -> None:
    done = cuntai({**environ, "CUNTAI_PROT": "1"}, "init")
    assert done.returncode == 1
    assert "CUNTAI_PROT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_before_init_says_what_to_do(environ: dict[str, str], tmp_path: Path) -> None:
    done = cuntai({**environ, "CUNTAI_HOME": str(tmp_path / "nothing")}, "worker")
    assert done.returncode == 1
    assert "cuntai init" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_command_has_help(environ: dict[str, str]) -> None:
    listed = cuntai(environ, "--help").stdout
    for command in ("init", "demo", "run", "web", "worker", "import-catalog", "doctor"):
        assert command in listed
        assert cuntai(environ, command, "--help").returncode == 0


def test_people_and_boxes_are_added_and_revoked(environ: dict[str, str], tmp_path: Path) -> None:
    cuntai(environ, "init")
    secret = tmp_path / "secret"
    secret.write_text("a long enough one\n")
    added = cuntai(
        environ,
        *("user", "add", "li", "--name", "李文书", "--role", "county_editor"),
        *("--password-file", str(secret)),
    )
    assert added.returncode == 0, added.stderr
    box = cuntai(environ, "device", "add", "堂屋", "--place", "990000", "--json")
    assert len(json.loads(box.stdout)["token"]) == 43
    assert cuntai(environ, "device", "revoke", str(json.loads(box.stdout)["id"])).returncode == 0
    unknown = cuntai(environ, "device", "add", "堂屋", "--place", "123")
    assert unknown.returncode == 1
    assert "123" in unknown.stderr


def test_doctor_says_what_is_wrong(environ: dict[str, str], tmp_path: Path) -> None:
    before = cuntai(environ, "doctor", "--json")
    assert before.returncode == 1
    cuntai(environ, "init")
    after = cuntai(environ, "doctor", "--json")
    assert after.returncode == 0, after.stdout
    assert all(row["ok"] for row in json.loads(after.stdout))
    blind = cuntai({**environ, "PATH": str(tmp_path)}, "doctor")
    assert blind.returncode == 1
    assert "apt-get install ffmpeg" in blind.stdout


def make_clip(path: Path, seconds: float = 2) -> None:
    source = f"testsrc2=size=320x180:rate=25:duration={seconds}"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-c:v", "libx264", str(path)], check=True)


def write_huge_png(path: Path, side: int = 40_000) -> None:
    """Write a PNG of 40,000 × 40,000 black pixels: 5 kB a read line, 1.6 GB decoded."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    packer = zlib.compressobj(9)
    line = b"\0" * (side // 8 + 1)
    packed = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


@pytest.mark.media
def test_an_import_tells_each_bad_row_and_brings_in_the_good_ones(
    environ: dict[str, str], tmp_path: Path
) -> None:
    cuntai(environ, "init")
    media = tmp_path / "media"
    media.mkdir()
    make_clip(media / "good.mp4")
    shutil.copy(media / "good.mp4", media / "poster.mp4")
    with (media / "poster.mp4").open("ab") as file:
        file.write(b"\0" * 16)  # other content than good.mp4
    make_clip(media / "whole.mp4", 8)
    whole = (media / "whole.mp4").read_bytes()
    (media / "half.mp4").write_bytes(whole[: len(whole) // 2])
    (media / "whole.mp4").unlink()
    (media / "empty.mp4").write_bytes(b"")
    (media / "notes.mp4").write_text("只是文字\n" * 50)
    make_clip(media / "one.mp4", 0.04)
    shutil.copy(media / "good.mp4", os.fsencode(media) + b"/" + "春耕.mp4".encode("gb18030"))
    write_huge_png(media / "huge.png")
    (tmp_path / "outside.mp4").write_bytes(b"x")
    rows = [
        "good.mp4,好的,农技,能看,",
        "poster.mp4,海报太大,农技,,huge.png",
        "empty.mp4,空文件,农技,,",
        "notes.mp4,文字,农技,,",
        "half.mp4,半截,农技,,",
        "one.mp4,一帧,农技,,",
        "../outside.mp4,爬出去,农技,,",
        "missing.mp4,没有,农技,,",
        "春耕.mp4,国标文件名,农技,,",
    ]
    sheet = media / "catalog.csv"
    sheet.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8-sig")
    done = cuntai(environ, "import-catalog", str(sheet), "--publish", "--wait", "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["refused_rows"] == [4, 8, 9]
    said = {error["row"]: error["message"] for error in report["errors"]}
    assert "空" in said[4]
    assert said[8]
    assert said[9]
    failed = "\n".join(report["failed"])
    assert len(report["failed"]) == 4, failed
    assert "海报用不了" in failed
    assert "Traceback" not in failed
    titles = {row["title"]: row["id"] for row in report["rows"]}
    for name in ("好的", "海报太大", "国标文件名"):
        assert titles[name] is not None, name
    again = cuntai(environ, "import-catalog", str(sheet), "--json")
    assert json.loads(again.stdout)["created"] == 0, "a mended sheet is imported anew, not doubled"


def children_of(home: str) -> list[str]:
    """Return command lines of processes whose environment names this home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"CUNTAI_HOME={home}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@dataclass(frozen=True)
class Running:
    """A `cuntai run` that answers."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path


@pytest.fixture
def running(environ: dict[str, str], tmp_path: Path) -> Iterator[Running]:
    port, log = free_port(), tmp_path / "run.log"
    environ["PORT"] = str(port)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "vod_server", "run", "--no-demo"],
            cwd=CHECKOUT,
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_ready(port, log)
        yield Running(process, port, log)
    finally:
        process.kill()
        process.wait()


def wait_ready(port: int, log: Path) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(log.read_text())


def test_run_serves_refuses_a_second_and_ends_every_child(
    environ: dict[str, str], running: Running
) -> None:
    second = cuntai(environ, "run", "--no-demo")
    assert second.returncode == 1
    assert str(running.port) in second.stderr
    assert "Traceback" not in second.stderr
    assert any("gunicorn" in line for line in children_of(environ["CUNTAI_HOME"]))
    running.process.send_signal(signal.SIGINT)
    running.process.wait(30)
    wait_until(lambda: not children_of(environ["CUNTAI_HOME"]), 5)
    said = running.log.read_text()
    assert f"http://127.0.0.1:{running.port}/tv/" in said
    assert said.count("密码（只显示这一次）") == 1


def test_a_killed_part_comes_back(running: Running) -> None:
    parent = str(running.process.pid)
    subprocess.run(["pkill", "-KILL", "-P", parent, "-f", "gunicorn"], check=True)
    wait_until(lambda: "starting it again" in running.log.read_text(), 20)
    wait_ready(running.port, running.log)


def test_a_killed_run_leaves_nothing(environ: dict[str, str], running: Running) -> None:
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not children_of(environ["CUNTAI_HOME"]), 40)


def wait_until(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.2)
