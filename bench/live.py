"""What a copied channel costs, and how soon after its end a segment is listed.

A supervisor of its own records channels of 2 Mb/s that need no encoding; beside it run as many
bare `ffmpeg -c copy` that cut the same film. Both are measured in the same spans of time, so that
what else the machine does falls on both alike. A channel with a burnt-in clock tells when a
segment ended in truth: the picture in which its second changes.
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageStat

from bench import at_once
from bench.air import (
    bare_ffmpeg,
    change_over,
    live,
    make_film,
    make_house,
    on_air,
    wait_until_recording,
)
from bench.front_door import free_port, shipped_gunicorn
from bench.processes import tree_cpu_s
from vod_server.live.card import CLOCK_BOX, FRAME_RATE

CHANNELS = 12
ROUNDS = 7
SPAN_S = 3.0
RATE_BPS = 2_000_000
GOAL_CHANNELS, GOAL_LISTED_S = 60, 0.5
POLL_S = 0.02
WATCH_S = 14.0
SETTLING = 2  #: segments
START_S = 60.0


class Listed(NamedTuple):
    """A segment of the clock's channel, as it was seen to appear."""

    url: str
    starts_s: float  #: PROGRAM-DATE-TIME, epoch s
    length_s: float
    seen_s: float  #: when the playlist first had it


def run() -> dict[str, Any]:
    """Measure and return the bench's rows."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        film = folder / "film.ts"
        make_film(film, RATE_BPS)
        home = folder / "var"
        clock_id = make_house(home, film, CHANNELS, wanted=False)
        env = {"CUNTAI_HOME": str(home), "CUNTAI_LOG_LEVEL": "error"}
        port = free_port()
        stack.enter_context(shipped_gunicorn(folder, "vod_server.web.wsgi", port=port, env=env))
        supervisor = stack.enter_context(live(home))
        listed = _watch(port, clock_id)
        truth = [_truth_s(port, segment) for segment in listed]
        # The clock is encoded: it must not be there when copying is measured.
        change_over(home, clock_id)
        wait_until_recording(home, set(range(1, CHANNELS + 1)))
        bare = [stack.enter_context(bare_ffmpeg(folder, film, n)) for n in range(CHANNELS)]
        time.sleep(SPAN_S)  # what starting costs is not what running costs
        rows = _costs(supervisor, bare)
        modes, rate_bps = on_air(home)
        if modes != {"copy"} or not 0.8 < rate_bps / RATE_BPS < 1.2:
            raise RuntimeError(f"channels are {modes} at {rate_bps:.0f} bit/s")
    return {"name": "live", "rows": [*rows, *_lateness(listed, truth), at_once.row()]}


def _costs(supervisor: int, bare: list[int]) -> list[dict[str, Any]]:
    """Return how many channels a core carries, ours and bare ffmpeg's."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        before = tree_cpu_s(supervisor), sum(map(tree_cpu_s, bare)), time.monotonic()
        time.sleep(SPAN_S)
        seconds = time.monotonic() - before[2]
        ours.append((tree_cpu_s(supervisor) - before[0]) / seconds / CHANNELS)
        theirs.append((sum(map(tree_cpu_s, bare)) - before[1]) / seconds / CHANNELS)
    per_core = [1 / cost for cost in ours]
    ratios = [mine / bare_one for mine, bare_one in zip(ours, theirs, strict=True)]
    middle = statistics.median(per_core)
    return [
        _row("copied channels of 2 Mb/s a core", per_core, "")
        | {"goal": f"≥ {GOAL_CHANNELS}", "met": middle >= GOAL_CHANNELS}
        | {"note": f"{CHANNELS} channels, {statistics.median(ours):.2%} of a core each{_load()}"},
        _row("processor time ÷ bare ffmpeg -c copy", ratios, "×")
        | {"note": f"bare: {statistics.median(theirs):.2%} of a core each"},
    ]


