"""Pictures with a clock made by ffmpeg alone, so that the reader is not tested by its own pen."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.players.clock_reader import Face

DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
#: The clock of `clock_film`: white on a dark bar over moving pictures.
FACE = Face(DEJAVU, 0, (0.26, 0.40, 0.74, 0.60))


def clock_film(path: Path, *, first_s: int, step_s: int, frames: int, rate: int = 25) -> None:
    """Write a film whose frame n shows the time of day `first_s + n * step_s`, at 480p.

    Args:
        first_s: second of the day of the first frame.
        step_s: seconds of the clock between two frames.
    """
    time = f"mod({first_s}+n*{step_s},86400)"
    parts = (f"floor({time}/3600)", f"mod(floor({time}/60),60)", f"mod({time},60)")
    text = "\\:".join(f"%{{eif\\:{part}\\:d\\:2}}" for part in parts)
    graph = (
        "drawbox=x=0.25*iw:y=0.38*ih:w=0.5*iw:h=0.24*ih:color=0x101828:t=fill,"
        f"drawtext=fontfile={DEJAVU}:fontsize=72:fontcolor=white:x=(w-tw)/2:y=(h-th)/2:"
        f"text='{text}'"
    )
    source = f"testsrc2=s=854x480:r={rate}:d={frames / rate}"
    command = ["ffmpeg", "-v", "error", "-y", "-nostdin", "-f", "lavfi", "-i", source]
    command += ["-vf", graph, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    command += ["-b:v", "700k", "-maxrate", "900k", "-bufsize", "900k", str(path)]
    subprocess.run(command, check=True, timeout=120)
