"""The supervisor's line to the database, in a thread of its own: it never delays a segment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from core.db import SessionFactory, read_scope, session_scope
from core.settings import Settings
from epg.channels.version import epg_version
from vod_server.live.alarms import Alarms, write_alerts
from vod_server.live.claims import claim, free_dead, let_go, write_states
from vod_server.live.state import AirState
from vod_server.live.telling import Telling
from vod_server.live.wanted import WantedChannel, read_wanted

log = structlog.get_logger(__name__)

ROUND_S = 1.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What the supervisor may record now.

    Args:
        channels: by id.
        good_until: monotonic instant at which the leases end.
    """

    channels: Mapping[int, WantedChannel] = field(default_factory=dict)
    good_until: float = 0.0


class Register:
    """Claims channels, renews leases, writes states and alerts.

    Args:
        sessions: maker of sessions.
        clock: the time.
        settings: lease and most channels.
        owner: this supervisor's name.
        states: gives what the channels are doing now.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        clock: Clock,
        settings: Settings,
        owner: str,
        states: Callable[[], Mapping[int, AirState]],
    ) -> None:
        self.orders = Orders()
        self._sessions = sessions
        self._clock = clock
        self._settings = settings
        self._owner = owner
        self._states = states
        self._written: dict[int, AirState] = {}
        self._version = -1
        self._wanted: dict[int, WantedChannel] = {}
        self._renewed_at = float("-inf")
        self._alarms = Alarms()
        self._telling = Telling()
        # A SQLite file is one machine's, where the lock in a channel's folder keeps two from
        # writing: a long transaction of somebody else shall not put the channels off the air.
        self._is_alone = sessions.kw["bind"].dialect.name == "sqlite"

    def run(self, stop: threading.Event) -> None:
        """Do a round every second until `stop`."""
        while not stop.is_set():
            try:
                self.round()
            except SQLAlchemyError as error:
                # The leases run on; when they have run out the supervisor stops by itself.
                words = str(getattr(error, "orig", error))
                if self._telling.is_due("database", words, time.monotonic()):
                    log.warning("live.database", error=words)
            except Exception:
                # Ended by it, nobody would keep the leases, and every channel go off.
                log.exception("live.database")
            stop.wait(ROUND_S)

    def round(self) -> None:
        """Read what is wanted, keep the leases, write what has changed."""
        with read_scope(self._sessions) as session:
            version = epg_version(session)
            wanted = self._wanted if version == self._version else read_wanted(session)
        changed = wanted.keys() != self._wanted.keys()
        self._version, self._wanted = version, wanted
        asked_at = time.monotonic()
        lease_s = self._settings.live_lease_s
        if changed or asked_at - self._renewed_at >= lease_s / 3 or self._waits_for_more():
            held = self._claim(wanted, lease_s)
            self._renewed_at = asked_at
            channels = {one: wanted[one] for one in held}
            good_until = float("inf") if self._is_alone else asked_at + lease_s
            self.orders = Orders(channels, good_until)
        else:
            channels = {one: wanted[one] for one in self.orders.channels if one in wanted}
            self.orders = Orders(channels, self.orders.good_until)
        self._write()

    def release(self) -> None:
        """Give all channels back, so that another takes them at once."""
        self.orders = Orders()
        with session_scope(self._sessions) as session:
            let_go(session, list(self._wanted), self._owner, now=self._clock.now())

    def _waits_for_more(self) -> bool:
        """Say whether channels are held by others: ask each round, to take over a dead one's."""
        room = self._settings.live_channels - len(self.orders.channels)
        return room > 0 and len(self.orders.channels) < len(self._wanted)

    def _claim(self, wanted: Mapping[int, WantedChannel], lease_s: float) -> set[int]:
        now = self._clock.now()
        most = self._settings.live_channels
        with session_scope(self._sessions) as session:
            if self._renewed_at == float("-inf"):
                free_dead(session, now=now)
            return claim(session, wanted, self._owner, now=now, lease_s=lease_s, most=most)

    def _write(self) -> None:
        states = dict(self._states())
        changed = {one: state for one, state in states.items() if self._written.get(one) != state}
        now, instant = self._clock.now(), time.monotonic()
        with read_scope(self._sessions) as session:
            due = self._alarms.due(session, self._wanted, states, now=now, instant=instant)
        if not changed and not due:
            return
        with session_scope(self._sessions) as session:
            write_states(session, changed, self._owner, now=now)
            write_alerts(session, due, now=now)
        self._written = states
