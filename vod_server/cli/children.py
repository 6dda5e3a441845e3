"""Keep the parts of `cuntai run` alive, and end every one of them at the end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import structlog

log = structlog.get_logger()

PR_SET_PDEATHSIG = 1
GRACE_S = 15.0
#: A part that dies again and again is started at most this often.
LONGEST_PAUSE_S = 30.0


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies, however it dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One part: a command that is started again when it ends by itself.

    Args:
        name: in the log.
        command: program and arguments.
        once: whether ending with exit code 0 is its purpose.
    """

    def __init__(self, name: str, command: Sequence[str], *, once: bool = False) -> None:
        self.name = name
        self.command = list(command)
        self.once = once
        self.process: subprocess.Popen[bytes] | None = None
        self.finished = False
        self._failures = 0
        self._not_before = 0.0

    def tend(self) -> None:
        """Start it when it is wanted and not running."""
        if self.finished:
            return
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            if self.once and code == 0:
                self.finished = True
                return
            self._ended(code)
        if time.monotonic() >= self._not_before:
            # A session of its own: Ctrl-C reaches only the parent, which ends them in order.
            self.process = subprocess.Popen(
                self.command,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509
            )

    def _ended(self, code: int) -> None:
        self.process = None
        self._failures += 1
        pause_s = min(2.0 ** (self._failures - 1), LONGEST_PAUSE_S)
        self._not_before = time.monotonic() + pause_s
        log.warning("part ended, starting it again", part=self.name, code=code, pause_s=pause_s)

    def end(self) -> None:
        """Ask it to end."""
        self.finished = True
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for the end until a monotonic instant, then kill its whole group."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("part does not end, killing it", part=self.name)
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def tend_all(children: Sequence[Child], *, poll_s: float = 0.5) -> None:
    """Keep the parts running until SIGINT or SIGTERM, then end them, last started first."""
    stop = False

    def ask(number: int, frame: object) -> None:
        del number, frame
        nonlocal stop
        stop = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    try:
        while not stop:
            for child in children:
                child.tend()
            time.sleep(poll_s)
    finally:
        for child in reversed(children):
            child.end()
        until = time.monotonic() + GRACE_S
        for child in children:
            child.wait(until)
