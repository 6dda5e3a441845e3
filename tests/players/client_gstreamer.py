"""GStreamer's playbin3 (adaptivedemux2), its picture written to files."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.players.running import pictures, run_player, why_not

NAME = "GStreamer"
KEPT = 2


def missing() -> str | None:
    """Say why it cannot run here."""
    return why_not("gst-launch-1.0")


def watch(url: str, folder: Path, *, seconds: float) -> list[Image.Image]:
    """Play in real time for so many seconds; return two pictures a second."""
    sink = (
        f"videorate drop-only=true ! video/x-raw,framerate={KEPT}/1 ! videoconvert ! "
        f"jpegenc quality=90 ! multifilesink location={folder}/%04d.jpg"
    )
    command = ["gst-launch-1.0", "-q", "playbin3", f"uri={url}", f"video-sink={sink}"]
    ran = run_player([*command, "audio-sink=fakesink sync=true"], at_most_s=seconds)
    assert ran.code in {0, None}, ran
    return pictures(folder, "*.jpg")
