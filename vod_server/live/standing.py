"""How a channel stands: starting, on air, stalled or waiting; why it failed last, and how often."""

from __future__ import annotations

import structlog

from vod_server.live.rotation import RECOVERED_S
from vod_server.live.runs import Runs
from vod_server.live.state import AirState
from vod_server.live.telling import Telling

log = structlog.get_logger(__name__)


class Standing:
    """Of one channel.

    Args:
        channel_id: for the log.
        now: monotonic seconds.
    """

    def __init__(self, channel_id: int, now: float) -> None:
        self._channel_id = channel_id
        self._heard_at = now
        self._state = "starting"
        self._since: tuple[float, int] | None = None
        self._restarts = 0
        self._error = ""
        self._telling = Telling()

    @property
    def is_on_air(self) -> bool:
        """Say whether a run has brought a segment onto the timeline and goes on."""
        return self._since is not None

    def starting(self) -> None:
        """Note that a source is being opened."""
        self._state = "starting"

    def on_air(self, now: float, segment_ms: int, *, source_id: int, mode: str) -> None:
        """Note a run's first segment.

        Args:
            now: monotonic seconds.
            segment_ms: when it was written, epoch milliseconds.
            source_id: where from.
            mode: `copy` or `encode`.
        """
        self._since, self._state = (now, segment_ms), "on_air"
        log.info("live.on_air", channel=self._channel_id, source=source_id, mode=mode)

    def off_air(self) -> None:
        """Note that the run has ended."""
        self._since = None

    def has_recovered(self, now: float) -> bool:
        """Say whether it has been on air for so long that the next failure is the first again."""
        return self._since is not None and now - self._since[0] > RECOVERED_S

    def failed(self, now: float, words: str, *, state: str, source_id: int) -> None:
        """Note why a run has ended, and log it once.

        Args:
            now: monotonic seconds.
            words: what went wrong, for people.
            state: `waiting` or `stalled`.
            source_id: where.
        """
        self._error, self._state = words, state
        self._restarts += 1
        if self._telling.is_due("fail", words, now):
            log.warning("live.fail", channel=self._channel_id, source=source_id, words=words)

    def forget_failures(self) -> None:
        """Take what was logged for over: the same words are news again."""
        self._telling.forget("fail")

    def told(self, runs: Runs, *, source_id: int, ahead_ms: int) -> AirState:
        """Return what the channel is doing.

        Args:
            runs: its ffmpeg.
            source_id: the source in use.
            ahead_ms: how far its time lies ahead of the clock.
        """
        intake = runs.intake
        return AirState(
            state=self._state,
            source_id=source_id,
            mode=runs.plan.mode,
            on_air_since_ms=self._since[1] if self._since else None,
            last_segment_ms=intake.last_segment_ms,
            heard_at=max(self._heard_at, intake.heard_at),
            bitrate_bps=intake.bitrate_bps() if self._since else 0,
            restarts=self._restarts,
            last_error=intake.trouble or self._error,
            needed_target_s=intake.needed_target_s,
            ahead_ms=ahead_ms,
        )
