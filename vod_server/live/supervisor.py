"""The supervisor: one loop for all channels of this machine, two threads beside it.

The loop starts, watches and orders; the database has a thread of its own, expiry another, so that
neither delays the listing of a finished segment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from core.db import SessionFactory
from core.errors import CuntaiError, StorageFullError
from core.settings import Settings
from vod_server.live.airing import Airing
from vod_server.live.claims import own_name
from vod_server.live.inputs import Surroundings
from vod_server.live.parameters import parameters_of_file
from vod_server.live.register import Register
from vod_server.live.room import Room
from vod_server.live.state import AirState
from vod_server.live.telling import Telling
from vod_server.live.wanted import WantedChannel
from vod_server.recordings.leftovers import written_ms
from vod_server.recordings.writer import ChannelWriter

log = structlog.get_logger(__name__)

TICK_S = 0.1
#: How often the channels' states are put together for the database.
STATES_S = 0.5
#: How long recorders are waited for when all of them end.
FINISH_S = 1.0
#: A lease's last second is not used: stopping takes its time.
MARGIN_S = 1.0


class _Blocked(NamedTuple):
    """A channel whose recording cannot be opened; instants are monotonic seconds."""

    since: float
    again_at: float
    words: str


class Supervisor:
    """Keeps the wanted channels of an installation on air.

    Args:
        sessions: maker of sessions.
        clock: the time.
        settings: folders, leases, limits.
        owner: its name among supervisors; made of host and process when empty.
        written_ms: tells when a file was written by the same clock, epoch milliseconds.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        clock: Clock,
        settings: Settings,
        *,
        owner: str = "",
        written_ms: Callable[[Path], int] = written_ms,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._settings = settings
        self._root = settings.effective_recordings_dir
        self._written_ms = written_ms
        self._around = Surroundings(inbox=settings.path("inbox"), rtmp_url=settings.rtmp_url)
        self._airings: dict[int, Airing] = {}
        self._states: Mapping[int, AirState] = {}
        self._blocked: dict[int, _Blocked] = {}
        self._room = Room(sessions, clock, settings)
        self._told_at = 0.0
        self._telling = Telling()
        self._register = Register(
            sessions, clock, settings, owner or own_name(), lambda: self._states
        )

    def run(self, stop: threading.Event) -> None:
        """Record until `stop`, then give the channels back."""
        self._root.mkdir(parents=True, exist_ok=True)
        work: dict[str, Callable[[threading.Event], None]] = {
            "live-database": self._register.run,
            "live-expiry": self._room.run,
        }
        threads = [
            threading.Thread(target=do, args=(stop,), name=name) for name, do in work.items()
        ]
        for thread in threads:
            thread.start()
        try:
            while not stop.wait(TICK_S):
                self.tick(time.monotonic())
        finally:
            stop.set()
            self._close_all()
            for thread in threads:
                thread.join()
            self._release()

    def tick(self, now: float) -> None:
        """Follow the orders and look after every channel once."""
        orders = self._register.orders
        channels = orders.channels if now < orders.good_until - MARGIN_S else {}
        for channel_id in self._airings.keys() - channels.keys():
            self._airings.pop(channel_id).close(now)
        for channel_id in self._blocked.keys() - channels.keys():
            del self._blocked[channel_id]
        for wanted in channels.values():
            self._follow(wanted, now)
        for airing in self._airings.values():
            self._tend(airing, now)
        if now - self._told_at >= STATES_S:
            self._told_at = now
            self._states = {one: airing.state() for one, airing in self._airings.items()} | {
                one: AirState(state="waiting", last_error=blocked.words, heard_at=blocked.since)
                for one, blocked in self._blocked.items()
            }

    def _tend(self, airing: Airing, now: float) -> None:
        try:
            airing.tick(now)
        except Exception as error:
            # One channel's fault must not end the others.
            log.exception("live.fault", channel=airing.wanted.id)
            airing.fail(now, f"内部错误：{error!r}")

    def _follow(self, wanted: WantedChannel, now: float) -> None:
        airing = self._airings.get(wanted.id)
        if airing is not None:
            if airing.wanted is not wanted:
                airing.change(wanted, now)
            return
        blocked = self._blocked.get(wanted.id)
        if blocked and now < blocked.again_at:
            return
        try:
            writer = ChannelWriter(
                self._root,
                wanted.id,
                parameters_of=parameters_of_file,
                written_ms=self._written_ms,
            )
        except (CuntaiError, OSError) as error:
            self._block(wanted.id, error, now)
            return
        self._blocked.pop(wanted.id, None)
        self._telling.forget(wanted.id)
        self._airings[wanted.id] = Airing(
            wanted,
            writer,
            self._around,
            now=now,
            segment_s=self._settings.live_segment_s,
            stall_s=self._settings.live_stall_s,
            on_full_disk=self._room.ask,
        )

    def _block(self, channel_id: int, error: CuntaiError | OSError, now: float) -> None:
        """Note why a channel's recording cannot be opened; it is tried again in a second."""
        if isinstance(error, StorageFullError):
            self._room.ask()
        words = error.message if isinstance(error, CuntaiError) else str(error)
        before = self._blocked.get(channel_id)
        self._blocked[channel_id] = _Blocked(before.since if before else now, now + 1.0, words)
        if self._telling.is_due(channel_id, words, now):
            log.warning("live.blocked", channel=channel_id, error=words)

    def _close_all(self) -> None:
        """End all recorders; those whose input lets them finish the segment they are writing."""
        for airing in self._airings.values():
            airing.ask_to_end()
        until = time.monotonic() + FINISH_S
        while time.monotonic() < until and any(one.is_running for one in self._airings.values()):
            time.sleep(0.02)
        for airing in self._airings.values():
            airing.close(time.monotonic())
        self._airings.clear()

    def _release(self) -> None:
        try:
            self._register.release()
        except SQLAlchemyError as error:
            log.warning("live.database", error=str(error))  # the leases run out by themselves
