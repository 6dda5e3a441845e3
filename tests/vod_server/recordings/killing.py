"""Kills a recorder at every line of `vod_server.recordings` in turn; run by its test.

`python killing.py <folder>` forks a recorder for each line, lets it die there by SIGKILL, opens the
channel again and looks whether everything finished is there, once. Prints what it found as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

from tests.vod_server.recordings.recorded import (
    CHANNEL,
    HOUR,
    MIDNIGHT,
    Recorder,
    contents,
    everything,
)
from vod_server.recordings.writer import ChannelWriter

ROOM = str(Path(sys.modules[ChannelWriter.__module__].__file__ or "").parent)


class Noting(Recorder):
    """Notes what is finished outside the recording's folder, as the truth to compare with."""

    def finish(self, content: bytes = b"") -> Path:
        file = super().finish(content)
        with (self.writer.folder.parent / "finished").open("a") as notes:
            notes.write(f"{self.folder.name}/{file.stem}\n")
        return file


def left_by_the_one_before(root: Path) -> None:
    """Leave a run of which one segment is committed, two are finished and one is not."""
    writer = ChannelWriter(root, CHANNEL)
    recorder = Noting(writer, MIDNIGHT + HOUR - 11_000, "a")
    recorder.record(1)
    recorder.finish()
    recorder.finish()
    (recorder.folder / "3.ts").write_bytes(b"half a seg")
    writer.close()


def recorder_that_dies(root: Path) -> None:
    """Take over, and record over the hour's edge; the parameters change on the way."""
    writer = ChannelWriter(root, CHANNEL)
    recorder = Noting(writer, MIDNIGHT + HOUR - 4000, "b")
    for parameters in ("h264", "h264", "hevc", "hevc"):
        recorder.commit(recorder.finish(), parameters)
    writer.close()


class Killer:
    """Counts the lines of the room that run, and ends the process at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        del argument
        if not frame.f_code.co_filename.startswith(ROOM):
            return None
        if event == "line":
            self.count += 1
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def run_child(root: Path, killer: Killer) -> bool:
    """Run the recorder in a process of its own; return whether it was killed."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            sys.settrace(killer)
            recorder_that_dies(root)
            sys.settrace(None)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        raise SystemExit(f"the recorder failed at {killer.at}")
    return False


def faults_after(root: Path) -> list[str]:
    """Open the channel again and say what is wrong with it."""
    faults = []
    ChannelWriter(root, CHANNEL).close()
    finished = (root / "finished").read_text().split()
    kept = contents(root)
    if kept != finished:
        faults.append(f"finished {finished}, kept {kept}")
    for one, other in pairwise(everything(root)):
        if other.sequence != one.sequence + 1:
            faults.append(f"{other.key} has number {other.sequence} after {one.sequence}")
        if other.discontinuity != one.discontinuity + other.opens:
            faults.append(f"{other.key} counts {other.discontinuity}")
        if other.start_ms < one.end_ms - 20:
            faults.append(f"{other.key} goes back in time")
    if list((root / str(CHANNEL) / ".incoming").iterdir()):
        faults.append("something is left in .incoming")
    return faults


def main(folder: Path) -> None:
    """Kill at the first line, the second, and so on, until none is left to be killed at."""
    faults: dict[int, list[str]] = {}
    at = 0
    killed = True
    while killed:
        at += 1
        root = folder / "recordings"
        root.mkdir()
        left_by_the_one_before(root)
        killed = run_child(root, Killer(at))
        if found := faults_after(root):
            faults[at] = found
        shutil.rmtree(root)
    sys.stdout.write(json.dumps({"lines": at - 1, "faults": faults}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
