"""The supervisor: one loop for all channels of this machine, two threads beside it.

The loop starts, watches and orders; the database has a thread of its own, expiry another, so that
neither delays the listing of a finished segment.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.blobs.space import free_bytes
from core.clock import Clock
from core.db import SessionFactory, read_scope, session_scope
from core.errors import ConflictError, StorageFullError
from core.settings import Settings
from county.alerts import close_alert, raise_alert
from epg.channels.reading import list_channels, pins
from vod_server.live.airing import Airing, AirState
from vod_server.live.inputs import Surroundings
from vod_server.live.parameters import HEAD_BYTES, parameters_of
from vod_server.live.register import Register
from vod_server.live.wanted import WantedChannel
from vod_server.recordings.retention import Keep, expire
from vod_server.recordings.writer import ChannelWriter

log = structlog.get_logger(__name__)

TICK_S = 0.1
EXPIRY_S = 60.0
#: A lease's last second is not used: stopping takes its time.
MARGIN_S = 1.0
#: The alert of early deletion stays so long after the last one, or it would come and go.
EARLY_S = 3600.0
DISK = "disk.full"


class Supervisor:
    """Keeps the wanted channels of an installation on air.

    Args:
        sessions: maker of sessions.
        clock: the time.
        settings: folders, leases, limits.
        owner: its name among supervisors; made of host and process when empty.
    """

    def __init__(
        self, sessions: SessionFactory, clock: Clock, settings: Settings, *, owner: str = ""
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._settings = settings
        self._root = settings.effective_recordings_dir
        self._around = Surroundings(inbox=settings.path("inbox"), rtmp_url=settings.rtmp_url)
        self._airings: dict[int, Airing] = {}
        self._states: Mapping[int, AirState] = {}
        self._blocked: dict[int, float] = {}
        self._disk_is_full = threading.Event()
        self._early_at = float("-inf")
        name = owner or f"{socket.gethostname()}:{os.getpid()}"
        self._register = Register(sessions, clock, settings, name, lambda: self._states)

    def run(self, stop: threading.Event) -> None:
        """Record until `stop`, then give the channels back."""
        self._root.mkdir(parents=True, exist_ok=True)
        threads = [
            threading.Thread(target=self._register.run, args=(stop,), name="live-database"),
            threading.Thread(target=self._keep_room, args=(stop,), name="live-expiry"),
        ]
        for thread in threads:
            thread.start()
        try:
            while not stop.wait(TICK_S):
                self.tick(time.monotonic())
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            self._close_all()
            self._release()

    def tick(self, now: float) -> None:
        """Follow the orders and look after every channel once."""
        orders = self._register.orders
        channels = orders.channels if now < orders.good_until - MARGIN_S else {}
        for channel_id in self._airings.keys() - channels.keys():
            self._airings.pop(channel_id).close(now)
        for wanted in channels.values():
            self._follow(wanted, now)
        for airing in self._airings.values():
            airing.tick(now)
        self._states = {one: airing.state() for one, airing in self._airings.items()} | {
            one: AirState(state="waiting", last_error="本机另一个进程还在录制这个频道")
            for one in self._blocked.keys() - self._airings.keys()
        }

    def _follow(self, wanted: WantedChannel, now: float) -> None:
        airing = self._airings.get(wanted.id)
        if airing is not None:
            if airing.wanted is not wanted:
                airing.change(wanted, now)
            return
        if now < self._blocked.get(wanted.id, 0.0):
            return
        try:
            writer = ChannelWriter(self._root, wanted.id, parameters_of=_parameters_of_file)
        except (ConflictError, StorageFullError) as error:
            log.warning("live.blocked", channel=wanted.id, error=error.message)
            if isinstance(error, StorageFullError):
                self._disk_is_full.set()
            self._blocked[wanted.id] = now + 1.0
            return
        self._blocked.pop(wanted.id, None)
        self._airings[wanted.id] = Airing(
            wanted,
            writer,
            self._around,
            segment_s=self._settings.live_segment_s,
            stall_s=self._settings.live_stall_s,
            on_full_disk=self._disk_is_full.set,
        )

    def _close_all(self) -> None:
        for airing in self._airings.values():
            airing.close(time.monotonic())
        self._airings.clear()

    def _release(self) -> None:
        try:
            self._register.release()
        except SQLAlchemyError as error:
            log.warning("live.database", error=str(error))  # the leases run out by themselves

    def _keep_room(self, stop: threading.Event) -> None:
        """Expire recordings every minute, and at once when somebody met a full disk."""
        while not stop.is_set():
            try:
                self.expire()
            except (OSError, SQLAlchemyError) as error:
                log.warning("live.expiry", error=str(error))
            self._wait_for_expiry(stop)

    def _wait_for_expiry(self, stop: threading.Event) -> None:
        until = time.monotonic() + EXPIRY_S
        while time.monotonic() < until and not stop.wait(0.5):
            if self._disk_is_full.is_set():
                self._disk_is_full.clear()
                return

    def expire(self) -> None:
        """Delete what is kept no longer, and the oldest hours where the disk is short."""
        with read_scope(self._sessions) as session:
            keeps = {
                channel.id: Keep(
                    channel.retention_days,
                    [(p.start_ms, p.stop_ms) for p in pinned if p.channel_id == channel.id],
                )
                for pinned in [pins(session)]
                for channel in list_channels(session)
            }
        report = expire(
            self._root,
            keeps,
            now_ms=int(self._clock.now().timestamp() * 1000),
            reserve_bytes=self._settings.recordings_reserve_bytes,
            measure_free=free_bytes,
        )
        early = [hour for hour, reason in report.deleted if reason == "disk"]
        if report.deleted:
            log.info("live.expired", hours=len(report.deleted), for_room=len(early))
        self._tell_room(early_hours=len(early), is_short=report.is_short)

    def _tell_room(self, *, early_hours: int, is_short: bool) -> None:
        now = self._clock.now()
        with session_scope(self._sessions) as session:
            if is_short:
                words = "录像磁盘快满了，能删的旧录像已经删完；请清理磁盘或减少保留的录像。"
                raise_alert(session, kind=DISK, subject="recordings", words=words, now=now)
            elif early_hours:
                self._early_at = time.monotonic()
                words = (
                    f"录像磁盘不够，提前删除了最早的 {early_hours} 个小时；请加磁盘或减少保留天数。"
                )
                raise_alert(session, kind=DISK, subject="recordings", words=words, now=now)
            elif time.monotonic() - self._early_at > EARLY_S:
                close_alert(session, kind=DISK, subject="recordings", now=now)


def _parameters_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return parameters_of(file.read(HEAD_BYTES))
