"""Drawing with Pillow for the demo's pictures: fonts, colours, smooth shapes, paper.

Everything is drawn at twice the size and reduced, so that edges are smooth. Colours are
"#rrggbb"; sizes are pixels of a 1280 × 720 picture.
"""

from __future__ import annotations

import dataclasses
import functools
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont

from core.errors import InvalidInputError

WIDTH, HEIGHT = 1280, 720
MARGIN_X, MARGIN_Y = 80, 52
SCALE = 2

Face = Literal["serif", "sans"]
Point = tuple[float, float]
_DEBIAN = Path("/usr/share/fonts/opentype/noto")
_FILES: dict[Face, str] = {"serif": "NotoSerifCJK-Bold.ttc", "sans": "NotoSansCJK-Bold.ttc"}
_FAMILY: dict[Face, str] = {"serif": "Noto Serif CJK SC:bold", "sans": "Noto Sans CJK SC:bold"}
#: Place of the Simplified Chinese face in the collections of fonts-noto-cjk.
_SIMPLIFIED = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one title: sky from top to bottom, ridges from far to near, ink and accent."""

    sky: tuple[str, str]
    ridges: tuple[str, str, str]
    field: tuple[str, str]
    near: str
    sun: str
    ink: str
    paper: str
    accent: str
    night: bool = False

    @property
    def sheet(self) -> str:
        """Return the colour of a sheet that is written on."""
        return mix(self.ridges[1], self.sky[0], 0.35) if self.night else self.paper

    @property
    def writing(self) -> str:
        """Return the colour that reads well on the sheet and in the sky."""
        return self.paper if self.night else self.ink


def rgb(colour: str) -> tuple[int, int, int]:
    """Turn "#rrggbb" into three numbers."""
    return ImageColor.getrgb(colour)[:3]


def mix(first: str, second: str, share: float) -> str:
    """Blend two colours; `share` 0 is all first, 1 all second."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def clear(colour: str, alpha: int) -> tuple[int, int, int, int]:
    """Add an alpha of 0–255 to a colour."""
    return (*rgb(colour), alpha)


@functools.cache
def font_file(face: Face) -> tuple[str, int]:
    """Find a Chinese font file and the face's place in it.

    Raises:
        InvalidInputError: no font with Chinese is installed.
    """
    path = _DEBIAN / _FILES[face]
    if path.exists():
        return str(path), _SIMPLIFIED
    if shutil.which("fc-match"):
        command = ["fc-match", "-f", "%{file}\n%{index}\n%{lang}", _FAMILY[face] + ":lang=zh-cn"]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        name, index, languages = [*found.split("\n"), "", "", ""][:3]
        if "zh" in languages:
            return name, int(index) & 0xFFFF
    raise InvalidInputError("没有找到中文字体：请安装 fonts-noto-cjk。", field="fonts-noto-cjk")


@functools.cache
def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """Load a face; `size` is already in drawn pixels."""
    name, index = font_file(face)
    return ImageFont.truetype(name, size, index=index)


class Canvas:
    """A transparent picture drawn in 1280 × 720 coordinates and delivered smooth."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.size = (width, height)
        self.image = Image.new("RGBA", (width * SCALE, height * SCALE), (0, 0, 0, 0))
        self.draw = ImageDraw.Draw(self.image)

    def finish(self) -> Image.Image:
        """Return the picture in its own size."""
        return self.image.resize(self.size, Image.Resampling.BOX)

    def polygon(self, points: Sequence[Point], fill: str, alpha: int = 255) -> None:
        """Fill a polygon."""
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=clear(fill, alpha))

    def line(self, points: Sequence[Point], fill: str, width: float, alpha: int = 255) -> None:
        """Draw a line with round joints and ends."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        colour, thick = clear(fill, alpha), max(1, round(width * SCALE))
        self.draw.line(scaled, fill=colour, width=thick, joint="curve")
        if alpha == 255:
            for x, y in (scaled[0], scaled[-1]):
                r = thick / 2
                self.draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def disc(self, x: float, y: float, r: float, fill: str, alpha: int = 255) -> None:
        """Fill a circle around a point."""
        box = ((x - r) * SCALE, (y - r) * SCALE, (x + r) * SCALE, (y + r) * SCALE)
        self.draw.ellipse(box, fill=clear(fill, alpha))

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0
    ) -> None:
        """Fill a rectangle, rounded by `radius`."""
        area = (x * SCALE, y * SCALE, (x + width) * SCALE, (y + height) * SCALE)
        self.draw.rounded_rectangle(area, radius * SCALE, fill=clear(fill, 255))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: int,
        fill: str,
        *,
        face: Face = "sans",
        anchor: str = "la",
    ) -> None:
        """Write one line; `anchor` as Pillow names them (la: left ascender, mm: middle)."""
        spot = (x * SCALE, y * SCALE)
        self.draw.text(
            spot, words, font=font(face, size * SCALE), fill=clear(fill, 255), anchor=anchor
        )

    def glow(self, x: float, y: float, r: float, fill: str, alpha: int) -> None:
        """Put a soft light around a point, brightest in the middle."""
        size = round(2 * r * SCALE)
        # Pillow's radial gradient reaches 181 of 255 where the circle touches the square.
        fade = [round(alpha * max(0.0, 1 - d / 180) ** 2) for d in range(256)]
        light = Image.new("RGBA", (size, size), fill)
        light.putalpha(Image.radial_gradient("L").resize((size, size)).point(fade))
        left, top = round((x - r) * SCALE), round((y - r) * SCALE)
        whole = Image.new("RGBA", self.image.size, (0, 0, 0, 0))
        whole.paste(light, (left, top))
        self.image.alpha_composite(whole)


def gradient(width: int, height: int, top: str, bottom: str) -> Image.Image:
    """Make a vertical gradient with a paper's grain, which also hides banding on televisions."""
    ramp = Image.linear_gradient("L").resize((width, height), Image.Resampling.BILINEAR)
    size = (width, height)
    smooth = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)
    grain = Image.frombytes("L", size, random.Random(7).randbytes(width * height))  # noqa: S311  # a texture, no secret
    return Image.blend(smooth, grain.convert("RGB"), 0.02).convert("RGBA")


def shadowed(layer: Image.Image, *, blur: float, lift: int, alpha: int) -> Image.Image:
    """Give a cut-out its soft shadow on what lies behind it, as paper on paper has.

    Args:
        blur: radius of the softness in pixels.
        lift: how far up the shadow falls, in pixels.
        alpha: its darkness, 0–255.
    """
    mask = layer.getchannel("A").reduce(2).filter(ImageFilter.GaussianBlur(blur / 2))
    mask = mask.point([a * alpha // 255 for a in range(256)])
    shadow = Image.new("L", layer.size, 0)
    shadow.paste(mask.resize(layer.size, Image.Resampling.BILINEAR), (0, -lift))
    result = Image.new("RGBA", layer.size, (20, 24, 30, 0))
    result.putalpha(shadow)
    result.alpha_composite(layer)
    return result
