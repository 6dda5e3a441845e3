"""What ffmpeg's tools say of bytes; asked once for the same bytes."""

from __future__ import annotations

import functools
import json
import subprocess
from typing import Any

# profile name of ffprobe: profile_idc (H.264 Annex A)
H264_PROFILES = {
    "Baseline": 0x42,
    "Constrained Baseline": 0x42,
    "Main": 0x4D,
    "High": 0x64,
    "High 10": 0x6E,
}


@functools.lru_cache(maxsize=4096)
def probe_streams(body: bytes) -> list[dict[str, Any]]:
    """Return ffprobe's description of the streams in a segment."""
    found = json.loads(_ffprobe(body, "-show_streams"))
    streams: list[dict[str, Any]] = found.get("streams", [])
    return streams


@functools.lru_cache(maxsize=4096)
def decoded_pictures(body: bytes) -> list[str]:
    """Decode and return each picture's type and size: `I 640x360`, `I?` where it is no key."""
    entries = "frame=pict_type,key_frame,width,height"
    frames = json.loads(_ffprobe(body, "-select_streams", "v:0", "-show_entries", entries))
    return [
        f"{frame['pict_type']}{'' if frame['key_frame'] else '?'} "
        f"{frame['width']}x{frame['height']}"
        for frame in frames.get("frames", [])
    ]


def rfc6381(stream: dict[str, Any]) -> str:
    """Return the codec name that belongs into CODECS, the constraint flags as `..`."""
    if stream["codec_name"] == "h264":
        profile = H264_PROFILES.get(stream.get("profile", ""), 0)
        return f"avc1.{profile:02x}..{stream['level']:02x}"
    if stream["codec_name"] == "aac":
        return {"LC": "mp4a.40.2", "HE-AAC": "mp4a.40.5"}.get(stream.get("profile", ""), "mp4a.?")
    return str(stream["codec_name"])


def _ffprobe(body: bytes, *options: str) -> str:
    command = ["ffprobe", "-v", "quiet", "-of", "json", *options, "-"]
    done = subprocess.run(command, input=body, capture_output=True, check=False)
    return done.stdout.decode() or "{}"
