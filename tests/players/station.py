"""A house on air for other people's players: `cuntai run`, three channels, a guide, two keys.

One station serves a whole test run, however many workers of pytest-xdist there are. It is kept by
a process of its own (`python -m tests.players.station FOLDER`). Every worker holds a shared lock
on `FOLDER/users`; the kernel gives it back however the worker ends. When nobody holds one, or
every test that wanted the station is through, the keeper ends the station and removes the folder.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from bench.front_door import CHECKOUT, free_port
from core.db import session_scope
from core.settings import Settings
from county import keys, places
from epg.channels import service as channels
from epg.channels.model import SourceSpec
from epg.channels.tables import Channel
from epg.guide.editing import add_programme
from tests.players.running import killed_at_end
from vod_server.bootstrap import House
from vod_server.cli.children import die_with_parent
from vod_server.installing import prepare

READY, FAILED, USERS, LOG, DONE = "station.json", "failed", "users", "output.log", "done"
START_S = 150.0
#: The minute that is asked for later begins at least so long after the first segment.
LEAD_S = 4
MINUTE_S = 60
TITLE = "点名的一分钟"
CLIP_S = 6


@dataclasses.dataclass(frozen=True)
class Station:
    """What a test needs to know.

    Args:
        url: of the server, without a slash at the end.
        clock: id of the public channel with a clock, number 100.
        film: id of the channel that plays a short film again and again.
        village: id of the channel with a clock that only a household's key opens.
        key_id: of the key `key`, which may play many streams.
        key: a household's.
        revoked: one that was good once.
        minute_s: epoch seconds of a whole minute that all clocks are recorded in; the guide has
            a programme of exactly this minute, called `TITLE`.
    """

    url: str
    clock: int
    film: int
    village: int
    key_id: int
    key: str
    revoked: str
    minute_s: int
    home: str


class Use:
    """One worker's use of the station: begun early, asked for when it is needed.

    Args:
        folder: the same in all workers of a run.
        tests: how many tests of the whole run will use it.
    """

    def __init__(self, folder: Path, tests: int) -> None:
        self.folder = folder
        (folder / DONE).mkdir(parents=True, exist_ok=True)
        self._using = (folder / USERS).open("w")
        fcntl.flock(self._using, fcntl.LOCK_SH)
        self._keeper: subprocess.Popen[bytes] | None = None
        with (folder / "start").open("a") as first:
            fcntl.flock(first, fcntl.LOCK_EX)
            if first.tell() == 0:
                first.write("started")
                self._keeper = _start_keeper(folder, tests)

    def station(self) -> Station:
        """Wait until it is on air.

        Raises:
            AssertionError: it does not come on air; the message says why.
        """
        wait_for("the station", lambda: self._has(READY) or self._has(FAILED), START_S)
        assert not self._has(FAILED), (self.folder / FAILED).read_text()
        return Station(**json.loads((self.folder / READY).read_text()))

    def done(self, test: str) -> None:
        """Say that a test is through with it."""
        (self.folder / DONE / test.encode().hex()[-200:]).touch()

    def close(self) -> None:
        """Give it back; whoever started its keeper waits for that to end."""
        self._using.close()
        if self._keeper is not None:
            self._keeper.wait(600)

    def _has(self, name: str) -> bool:
        return (self.folder / name).exists()


def wait_for(what: str, ask: Callable[[], bool], at_most_s: float) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: it is not within the time.
    """
    deadline = time.monotonic() + at_most_s
    while not ask():
        assert time.monotonic() < deadline, f"{what}: not within {at_most_s:.0f} s"
        time.sleep(0.2)


def _start_keeper(folder: Path, tests: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.players.station", str(folder), str(tests)]
    with (folder / LOG).open("w") as output:
        return subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def keep(folder: Path, tests: int) -> None:
    """Run a station until nobody uses it any more."""
    home = folder / "var"
    house, facts = _furnish(home)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "vod_server", "run", "--no-demo"],
        cwd=CHECKOUT,
        env=_environ(home, port),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - before any thread is begun
    )
    with killed_at_end(process), (folder / USERS).open() as users:
        url = f"http://127.0.0.1:{port}"
        wait_for("channels on air", lambda: _all_on_air(url, facts), START_S - 20)
        minute_s = (int(time.time()) + LEAD_S) // MINUTE_S * MINUTE_S + MINUTE_S
        _write_guide(house, facts, minute_s)
        station = Station(url=url, minute_s=minute_s, home=str(home), **facts)
        part = folder / "part"
        part.write_text(json.dumps(dataclasses.asdict(station)))
        part.replace(folder / READY)
        while _is_used(users) and len(list((folder / DONE).iterdir())) < tests:
            assert process.poll() is None, f"the station ended with {process.returncode}"
            time.sleep(0.5)
    house.engine.dispose()


