"""Make a plan's renditions: the copied one first, so that the title plays at once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from catalog.titles.renditions import Measured
from core.errors import JobError
from vod_server.media.commands import copy_command, encode_command
from vod_server.media.cuts import Cuts, GivenCuts, NearestCuts, UnfitStreamError
from vod_server.media.ffmpeg import OnProgress, Progress, StopQuestion, run_ffmpeg, storage_error
from vod_server.media.fitting import MAX_KEYFRAME_GAP_S
from vod_server.media.ladder import SEGMENT_S, Plan, Rung, with_loudness, without_copy
from vod_server.media.loudness import (
    Loudness,
    measure_loudness,
    parse_loudness,
    refine_loudness,
)
from vod_server.media.measure import measure
from vod_server.media.mpegts import BrokenStreamError
from vod_server.media.segmenter import Segmenter

log = structlog.get_logger(__name__)

OnRendition = Callable[[Measured, Path], None]

#: Shares of the whole work, for the progress: copying and measuring are quick.
COPY_SHARE = 0.04
MEASURE_SHARE = 0.02
#: Before so much is done the quick passes would foretell too little time.
MIN_FORECAST = 0.08
#: Encoded keyframes are two seconds apart; more would be a fault of ours.
ENCODED_GAP_S = 3.0
#: Renditions clearly shorter than planned mean that the source broke off while it was read.
SHORT_SHARE = 0.98


def transcode(
    source: Path,
    plan: Plan,
    out_dir: Path,
    *,
    on_progress: OnProgress,
    should_stop: StopQuestion,
    on_rendition: OnRendition,
) -> tuple[Measured, ...]:
    """Make every rendition of the plan and return what was measured of them, in its order.

    Args:
        source: the original; only read.
        plan: of `plan_ladder`; loudness it lacks is measured on the way.
        out_dir: gets a folder of segments per rendition; folders of the same names are replaced.
        on_progress: called about twice a second with the whole work's progress.
        should_stop: asked four times a second.
        on_rendition: called with each rendition and its folder as soon as it is complete.

    Raises:
        JobCancelledError: `should_stop` said so.
        StorageFullError: the disk is full.
        JobError: the source cannot be decoded (permanent), or ffmpeg was killed.
    """
    work = _Work(source, out_dir, on_progress, should_stop)
    done: list[Measured] = []
    cuts: Cuts = NearestCuts(SEGMENT_S)
    if plan.copied is not None:
        plan, copied = _copy(work, plan)
        if copied is not None:
            done.append(copied.measured)
            on_rendition(copied.measured, copied.folder)
            cuts = copied.cuts
    if plan.encoded:
        if plan.sound.loudness is None and plan.sound.index is not None:
            plan = _with_measured_loudness(work, plan)
        for made in _encode(work, plan, cuts):
            done.append(made.measured)
            on_rendition(made.measured, made.folder)
    on_progress(Progress(1.0, None, 0.0))
    return tuple(done)


@dataclass(frozen=True, slots=True)
class _Made:
    measured: Measured
    folder: Path
    cuts: Cuts


class _Work:
    """What all passes share; turns a pass's progress into that of the whole."""

    def __init__(
        self, source: Path, out_dir: Path, on_progress: OnProgress, should_stop: StopQuestion
    ) -> None:
        self.source = source
        self.should_stop = should_stop
        self._out_dir = out_dir
        self._on_progress = on_progress
        self._started = time.monotonic()
        self._done_before = 0.0

    def folder(self, rung: Rung) -> Path:
        """Return the rendition's folder, new and empty."""
        folder = self._out_dir / rung.name
        try:
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
        except OSError as error:
            raise storage_error(error) from error
        return folder

    def stage(self, share: float) -> OnProgress:
        """Return the progress callback of the next pass.

        Args:
            share: of what is left of the whole work; 1 for the last pass.
        """
        start = self._done_before
        length = (1.0 - start) * share
        self._done_before = start + length

        def report(progress: Progress) -> None:
            done = start + length * progress.fraction
            elapsed_s = time.monotonic() - self._started
            eta_s = elapsed_s * (1 - done) / done if done > MIN_FORECAST else None
            self._on_progress(Progress(done, progress.speed, eta_s))

        return report


