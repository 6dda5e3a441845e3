"""mpv, which draws into files."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.players.running import pictures, run_player, why_not

NAME = "mpv"
KEPT = 2


def missing() -> str | None:
    """Say why it cannot run here."""
    return why_not("mpv")


def watch(url: str, folder: Path, *, seconds: float) -> list[Image.Image]:
    """Play so many seconds; return two pictures a second."""
    command = ["mpv", "--no-config", "--ao=null", "--untimed", "--vo=image", "--really-quiet"]
    command += [f"--vf=fps={KEPT}", f"--frames={round(seconds * KEPT)}"]
    command += ["--vo-image-format=jpg", f"--vo-image-outdir={folder}", url]
    ran = run_player(command, at_most_s=seconds + 60)
    assert ran.code == 0, ran
    return pictures(folder, "*.jpg")