def _environ(home: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CUNTAI_")}
    mine = {"CUNTAI_HOME": str(home), "CUNTAI_PORT": str(port), "CUNTAI_HOST": "127.0.0.1"}
    reserves = {"CUNTAI_RECORDINGS_RESERVE_BYTES": "0", "CUNTAI_DISK_RESERVE_BYTES": "0"}
    return {**kept, **mine, **reserves, "PYTHONPATH": str(CHECKOUT)}


def _furnish(home: Path) -> tuple[House, dict[str, Any]]:
    """Make an installation with channels and keys."""
    house, _ = prepare(Settings(home=home), admin="admin", password="correct horse battery")
    _make_clip(home / "inbox" / "clip.mp4")
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        village = places.add_place(
            session, kind="town", code="990199", name="看台镇", parent=places.county(session)
        )

        def add(number: int, name: str, source: SourceSpec) -> Channel:
            found = channels.create_channel(
                session, name=name, number=number, now=now, tvg_id=f"test{number}", retention_days=1
            )
            channels.set_sources(session, found, [source], now=now)
            return found

        clock = add(100, "时钟", SourceSpec("card", "clock"))
        film = add(101, "短片", SourceSpec("file", "clip.mp4"))
        mine = add(102, "镇里的时钟", SourceSpec("card", "clock"))
        channels.set_places(session, mine, [village.id], now=now)
        good, key = keys.issue_key(session, place=village, name="播放器", max_streams=50, now=now)
        bad, revoked = keys.issue_key(session, place=village, name="搬走了", max_streams=2, now=now)
        keys.revoke_key(session, bad.id, now=now)
        ids = {"clock": clock.id, "film": film.id, "village": mine.id, "key_id": good.id}
    return house, {**ids, "key": key, "revoked": revoked}


def _make_clip(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i"]
    command += [f"testsrc2=s=320x180:r=25:d={CLIP_S}", "-f", "lavfi", "-i"]
    command += [f"sine=440:r=48000:d={CLIP_S}", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac", "-ac", "2", str(path)]
    subprocess.run(command, check=True, timeout=120)


def _write_guide(house: House, facts: dict[str, Any], minute_s: int) -> None:
    spans = {
        "在这之前": (minute_s - 1800, minute_s),
        TITLE: (minute_s, minute_s + MINUTE_S),
        "在这之后": (minute_s + MINUTE_S, minute_s + 7200),
    }
    with session_scope(house.sessions) as session:
        for channel in ("clock", "film", "village"):
            for title, (start_s, stop_s) in spans.items():
                add_programme(
                    session,
                    int(facts[channel]),
                    start_s=start_s,
                    stop_s=stop_s,
                    title=title,
                    now=house.clock.now(),
                )


def _all_on_air(url: str, facts: dict[str, Any]) -> bool:
    return all(
        _is_on_air(f"{url}/live/{facts[channel]}/index.m3u8?key={facts['key']}")
        for channel in ("clock", "film", "village")
    )


def _is_on_air(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:
            return b"#EXTINF" in reply.read()
    except OSError:
        return False


def _is_used(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def main() -> None:
    """Keep a station; why it could not be kept is written down for those who wait."""
    folder = Path(sys.argv[1])
    try:
        keep(folder, int(sys.argv[2]))
    except (Exception, KeyboardInterrupt):  # noqa: BLE001 - told to those who wait
        said = (folder / LOG).read_text(errors="replace")[-4000:]
        (folder / FAILED).write_text(f"{traceback.format_exc()}\n{said}")
        with (folder / USERS).open() as users:
            while _is_used(users):
                time.sleep(0.5)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
