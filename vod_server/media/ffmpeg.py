"""Run ffmpeg and ffprobe: lists of arguments, watched, stoppable, never outliving the worker."""

from __future__ import annotations

import functools
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from fcntl import F_SETPIPE_SZ, fcntl
from pathlib import Path
from typing import Protocol

import structlog

from core.errors import JobCancelledError, JobError, StorageFullError
from vod_server.media.progress import OnProgress, Progress, Reporter, Tail

__all__ = [
    "Build",
    "OnProgress",
    "Progress",
    "Sink",
    "StopQuestion",
    "has_filter",
    "input_arguments",
    "never_stop",
    "run_ffmpeg",
    "storage_error",
    "tied",
]

log = structlog.get_logger(__name__)

#: How often a running ffmpeg is asked whether it should stop.
POLL_S = 0.25
#: Time between SIGTERM and SIGKILL.
GRACE_S = 2.0
PIPE_BYTES = 1 << 20
NICENESS = 10

#: Demuxers an upload may use. Playlists (hls, dash, concat, image sequences, sdp …) are absent on
#: purpose: those name other files and addresses, and an upload must never make the server open one.
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,ogg,wav,w64,"
    "mp3,aac,flac,aiff,amr,ape,ac3,eac3,caf,dts,rm,mxf,gxf,dv,nut,wtv,ivf,swf,tta"
)


class StopQuestion(Protocol):
    """Asked at least twice a second; True ends the run."""

    def __call__(self) -> bool:
        """Return True when the run should end now."""
        ...


Sink = Callable[[bytes], None]
#: Makes the command from the output addresses (`pipe:7` …), one for each sink.
Build = Callable[[Sequence[str]], list[str]]


def never_stop() -> bool:
    """Return False: the answer for runs nobody cancels."""
    return False


def input_arguments(source: Path) -> list[str]:
    """Return the arguments that open an untrusted file, and that file only.

    `file:` keeps a name beginning with `-` or holding a colon a name; odd bytes pass through
    Python's surrogateescape; the white lists keep playlists in disguise from opening other files.
    """
    guard = ["-protocol_whitelist", "file,pipe", "-format_whitelist", DEMUXERS]
    return [*guard, "-i", f"file:{source.absolute()}"]


def tied(command: Sequence[str]) -> list[str]:
    """Return the command made to die with the thread that starts it, and niced.

    `setpriv` sets PR_SET_PDEATHSIG and then becomes the command (the same pid), so a worker killed
    by SIGKILL leaves no ffmpeg behind, without Python code between fork and exec, which is unsafe
    in a process with threads. Outputs are pipes to the worker besides: writing to a dead one fails.
    """
    return [*_tie(), *command]


@functools.cache
def _tie() -> tuple[str, ...]:
    tie = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
    return (*tie, "nice", "-n", str(NICENESS))


@functools.cache
def has_filter(name: str) -> bool:
    """Tell whether this machine's ffmpeg has the filter."""
    listing = subprocess.run(
        ["ffmpeg", "-hide_banner", "-filters"], capture_output=True, text=True, check=True
    )
    return re.search(rf"^ \S+ +{re.escape(name)} ", listing.stdout, re.MULTILINE) is not None


