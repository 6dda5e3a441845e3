"""A part of a running house is killed while a clock is on air: it comes back, and nothing is lost.

All is seen from outside, as a television sees it: by the channel's playlist and its segments.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from core.db import session_scope
from core.settings import Settings
from epg.channels import service
from epg.channels.model import SourceSpec
from tests.e2e.conftest import CHECKOUT, Installation
from tests.lint_hls import http_fetch, lint_live, must, watch_live
from tests.lint_hls.live_listing import Listed, Snapshot
from vod_server.bootstrap import open_house

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.media,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

#: For a part to be started again, slow machines included; what it takes is asserted beside it.
PATIENCE_S = 90.0
#: A killed supervisor's channels are on air again within this, its own restart or another's.
TAKEN_OVER_S = 15.0
#: What a slow machine may take to start Python and ffmpeg.
STARTING_S = 20.0


@dataclass
class Air:
    """A channel with a clock, of a running installation."""

    installation: Installation
    url: str

    def listed(self) -> list[Listed]:
        """Return all that the last hour's window lists, nothing while nobody answers."""
        try:
            reply = http_fetch(f"{self.url}?window=3600")
        except OSError:
            return []
        return Snapshot(self.url, time.time(), reply).entries if reply.status == 200 else []

    def wait_for(self, what: str, ask: Callable[[list[Listed]], bool]) -> list[Listed]:
        """Wait until what is listed is as asked, and return it."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            entries = self.listed()
            if ask(entries):
                return entries
            time.sleep(0.3)
        pytest.fail(f"in vain: {what}; {len(entries)} listed; {self.installation.log.read_text()}")

    def record_more(self, count: int) -> list[Listed]:
        """Wait until so many segments more are listed than now."""
        known = {entry.number for entry in self.listed()}
        return self.wait_for(
            f"{count} segments more",
            lambda entries: len({entry.number for entry in entries} - known) >= count,
        )


@pytest.fixture
def air(installation: Installation) -> Air:
    """Put a clock on air and wait until it is."""
    environ = {k[7:].lower(): v for k, v in installation.environ.items() if k.startswith("CUNTAI_")}
    house = open_house(Settings.model_validate(environ))
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        channel = service.create_channel(session, name="时钟", number=100, now=now)
        service.set_sources(session, channel, [SourceSpec("card", "clock")], now=now)
        session.flush()
        url = f"{installation.url}/live/{channel.id}/index.m3u8"
    house.engine.dispose()
    found = Air(installation, url)
    found.wait_for("on air", lambda entries: len(entries) >= 4)
    return found


def descendants(pid: int) -> Iterator[int]:
    """Return all processes below one."""
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, thread.read_text().split()):
            yield child
            yield from descendants(child)


def process_of(installation: Installation, words: str) -> int:
    """Return the first process below `cuntai run` whose command has these words."""
    for pid in descendants(installation.process.pid):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if words in command:
            return pid
    raise AssertionError(f"no process {words!r}")


def must_be_kept(before: list[Listed], after: list[Listed], bodies: dict[str, bytes]) -> None:
    """Ask that what was listed still is, under the same numbers and with the same bytes."""
    known = {entry.number: entry for entry in after}
    for entry in before:
        assert known[entry.number].url == entry.url
        assert known[entry.number].discontinuity_number == entry.discontinuity_number
    for url, body in bodies.items():
        assert http_fetch(url).body == body


def bodies_of(entries: list[Listed]) -> dict[str, bytes]:
    return {entry.url: http_fetch(entry.url).body for entry in entries[-3:]}


def longest_gap_s(entries: list[Listed]) -> float:
    """Return the longest stretch of time without a segment."""
    pairs = pairwise(entries)
    return max((b.starts_s or 0.0) - (a.ends_s or 0.0) for a, b in pairs)


def must_go_on(entries: list[Listed], *, opened: int) -> None:
    """Ask for numbers without a hole, time that never goes back, and so many discontinuities."""
    assert [b.number - a.number for a, b in pairwise(entries)] == [1] * (len(entries) - 1)
    assert all((b.starts_s or 0) > (a.starts_s or 0) for a, b in pairwise(entries))
    assert sum(entry.discontinuity for entry in entries[1:]) == opened


def test_a_killed_web_server_comes_back_and_live_has_gone_on(air: Air) -> None:
    before, bodies = air.listed(), bodies_of(air.listed())
    killed = process_of(air.installation, "vod_server.web.wsgi")
    os.kill(killed, signal.SIGKILL)
    air.wait_for("another server", lambda entries: bool(entries) and _is_gone(killed))
    after = air.record_more(2)
    must_be_kept(before, after, bodies)
    must_go_on(after, opened=0)
    assert longest_gap_s(after) < 0.1


@pytest.mark.parametrize("victim", ["vod_server live", "ffmpeg"])
def test_what_records_is_killed_and_records_again(air: Air, victim: str) -> None:
    before, bodies = air.listed(), bodies_of(air.listed())
    killed = process_of(air.installation, victim)
    os.kill(killed, signal.SIGKILL)
    after = air.record_more(4)
    assert _is_gone(killed)
    must_be_kept(before, after, bodies)
    must_go_on(after, opened=1)
    assert longest_gap_s(after) < TAKEN_OVER_S + STARTING_S
    seen = watch_live(http_fetch, air.url, seconds=6)
    assert must(lint_live(seen, behind_s=15)) == []


@contextmanager
def second_supervisor(installation: Installation) -> Iterator[int]:
    """Run one more `cuntai live` of the same installation."""
    command = [sys.executable, "-m", "vod_server", "live"]
    with (installation.home / "second.log").open("wb") as output:
        process = subprocess.Popen(
            command, env=installation.environ, cwd=CHECKOUT, stdout=output, stderr=output
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def test_a_second_supervisor_waits_and_takes_over(air: Air) -> None:
    first = process_of(air.installation, "vod_server live")
    with second_supervisor(air.installation) as second:
        # It has had time to start, and has taken nothing.
        wait_until(lambda: len(list(Path(f"/proc/{second}/task").iterdir())) >= 3)
        both = air.record_more(4)
        must_go_on(both, opened=0)
        assert not list(_recorders(second))

        # `cuntai run` shall not start the first again while the second takes over.
        os.kill(air.installation.process.pid, signal.SIGSTOP)
        try:
            os.kill(first, signal.SIGKILL)
            after = air.record_more(4)
            assert list(_recorders(second))
        finally:
            os.kill(air.installation.process.pid, signal.SIGCONT)
        must_be_kept(both, after, {})
        must_go_on(after, opened=1)
        assert longest_gap_s(after) < TAKEN_OVER_S + STARTING_S

        # The first is back now: it must not disturb the second.
        wait_until(lambda: process_of(air.installation, "vod_server live") != first)
        must_go_on(air.record_more(3), opened=1)


def _recorders(supervisor: int) -> Iterator[int]:
    """Return the ffmpegs of a supervisor."""
    for pid in descendants(supervisor):
        if b"ffmpeg" in Path(f"/proc/{pid}/cmdline").read_bytes():
            yield pid


def wait_until(ask: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if ask():
                return
        except (AssertionError, OSError):
            pass  # not there yet, or gone while it was looked at
        time.sleep(0.2)
    pytest.fail("in vain")


def _is_gone(pid: int) -> bool:
    """Say whether a process has ended; one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
