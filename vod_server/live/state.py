"""What a channel on air is doing, as its row in the database shall say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AirState:
    """What a channel is doing.

    Args:
        state: `starting`, `on_air`, `stalled` or `waiting`.
        source_id: the source in use.
        mode: `copy` or `encode`.
        on_air_since_ms: epoch milliseconds; None while it is not.
        last_segment_ms: when the newest segment was written; None: none by this supervisor.
        heard_at: monotonic instant of the newest segment, or since when there is none.
        bitrate_bps: over the last half minute.
        restarts: of ffmpeg, since this supervisor has the channel.
        last_error: why it stopped last.
        needed_target_s: EXT-X-TARGETDURATION that its segments need.
        ahead_ms: how far its time lies ahead of the clock.
    """

    state: str = "starting"
    source_id: int | None = None
    mode: str = ""
    on_air_since_ms: int | None = None
    last_segment_ms: int | None = None
    heard_at: float = 0.0
    bitrate_bps: int = 0
    restarts: int = 0
    last_error: str = ""
    needed_target_s: int = 0
    ahead_ms: int = 0
