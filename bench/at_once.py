"""Sixty channels whose segments end at the same moment: how soon all of them are on the timeline.

One sender gives the same signal to all channels, so all recorders are to cut at the same picture:
the worst case for the one loop that takes the files in. A segment ends when the first recorder has
written its file (its modification time); it is on the timeline when it has been renamed into its
hour (its change time), which is all a playlist looks for. So nothing is asked of the house that
would slow it down.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.air import ended, live, make_film, wait_until_recording
from core.db import session_scope
from core.settings import Settings
from epg.channels import service
from epg.channels.model import SourceSpec
from vod_server.installing import prepare

CHANNELS = 60
RATE_BPS = 2_000_000
SPAN_S = 14.0
#: Below the ports that systems give to senders by themselves.
FIRST_PORT = 21_000
#: Files written within so long of each other ended together; segments last two seconds.
TOGETHER_S = 1.0
GOAL_S = 0.5


def row() -> dict[str, Any]:
    """Measure and return the row of the table.

    Raises:
        RuntimeError: no segment ended in all channels.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        film, home = folder / "film.ts", folder / "var"
        make_film(film, RATE_BPS)
        urls = [f"udp://127.0.0.1:{FIRST_PORT + number}" for number in range(CHANNELS)]
        ids = _make_house(home, urls)
        stack.enter_context(ended(_send(film, urls)))
        stack.enter_context(live(home))
        wait_until_recording(home, set(ids), at_least=2)
        began_s = time.time()
        time.sleep(SPAN_S)
        files = (home / "recordings").glob("*/*/*/*.ts")
        stats = [stat for stat in (path.stat() for path in files) if stat.st_mtime > began_s]
    late_s = [late for group in _groups(stats) for late in _late_s(group)]
    if not late_s:
        raise RuntimeError("no segment ended in all channels")
    late_s.sort()
    middle, p95 = statistics.median(late_s), late_s[len(late_s) * 95 // 100]
    note = f"{len(late_s)} segments, p95 {p95:.2f} s, load {os.getloadavg()[0]:.1f}"
    return {
        "what": f"{CHANNELS} channels ending at once: end → on the timeline",
        "value": middle,
        "unit": "s",
        "min": late_s[0],
        "max": late_s[-1],
        "goal": f"≤ {GOAL_S} s",
        "met": middle <= GOAL_S,
        "note": note,
    }


def _groups(stats: Sequence[os.stat_result]) -> list[list[os.stat_result]]:
    """Return the files that ended together, of all channels each; others are left out."""
    groups: list[list[os.stat_result]] = []
    for stat in sorted(stats, key=lambda one: one.st_mtime):
        if not groups or stat.st_mtime - groups[-1][0].st_mtime > TOGETHER_S:
            groups.append([])
        groups[-1].append(stat)
    return [group for group in groups if len(group) == CHANNELS]


def _late_s(group: Sequence[os.stat_result]) -> list[float]:
    end_s = group[0].st_mtime
    return [stat.st_ctime - end_s for stat in group]


def _make_house(home: Path, urls: Sequence[str]) -> list[int]:
    """Make an installation with a channel for each address; return their ids."""
    house, _ = prepare(Settings(home=home), admin="admin", password="not-secret-here")
    now = house.clock.now()
    ids: list[int] = []
    with session_scope(house.sessions) as session:
        for number, url in enumerate(urls, 1):
            channel = service.create_channel(session, name=f"频道 {number}", number=number, now=now)
            service.set_sources(session, channel, [SourceSpec("udp", url)], now=now)
            session.flush()
            ids.append(channel.id)
    house.engine.dispose()
    return ids


def _send(film: Path, urls: Sequence[str]) -> subprocess.Popen[bytes]:
    """Send a film to all addresses, again and again."""
    outputs = "|".join(f"[f=mpegts]{url}?pkt_size=1316" for url in urls)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", str(film)]
    command += ["-map", "0", "-c", "copy", "-f", "tee", outputs]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)
