"""Clips to send: small, so that many may run at once on a slow machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vod_server.media.clips import run

_SOUND = ("-f", "lavfi", "-i", "sine=f=500:r=48000:d=4")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "0")
_SECOND = ("-g", "10", "-keyint_min", "10", "-sc_threshold", "0")
_AAC = ("-c:a", "aac", "-ac", "2", "-ar", "48000", "-b:a", "64k")


def _picture(size: str) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc=s={size}:r=10:d=4")


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of clips of four seconds, with a keyframe every second where not said."""
    folder = tmp_path_factory.mktemp("clips")
    for name, arguments in {
        "small.ts": [*_picture("160x90"), *_SOUND, *_H264, *_SECOND, *_AAC],
        "large.ts": [*_picture("320x180"), *_SOUND, *_H264, *_SECOND, *_AAC],
        "hevc.ts": [*_picture("160x90"), *_SOUND, *_HEVC, *_AAC],
        "mp2.ts": [*_picture("160x90"), *_SOUND, *_H264, *_SECOND, "-c:a", "mp2", "-b:a", "64k"],
        "uncut.ts": [*_picture("160x90"), *_SOUND, *_NOISE, *_H264, "-g", "1000", *_AAC],
        "sound.ts": [*_SOUND, *_AAC],
    }.items():
        run("ffmpeg", "-v", "error", "-nostdin", *arguments, folder / name)
    return folder


#: Much to write between two keyframes.
_NOISE = ("-vf", "noise=alls=60:allf=t", "-b:v", "800k")
_HEVC = (
    *("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    *("-x265-params", "keyint=10:min-keyint=10:log-level=error"),
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of a few megabytes."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)
