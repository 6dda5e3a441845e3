"""Read the burnt-in clock back from one picture: which wall-clock second was on air there.

The clock's digits are found as columns of ink and compared with the same digits drawn by Pillow
from the same font file; both are FreeType's outlines, so size, scaling and encoding leave enough
of the difference between any two digits. No picture is guessed at: what is not clear is refused.
"""

from __future__ import annotations

import functools
import io
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps, ImageStat

DIGITS = "0123456789"
#: What a character is compared in; small enough to forgive half a pixel, large enough to tell 3|8.
CELL = (24, 32)
#: Ink is what differs from the ground by this part of the full contrast.
INK = 0.5
#: The best digit must be better than the next by this factor.
MARGIN = 0.85
#: With less between dark and light (of 255) there is no clock in the picture.
LEAST_CONTRAST = 80
DAY_S = 86_400

Box = tuple[float, float, float, float]


class UnreadableClockError(Exception):
    """The picture shows no clock that can be read."""


@dataclass(frozen=True, slots=True)
class Face:
    """How a clock is drawn.

    Args:
        font: the font file.
        index: place in a font collection.
        box: left, top, right, bottom of a rectangle with the clock and nothing else inside, as
            parts (0 to 1) of the picture's width and height.
    """

    font: str
    index: int
    box: Box


def read_clock(picture: Image.Image, face: Face, area: Box | None = None) -> int:
    """Return the second of the day (0 to 86399) that a picture's clock shows.

    Args:
        picture: a decoded frame, or a screen with the frame somewhere in it.
        face: how the clock is drawn.
        area: left, top, right, bottom in pixels of the whole frame inside the picture, where the
            picture is a screenshot; the frame may be scaled.

    Raises:
        UnreadableClockError: there is no `HH:MM:SS` in the clock's rectangle.
    """
    left, top, right, bottom = area or (0.0, 0.0, float(picture.width), float(picture.height))
    width, height = right - left, bottom - top
    crop = picture.convert("L").crop(
        (
            round(left + face.box[0] * width),
            round(top + face.box[1] * height),
            round(left + face.box[2] * width),
            round(top + face.box[3] * height),
        )
    )
    cells = [_cell(ink) for ink in _characters(_clear(crop))]
    # Colons are lower than digits: what is left are the six digits.
    if len(cells) != 6:
        raise UnreadableClockError(f"{len(cells)} digits instead of 6 in {crop.size}")
    return _second_of_day("".join(_digit(cell, face.font, face.index) for cell in cells))


def instant_near(second_of_day: int, near: datetime) -> datetime:
    """Return the instant whose clock shows this second and that lies nearest to another.

    Args:
        second_of_day: what `read_clock` returned.
        near: an aware instant in the zone the clock is drawn in.
    """
    midnight = near.replace(hour=0, minute=0, second=0, microsecond=0)
    shown = midnight + timedelta(seconds=second_of_day)
    return min(
        (shown + timedelta(days=days) for days in (-1, 0, 1)), key=lambda found: abs(found - near)
    )


def frame_at(source: str | Path, at_s: float = 0.0) -> Image.Image:
    """Decode one frame of a file or address with ffmpeg.

    Args:
        at_s: how far after its beginning.

    Raises:
        UnreadableClockError: nothing could be decoded.
    """
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(source), "-ss", f"{at_s:.3f}"]
    command += ["-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    if not done.stdout:
        raise UnreadableClockError(f"no frame: {done.stderr.decode(errors='replace')[-500:]}")
    picture = Image.open(io.BytesIO(done.stdout))
    picture.load()
    return picture


def _clear(crop: Image.Image) -> Image.Image:
    """Return the clock as white ink on black, whatever it was drawn in."""
    low, high = _extremes(crop)
    if high - low < LEAST_CONTRAST:
        raise UnreadableClockError(f"no contrast: {low} to {high}")
    large = crop.resize((crop.width * 2, crop.height * 2), Image.Resampling.BICUBIC)
    spread = ImageOps.autocontrast(large, cutoff=1)
    # The ground covers more than the digits do.
    return ImageOps.invert(spread) if ImageStat.Stat(spread).mean[0] > 127 else spread


def _characters(clock: Image.Image) -> list[Image.Image]:
    """Cut out what is as tall as a digit, from left to right."""
    solid = clock.point([255 if level > 255 * INK else 0 for level in range(256)])
    found = []
    for left, right in _runs(solid.resize((solid.width, 1), Image.Resampling.BOX)):
        column = solid.crop((left, 0, right, solid.height))
        box = column.getbbox()
        if box is not None:
            found.append((clock.crop((left, box[1], right, box[3])), box))
    tallest = max((box[3] - box[1] for _, box in found), default=0)
    return [ink for ink, box in found if box[3] - box[1] > 0.85 * tallest and _is_solid(ink)]


def _runs(profile: Image.Image) -> Iterator[tuple[int, int]]:
    """Return where a one-row picture has ink: `[left, right)` each."""
    levels = list(profile.tobytes())
    start: int | None = None
    for at, level in enumerate([*levels, 0]):
        if level and start is None:
            start = at
        elif not level and start is not None:
            yield start, at
            start = None


def _is_solid(ink: Image.Image) -> bool:
    """Say whether some row in the middle third has ink: a colon has none there."""
    third = ink.crop((0, ink.height * 2 // 5, ink.width, ink.height * 3 // 5))
    return _extremes(third)[1] > 255 * INK


def _extremes(picture: Image.Image) -> tuple[float, float]:
    """Return the darkest and lightest of a grey picture; Pillow types them as bands may be."""
    return cast(tuple[float, float], picture.getextrema())


def _cell(ink: Image.Image) -> Image.Image:
    """Bring a character to the height of the cell, in the middle, its own width kept."""
    width = max(1, min(CELL[0], round(ink.width * CELL[1] / ink.height)))
    cell = Image.new("L", CELL)
    cell.paste(ink.resize((width, CELL[1]), Image.Resampling.BICUBIC), ((CELL[0] - width) // 2, 0))
    return cell


def _digit(cell: Image.Image, font: str, index: int) -> str:
    off = sorted(
        (_difference(cell, template), digit) for digit, template in _templates(font, index)
    )
    if off[0][0] > MARGIN * off[1][0]:
        raise UnreadableClockError(
            f"{off[0][1]} or {off[1][1]}? ({off[0][0]:.1f}, {off[1][0]:.1f})"
        )
    return off[0][1]


def _difference(one: Image.Image, other: Image.Image) -> float:
    return float(ImageStat.Stat(ImageChops.difference(one, other)).rms[0])


@functools.cache
def _templates(font: str, index: int) -> Sequence[tuple[str, Image.Image]]:
    drawn = ImageFont.truetype(font, 96, index=index)
    return [(digit, _template(drawn, digit)) for digit in DIGITS]


def _template(drawn: ImageFont.FreeTypeFont, digit: str) -> Image.Image:
    sheet = Image.new("L", (192, 192))
    ImageDraw.Draw(sheet).text((40, 30), digit, font=drawn, fill=255)
    return _cell(sheet.crop(sheet.getbbox()))


def _second_of_day(digits: str) -> int:
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 23 or minutes > 59 or seconds > 59:
        raise UnreadableClockError(f"{digits} is no time of day")
    return hours * 3600 + minutes * 60 + seconds


def apart_s(one: int, other: int) -> int:
    """Return how far two seconds of the day are apart, over midnight too."""
    off = abs(one - other) % DAY_S
    return min(off, DAY_S - off)


def said(seconds: Iterable[int]) -> str:
    """Write seconds of the day as a clock does, for messages."""
    return " ".join(f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in seconds)
