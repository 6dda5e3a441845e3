"""`cuntai import-xmltv` as its users meet it."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CHECKOUT
from tests.epg.guide.guide_server import serving

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

#: The command line, with the command whether or not it is listed there.
COMMAND = """
from vod_server import cli
from vod_server.cli.guide import import_xmltv_command
cli.cli.add_command(import_xmltv_command)
cli.main()
"""

GUIDE = (
    "<tv>"
    + "".join(
        f'<programme start="202505010{n}0000" channel="1"><title>节目{n}</title></programme>'
        for n in range(8)
    )
    + '<programme start="soon" channel="1"><title>x</title></programme></tv>'
).encode()


@pytest.fixture
def cuntai(house: Any, child_environ: dict[str, str]) -> Callable[..., Any]:
    del house  # made, with its secret key

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", COMMAND, *arguments],
            cwd=CHECKOUT,
            env=child_environ,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


def test_a_file_comes_in_and_junk_is_told(cuntai: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "省网.xml.xz").write_bytes(lzma.compress(GUIDE))
    done = cuntai("import-xmltv", str(tmp_path / "省网.xml.xz"), "--channels-from-feed")
    assert done.returncode == 0, done.stderr
    assert "节目 8 个" in done.stdout
    assert "soon" in done.stderr
    assert "%" not in done.stdout + done.stderr, "no bar without a terminal"
    assert (tmp_path / "var" / "guide" / "feed-1.guide").exists()
    again = cuntai("import-xmltv", str(tmp_path / "省网.xml.xz"), "--json")
    report = json.loads(again.stdout)
    assert (report["feed_id"], report["unchanged"], report["added"]) == (1, 8, 0)


def test_an_address_is_fetched(cuntai: Callable[..., Any]) -> None:
    with serving() as server:
        server.body = gzip.compress(GUIDE)
        done = cuntai("import-xmltv", server.url, "--channels-from-feed", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["added"] == 8
        again = cuntai("import-xmltv", server.url, "--json")
        assert json.loads(again.stdout)["feed_id"] == json.loads(done.stdout)["feed_id"]
        server.status = 404
        failed = cuntai("import-xmltv", server.url)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "404" in failed.stderr


def test_what_goes_wrong_is_one_sentence_and_a_code(
    cuntai: Callable[..., Any], tmp_path: Path
) -> None:
    whole, half = tmp_path / "a.xml", tmp_path / "half.xml"
    whole.write_bytes(GUIDE)
    half.write_bytes(GUIDE[:-9])
    missing = cuntai("import-xmltv", str(tmp_path / "none.xml"))
    cut = cuntai("import-xmltv", str(half), "--json")
    zone = cuntai("import-xmltv", str(whole), "--zone", "Mars/Base")
    for done, words in ((missing, "none.xml"), (cut, "不完整"), (zone, "Mars")):
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr


def test_a_guide_that_shrank_needs_force(cuntai: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(GUIDE)
    assert cuntai("import-xmltv", str(path), "--feed", "省网").returncode == 0
    path.write_bytes(GUIDE[: GUIDE.index(b"<programme", 10)] + b"</tv>")
    path.write_bytes(b"<tv>" + GUIDE[4 : GUIDE.index(b"</programme>") + 12] + b"</tv>")
    shrunk = cuntai("import-xmltv", str(path), "--feed", "省网")
    assert shrunk.returncode == 1
    assert "--force" in shrunk.stderr
    assert cuntai("import-xmltv", str(path), "--feed", "省网", "--force").returncode == 0


def test_a_terminal_sees_a_bar(house: Any, child_environ: dict[str, str], tmp_path: Path) -> None:
    del house
    (tmp_path / "a.xml").write_bytes(GUIDE)
    outer, inner = pty.openpty()
    with os.fdopen(outer, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "import-xmltv", str(tmp_path / "a.xml")],
            cwd=CHECKOUT,
            env=child_environ,
            stdout=subprocess.PIPE,
            stderr=inner,
        )
        os.close(inner)
        said, _ = process.communicate(timeout=240)
        seen = b""
        try:
            while part := screen.read(4096):
                seen += part
        except OSError:  # how a terminal ends on Linux
            pass
    assert process.returncode == 0
    assert "导入节目单" in seen.decode()
    assert "100%" in seen.decode()
    assert "节目 8 个" in said.decode()


def test_the_real_guide_of_beijing(cuntai: Callable[..., Any], shared_dir: Path) -> None:
    path = str(shared_dir / "guide" / "beijing-unicom-epg.xml.gz")
    done = cuntai("import-xmltv", path, "--channels-from-feed", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["channels"], report["created"], report["programmes"]) == (155, 155, 25_554)
    assert report["junk"] == 0
