"""Short looks that must not hold up the loop: what a segment holds, whether a source is back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from vod_server.live.recorder import tie

FACTS = "stream=codec_type,codec_name,profile,pix_fmt,height,channels"
FACTS_S = 15.0
TRIAL_S = 15.0


class Look:
    """A process that is asked now and then whether it has an answer.

    Args:
        command: what to run.
        limit_s: killed after so long, which is an answer of no.
    """

    def __init__(self, command: Sequence[str], limit_s: float) -> None:
        self._until = time.monotonic() + limit_s
        self._process = subprocess.Popen(
            [*tie(), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def is_done(self) -> bool:
        """Say whether there is an answer."""
        if self._process.poll() is not None:
            return True
        if time.monotonic() > self._until:
            self._kill()
            return True
        return False

    def answer(self) -> bytes | None:
        """Return what it printed, None when it failed; only once, when it is done."""
        printed, _ = self._process.communicate()
        return printed if self._process.returncode == 0 else None

    def stop(self) -> None:
        """Give up."""
        self._kill()
        self._process.communicate()

    def _kill(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def look_at_segment(file: Path) -> Look:
    """Ask ffprobe what streams a segment has."""
    command = ["ffprobe", "-v", "error", "-show_entries", FACTS, "-of", "json"]
    return Look([*command, "-protocol_whitelist", "file", f"file:{file}"], FACTS_S)


def facts_of(answer: bytes | None) -> dict[str, Any]:
    """Read ffprobe's answer; nothing when it had none."""
    try:
        facts = json.loads(answer or b"{}")
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def look_for_signal(inputs: Sequence[str]) -> Look:
    """Ask whether a source gives a second of signal; its answer is None when not."""
    general = ["ffmpeg", "-hide_banner", "-nostdin", "-v", "error"]
    return Look([*general, *inputs, "-t", "1", "-c", "copy", "-f", "null", "-"], TRIAL_S)
