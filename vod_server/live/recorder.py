"""One run of ffmpeg: from a source to finished segment files in a folder."""

from __future__ import annotations

import functools
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from epg.channels.model import masked_url
from vod_server.recordings.leftovers import LIST, parse_list

TAIL_BYTES = 4000
#: The muxer counts from the run's start: its n-th cut is at the first keyframe after n times this
#: part of the wanted length. Less than the whole, or keyframes a little closer together than wanted
#: (1.92 s for 2 s) would fall behind, and now and then a segment be twice as long as the others.
EARLY_SHARE = 0.875
#: An MPEG-TS packet; a file of anything else was not written to its end.
PACKET_BYTES = 188

#: What ffmpeg says, and what we say; the first that matches counts.
_WORDS = (
    (r"No space left on device", "磁盘已满"),
    (r"Connection refused", "信号源拒绝连接"),
    (r"404 Not Found|Server returned 404", "信号源地址不存在（404）"),
    (r"401 Unauthorized|403 Forbidden", "信号源不允许访问（401/403）"),
    (r"Server returned 5\d\d|5XX", "信号源服务器出错"),
    (r"[Tt]imed out|[Tt]imeout", "信号源没有回应（超时）"),
    (r"Network is unreachable|No route to host", "到信号源的网络不通"),
    (
        r"Failed to resolve|Name or service not known|Temporary failure in name",
        "找不到信号源的主机",
    ),
    (r"No such file or directory", "找不到文件"),
    (r"Address already in use", "端口已被占用"),
    (r"Invalid data found|could not find codec parameters|moov atom", "收到的不是可以播放的信号"),
    (r"Operation not permitted", "信号源还没有信号，或不允许观看"),
    (r"End of file", "信号源结束了"),
    (r"Error initializing output stream", "信号不完整：没有等到画面或声音的参数"),
)


@dataclass(frozen=True, slots=True)
class Finished:
    """A segment file that will not change any more.

    Args:
        file: where it lies.
        begin_s: media time of its first picture, seconds.
        end_s: media time after its last.
    """

    file: Path
    begin_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Return its length in seconds."""
        return self.end_s - self.begin_s

    @property
    def is_whole(self) -> bool:
        """Say whether all its bytes reached the disk before ffmpeg was killed or found no room."""
        try:
            size_bytes = self.file.stat().st_size
        except FileNotFoundError:
            return False
        return size_bytes > 0 and size_bytes % PACKET_BYTES == 0


class Recorder:
    """A running ffmpeg.

    Args:
        folder: of the run; gets `<n>.ts` and `list.csv`.
        inputs: arguments that open the source.
        outputs: arguments that treat picture and sound.
        segment_s: least length of a segment, seconds.
    """

    def __init__(
        self, folder: Path, inputs: Sequence[str], outputs: Sequence[str], *, segment_s: float
    ) -> None:
        self.folder = folder
        self._list = folder / LIST
        self._read = 0
        self._listed: list[Finished] = []
        self._tail = b""
        self._finished = 0  # files named so far; the next one's number
        self._process = subprocess.Popen(
            [*tie(), *command(folder, inputs, outputs, segment_s=segment_s)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            # The clock of a test card is the county's.
            env={**os.environ, "TZ": "Asia/Shanghai"},
            start_new_session=True,
        )
        assert self._process.stderr is not None  # noqa: S101 - narrows the type for mypy
        self._stderr = self._process.stderr
        os.set_blocking(self._stderr.fileno(), False)

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Say whether ffmpeg is gone."""
        return self._process.poll() is not None

    def finished(self) -> list[Finished]:
        """Return the segments that were finished since the last call, in order."""
        self._drain()
        ended = self.has_ended  # asked first: what it lists before its end is read below
        self._listed += self._new_lines()
        done = 0
        for segment in self._listed:
            # ffmpeg lists a file just before it closes it; the next one's birth says it has.
            if not ended and not self._next_file(segment.file).exists():
                break
            done += 1
        ready, self._listed = self._listed[:done], self._listed[done:]
        return ready

    def complaint(self, secrets: Sequence[str] = ()) -> str:
        """Return in plain words why ffmpeg ended, without what must not be shown."""
        self._drain()
        text = self._tail.decode(errors="replace")
        for secret in filter(None, secrets):
            text = text.replace(secret, masked_url(secret) if "://" in secret else "***")
        for pattern, words in _WORDS:
            if re.search(pattern, text):
                return words
        lines = [line for line in text.strip().splitlines() if line.strip()]
        return masked_url(lines[-1])[-300:] if lines else "信号中断"

    @property
    def met_full_disk(self) -> bool:
        """Say whether ffmpeg found no room."""
        self._drain()
        return b"No space left on device" in self._tail

    @property
    def saw_no_parameters(self) -> bool:
        """Say whether it looked at a signal for too short a time to see what it holds."""
        self._drain()
        return b"Could not find codec parameters" in self._tail

    def newest_file(self) -> tuple[str, int]:
        """Return name and size of the file that is being written; no name when there is none."""
        number = self._finished
        while self._file(number + 1).exists():
            number += 1
        try:
            return self._file(number).name, self._file(number).stat().st_size
        except FileNotFoundError:
            return "", 0

    def ask_to_end(self) -> None:
        """Ask ffmpeg to finish its segment and end; a silent input does not let it."""
        if self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End ffmpeg at once; some inputs survive every gentler signal."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._drain()
        self._stderr.close()

    def _drain(self) -> None:
        if self._stderr.closed:
            return
        with suppress(BlockingIOError):
            while chunk := os.read(self._stderr.fileno(), 65536):
                self._tail = (self._tail + chunk)[-TAIL_BYTES:]

    def _new_lines(self) -> list[Finished]:
        try:
            if self._list.stat().st_size <= self._read:
                return []
            with self._list.open("rb") as file:
                file.seek(self._read)
                text = file.read()
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        self._finished += whole.count(b"\n")
        return [
            Finished(self.folder / line.name, line.begin_s, line.end_s)
            for line in parse_list(whole.decode(errors="replace"))
        ]

    def _next_file(self, file: Path) -> Path:
        return self._file(int(file.stem) + 1)

    def _file(self, number: int) -> Path:
        return self.folder / f"{number}.ts"


def command(
    folder: Path, inputs: Sequence[str], outputs: Sequence[str], *, segment_s: float
) -> list[str]:
    """Return the whole command of a run. Pure."""
    # Sound alone can be cut anywhere.
    cut_s = segment_s if "-vn" in outputs else segment_s * EARLY_SHARE
    return [
        *("ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-y", "-v", "warning"),
        *("-fflags", "+genpts+discardcorrupt"),
        *inputs,
        *outputs,
        *("-max_muxing_queue_size", "2048", "-f", "segment", "-segment_format", "mpegts"),
        # One multiplexer for all segments: their continuity counters run on. The first packets
        # say that they begin anew, or strict players take an earlier run's end for damage.
        *("-segment_format_options", "mpegts_flags=+initial_discontinuity"),
        *("-individual_header_trailer", "0", "-segment_time", f"{cut_s:g}"),
        *("-segment_list", str(folder / LIST), "-segment_list_type", "csv"),
        str(folder / "%d.ts"),
    ]


@functools.cache
def tie() -> tuple[str, ...]:
    """Return what makes a command die with the thread that starts it."""
    return ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
