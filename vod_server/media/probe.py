"""Look at a source file with ffprobe: what it is, and clear words when it is no usable video."""

from __future__ import annotations

import json
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.errors import InvalidInputError, JobError
from vod_server.media import timing
from vod_server.media.facts import Audio, Probe, Video
from vod_server.media.ffmpeg import input_arguments, tied
from vod_server.media.fields import (
    Json,
    fill_bit_rate,
    read_bit_depth,
    read_bit_rate,
    read_number,
    read_ratio,
    read_rotation,
)

__all__ = ["Audio", "Probe", "Video", "probe_file"]

#: Packets of a longer file are sampled: its start, middle and end, each so long.
WINDOW_S = 30.0
TIMEOUT_S = 120
#: What an MP4 or QuickTime file may begin with.
MP4_BOXES = frozenset({b"ftyp", b"mdat", b"moov", b"free", b"skip", b"wide", b"styp", b"pnot"})
#: An end earlier than declared by more than this share (and half a second) is a truncated file.
TRUNCATED_SHARE = 0.02


def probe_file(path: Path) -> Probe:
    """Return what is known of a source file.

    Short files are read whole; of longer ones three windows of packets are read, so that a file of
    20 GB is looked at in about a second.

    Raises:
        InvalidInputError: empty, not a video, truncated, no streams, or one picture without sound.
        JobError: ffprobe is missing or does not come back.
    """
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise InvalidInputError("文件是空的（0 字节），请重新上传。", field="file")
    raw = _ffprobe(path, f"%+{WINDOW_S:g}", describe=True)
    streams = raw.get("streams", [])
    picture, sound = _choose(streams, "video"), _choose(streams, "audio")
    if picture is None and sound is None:
        raise InvalidInputError("文件里没有可用的画面或声音，不能作为视频。", field="file")
    origin_s = read_number(raw["format"].get("start_time")) or 0.0
    declared_s = read_number(raw["format"].get("duration"))
    windows = _windows(path, raw["packets"], declared_s, origin_s)
    ends = {index: end - origin_s for index, end in timing.stream_ends(windows).items()}
    _refuse_truncated(streams, ends, declared_s)
    if picture:
        fill_bit_rate(picture, sound, size_bytes, max(ends.values(), default=0.0))
    video = _video(picture, windows, origin_s, ends) if picture else None
    audio = _audio(sound, windows, origin_s, ends) if sound else None
    _refuse_still(video, audio)
    return Probe(
        container=raw["format"]["format_name"],
        duration_s=max(stream.end_s for stream in (video, audio) if stream),
        size_bytes=size_bytes,
        video=video,
        audio=audio,
    )


