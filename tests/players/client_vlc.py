"""VLC, which refuses root: what it received is written as a transport stream, then decoded."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from tests.players.running import NOBODY, as_plain_user, pictures, run_player, why_not

NAME = "VLC"
KEPT = 2


def missing() -> str | None:
    """Say why it cannot run here."""
    return why_not("cvlc", *(["setpriv"] if os.geteuid() == 0 else []))


def watch(url: str, folder: Path, *, seconds: float) -> list[Image.Image]:
    """Play for so many seconds of ours; return two pictures a second of what came.

    Writing to a file is not paced, so of the past all comes at once. (`--run-time` counts from the
    beginning of the window, not from where VLC begins in it.)
    """
    home = Path(tempfile.mkdtemp(prefix="cuntai-vlc-"))
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
    taken = home / "taken.ts"
    command = ["cvlc", "-q", "--no-interact", "--sout"]
    command += [f"#std{{access=file,mux=ts,dst={taken}}}", "--play-and-exit"]
    environ = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    try:
        ran = run_player(
            as_plain_user([*command, url, "vlc://quit"]),
            at_most_s=seconds,
            environ=environ,
        )
        assert taken.exists(), ran
        return _decoded(taken, folder)
    finally:
        shutil.rmtree(home)


def _decoded(taken: Path, folder: Path) -> list[Image.Image]:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(taken), "-vf", f"fps={KEPT}"]
    done = subprocess.run(
        [*command, "-q:v", "2", str(folder / "%04d.jpg")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return pictures(folder, "*.jpg")
