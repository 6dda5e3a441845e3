"""What shall be on air, as values read from the database: channels and their sources."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from epg.channels.tables import Channel


@dataclass(frozen=True, slots=True)
class WantedSource:
    """A source of a channel."""

    id: int
    kind: str
    url: str
    mode: str


@dataclass(frozen=True, slots=True)
class WantedChannel:
    """A channel that shall be on air.

    Args:
        id: of the channel.
        name: for the log and the alerts.
        radio: whether it has no picture.
        target_duration_s: EXT-X-TARGETDURATION as it stands.
        stream_key: for a pushed source.
        sources: in order of preference.
    """

    id: int
    name: str
    radio: bool
    target_duration_s: int
    stream_key: str | None
    sources: tuple[WantedSource, ...]

    def same_signal(self, other: WantedChannel) -> bool:
        """Say whether a recorder of the other one may go on for this one."""
        return (self.radio, self.stream_key, self.sources) == (
            other.radio,
            other.stream_key,
            other.sources,
        )


def read_wanted(session: Session) -> dict[int, WantedChannel]:
    """Return the live channels that are wanted on air and have a source, by id."""
    statement = (
        select(Channel)
        .where(Channel.wanted, Channel.kind == "live")
        .options(selectinload(Channel.sources))
        .order_by(Channel.number)
    )
    return {row.id: _value(row) for row in session.scalars(statement) if row.sources}


def _value(row: Channel) -> WantedChannel:
    return WantedChannel(
        id=row.id,
        name=row.name,
        radio=row.radio,
        target_duration_s=row.target_duration_s,
        stream_key=row.stream_key,
        sources=tuple(WantedSource(s.id, s.kind, s.url, s.mode) for s in row.sources),
    )
