"""What a poll must know of a channel, kept in memory while channels and catalogue stay the same."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.titles.service import catalog_version
from core.db import SessionFactory, read_scope
from county.rights import covers
from epg.channels.reading import list_channels, pins
from epg.channels.version import epg_version


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """A channel as a poll needs it.

    Args:
        channel_id: its id.
        kind: `live`, `loop` or `reference`.
        is_wanted: whether boxes may see it.
        place_paths: subtrees that may see it; empty is everybody.
        target_duration_s: EXT-X-TARGETDURATION.
        retention_days: how long it is kept.
        pins: stretches kept beyond that, `(start_ms, stop_ms)`.
        version: of catalogue and channels when this was read.
    """

    channel_id: int
    kind: str
    is_wanted: bool
    place_paths: tuple[str, ...]
    target_duration_s: int
    retention_days: int
    pins: tuple[tuple[int, int], ...]
    version: tuple[int, int]

    def may_be_seen_at(self, place_path: str) -> bool:
        """Say whether a household or box at this place may see it."""
        return not self.place_paths or any(covers(path, place_path) for path in self.place_paths)


class KnownChannels:
    """All channels, read anew when a version has moved on.

    Args:
        sessions: maker of sessions.
        ttl_s: the versions are looked up at most this often.
    """

    def __init__(self, sessions: SessionFactory, *, ttl_s: float) -> None:
        self._sessions = sessions
        self._ttl_s = ttl_s
        self._version = (-1, -1)
        self._channels: dict[int, ChannelFacts] = {}
        self._fresh_until = 0.0
        self._lock = threading.Lock()

    def get(self, channel_id: int) -> ChannelFacts | None:
        """Return a channel, None when there is none."""
        now = time.monotonic()
        if now >= self._fresh_until:
            with self._lock:
                if now >= self._fresh_until:
                    self._look()
                    self._fresh_until = now + self._ttl_s
        return self._channels.get(channel_id)

    def _look(self) -> None:
        with read_scope(self._sessions) as session:
            version = (catalog_version(session), epg_version(session))
            if version != self._version:
                self._channels, self._version = _read(session, version), version


def _read(session: Session, version: tuple[int, int]) -> dict[int, ChannelFacts]:
    pinned: dict[int, list[tuple[int, int]]] = {}
    for pin in pins(session):
        pinned.setdefault(pin.channel_id, []).append((pin.start_ms, pin.stop_ms))
    return {
        channel.id: ChannelFacts(
            channel_id=channel.id,
            kind=channel.kind,
            is_wanted=channel.wanted,
            place_paths=tuple(place.path for place in channel.places),
            target_duration_s=channel.target_duration_s,
            retention_days=channel.retention_days,
            pins=tuple(pinned.get(channel.id, ())),
            version=version,
        )
        for channel in list_channels(session)
    }
