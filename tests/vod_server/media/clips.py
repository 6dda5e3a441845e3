"""How to make clips, and one check that a rendition is what every rendition must be."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.titles.renditions import Measured

Finished = tuple[Measured, Path]
MakeClip = Callable[..., Path]

#: H.264 as a rung wants it: two-second closed GOPs.
H264 = (
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-profile:v",
    "main",
    "-b:v",
    "900k",
)
GOP2 = ("-force_key_frames", "expr:gte(t,n_forced*2)", "-sc_threshold", "0")
AAC = ("-c:a", "aac", "-ac", "2", "-ar", "48000")


def picture(size: str = "640x360", rate: str = "25", seconds: float = 4) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"]


def tone(seconds: float = 4, *, volume_db: float = -23, channels: str = "stereo") -> list[str]:
    """Return an input of a tone whose loudness as stereo is about `volume_db` LUFS."""
    source = f"sine=f=500:r=48000:d={seconds},pan=stereo|c0=c0|c1=c0"
    mix = "" if channels == "stereo" else f",aformat=channel_layouts={channels}"
    return ["-f", "lavfi", "-i", f"{source}{mix},volume={volume_db + 18.7}dB"]


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def ffprobe(path: Path, *entries: str) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(run("ffprobe", "-v", "error", "-of", "json", *entries, path))
    return shown


def write_playlist(measured: Measured, folder: Path) -> Path:
    target = max(round(segment.duration_s) for segment in measured.segments) or 1
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{target}"]
    for segment in measured.segments:
        lines += [f"#EXTINF:{segment.duration_s:.6f},", segment.name]
    path = folder / "index.m3u8"
    path.write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
    return path


def check_rendition(measured: Measured, folder: Path) -> None:
    """Check what every rendition must be, by tools that are not ours."""
    playlist = write_playlist(measured, folder)
    strict = subprocess.run(
        ["ffmpeg", "-v", "warning", "-xerror", "-i", playlist, "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (strict.returncode, strict.stderr) == (0, "")
    whole = folder / "whole.ts"
    whole.write_bytes(b"".join((folder / s.name).read_bytes() for s in measured.segments))
    check_continuity(whole.read_bytes())
    shown = ffprobe(whole, "-show_streams", "-show_packets")
    kinds = {stream["codec_type"]: stream for stream in shown["streams"]}
    sound = kinds["audio"]
    assert (sound["codec_name"], sound["profile"], sound["channels"], sound["sample_rate"]) == (
        "aac",
        "LC",
        2,
        "48000",
    )
    kind = "audio" if measured.width is None else "video"
    packets = [p for p in shown["packets"] if p["codec_type"] == kind]
    times = sorted(float(packet["pts_time"]) for packet in packets)
    step = times[-1] - times[-2] if len(times) > 1 else 0.04
    assert measured.duration_s == pytest.approx(times[-1] - times[0] + step, abs=0.045)
    if kind == "video":
        check_picture(measured, folder, kinds["video"], packets)
    sizes = [(folder / s.name).stat().st_size for s in measured.segments]
    assert sizes == [s.size_bytes for s in measured.segments]


def check_picture(
    measured: Measured, folder: Path, shown: dict[str, Any], packets: list[dict[str, Any]]
) -> None:
    assert (shown["codec_name"], shown["pix_fmt"]) == ("h264", "yuv420p")
    assert (shown["width"], shown["height"]) == (measured.width, measured.height)
    assert shown.get("sample_aspect_ratio", "1:1") in {"1:1", "0:1", "N/A"}
    assert shown["field_order"] == "progressive"
    assert shown["level"] <= 31
    keys = [float(p["pts_time"]) for p in packets if "K" in p["flags"]]
    listed = [frame.time_s for segment in measured.segments for frame in segment.iframes]
    assert listed == pytest.approx([key - keys[0] for key in keys], abs=0.002)
    if measured.mode == "encode":
        gaps = [b - a for a, b in itertools.pairwise(keys)]
        assert max(gaps, default=0) <= 2.05
    for segment in measured.segments:
        # Alone, a segment and each of its I-frames can be decoded from the first byte.
        data = (folder / segment.name).read_bytes()
        for frame in segment.iframes[:2]:
            part = data[frame.offset_bytes : frame.offset_bytes + frame.size_bytes]
            assert decode_frames(data[: segment.init_bytes] + part) == 1


_TINY_GREY = ("-vf", "scale=2:2", "-pix_fmt", "gray", "-fps_mode", "passthrough", "-")


def decode_frames(data: bytes) -> int:
    done = subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-f",
            "mpegts",
            "-i",
            "-",
            "-map",
            "0:v",
            "-f",
            "rawvideo",
            *_TINY_GREY,
        ],
        input=data,
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return len(done.stdout) // 4


def check_continuity(stream: bytes) -> None:
    """Check the continuity counter of every packet of every PID (ISO/IEC 13818-1 §2.4.3.3)."""
    last: dict[int, int] = {}
    for at in range(0, len(stream), 188):
        pid = (stream[at + 1] & 0x1F) << 8 | stream[at + 2]
        counter, has_payload = stream[at + 3] & 0xF, stream[at + 3] & 0x10
        assert stream[at] == 0x47
        if has_payload and pid in last:
            assert counter == (last[pid] + 1) % 16, f"PID {pid:#x} at {at}"
        if has_payload:
            last[pid] = counter