def _ffprobe(path: Path, interval: str | None, *, describe: bool) -> Json:
    entries = "packet=stream_index,pts_time,dts_time,duration_time,flags"
    wanted = ["-show_format", "-show_streams"] if describe else []
    command = ["ffprobe", "-v", "error", "-of", "json=c=1", *wanted, "-show_packets"]
    # Everything of format and streams, but of the many packets only what is used.
    command += ["-show_entries", entries + (":format:stream" if describe else "")]
    command += ["-read_intervals", interval] if interval else []
    try:
        done = subprocess.run(
            tied([*command, *input_arguments(path)]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise JobError("这台机器没有安装 ffmpeg。", permanent=False) from None
    except subprocess.TimeoutExpired:
        raise JobError("读取文件超时，稍后重试。", permanent=False) from None
    if done.returncode:
        raise _unreadable(path, done.stderr.decode(errors="replace"))
    values: Json = json.loads(done.stdout)
    if describe and not values.get("streams"):
        raise InvalidInputError("文件里没有可用的画面或声音，不能作为视频。", field="file")
    values.setdefault("packets", [])
    return values


def _unreadable(path: Path, message: str) -> InvalidInputError | JobError:
    # By its name alone ffprobe takes any `.mp4` for one; the first box tells (ISO 14496-12 §4.2).
    with path.open("rb") as file:
        box = file.read(8)[4:]
    if "moov atom not found" in message and box in MP4_BOXES:
        return InvalidInputError("视频文件不完整（缺少索引），请重新导出或上传。", field="file")
    if "Permission denied" in message or "No such file" in message:
        return JobError("读不到上传的文件。", permanent=False)
    return InvalidInputError("这不是可以识别的视频文件，请检查文件内容。", field="file")


def _windows(path: Path, head: list[Json], declared_s: float | None, origin_s: float) -> list[Any]:
    if declared_s is None:
        return [_ffprobe(path, None, describe=False)["packets"]]
    if declared_s <= WINDOW_S:
        return [head]
    middle, tail = origin_s + declared_s / 2, origin_s + declared_s - WINDOW_S / 2
    intervals = (f"{middle:.3f}%+{WINDOW_S / 2:g}", f"{tail:.3f}%")
    try:
        rest = [_ffprobe(path, interval, describe=False)["packets"] for interval in intervals]
    except InvalidInputError:  # not seekable: read it whole
        return [_ffprobe(path, None, describe=False)["packets"]]
    return [head, *rest]


def _choose(streams: list[Json], kind: str) -> Json | None:
    """Return the first usable stream, one marked default before others; cover art is no video."""
    usable = [
        stream
        for stream in streams
        if stream.get("codec_type") == kind
        and stream.get("codec_name", "unknown") != "unknown"
        and not stream.get("disposition", {}).get("attached_pic")
        and (stream.get("width") if kind == "video" else stream.get("channels"))
    ]
    return max(usable, key=lambda s: s.get("disposition", {}).get("default", 0), default=None)


def _refuse_truncated(
    streams: list[Json], ends: dict[int, float], declared_s: float | None
) -> None:
    promised = [read_number(stream.get("duration")) for stream in streams]
    promised_s = max((value for value in promised if value), default=declared_s)
    # A container that declares no duration cannot be held to it.
    if not promised_s or declared_s is None:
        return
    missing_s = promised_s - max(ends.values(), default=0.0)
    if missing_s > max(0.5, promised_s * TRUNCATED_SHARE):
        raise InvalidInputError(
            f"视频文件不完整：应有 {promised_s:.0f} 秒，后面缺 {missing_s:.0f} 秒，请重新上传。",
            field="file",
        )


def _refuse_still(video: Video | None, audio: Audio | None) -> None:
    """Refuse a single picture without sound rather than make it a title.

    It would play for one twenty-fifth of a second, and is always a mistake (a photo renamed, a
    broken export). With sound it is fine: the picture stands while the sound goes on.
    """
    if video and not audio and (video.end_s - video.start_s) * float(video.frame_rate) < 1.5:
        raise InvalidInputError(
            "视频只有一帧画面，无法播放；如果是图片，请作为海报上传。", field="file"
        )


def _video(raw: Json, windows: list[list[Json]], origin_s: float, ends: dict[int, float]) -> Video:
    index = raw["index"]
    cadence = timing.read_cadence(windows, index)
    average = read_ratio(raw.get("avg_frame_rate")) or cadence.rate or Fraction(25)
    rotation = read_rotation(raw)
    sar = read_ratio(raw.get("sample_aspect_ratio", "").replace(":", "/")) or Fraction(1)
    across, down = max(round(raw["width"] * sar), 1), raw["height"]
    turned = rotation in {90, 270}
    return Video(
        index=index,
        codec=raw["codec_name"],
        profile=raw.get("profile", ""),
        level=raw.get("level", 0),
        coded_width=raw["width"],
        coded_height=raw["height"],
        width=down if turned else across,
        height=across if turned else down,
        rotation=rotation,
        sar=sar,
        frame_rate=average,
        nominal_rate=read_ratio(raw.get("r_frame_rate")) or average,
        vfr=cadence.vfr,
        pix_fmt=raw.get("pix_fmt", ""),
        bit_depth=read_bit_depth(raw),
        interlaced=raw.get("field_order", "progressive") in {"tt", "bb", "tb", "bt"},
        color_range=raw.get("color_range", ""),
        color_transfer=raw.get("color_transfer", ""),
        color_primaries=raw.get("color_primaries", ""),
        color_space=raw.get("color_space", ""),
        bit_rate_bps=read_bit_rate(raw),
        start_s=max(cadence.start_s - origin_s, 0.0),
        # A lone picture may carry no duration; the average rate gives it one.
        end_s=max(ends.get(index, 0.0), cadence.last_s - origin_s + float(1 / average)),
        max_keyframe_gap_s=cadence.max_keyframe_gap_s,
        starts_with_keyframe=cadence.starts_with_keyframe,
    )


def _audio(raw: Json, windows: list[list[Json]], origin_s: float, ends: dict[int, float]) -> Audio:
    index = raw["index"]
    start_s = timing.first_time(windows, index) - origin_s
    return Audio(
        index=index,
        codec=raw["codec_name"],
        profile=raw.get("profile", ""),
        channels=raw["channels"],
        layout=raw.get("channel_layout", ""),
        sample_rate=int(raw["sample_rate"]),
        bit_rate_bps=read_bit_rate(raw),
        start_s=max(start_s, 0.0),
        end_s=max(ends.get(index, 0.0), 0.0),
    )
