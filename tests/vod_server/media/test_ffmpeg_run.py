"""Running ffmpeg: stopped, orphaned, failing, fed with traps."""

from __future__ import annotations

import errno
import http.server
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.errors import InvalidInputError, JobCancelledError, JobError, StorageFullError
from tests.vod_server.media.clips import H264, MakeClip, picture
from vod_server.media.ffmpeg import Progress, has_filter, input_arguments, run_ffmpeg
from vod_server.media.probe import probe_file

pytestmark = pytest.mark.media

#: Runs for ever, in real time.
ENDLESS = ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x36:r=5"]


def endless(outputs: Sequence[str]) -> list[str]:
    return [*ENDLESS, "-f", "rawvideo", outputs[0] if outputs else "/dev/null"]


def test_stop_is_asked_twice_a_second_and_ends_at_once() -> None:
    asked: list[float] = []

    def should_stop() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 4

    with pytest.raises(JobCancelledError):
        run_ffmpeg(endless, sinks=[lambda _: None], should_stop=should_stop)
    assert time.monotonic() - asked[-1] < 2.5
    assert all(b - a < 0.6 for a, b in itertools.pairwise(asked))


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    stubborn = tmp_path / "ffmpeg"
    stubborn.write_text("#!/bin/sh\ntrap '' TERM\necho $$ > pid\nwhile :; do sleep 0.1; done\n")
    stubborn.chmod(0o755)
    code = (
        "import itertools\n"
        "from vod_server.media.ffmpeg import run_ffmpeg\n"
        "from core.errors import JobCancelledError\n"
        "asked = itertools.count()\n"
        "try: run_ffmpeg(lambda _: [], should_stop=lambda: next(asked) > 2)\n"
        "except JobCancelledError: print('cancelled')\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert "cancelled" in done.stdout
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_a_killed_worker_leaves_no_ffmpeg(tmp_path: Path) -> None:
    code = (
        "from vod_server.media.ffmpeg import run_ffmpeg\n"
        f"run_ffmpeg(lambda _: {ENDLESS!r} + ['-f', 'rawvideo', {str(tmp_path / 'mark')!r}])\n"
    )
    root = Path(__file__).parents[3]
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=root)
    try:
        child = wait_for(lambda: children(worker.pid))[0]
        wait_for((tmp_path / "mark").exists)
        worker.send_signal(signal.SIGKILL)
        wait_for(lambda: not is_running(child))
    finally:
        worker.kill()
        worker.wait()


def wait_for(question: object, seconds: float = 20) -> list[int]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := question():  # type: ignore[operator]
            return answer  # type: ignore[no-any-return]
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def children(pid: int) -> list[int]:
    try:
        return [int(x) for x in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def test_failure_is_permanent_with_technical_words(tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom" + b"\0" * 500)
    with pytest.raises(JobError, match=r"可能已损坏.*(moov|Invalid)") as caught:
        run_ffmpeg(lambda _: [*input_arguments(path), "-f", "null", "-"])
    assert caught.value.permanent


def test_death_by_signal_may_be_tried_again() -> None:
    def kill(progress: Progress) -> None:
        del progress
        for pid in children(os.getpid()):
            if b"testsrc2=s=64x36" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(JobError, match="信号 9") as caught:
        run_ffmpeg(endless, duration_s=5, on_progress=kill)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, StorageFullError), (errno.EIO, JobError)]
)
def test_a_sink_that_cannot_write(number: int, kind: type[Exception]) -> None:
    def sink(chunk: bytes) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.raises(kind):
        run_ffmpeg(endless, sinks=[sink])


def test_ffmpeg_itself_on_a_full_disk() -> None:
    def build(_: object) -> list[str]:
        return ["-f", "lavfi", "-i", "testsrc2=s=640x360:d=2", "-f", "rawvideo", "/dev/full"]

    with pytest.raises(StorageFullError):
        run_ffmpeg(build)


def open_files() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_nothing_stays_open() -> None:
    before = open_files()
    with pytest.raises(JobCancelledError):
        run_ffmpeg(endless, sinks=[lambda _: None], should_stop=lambda: True)
    assert open_files() == before


def test_filters_are_known() -> None:
    assert has_filter("scale")
    assert not has_filter("no_such_filter")


@pytest.fixture
def visits() -> Iterator[tuple[str, list[str]]]:
    """A web server on the loopback that notes who calls."""
    paths: list[str] = []

    class Notes(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    thread.join()
    server.server_close()


TRAPS = {
    "hls.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{file}\n#EXTINF:5,\n{url}/a.ts\n"
    "#EXT-X-ENDLIST\n",
    "concat.mp4": "ffconcat version 1.0\nfile '{file}'\nfile '{url}/b.mp4'\n",
    "dash.mp4": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT5S"><Period><AdaptationSet mimeType="video/mp4"><Representation '
    'id="1" bandwidth="1"><BaseURL>{url}/c.mp4</BaseURL></Representation></AdaptationSet></Period>'
    "</MPD>",
    "sdp.mp4": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_playlist_in_disguise_opens_nothing(
    make_clip: MakeClip, tmp_path: Path, visits: tuple[str, list[str]], name: str
) -> None:
    url, paths = visits
    private = make_clip("private.ts", *picture("64x36", "25", 2), *H264)
    trap = tmp_path / name
    trap.write_text(TRAPS[name].format(file=private, url=url))
    with pytest.raises(InvalidInputError):
        probe_file(trap)
    with pytest.raises(JobError):
        run_ffmpeg(lambda _: [*input_arguments(trap), "-f", "null", "-"])
    assert paths == []


def test_the_traps_would_work_unguarded(make_clip: MakeClip, tmp_path: Path) -> None:
    """Without the guard the disguised playlist does read the private file: the traps are real."""
    private = make_clip("private.ts", *picture("64x36", "25", 2), *H264)
    trap = tmp_path / "hls.mp4"
    trap.write_text(TRAPS["hls.mp4"].format(file=private, url="http://127.0.0.1:9"))
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-allowed_extensions", "ALL", trap],
        capture_output=True,
        check=False,
    )
    assert b"codec_name=h264" in done.stdout
