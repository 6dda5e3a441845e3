"""The supervisor on a real database: what it follows, tells and gives back; two of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.clock import SystemClock
from core.db import SessionFactory, session_scope
from core.settings import Settings
from county.alerts import open_alerts
from epg.channels import service as channels
from epg.channels.model import SourceSpec
from epg.channels.tables import Channel, ChannelRun
from epg.timeline.names import hour_folder
from tests.conftest import CHECKOUT
from tests.vod_server.live.deck import fill, wait_until
from vod_server.live import alarms, rotation
from vod_server.live.supervisor import Supervisor
from vod_server.recordings.folders import channel_folder, hours_of, load_hour

pytestmark = pytest.mark.media

CLOCK = SystemClock()


@pytest.fixture
def settings_overrides() -> dict[str, Any]:
    """Return short times; no reserve, for the test machine's disk is not the matter here."""
    return {"live_segment_s": 1.0, "live_lease_s": 3, "recordings_reserve_bytes": 0}


def add_channel(sessions: SessionFactory, *specs: SourceSpec) -> int:
    with session_scope(sessions) as session:
        now = CLOCK.now()
        channel = channels.create_channel(session, name="县新闻", now=now)
        channels.set_sources(session, channel, specs, now=now)
        return channel.id


def change(sessions: SessionFactory, channel_id: int, do: Callable[[Any, Channel], None]) -> None:
    with session_scope(sessions) as session:
        channel = session.get(Channel, channel_id)
        assert channel is not None
        do(session, channel)


def run_of(sessions: SessionFactory, channel_id: int) -> ChannelRun:
    with sessions() as session:
        return session.get(ChannelRun, channel_id) or ChannelRun(
            state="none", owner="", last_error=""
        )


def recorded(settings: Settings, channel_id: int) -> list[Any]:
    folder = channel_folder(settings.effective_recordings_dir, channel_id)
    return [one for hour in hours_of(folder) for one in load_hour(folder, channel_id, hour)]