def run_ffmpeg(
    build: Build,
    *,
    sinks: Sequence[Sink] = (),
    duration_s: float = 0.0,
    level: str = "error",
    on_progress: OnProgress | None = None,
    should_stop: StopQuestion = never_stop,
) -> str:
    """Run ffmpeg to its end, feeding each output pipe to its sink; return the tail of stderr.

    Args:
        build: gives the arguments after the general ones, from the addresses of the output pipes.
        sinks: called with each chunk an output pipe yields, in this thread.
        duration_s: what counts as 100 %.
        level: ffmpeg's log level on stderr.

    Raises:
        JobCancelledError: `should_stop` said so; ffmpeg is gone by then.
        StorageFullError: ffmpeg or a sink found no room.
        JobError: ffmpeg failed; permanent unless it was killed by a signal.
    """
    with ExitStack() as stack:
        pipes = [os.pipe() for _ in sinks]
        for read_fd, _ in pipes:
            stack.callback(os.close, read_fd)
            with suppress(OSError):  # an unprivileged user may be over its quota of pipe pages
                fcntl(read_fd, F_SETPIPE_SZ, PIPE_BYTES)
        writers = [writer for _, writer in pipes]
        general = ["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-y", "-v", level]
        watch = ["-progress", "pipe:1", "-stats_period", "0.5"]
        command = [*general, *watch, *build([f"pipe:{fd}" for fd in writers])]
        log.debug("ffmpeg.start", command=os.fsencode(" ".join(command)).decode(errors="replace"))
        try:
            process = _start(command, writers)
        finally:
            for fd in writers:
                os.close(fd)
        stack.callback(_end, process)
        tail = Tail()
        report = Reporter(duration_s, on_progress)
        readers = dict(zip([reader for reader, _ in pipes], sinks, strict=True))
        _pump(process, {**readers, **_own_pipes(process, report, tail)}, should_stop)
        code = process.wait()
    if code:
        raise _failure(code, tail.text())
    return tail.text()


def _start(command: Sequence[str], writers: Sequence[int]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            tied(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=writers,
            # Ctrl-C is for the worker; it ends its ffmpeg itself.
            start_new_session=True,
        )
    except FileNotFoundError:
        raise JobError("这台机器没有安装 ffmpeg。", permanent=False) from None


def _own_pipes(process: subprocess.Popen[bytes], report: Reporter, tail: Tail) -> dict[int, Sink]:
    if process.stdout is None or process.stderr is None:
        raise AssertionError
    return {process.stdout.fileno(): report, process.stderr.fileno(): tail}


def _pump(
    process: subprocess.Popen[bytes], sinks: dict[int, Sink], should_stop: StopQuestion
) -> None:
    asked_at = 0.0
    with selectors.DefaultSelector() as selector:
        for fd, sink in sinks.items():
            selector.register(fd, selectors.EVENT_READ, sink)
        while selector.get_map():
            for key, _ in selector.select(POLL_S):
                if chunk := os.read(key.fd, PIPE_BYTES):
                    _pour(key.data, chunk)
                else:
                    selector.unregister(key.fd)
            if time.monotonic() - asked_at >= POLL_S:
                asked_at = time.monotonic()
                if should_stop():
                    log.info("ffmpeg.cancelled", pid=process.pid)
                    raise JobCancelledError("转码已取消。")


def _pour(sink: Sink, chunk: bytes) -> None:
    try:
        sink(chunk)
    except OSError as error:
        raise storage_error(error) from error


def storage_error(error: OSError) -> StorageFullError | JobError:
    """Return what a failed write means: a full disk, or a fault worth another try."""
    if error.errno in {28, 122}:  # ENOSPC, EDQUOT
        return StorageFullError("磁盘已满，转码没有完成；腾出空间后会重新开始。")
    return JobError(f"写入文件失败：{error.strerror}", permanent=False)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process group if it still runs; close our ends of its pipes."""
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)


def _failure(code: int, tail: str) -> JobError | StorageFullError:
    log.warning("ffmpeg.failed", code=code, tail=tail[-2000:])
    if "No space left on device" in tail or "Disk quota exceeded" in tail:
        return StorageFullError("磁盘已满，转码没有完成；腾出空间后会重新开始。")
    detail = " / ".join(tail.strip().splitlines()[-3:])[-600:] or f"rc {code}"
    if code < 0:
        return JobError(f"ffmpeg 被系统终止（信号 {-code}），稍后重试。{detail}", permanent=False)
    return JobError(f"视频无法处理，文件可能已损坏。技术信息：{detail}", permanent=True)
