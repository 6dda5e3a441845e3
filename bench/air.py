"""Channels on air for a bench: a film to copy, a clock, a supervisor, bare ffmpegs beside it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.front_door import CHECKOUT
from core.db import read_scope, session_scope
from core.settings import Settings
from epg.channels import service
from epg.channels.model import SourceSpec
from epg.channels.reading import channel_runs, list_channels
from vod_server.bootstrap import open_house
from vod_server.installing import prepare

START_S = 60.0
FILM_S = 20


def make_film(path: Path, rate_bps: int, size: str = "854x480") -> None:
    """Encode a film that boxes can play as it is, of a steady rate, a keyframe every 2 s."""
    video_bps = rate_bps - 160_000  # sound and the transport stream's own
    rate = ["-b:v", str(video_bps), "-minrate", str(video_bps), "-maxrate", str(video_bps)]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i"]
    command += [f"testsrc2=s={size}:r=25:d={FILM_S}", "-f", "lavfi", "-i"]
    command += [f"sine=440:r=48000:d={FILM_S}", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", "-g", "50", "-sc_threshold", "0", *rate]
    command += ["-bufsize", str(video_bps), "-x264-params", "nal-hrd=cbr:force-cfr=1"]
    command += ["-c:a", "aac", "-ac", "2", "-b:a", "96k", str(path)]
    subprocess.run(command, check=True)


def make_house(home: Path, film: Path, count: int, *, wanted: bool) -> int:
    """Make an installation with channels 1, 2, … that copy a film, and 100 with a clock.

    Args:
        home: where.
        film: what is copied.
        count: how many copy it.
        wanted: whether those are on air; the clock is.

    Returns:
        The id of the channel with the clock.
    """
    house, _ = prepare(Settings(home=home), admin="admin", password="not-secret-here")
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        for number in range(count):
            channel = service.create_channel(
                session, name=f"频道 {number}", number=number + 1, wanted=wanted, now=now
            )
            service.set_sources(session, channel, [SourceSpec("file", str(film))], now=now)
        clock = service.create_channel(session, name="时钟", number=100, now=now)
        service.set_sources(session, clock, [SourceSpec("card", "clock")], now=now)
        session.flush()
        clock_id = clock.id
    house.engine.dispose()
    return clock_id


def change_over(home: Path, clock_id: int) -> None:
    """Take the clock off air and want all others."""
    house = open_house(Settings(home=home))
    with session_scope(house.sessions) as session:
        for channel in list_channels(session):
            wanted = channel.id != clock_id
            service.set_wanted(session, channel, wanted, now=house.clock.now())
    house.engine.dispose()


@contextmanager
def live(home: Path) -> Iterator[int]:
    """Run `cuntai live` and yield its process id."""
    env = {**os.environ, "CUNTAI_HOME": str(home), "CUNTAI_LOG_LEVEL": "error"}
    env["CUNTAI_RECORDINGS_RESERVE_BYTES"] = "0"
    command = [sys.executable, "-m", "vod_server", "live"]
    with ended(subprocess.Popen(command, cwd=CHECKOUT, env=env)) as process:
        yield process.pid


@contextmanager
def bare_ffmpeg(folder: Path, film: Path, number: int) -> Iterator[int]:
    """Cut the film as a supervisor would have it cut, with nobody to look after it."""
    below = folder / f"bare-{number}"
    below.mkdir()
    command = ["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", str(film)]
    command += ["-c", "copy", "-f", "segment", "-segment_time", "2", "-segment_format", "mpegts"]
    command += [str(below / "%d.ts")]
    with ended(subprocess.Popen(command)) as process:
        yield process.pid


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a process in the end, by force where it does not listen."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_recording(home: Path, channel_ids: set[int], *, at_least: int = 1) -> None:
    """Wait until each of these channels has recorded so many segments.

    Raises:
        RuntimeError: not all of them do in time.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        names = (home / "recordings").glob("*/*/*/*.ts")
        counts = Counter(int(path.parents[2].name) for path in names)
        found = {channel_id for channel_id, count in counts.items() if count >= at_least}
        if channel_ids <= found:
            return
        time.sleep(0.5)
    raise RuntimeError(f"channels {sorted(channel_ids - found)} record nothing")


def on_air(home: Path) -> tuple[set[str], float]:
    """Return the modes of the channels that are wanted, and their median rate in bit/s."""
    house = open_house(Settings(home=home))
    with read_scope(house.sessions) as session:
        states = channel_runs(session)
        runs = [states[c.id] for c in list_channels(session) if c.wanted and c.id in states]
        found = {run.mode for run in runs}, statistics.median(run.bitrate_bps for run in runs)
    house.engine.dispose()
    return found