@contextmanager
def running(supervisor: Supervisor) -> Iterator[None]:
    """Run a supervisor in a thread, as the command does in its process."""
    stop = threading.Event()
    thread = threading.Thread(target=supervisor.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


class TestOne:
    pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

    def test_it_follows_what_is_wanted(
        self, sessions: SessionFactory, settings: Settings, clips: Path
    ) -> None:
        small, large = (SourceSpec("file", str(clips / name)) for name in ("small.ts", "large.ts"))
        one = add_channel(sessions, small)
        with running(Supervisor(sessions, CLOCK, settings)):
            wait_until(lambda: run_of(sessions, one).state == "on_air", "the channel on air")
            row = run_of(sessions, one)
            assert row.owner
            assert row.mode == "copy"
            assert row.on_air_since is not None
            # Other sources.
            change(sessions, one, lambda s, c: channels.set_sources(s, c, [large], now=CLOCK.now()))
            changed_at = time.monotonic()
            wait_until(lambda: run_of(sessions, one).source_id != row.source_id, "the new source")
            assert time.monotonic() - changed_at < 10
            wait_until(lambda: run_of(sessions, one).state == "on_air", "it on air again")
            # Another name leaves the signal alone.
            since = run_of(sessions, one).on_air_since
            change(
                sessions, one, lambda s, c: channels.edit_channel(s, c, now=CLOCK.now(), name="新")
            )
            count = len(recorded(settings, one))
            wait_until(lambda: len(recorded(settings, one)) >= count + 3, "three segments more")
            assert run_of(sessions, one).on_air_since == since
            # Off, and on again.
            change(sessions, one, lambda s, c: channels.set_wanted(s, c, False, now=CLOCK.now()))
            wait_until(lambda: run_of(sessions, one).state == "off", "the channel off")
            assert run_of(sessions, one).owner == ""
            count = len(recorded(settings, one))
            change(sessions, one, lambda s, c: channels.set_wanted(s, c, True, now=CLOCK.now()))
            wait_until(lambda: len(recorded(settings, one)) > count, "it on air again")
        assert (run_of(sessions, one).state, run_of(sessions, one).owner) == ("off", "")
        assert run_of(sessions, one).last_segment_at is not None

    def test_a_silent_channel_raises_an_alert_until_it_is_back(
        self,
        sessions: SessionFactory,
        settings: Settings,
        clips: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(alarms, "SILENT_S", 1.5)
        monkeypatch.setattr(rotation, "LONGEST_NEAR_PAUSE_S", 0.5)
        one = add_channel(sessions, SourceSpec("file", "later.ts"))

        def alerts() -> list[tuple[str, str]]:
            with sessions() as session:
                return [(alert.kind, alert.subject) for alert in open_alerts(session)]

        with running(Supervisor(sessions, CLOCK, settings)):
            wait_until(alerts, "the alert")
            assert alerts() == [("channel.silent", f"channel:{one}")]
            inbox = settings.path("inbox")
            inbox.mkdir()
            shutil.copy(clips / "small.ts", inbox / "later.ts")
            wait_until(lambda: not alerts(), "its end")
            assert run_of(sessions, one).state == "on_air"

    def test_a_fault_in_one_channel_or_thread_ends_nothing(
        self,
        sessions: SessionFactory,
        settings: Settings,
        clips: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        good, bad = (add_channel(sessions, SourceSpec("file", str(clips / n))) for n in _TWO)
        supervisor = Supervisor(sessions, CLOCK, settings)
        rounds = []
        real = Supervisor._tend

        def breaks(self: Supervisor, airing: Any, now: float) -> None:
            if airing.wanted.id == bad:
                monkeypatch.setattr(airing, "_tick", lambda now: 1 / 0)
            real(self, airing, now)

        def fails(*args: object, **options: object) -> list[Any]:
            rounds.append(1)
            raise ZeroDivisionError

        monkeypatch.setattr(Supervisor, "_tend", breaks)
        monkeypatch.setattr(supervisor._register._alarms, "due", fails)
        with capture_logs() as logs, running(supervisor):
            wait_until(lambda: recorded(settings, good), "the good one's segments")
            wait_until(lambda: len(rounds) >= 2, "two rounds that fail")
            assert not recorded(settings, bad)
        events = [entry["event"] for entry in logs if entry["log_level"] == "error"]
        assert set(events) == {"live.fault", "live.database"}

    def test_a_channel_that_another_process_writes_is_waited_for(
        self, sessions: SessionFactory, settings: Settings, clips: Path
    ) -> None:
        one = add_channel(sessions, SourceSpec("file", str(clips / "small.ts")))
        held = "from vod_server.recordings.writer import ChannelWriter; import sys, pathlib; "
        held += "w = ChannelWriter(pathlib.Path(sys.argv[1]), int(sys.argv[2])); "
        held += "print('held', flush=True); sys.stdin.read(); w.close()"
        root = str(settings.effective_recordings_dir)
        command = [sys.executable, "-c", held, root, str(one)]
        environ = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        with subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdin is not None
            assert holder.stdout.readline() == "held\n"
            with running(Supervisor(sessions, CLOCK, settings)):
                wait_until(lambda: "另一个进程" in run_of(sessions, one).last_error, "the words")
                assert not recorded(settings, one)
                holder.stdin.close()
                wait_until(lambda: recorded(settings, one), "its turn")


class TestFullDisk:
    pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

    @pytest.fixture
    def settings_overrides(self, small_disk: Path) -> dict[str, Any]:
        return {
            "recordings_dir": str(small_disk),
            "recordings_reserve_bytes": 300_000,
            "live_segment_s": 1.0,
        }

    def test_the_oldest_hours_make_room_and_live_goes_on(
        self, sessions: SessionFactory, settings: Settings, small_disk: Path, clips: Path
    ) -> None:
        one = add_channel(sessions, SourceSpec("file", str(clips / "small.ts")))
        start_ms = (int(time.time()) // 3600 - 5) * 3_600_000
        old = channel_folder(small_disk, one) / hour_folder(start_ms)
        old.mkdir(parents=True)
        (old / f"{start_ms}-2000.ts").write_bytes(bytes(188 * 5000))
        with running(Supervisor(sessions, CLOCK, settings)):
            wait_until(lambda: len(recorded(settings, one)) > 1, "a segment beside the old hour")
            assert old.exists()
            fill(small_disk)
            wait_until(lambda: not old.exists(), "the old hour's end")
            count = len(recorded(settings, one))
            wait_until(lambda: len(recorded(settings, one)) >= count + 3, "segments after it")
            with sessions() as session:
                assert [alert.kind for alert in open_alerts(session)] == ["disk.full"]


_TWO = ("small.ts", "large.ts")


@contextmanager
def live(environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run `cuntai live` in a process of its own."""
    command = [sys.executable, "-m", "vod_server", "live"]
    process = subprocess.Popen(command, env=environ, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def writers_of(settings: Settings, channel_id: int) -> int:
    """Count the ffmpegs that write a channel on this machine."""
    folder = str(channel_folder(settings.effective_recordings_dir, channel_id)).encode()
    count = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes()
        except OSError:
            continue
        count += command.startswith(b"ffmpeg\0") and folder + b"/" in command
    return count


def test_a_killed_supervisors_channel_is_taken_over(
    sessions: SessionFactory,
    settings: Settings,
    child_environ: dict[str, str],
    clips: Path,
    record_property: Callable[[str, object], None],
) -> None:
    one = add_channel(sessions, SourceSpec("file", str(clips / "small.ts")))
    with live(child_environ) as first:
        wait_until(lambda: run_of(sessions, one).state == "on_air", "the first on air")
        owner = run_of(sessions, one).owner
        with live(child_environ) as second:
            before = len(recorded(settings, one))
            until = time.monotonic() + 4  # more than a lease
            while time.monotonic() < until:
                assert writers_of(settings, one) <= 1
                assert run_of(sessions, one).owner == owner
                time.sleep(0.1)
            kept = recorded(settings, one)
            assert len(kept) > before
            first.send_signal(signal.SIGKILL)
            first.wait()
            killed_at = time.monotonic()
            wait_until(lambda: run_of(sessions, one).owner not in {"", owner}, "the second's claim")
            taken_s = time.monotonic() - killed_at
            wait_until(lambda: run_of(sessions, one).state == "on_air", "it on air again")
            record_property("taken over after s", round(taken_s, 1))
            assert taken_s < 15
            segments = recorded(settings, one)
            assert segments[: len(kept)] == kept, "nothing that was finished is lost"
            numbers = [segment.sequence for segment in segments]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert any(segment.opens for segment in segments[len(kept) :])
            assert writers_of(settings, one) == 1
            second.terminate()
            assert second.wait(30) == 0
        assert (run_of(sessions, one).owner, run_of(sessions, one).state) == ("", "off")
        assert writers_of(settings, one) == 0


class TestLongLease:
    pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

    @pytest.fixture
    def settings_overrides(self) -> dict[str, Any]:
        return {"live_segment_s": 1.0, "live_lease_s": 60, "recordings_reserve_bytes": 0}

    def test_started_again_after_a_kill_it_does_not_wait_for_its_own_lease(
        self,
        sessions: SessionFactory,
        settings: Settings,
        child_environ: dict[str, str],
        clips: Path,
    ) -> None:
        one = add_channel(sessions, SourceSpec("file", str(clips / "small.ts")))
        with live(child_environ) as first:
            wait_until(lambda: run_of(sessions, one).state == "on_air", "the first on air")
            first.send_signal(signal.SIGKILL)
        # Its ffmpeg dies with it.
        wait_until(lambda: writers_of(settings, one) == 0, "the end of its ffmpeg")
        owner = run_of(sessions, one).owner
        killed_at = time.monotonic()
        with live(child_environ):
            wait_until(lambda: run_of(sessions, one).owner not in {"", owner}, "the new claim")
            assert time.monotonic() - killed_at < 45