def _copy(work: _Work, plan: Plan) -> tuple[Plan, _Made | None]:
    """Copy the first rung; the plan comes back without copying where the source is unfit for it."""
    if plan.sound.mode == "encode" and plan.sound.loudness is None:
        plan = _with_measured_loudness(work, plan)
    try:
        measuring = plan.sound.mode == "copy" and plan.sound.loudness is None
        made, report = _copy_once(work, plan, measuring=measuring)
        if measuring:
            plan = with_loudness(plan, _refined(work, plan, parse_loudness(report)))
            if plan.copied is None:  # sound alone, and too loud or too quiet to stay as it is
                return plan, None
            if plan.sound.mode == "encode":
                made, _ = _copy_once(work, plan, measuring=False)
    except (UnfitStreamError, BrokenStreamError) as error:
        log.info("copy.unfit", reason=str(error))
        return without_copy(plan), None
    return plan, made


def _refined(work: _Work, plan: Plan, loudness: Loudness) -> Loudness:
    if loudness.fits or plan.sound.index is None:
        return loudness
    return refine_loudness(work.source, plan.sound.index, loudness, should_stop=work.should_stop)


def _copy_once(work: _Work, plan: Plan, *, measuring: bool) -> tuple[_Made, str]:
    rung = plan.rungs[0]
    sink = _segmenter(work, plan, rung, NearestCuts(SEGMENT_S), MAX_KEYFRAME_GAP_S + 0.5)
    report = run_ffmpeg(
        copy_command(work.source, plan, measure=measuring),
        sinks=[sink],
        duration_s=plan.duration_s,
        level="info" if measuring else "error",
        on_progress=work.stage(COPY_SHARE if plan.encoded else 0.5),
        should_stop=work.should_stop,
    )
    return _finish(plan, rung, sink), report


def _encode(work: _Work, plan: Plan, cuts: Cuts) -> list[_Made]:
    sinks = [_segmenter(work, plan, rung, cuts, ENCODED_GAP_S) for rung in plan.encoded]
    try:
        run_ffmpeg(
            encode_command(work.source, plan),
            sinks=sinks,
            duration_s=plan.duration_s,
            on_progress=work.stage(1.0),
            should_stop=work.should_stop,
        )
        return [_finish(plan, rung, sink) for rung, sink in zip(plan.encoded, sinks, strict=True)]
    except (UnfitStreamError, BrokenStreamError) as error:
        raise JobError(f"转码结果不合格，文件可能已损坏：{error}", permanent=True) from error


def _segmenter(work: _Work, plan: Plan, rung: Rung, cuts: Cuts, gap_s: float) -> Segmenter:
    frame_s = 1 / float(plan.picture.frame_rate) if plan.picture else None
    return Segmenter(work.folder(rung), cuts, frame_s=frame_s, longest_gap_s=gap_s)


def _finish(plan: Plan, rung: Rung, sink: Segmenter) -> _Made:
    """Close a rendition and check it.

    Raises:
        UnfitStreamError: a copied one has not the cadence the probe saw.
        JobError: it is shorter than planned.
    """
    try:
        sink.finish()
    except OSError as error:
        raise storage_error(error) from error
    rate = plan.picture.frame_rate if plan.picture else None
    measured = measure(rung, sink, rate)
    frame_s = 1 / float(rate) if rate else 0.1
    if measured.duration_s < plan.duration_s * SHORT_SHARE - 10 * frame_s:
        raise JobError(
            f"视频读到 {measured.duration_s:.0f} 秒就中断了（应有 {plan.duration_s:.0f} 秒），"
            "文件已损坏，请重新上传。",
            permanent=True,
        )
    if rung.mode == "copy" and rate and abs(sink.pictures - measured.duration_s * rate) > 2:
        raise UnfitStreamError("the cadence changes on the way")
    cuts = GivenCuts(tuple(sink.starts_s[1:]), match_s=0.6 * frame_s)
    return _Made(measured, sink.folder, cuts)


def _with_measured_loudness(work: _Work, plan: Plan) -> Plan:
    if plan.sound.index is None:
        return plan
    loudness = measure_loudness(
        work.source,
        plan.sound.index,
        duration_s=plan.duration_s,
        on_progress=work.stage(MEASURE_SHARE),
        should_stop=work.should_stop,
    )
    return with_loudness(plan, loudness)
