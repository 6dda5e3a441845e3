"""The supervisor's line to the database, in a thread of its own: it never delays a segment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.clock import Clock
from core.db import SessionFactory, read_scope, session_scope
from core.settings import Settings
from county.alerts import close_alert, raise_alert
from county.tables import Alert
from epg.channels.tables import ChannelRun
from epg.channels.version import epg_version
from vod_server.live.airing import AirState
from vod_server.live.claims import claim, let_go, write_states
from vod_server.live.wanted import WantedChannel, read_wanted

log = structlog.get_logger(__name__)

ROUND_S = 1.0
#: A wanted channel without a new segment for so long raises an alert.
SILENT_S = 10
SILENT = "channel.silent"
AHEAD = "channel.clock"
#: Time this far ahead of the clock means that the clock was set back.
AHEAD_MS = 5000


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

    def run(self, stop: threading.Event) -> None:
        """Do a round every second until `stop`."""
        while not stop.is_set():
            try:
                self.round()
            except SQLAlchemyError as error:
                # The leases run on; when they have run out the supervisor stops by itself.
                log.warning("live.database", error=str(getattr(error, "orig", error)))
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
            self.orders = Orders(channels, asked_at + lease_s)
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
            return claim(session, wanted, self._owner, now=now, lease_s=lease_s, most=most)

    def _write(self) -> None:
        states = dict(self._states())
        changed = {one: state for one, state in states.items() if self._written.get(one) != state}
        now = self._clock.now()
        with read_scope(self._sessions) as session:
            due = _alerts_due(session, self._wanted, states, now)
        if not changed and not due:
            return
        with session_scope(self._sessions) as session:
            write_states(session, changed, self._owner, now=now)
            for kind, channel_id, words in due:
                subject = f"channel:{channel_id}"
                if words:
                    raise_alert(session, kind=kind, subject=subject, words=words, now=now)
                else:
                    close_alert(session, kind=kind, subject=subject, now=now)
        self._written = states


def _alerts_due(
    session: Session,
    wanted: Mapping[int, WantedChannel],
    states: Mapping[int, AirState],
    now: datetime,
) -> list[tuple[str, int, str]]:
    """Return the alerts to raise (with words) and to close (without), of all wanted channels.

    Also of those nobody records: whichever supervisor lives tells of them.
    """
    opened = {
        (alert.kind, alert.subject): alert.words
        for alert in session.scalars(
            select(Alert).where(Alert.closed_at.is_(None), Alert.kind.in_((SILENT, AHEAD)))
        )
    }
    rows = {row.channel_id: row for row in session.scalars(select(ChannelRun))}
    due = []
    for kind, words in (
        (SILENT, {one: _silence(wanted[one], rows.get(one), now) for one in wanted}),
        (AHEAD, {one: _aheadness(wanted[one], states.get(one)) for one in wanted}),
    ):
        known = {int(subject.partition(":")[2]) for k, subject in opened if k == kind}
        for one in sorted(known | words.keys()):
            text = words.get(one, "")
            is_open = (kind, f"channel:{one}") in opened
            if bool(text) != is_open:
                due.append((kind, one, text))
    return due


def _silence(channel: WantedChannel, run: ChannelRun | None, now: datetime) -> str:
    if run is None or run.updated_at is None:
        return ""  # just wanted: nobody has looked at it yet
    since = run.last_segment_at
    if since is not None and now - since <= timedelta(seconds=SILENT_S):
        return ""
    if since is None and run.state == "starting":
        return ""
    reason = f"：{run.last_error}" if run.last_error else ""
    return f"{channel.name} 没有新的画面{reason}"


def _aheadness(channel: WantedChannel, state: AirState | None) -> str:
    if state is None or state.ahead_ms < AHEAD_MS:
        return ""
    return f"{channel.name} 的录像时间比服务器时钟快，时钟可能被调慢过；请检查校时。"
