"""Transcoding against the bare ffmpeg command of the same ladder, and copying against encoding."""

from __future__ import annotations

import dataclasses
import json
import logging
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from vod_server.media.commands import picture_graph
from vod_server.media.ffmpeg import NICENESS
from vod_server.media.ladder import Plan, plan_ladder, without_copy
from vod_server.media.probe import probe_file
from vod_server.media.transcode import transcode

CLIP_S = 60
ROUNDS = 3
COPIES = 3  #: in each round


def run() -> dict[str, Any]:
    """Measure both goals on one generated clip; runs are interleaved, medians compared."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    ours, bare, copying = [], [], []
    with tempfile.TemporaryDirectory(prefix="cuntai-bench-") as name:
        folder = Path(name)
        clip = make_clip(folder / "clip.mp4")
        plan = without_copy(plan_ladder(probe_file(clip), None))
        for _ in range(ROUNDS):
            ours.append(timed(lambda: encode_all(clip, folder / "ours")))
            copying += [time_copying(clip, folder) for _ in range(COPIES)]
            bare.append(timed(lambda: run_bare(clip, plan, folder / "bare")))
    return {"name": "transcode", "rows": [*overhead_rows(ours, bare), copy_row(ours, copying)]}


def make_clip(path: Path) -> Path:
    """Make a minute of 720p that fits the top rung as it is, its sound at −23 LUFS."""
    picture = f"testsrc2=s=1280x720:r=25:d={CLIP_S},noise=alls=4:allf=t"
    sound = f"sine=f=500:r=48000:d={CLIP_S},pan=stereo|c0=c0|c1=c0,volume=-4.3dB"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    x264 = "-c:v libx264 -preset veryfast -profile:v main -level:v 3.1 -pix_fmt yuv420p"
    rate = "-b:v 2800k -maxrate 3000k -bufsize 6000k -sc_threshold 0"
    keys = ["-force_key_frames", "expr:gte(t,n_forced*2)"]
    sound_codec = "-c:a aac -b:a 128k"
    command = ["ffmpeg", "-v", "error", *inputs, *x264.split(), *rate.split(), *keys]
    subprocess.run([*command, *sound_codec.split(), str(path)], check=True)
    return path


def encode_all(clip: Path, out_dir: Path) -> None:
    """Probe, plan and encode the whole ladder, as a worker does."""
    make(clip, without_copy(plan_ladder(probe_file(clip), None)), out_dir)


def run_bare(clip: Path, plan: Plan, out_dir: Path) -> None:
    """Run the plain ffmpeg command of the ladder, at a worker's priority."""
    if plan.picture is None:
        raise AssertionError
    graph = picture_graph(plan.picture, plan.rungs, steady=True)
    command = ["nice", "-n", str(NICENESS), "ffmpeg", "-v", "error", "-nostdin", "-y"]
    command += ["-i", str(clip), "-filter_complex", graph]
    for at, rung in enumerate(plan.rungs):
        command += ["-map", f"[v{at}]", f"-profile:v:{at}", rung.profile]
        command += [f"-level:v:{at}", rung.level, f"-b:v:{at}", str(rung.bitrate_bps)]
        command += [f"-maxrate:v:{at}", str(rung.maxrate_bps)]
        command += [f"-bufsize:v:{at}", str(rung.bufsize_bits)]
    command += ["-map", "0:a"] * len(plan.rungs)
    command += "-c:v libx264 -preset veryfast -sc_threshold 0 -c:a aac -b:a 128k -ac 2".split()  # noqa: SIM905
    command += ["-force_key_frames", "expr:gte(t,n_forced*2)", "-f", "hls", "-hls_time", "6"]
    command += ["-hls_playlist_type", "vod", "-hls_flags", "independent_segments"]
    streams = " ".join(f"v:{at},a:{at}" for at in range(len(plan.rungs)))
    command += ["-var_stream_map", streams, "-hls_segment_filename", f"{out_dir}/%v/s%05d.ts"]
    subprocess.run([*command, f"{out_dir}/%v/index.m3u8"], check=True)


def time_copying(clip: Path, folder: Path) -> Cost:
    """Return what it takes from the plan to the copied rendition, its loudness measured with it."""
    plan = plan_ladder(probe_file(clip), None)
    if plan.copied is None:
        raise AssertionError("the bench's clip does not fit any more")
    copied_only = dataclasses.replace(plan, rungs=plan.rungs[:1])
    return timed(lambda: make(clip, copied_only, folder / "copied"))


def make(clip: Path, plan: Plan, out_dir: Path) -> None:
    """Transcode with nobody watching."""
    transcode(
        clip,
        plan,
        out_dir,
        on_progress=lambda _: None,
        should_stop=lambda: False,
        on_rendition=lambda *_: None,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: wall clock, and processor time of this process and those it started."""

    wall_s: float
    cpu_s: float


def timed(action: Callable[[], None]) -> Cost:
    """Return what an action takes."""
    started, before = time.perf_counter(), cpu_seconds()
    action()
    return Cost(time.perf_counter() - started, cpu_seconds() - before)


def cpu_seconds() -> float:
    """Return the processor time used so far, children that ended included."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, whose))


def overhead_rows(ours: list[Cost], bare: list[Cost]) -> list[dict[str, Any]]:
    """Return the rows of the whole way against bare ffmpeg: by the clock, and by the processor.

    The second does not depend on what else the machine does, and shows what the first hides.
    """
    what = f"{CLIP_S} s 720p to three rungs ÷ bare ffmpeg"
    wall = compare([cost.wall_s for cost in ours], [cost.wall_s for cost in bare])
    cpu = compare([cost.cpu_s for cost in ours], [cost.cpu_s for cost in bare])
    goal = {"goal": "≤ 1.03 ×", "met": wall["ratio"] <= 1.03}
    return [{"what": f"{what}, wall", **wall, **goal}, {"what": f"{what}, CPU", **cpu}]


def compare(ours: list[float], bare: list[float]) -> dict[str, Any]:
    """Return the ratio of the medians, with the spread of the pairs."""
    ratios = [a / b for a, b in zip(ours, bare, strict=True)]
    return {
        "ratio": round(statistics.median(ours) / statistics.median(bare), 3),
        "min": round(min(ratios), 3),
        "max": round(max(ratios), 3),
        "note": f"{statistics.median(ours):.1f} s ours, {statistics.median(bare):.1f} s bare",
    }


def copy_row(encoding: list[Cost], copying: list[Cost]) -> dict[str, Any]:
    """Return the row of a copied title against its encoded ladder."""
    encoded_s = statistics.median(cost.wall_s for cost in encoding)
    copied_s = [cost.wall_s for cost in copying]
    ratio = encoded_s / statistics.median(copied_s)
    return {
        "what": "copying a title that fits, times faster than encoding it",
        "ratio": round(ratio, 1),
        "min": round(encoded_s / max(copied_s), 1),
        "max": round(encoded_s / min(copied_s), 1),
        "goal": "≥ 60 ×",
        "met": ratio >= 60,
        "note": f"{statistics.median(copied_s):.3f} s copied, {encoded_s:.2f} s encoded",
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=2))