def _lateness(listed: list[Listed], truth: list[float]) -> list[dict[str, Any]]:
    """Return how late segments are listed, and how far PROGRAM-DATE-TIME is from the clock."""
    pairs = list(zip(listed, truth, strict=True))
    off_ms = [(segment.starts_s - true_s) * 1000 for segment, true_s in pairs]
    late_s = [segment.seen_s - true_s - segment.length_s for segment, true_s in pairs]
    middle = statistics.median(late_s)
    return [
        _row("segment end → listed", late_s, "s")
        | {"goal": f"≤ {GOAL_LISTED_S} s", "met": middle <= GOAL_LISTED_S}
        | {"note": f"{len(listed)} segments, by the clock in the picture{_load()}"},
        _row("PROGRAM-DATE-TIME ahead of the clock in the picture", off_ms, "ms")
        | {"note": "a frame lasts 40 ms"},
    ]


def _load() -> str:
    return f", load {os.getloadavg()[0]:.1f}"


def _row(what: str, values: list[float], unit: str) -> dict[str, Any]:
    middle = statistics.median(values)
    key = "ratio" if unit == "×" else "value"
    return {"what": what, key: middle, "unit": unit, "min": min(values), "max": max(values)}


def _watch(port: int, channel_id: int) -> list[Listed]:
    """Poll the clock's channel as fast as makes sense and return what appeared when."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    seen: dict[str, Listed] = {}
    settled = 0  # what was seen while the encoder still found its pace
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        connection.request("GET", f"/live/{channel_id}/index.m3u8?v=1")
        text = connection.getresponse().read().decode()
        for found in _entries(text, time.time()):
            seen.setdefault(found.url, found)
        if not settled and len(seen) > SETTLING:
            settled, until = len(seen), time.monotonic() + WATCH_S
        time.sleep(POLL_S)
    connection.close()
    if not settled:
        raise RuntimeError("the clock does not come on air")
    return list(seen.values())[settled:]


def _entries(text: str, now_s: float) -> Iterator[Listed]:
    start_s, length_s = 0.0, 0.0
    for line in text.splitlines():
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-PROGRAM-DATE-TIME":
            start_s = datetime.fromisoformat(value).timestamp()
        elif tag == "#EXTINF":
            length_s = float(value.partition(",")[0])
        elif line and not line.startswith("#"):
            yield Listed(line, start_s, length_s, now_s)
            start_s += length_s


def _truth_s(port: int, segment: Listed) -> float:
    """Return when a segment began, by the clock in its pictures.

    Its second changes in the first picture drawn after a full second, 0 to 40 ms late. Which full
    second that was, PROGRAM-DATE-TIME may say.

    Raises:
        RuntimeError: the clock does not change, or twice in a second.
    """
    frames = _clock_frames(f"http://127.0.0.1:{port}{segment.url}")
    steps = [
        ImageStat.Stat(ImageChops.difference(one, two)).mean[0] for one, two in pairwise(frames)
    ]
    changes = [at + 1 for at, step in enumerate(steps) if step > max(steps) / 3]
    if not changes or any(two - one < 0.8 * FRAME_RATE for one, two in pairwise(changes)):
        raise RuntimeError(f"the clock changes at {changes} of {len(frames)} pictures")
    at_s = changes[0] / FRAME_RATE
    return round(segment.starts_s + at_s) - at_s


def _clock_frames(url: str) -> list[Image.Image]:
    """Return the part of each picture in which only the clock changes."""
    left, top, right, bottom = CLOCK_BOX
    crop = f"crop=iw*{right - left}:ih*{bottom - top}:iw*{left}:ih*{top}"
    width, height = 160, 32
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", url]
    command += ["-vf", f"{crop},scale={width}:{height}", "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return [
        Image.frombytes("L", (width, height), raw[at : at + width * height])
        for at in range(0, len(raw), width * height)
    ]
