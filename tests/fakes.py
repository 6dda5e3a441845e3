"""Fakes of what a test must be able to say itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: A Friday morning of the county, 10:00 in Asia/Shanghai.
START = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands until it is moved.

    Args:
        now: the first instant it tells, aware.
    """

    def __init__(self, now: datetime = START) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant it was last set to, aware, in UTC."""
        return self._now

    def set(self, now: datetime) -> None:
        """Put the hands to an aware instant."""
        self._now = now.astimezone(UTC)

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0, days: float = 0.0) -> datetime:
        """Move on, and return the new instant."""
        self._now += timedelta(seconds=seconds, minutes=minutes, days=days)
        return self._now
