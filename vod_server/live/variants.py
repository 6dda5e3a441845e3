"""Which variant of an HLS source is taken: the best it offers, asked for before it is opened."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from vod_server.live.looking import Look
from vod_server.live.wanted import WantedSource

#: A source that does not say by then is opened as it is, and fails or not.
VARIANTS_S = 4.0

#: ffmpeg looks at all variants before it drops the others, and one whose segments are longer begins
#: seconds earlier: what it allows itself for a single one ends before it has seen the best.
_PATIENCE = ["-analyzeduration", "15000000", "-probesize", "10000000"]

_QUESTION = ["-show_entries", "program=program_id:program_tags=variant_bitrate", "-of", "json"]
#: Its playlists say everything; of each variant only the first segment is begun.
_LITTLE = ["-analyzeduration", "0", "-probesize", "4096"]


def look_for_variants(inputs: Sequence[str]) -> Look:
    """Ask ffprobe which variants a source has.

    Args:
        inputs: ffmpeg's arguments that open it.
    """
    unpaced = [argument for argument in inputs if argument != "-re"]  # ffprobe knows no pace
    return Look(["ffprobe", "-v", "error", *unpaced, *_LITTLE, *_QUESTION], VARIANTS_S)


def best_variant(answer: bytes | None) -> int | None:
    """Return the program of the variant with the highest BANDWIDTH (RFC 8216 §4.3.4.2).

    ffmpeg makes each variant a program of its own; of equal ones the first is taken.

    Args:
        answer: ffprobe's, None when it had none.

    Returns:
        None where there is nothing to choose.
    """
    try:
        programs = json.loads(answer or b"{}").get("programs", [])
        rates = {
            int(one["program_id"]): int(one.get("tags", {}).get("variant_bitrate", 0))
            for one in programs
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return max(rates, key=lambda program: rates[program]) if len(rates) > 1 else None


class Variants:
    """What a channel's HLS sources offer, looked up once for each run of failures."""

    def __init__(self) -> None:
        self._best: dict[int, int | None] = {}
        self._look: tuple[int, Look] | None = None

    def is_known(self, source: WantedSource, inputs: Callable[[], Sequence[str]]) -> bool:
        """Say whether it is known what to take of a source; if not, ask, and wait for nothing.

        Args:
            source: which is to be opened.
            inputs: gives ffmpeg's arguments that open it.
        """
        if source.kind != "hls" or source.id in self._best:
            return True
        if self._look is None or self._look[0] != source.id:
            self.stop()
            self._look = (source.id, look_for_variants(inputs()))
        if not self._look[1].is_done:
            return False
        self._best[source.id] = best_variant(self._look[1].answer())
        self._look = None
        return True

    def of(self, source: WantedSource) -> int | None:
        """Return the program that is taken of a source, None where it has but one."""
        return self._best.get(source.id)

    def opened(self, source: WantedSource, inputs: Sequence[str]) -> list[str]:
        """Return the arguments that open a source, with the patience its variants need.

        Args:
            source: which is opened.
            inputs: ffmpeg's arguments that open it; `-i` and its address are the last.
        """
        patience = [] if self.of(source) is None else _PATIENCE
        return [*inputs[:-2], *patience, *inputs[-2:]]

    def forget(self, source_id: int) -> None:
        """Ask again the next time: a source that failed may come back with other variants."""
        self._best.pop(source_id, None)

    def clear(self) -> None:
        """Forget everything: the sources are others now."""
        self.stop()
        self._best.clear()

    def stop(self) -> None:
        """Give up a question that is still open."""
        if self._look is not None:
            self._look[1].stop()
            self._look = None
