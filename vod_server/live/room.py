"""Room for recordings: expiry every minute, and at once when somebody met a full disk."""

from __future__ import annotations

import threading
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.blobs.space import free_bytes
from core.clock import Clock
from core.db import SessionFactory, read_scope, session_scope
from core.settings import Settings
from county.alerts import close_alert, raise_alert
from epg.channels.reading import list_channels, pins
from vod_server.live.telling import Telling
from vod_server.recordings.retention import Keep, expire

log = structlog.get_logger(__name__)

EXPIRY_S = 60.0
#: The alert of early deletion stays so long after the last one, or it would come and go.
EARLY_S = 3600.0
DISK = "disk.full"

_SHORT = "录像磁盘快满了，能删的旧录像已经删完；请清理磁盘或减少保留的录像。"


class Room:
    """Keeps room on the disk of the recordings.

    Args:
        sessions: maker of sessions.
        clock: the time.
        settings: folder and reserve.
    """

    def __init__(self, sessions: SessionFactory, clock: Clock, settings: Settings) -> None:
        self._sessions = sessions
        self._clock = clock
        self._root = settings.effective_recordings_dir
        self._reserve_bytes = settings.recordings_reserve_bytes
        self._asked = threading.Event()
        self._early_at = float("-inf")
        self._telling = Telling()

    def ask(self) -> None:
        """Ask for room: there was none. From any thread; it does not wait."""
        self._asked.set()

    def run(self, stop: threading.Event) -> None:
        """Expire until `stop`."""
        while not stop.is_set():
            try:
                self.expire()
            except (OSError, SQLAlchemyError) as error:
                words = str(getattr(error, "orig", error))
                if self._telling.is_due("expiry", words, time.monotonic()):
                    log.warning("live.expiry", error=words)
            except Exception:
                # Ended by it, nobody would make room any more, and the disk fill.
                log.exception("live.expiry")
            self._wait(stop)

    def _wait(self, stop: threading.Event) -> None:
        until = time.monotonic() + EXPIRY_S
        while time.monotonic() < until and not stop.wait(0.5):
            if self._asked.is_set():
                self._asked.clear()
                return

    def expire(self) -> None:
        """Delete what is kept no longer, and the oldest hours where the disk is short."""
        with read_scope(self._sessions) as session:
            pinned = pins(session)
            keeps = {
                channel.id: Keep(
                    channel.retention_days,
                    [(p.start_ms, p.stop_ms) for p in pinned if p.channel_id == channel.id],
                )
                for channel in list_channels(session)
            }
        report = expire(
            self._root,
            keeps,
            now_ms=int(self._clock.now().timestamp() * 1000),
            reserve_bytes=self._reserve_bytes,
            measure_free=free_bytes,
        )
        early = [hour for hour, reason in report.deleted if reason == "disk"]
        if report.deleted:
            log.info("live.expired", hours=len(report.deleted), for_room=len(early))
        self._tell(early_hours=len(early), is_short=report.is_short)

    def _tell(self, *, early_hours: int, is_short: bool) -> None:
        words = ""
        if is_short:
            words = _SHORT
        elif early_hours:
            self._early_at = time.monotonic()
            words = f"录像磁盘不够，提前删除了最早的 {early_hours} 个小时；请加磁盘或减少保留天数。"
        elif time.monotonic() - self._early_at <= EARLY_S:
            return
        now = self._clock.now()
        with session_scope(self._sessions) as session:
            if words:
                raise_alert(session, kind=DISK, subject="recordings", words=words, now=now)
            else:
                close_alert(session, kind=DISK, subject="recordings", now=now)
