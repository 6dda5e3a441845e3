"""Which alerts of channels to open and to close: no new segment, time ahead of the clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from county.alerts import close_alert, raise_alert
from county.tables import Alert
from epg.channels.tables import ChannelRun
from vod_server.live.state import AirState
from vod_server.live.wanted import WantedChannel

#: A wanted channel without a new segment for so long raises an alert.
SILENT_S = 10.0
SILENT = "channel.silent"
AHEAD = "channel.clock"
#: Time this far ahead of the clock means that the clock was set back.
AHEAD_MS = 5000

#: Kind and channel of an alert, and its words; none close it.
Due = tuple[str, int, str]


class Alarms:
    """Watches all wanted channels: ours by what they do, and those that nobody records.

    What another living supervisor records is left to it. Time is monotonic: a step of the clock
    silences nobody.
    """

    def __init__(self) -> None:
        self._unheld_since: dict[int, float] = {}

    def due(
        self,
        session: Session,
        wanted: Mapping[int, WantedChannel],
        states: Mapping[int, AirState],
        *,
        now: datetime,
        instant: float,
    ) -> list[Due]:
        """Return the alerts to raise and to close.

        Args:
            session: reads.
            wanted: all channels that shall be on air.
            states: what ours are doing.
            now: the present instant.
            instant: the same, monotonic seconds.
        """
        opened = {
            (alert.kind, int(alert.subject.partition(":")[2]))
            for alert in session.scalars(
                select(Alert).where(Alert.closed_at.is_(None), Alert.kind.in_((SILENT, AHEAD)))
            )
        }
        foreign = _held_by_others(session, states, now)
        self._note_unheld(wanted.keys() - states.keys() - foreign, instant)
        due = [(kind, one, "") for kind, one in opened if one not in wanted]
        for one in sorted(wanted.keys() - foreign):
            for kind, words in self._found(wanted[one], states.get(one), instant):
                if bool(words) != ((kind, one) in opened):
                    due.append((kind, one, words))
        return due

    def _note_unheld(self, channel_ids: set[int], instant: float) -> None:
        self._unheld_since = {
            one: self._unheld_since.get(one, instant) for one in sorted(channel_ids)
        }

    def _found(
        self, channel: WantedChannel, state: AirState | None, instant: float
    ) -> Iterator[tuple[str, str]]:
        """Yield what is known of a channel: kind and words, none where all is well."""
        if state is None:
            if instant - self._unheld_since[channel.id] > SILENT_S:
                yield SILENT, f"{channel.name} 没有录制进程来录制"
            return
        if instant - state.heard_at > SILENT_S:
            reason = f"：{state.last_error}" if state.last_error else ""
            yield SILENT, f"{channel.name} 没有新的画面{reason}"
        elif state.last_segment_ms is not None:
            yield SILENT, ""
        if state.ahead_ms >= AHEAD_MS:
            yield AHEAD, f"{channel.name} 的录像时间比服务器时钟快，时钟可能被调慢过；请检查校时。"
        else:
            yield AHEAD, ""


def _held_by_others(session: Session, states: Mapping[int, AirState], now: datetime) -> set[int]:
    held = session.scalars(select(ChannelRun.channel_id).where(ChannelRun.lease_until > now))
    return set(held) - states.keys()


def write_alerts(session: Session, due: list[Due], *, now: datetime) -> None:
    """Open and close alerts."""
    for kind, channel_id, words in due:
        subject = f"channel:{channel_id}"
        if words:
            raise_alert(session, kind=kind, subject=subject, words=words, now=now)
        else:
            close_alert(session, kind=kind, subject=subject, now=now)
