"""ffmpeg as the strict client: one warning, and the stream has failed."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.players.running import pictures, run_player, why_not

NAME = "ffmpeg"
#: Pictures kept a second.
KEPT = 2


def missing() -> str | None:
    """Say why it cannot run here."""
    return why_not("ffmpeg")


def watch(url: str, folder: Path, *, seconds: float) -> list[Image.Image]:
    """Play so many seconds; return two pictures a second.

    Raises:
        AssertionError: it ended with an error, or warned of anything.
    """
    command = ["ffmpeg", "-v", "warning", "-xerror", "-nostdin", "-i", url, "-t", str(seconds)]
    command += ["-vf", f"fps={KEPT}", str(folder / "%04d.png")]
    command += ["-map", "0:a", "-t", str(seconds), "-f", "null", "-"]
    ran = run_player(command, at_most_s=seconds + 60)
    assert (ran.code, ran.said) == (0, ""), ran
    return pictures(folder, "*.png")
