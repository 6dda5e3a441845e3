"""Loudness by EBU R128: measured on the stereo mix, brought to −23 LUFS by a gain."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import JobError
from vod_server.media.ffmpeg import (
    OnProgress,
    StopQuestion,
    input_arguments,
    never_stop,
    run_ffmpeg,
)

TARGET_LUFS = -23.0  #: EBU R128
TOLERANCE_LU = 1.0  #: within this of the target the sound is left as it is (R128: live material)
#: Below this a track counts as silent: raising its noise would please nobody.
SILENCE_LUFS = -60.0
#: More gain than this is never given; quieter speech drowns in its own hiss.
MAX_GAIN_DB = 30.0
#: Sample peaks are measured (true peak costs as much as all the rest); a decibel below the allowed
#: −1 dBTP covers what lies between the samples.
PEAK_CEILING_DB = -2.0

#: What every measurement and every encoding begins with: a loudness is that of the stereo mix.
STEREO = "aformat=channel_layouts=stereo:sample_rates=48000"
METER = "ebur128=framelog=verbose:peak=sample"
#: Peaks so far above the ceiling make the limiter take from the loudness noticeably.
MUCH_LIMITING_DB = 3.0
MAX_LOST_DB = 4.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness of a whole track, as stereo."""

    integrated_lufs: float  #: −70 for silence: the floor of the gate (ITU-R BS.1770)
    peak_dbfs: float  #: highest sample; −200 for digital silence
    lost_db: float = 0.0  #: what the limiter takes from the loudness at the gain without it

    @property
    def fits(self) -> bool:
        """Tell whether the track may stay as it is."""
        on_target = abs(self.integrated_lufs - TARGET_LUFS) <= TOLERANCE_LU
        return self.silent or (on_target and self.peak_dbfs <= PEAK_CEILING_DB + 1.0)

    @property
    def silent(self) -> bool:
        """Tell whether there is nothing to hear."""
        return self.integrated_lufs < SILENCE_LUFS


@dataclass(frozen=True, slots=True)
class Gain:
    """What is done to a track."""

    gain_db: float = 0.0
    limit: bool = False  #: peaks would pass the ceiling: a limiter holds them


def gain_for(loudness: Loudness) -> Gain:
    """Return the linear gain to −23 LUFS; silence stays silence."""
    if loudness.silent:
        return Gain()
    gain_db = min(TARGET_LUFS - loudness.integrated_lufs + loudness.lost_db, MAX_GAIN_DB)
    return Gain(round(gain_db, 2), loudness.peak_dbfs + gain_db > PEAK_CEILING_DB)


def gain_filters(gain: Gain) -> list[str]:
    """Return the ffmpeg filters that apply a gain; none when there is nothing to do."""
    filters = [f"volume={gain.gain_db}dB"] if gain.gain_db else []
    if gain.limit:
        filters.append(f"alimiter=limit={10 ** (PEAK_CEILING_DB / 20):.4f}:level=0:latency=1")
    return filters


def parse_loudness(report: str) -> Loudness:
    """Read the summary that ebur128 prints at the end of a run.

    Raises:
        JobError: there is no summary in it.
    """
    summary = report.rpartition("Summary:")[2]
    integrated = re.search(r"\bI:\s+(-?[\d.]+|-inf) LUFS", summary)
    peak = re.search(r"\bPeak:\s+(-?[\d.]+|-inf) dBFS", summary)
    if integrated is None or peak is None:
        raise JobError("没有测出音量，声音可能已损坏。", permanent=True)
    return Loudness(max(float(integrated[1]), -70.0), max(float(peak[1]), -200.0))


def measure_loudness(
    source: Path,
    index: int,
    *,
    duration_s: float = 0.0,
    on_progress: OnProgress | None = None,
    should_stop: StopQuestion = never_stop,
) -> Loudness:
    """Measure one sound stream; decodes nothing else (some 250 times faster than playing).

    Args:
        index: of the stream in the file.

    Raises:
        JobError, JobCancelledError: as `run_ffmpeg`; the sound cannot be decoded.
    """

    def build(_: object) -> list[str]:
        return [*input_arguments(source), *measure_output(index)]

    report = run_ffmpeg(
        build, duration_s=duration_s, level="info", on_progress=on_progress, should_stop=should_stop
    )
    return refine_loudness(source, index, parse_loudness(report), should_stop=should_stop)


def refine_loudness(
    source: Path, index: int, loudness: Loudness, *, should_stop: StopQuestion = never_stop
) -> Loudness:
    """Return the loudness with what the limiter will take from it, measured when it is much.

    Only sound with very high peaks for its loudness (field recordings) needs the second pass.

    Raises:
        JobError, JobCancelledError: as `run_ffmpeg`.
    """
    gain = gain_for(loudness)
    if not gain.limit or loudness.peak_dbfs + gain.gain_db < PEAK_CEILING_DB + MUCH_LIMITING_DB:
        return loudness

    def build(_: object) -> list[str]:
        return [*input_arguments(source), *measure_output(index, gain)]

    report = run_ffmpeg(build, level="info", should_stop=should_stop)
    lost_db = TARGET_LUFS - parse_loudness(report).integrated_lufs
    return dataclasses.replace(loudness, lost_db=round(min(max(lost_db, 0.0), MAX_LOST_DB), 2))


def measure_output(index: int, gain: Gain | None = None) -> list[str]:
    """Return the arguments of an output that only measures (ffmpeg's level must be info).

    Args:
        gain: measure as it will sound with this.
    """
    chain = ",".join([STEREO, *(gain_filters(gain) if gain else []), METER])
    return ["-map", f"0:{index}", "-af", chain, "-f", "null", "-"]
