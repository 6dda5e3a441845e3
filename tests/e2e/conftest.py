"""A whole installation on loopback, started as its users start it, and a real Chromium."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.front_door import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
START_S = 60.0


@dataclass
class Installation:
    """A running `cuntai run`."""

    url: str
    home: Path
    environ: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    def cuntai(self, *arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a `cuntai` command beside it."""
        return run_cuntai(self.environ, *arguments, timeout_s=timeout_s)


def run_cuntai(
    environ: dict[str, str], *arguments: str, timeout_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a `cuntai` command to its end and return what it said."""
    command = [sys.executable, "-m", "vod_server", *arguments]
    return subprocess.run(
        command,
        env=environ,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers that it can serve."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"cuntai run does not answer: {log.read_text()}")


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """Start `cuntai run` without the demo, on each kind of database; end it with Ctrl-C."""
    home, port = tmp_path / "var", free_port()
    environ = {
        **os.environ,
        "CUNTAI_HOME": str(home),
        "CUNTAI_DATABASE_URL": database_url,
        "CUNTAI_HOST": "127.0.0.1",
        "CUNTAI_DISK_RESERVE_BYTES": "0",
        "CUNTAI_SNAPSHOT_TTL_S": "0.2",
        "PORT": str(port),
    }
    password_file = tmp_path / "password"
    password_file.write_text(PASSWORD + "\n")
    done = run_cuntai(environ, "init", "--password-file", str(password_file))
    assert done.returncode == 0, done.stderr
    log = tmp_path / "run.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "vod_server", "run", "--no-demo"]
        process = subprocess.Popen(
            command, env=environ, cwd=CHECKOUT, stdout=output, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process, log)
        yield Installation(url, home, environ, process, log)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"cuntai run did not end on Ctrl-C: {log.read_text()}")
