"""Two hundred times of day, encoded at 480p, are read back; what is no clock is refused."""

from __future__ import annotations

import random
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from PIL import Image

from tests.players.clock_reader import (
    UnreadableClockError,
    apart_s,
    frame_at,
    instant_near,
    read_clock,
)
from tests.players.clock_source import DEJAVU, FACE, clock_film

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(not Path(DEJAVU).exists(), reason="fonts-dejavu-core is not installed"),
]

FRAMES = 200
#: Without a common factor with a day, so the times of 200 frames all differ.
STEP_S = 40_009


@pytest.fixture(scope="module")
def first_s() -> int:
    return random.randrange(86_400)


@pytest.fixture(scope="module")
def film(first_s: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clock") / "clock.mkv"
    clock_film(path, first_s=first_s, step_s=STEP_S, frames=FRAMES)
    return path


def decoded(
    film: Path, folder: Path, size: str = "854:480", count: int = FRAMES
) -> list[Image.Image]:
    """Return the first frames, scaled."""
    folder.mkdir(exist_ok=True)
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(film),
        "-vf",
        f"scale={size}",
        "-frames:v",
        str(count),
    ]
    subprocess.run([*command, "-pix_fmt", "gray", str(folder / "%03d.png")], check=True)
    return [Image.open(path) for path in sorted(folder.glob("*.png"))]


def test_two_hundred_times_are_read_back_without_an_error(
    film: Path, first_s: int, tmp_path: Path
) -> None:
    shown = [read_clock(frame, FACE) for frame in decoded(film, tmp_path / "frames")]
    assert shown == [(first_s + n * STEP_S) % 86_400 for n in range(FRAMES)]


@pytest.mark.parametrize("size", ["1280:720", "640:360"])
def test_times_are_read_from_scaled_pictures(
    film: Path, first_s: int, tmp_path: Path, size: str
) -> None:
    shown = [read_clock(frame, FACE) for frame in decoded(film, tmp_path / "frames", size, 24)]
    assert shown == [(first_s + n * STEP_S) % 86_400 for n in range(24)]


def test_a_clock_is_read_inside_a_screenshot(film: Path, first_s: int) -> None:
    frame = frame_at(film)
    screen = Image.new("RGB", (1280, 720), (0, 64, 0))
    screen.paste(frame.resize((611, 344)), (213, 77))
    assert read_clock(screen, FACE, (213, 77, 213 + 611, 77 + 344)) == first_s


@pytest.mark.parametrize("shade", [0, 255])
def test_a_picture_without_a_clock_is_refused(shade: int) -> None:
    with pytest.raises(UnreadableClockError):
        read_clock(Image.new("L", (854, 480), shade), FACE)


def test_noise_is_refused() -> None:
    noise = Image.effect_noise((854, 480), 120)
    with pytest.raises(UnreadableClockError):
        read_clock(noise, FACE)


def test_a_clock_shown_at_midnight_belongs_to_the_nearest_day() -> None:
    zone = timezone(timedelta(hours=8))
    near = datetime(2026, 11, 22, 0, 0, 3, tzinfo=zone)
    assert instant_near(86_398, near) == near - timedelta(seconds=5)
    assert instant_near(5, near) == near + timedelta(seconds=2)
    assert apart_s(86_398, 3) == 5
