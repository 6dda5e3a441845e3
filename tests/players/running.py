"""Run somebody else's player: at most so long, as a plain user where it refuses root."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Ran:
    """How a player ended."""

    code: int | None  #: exit code, None when its time was up
    said: str  #: standard output and error


def why_not(*programs: str) -> str | None:
    """Say what is missing of these programs, None when all are there."""
    missing = [name for name in programs if shutil.which(name) is None]
    return f"{', '.join(missing)} is not installed (scripts/packages.sh, test)" if missing else None


def run_player(
    command: Sequence[str],
    *,
    at_most_s: float,
    environ: Mapping[str, str] | None = None,
    ask: signal.Signals = signal.SIGINT,
) -> Ran:
    """Run a player to its end, or until its time is up; then it is asked, then killed."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environ) if environ is not None else None,
        start_new_session=True,
    )
    try:
        out, _ = process.communicate(timeout=at_most_s)
        return Ran(process.returncode, out.decode(errors="replace"))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, ask)
        try:
            out, _ = process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, _ = process.communicate()
        return Ran(None, out.decode(errors="replace"))


def as_plain_user(command: Sequence[str]) -> list[str]:
    """Return the command, as user nobody where we are root."""
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]


@contextmanager
def killed_at_end(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a process and its group, whatever happens."""
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, number)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    continue
        process.wait()


def pictures(folder: Path, pattern: str) -> list[Image.Image]:
    """Open the pictures a player wrote, in order of their names."""
    found = []
    for path in sorted(folder.glob(pattern)):
        with Image.open(path) as picture:
            found.append(picture.convert("L"))
    return found
