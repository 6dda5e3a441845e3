"""What a running ffmpeg tells: how far it is, and its last words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

#: Bytes of stderr that are kept; ebur128's summary and the last errors fit.
TAIL_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    fraction: float  #: 0 … 1
    speed: float | None  #: seconds of media a second of wall clock
    eta_s: float | None  #: wall-clock seconds left, None while unknown


OnProgress = Callable[[Progress], None]


class Tail:
    """Keeps the last bytes of stderr."""

    def __init__(self) -> None:
        self._bytes = b""

    def __call__(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._bytes = (self._bytes + chunk)[-TAIL_BYTES:]

    def text(self) -> str:
        """Return them as text."""
        return self._bytes.decode(errors="replace")


class Reporter:
    """Turns the lines of `-progress` into calls.

    Args:
        duration_s: of the media; what counts as 100 %.
        on_progress: called about twice a second; None: nobody watches.
    """

    def __init__(self, duration_s: float, on_progress: OnProgress | None) -> None:
        self._duration_s = duration_s
        self._on_progress = on_progress
        self._started = time.monotonic()
        self._rest = b""

    def __call__(self, chunk: bytes) -> None:
        """Take the next bytes; they may end amid a line."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        values = dict(line.split(b"=", 1) for line in lines if b"=" in line)
        micro = re.fullmatch(rb"\d+", values.get(b"out_time_us", b"").strip())
        if micro and self._on_progress and self._duration_s > 0:
            fraction = min(int(micro[0]) / 1e6 / self._duration_s, 1.0)
            self._on_progress(Progress(fraction, self._speed(values), self._eta_s(fraction)))

    @staticmethod
    def _speed(values: dict[bytes, bytes]) -> float | None:
        with suppress(ValueError):
            return float(values.get(b"speed", b"").strip().rstrip(b"x"))
        return None

    def _eta_s(self, fraction: float) -> float | None:
        elapsed = time.monotonic() - self._started
        return elapsed * (1 - fraction) / fraction if fraction > 0 else None
