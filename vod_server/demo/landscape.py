"""Rice terraces in cut paper: layers from the sky to the near bank, each wider than the picture.

Layers move at whole or half pixels a frame, nearer ones faster, which gives the depth.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable, Iterator

from PIL import Image

from vod_server.demo.paint import (
    HEIGHT,
    WIDTH,
    Canvas,
    Palette,
    Point,
    gradient,
    mix,
    shadowed,
)

FRAME_RATE = 25


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """A picture moving to the left by `speed` pixels a frame, its top at `top`.

    `rise` moves it up, in pixels a frame.
    """

    image: Image.Image
    speed: float = 0.0
    top: int = 0
    left: int = 0
    rise: float = 0.0


Ridge = Callable[[float], float]


def ridge_line(rng: random.Random, base: float, height: float, length: float) -> Ridge:
    """Make a smooth skyline: y of an x, around `base`, hills `height` high and `length` long."""
    waves = [
        (height * weight, length / divisor, rng.uniform(0, math.tau))
        for weight, divisor in ((0.55, 1.0), (0.28, 2.3), (0.12, 4.7), (0.05, 9.1))
    ]
    return lambda x: base - sum(a * math.sin(x / w * math.tau + p) for a, w, p in waves)


def points_of(line: Ridge, width: int, step: int = 6) -> list[Point]:
    """Sample a skyline across a layer."""
    return [(x, line(x)) for x in range(-step, width + 2 * step, step)]


def travel(speed: float, duration_s: float) -> int:
    """Say how much wider than the picture a layer of this speed must be, in pixels."""
    return math.ceil(speed * FRAME_RATE * duration_s) + 8


def _ridge_layer(
    rng: random.Random, width: int, *, span: tuple[int, int], hills: tuple[float, float], fill: str
) -> Image.Image:
    """Paint a ridge from `span[0]` to `span[1]` of the screen: what is below is never seen."""
    top, bottom = span
    height, length = hills
    canvas = Canvas(width, bottom - top)
    skyline = points_of(ridge_line(rng, height + 55, height, length), width)
    canvas.polygon([*skyline, (width + 12, bottom), (-6, bottom)], fill)
    return shadowed(canvas.finish(), blur=14, lift=5, alpha=70)


def _terrace_bands(rng: random.Random, width: int, base: float) -> Iterator[tuple[float, Ridge]]:
    """Yield (share of the way down, edge) of one terrace after another, from high to low."""
    count = 13
    shape = ridge_line(rng, 0, 46, 900)
    wobble = ridge_line(rng, 0, 8, 330)
    for step in range(count):
        share = step / (count - 1)
        level = base + (HEIGHT + 30 - base) * share**1.15
        bend = 1 - 0.55 * share

        def edge(
            x: float, *, y: float = level, bend: float = bend, shift: float = 40 * step
        ) -> float:
            return y + bend * shape(x + shift * 0.4) + wobble(x + shift)

        yield share, edge


def terraces(
    rng: random.Random, width: int, *, top: int, base: float, palette: Palette
) -> Image.Image:
    """Paint a hillside of paddies: bands of rice and of water that mirrors the sky."""
    canvas = Canvas(width, HEIGHT - top)
    water = mix(palette.sky[1], palette.sky[0], 0.35)
    for number, (share, edge) in enumerate(_terrace_bands(rng, width, base - top)):
        skyline = points_of(edge, width)
        rice = mix(palette.field[0], palette.field[1], share)
        fill = mix(rice, water, 0.62) if number % 3 == 1 else rice
        canvas.polygon([*skyline, (width + 12, HEIGHT), (-6, HEIGHT)], fill)
        canvas.line(skyline, mix(fill, palette.paper, 0.55), 2.6)
        low = [(x, y + 5) for x, y in skyline]
        canvas.line(low, mix(fill, palette.near, 0.45), 3.2, alpha=120)
    return shadowed(canvas.finish(), blur=16, lift=6, alpha=80)


def _blade(canvas: Canvas, foot: Point, *, lean: float, length: float, fill: str) -> None:
    x, y = foot
    tip = (x + lean * length, y - length)
    middle = (x + lean * length * 0.25, y - length * 0.6)
    canvas.polygon(
        [(x - 4, y), (middle[0] - 3, middle[1]), tip, (middle[0] + 3, middle[1]), (x + 4, y)], fill
    )


def _bloom(canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    for petal in range(5):
        angle = petal / 5 * math.tau - math.pi / 2
        canvas.disc(x + math.cos(angle) * r, y + math.sin(angle) * r, r * 0.72, palette.accent)
    canvas.disc(x, y, r * 0.5, palette.sun)


def near_bank(rng: random.Random, width: int, *, top: int, palette: Palette) -> Image.Image:
    """Paint the bank at our feet: grass in the wind and some flowers or ripe ears."""
    canvas = Canvas(width, HEIGHT - top)
    line = ridge_line(rng, HEIGHT - top - 34, 16, 700)
    back = mix(palette.near, palette.field[1], 0.35)
    for x in range(0, width, 13):
        _blade(
            canvas,
            (x, line(x) + 10),
            lean=rng.uniform(-0.5, 0.6),
            length=rng.uniform(26, 62),
            fill=back,
        )
    canvas.polygon([*points_of(line, width), (width + 12, HEIGHT), (-6, HEIGHT)], palette.near)
    for x in range(0, width, 17):
        _blade(
            canvas,
            (x, line(x) + 8),
            lean=rng.uniform(-0.4, 0.7),
            length=rng.uniform(18, 48),
            fill=palette.near,
        )
    for x in range(40, width, 150):
        spot = x + rng.uniform(-50, 50)
        height = rng.uniform(44, 78)
        canvas.line([(spot, line(spot) + 6), (spot + 6, line(spot) - height)], palette.near, 3.5)
        if not palette.night:
            _bloom(canvas, spot + 6, line(spot) - height, rng.uniform(6, 9), palette)
    return canvas.finish()


def mist(rng: random.Random, width: int, height: int, fill: str) -> Image.Image:
    """Paint a band of mist that thins out at its edges."""
    band = Image.new("RGBA", (width, height), fill)
    seed = Image.new("L", (max(8, width // 90), 6), 0)
    for x in range(seed.width):
        for y in (2, 3):
            seed.putpixel((x, y), rng.randrange(40, 150))
    band.putalpha(seed.resize((width, height), Image.Resampling.BICUBIC))
    return band


def _sky(rng: random.Random, palette: Palette) -> Image.Image:
    sky = gradient(WIDTH, HEIGHT, *palette.sky)
    if palette.night:
        stars = Canvas()
        for _ in range(110):
            spot = (rng.uniform(0, WIDTH), rng.uniform(0, 380))
            stars.disc(*spot, rng.choice((1.0, 1.3, 2.0)), palette.paper, rng.randrange(90, 230))
        sky.alpha_composite(stars.finish())
    return sky


def sun_disc(palette: Palette) -> Image.Image:
    """Paint the sun or the moon with its halo, 440 px square."""
    canvas = Canvas(440, 440)
    canvas.glow(220, 220, 218, palette.sun, 190)
    canvas.disc(220, 220, 78, palette.sun)
    canvas.disc(220, 220, 64, mix(palette.sun, palette.paper, 0.22))
    return canvas.finish()


def landscape(seed: int, palette: Palette, duration_s: float) -> tuple[Layer, ...]:
    """Paint all layers of a moving landscape, back to front, wide enough for `duration_s`."""
    rng = random.Random(seed)  # noqa: S311  # pictures, no secret: the seed makes them the same again

    def wide(speed: float) -> int:
        return WIDTH + travel(speed, duration_s)

    far, middle, near = palette.ridges
    haze = mix(palette.ridges[0], palette.paper, 0.12) if palette.night else palette.paper
    return (
        Layer(_sky(rng, palette)),
        Layer(sun_disc(palette), top=20, left=rng.choice((760, 800, 840)), rise=0.12),
        Layer(_ridge_layer(rng, wide(0.25), span=(180, 490), hills=(95, 760), fill=far), 0.25, 180),
        Layer(
            _ridge_layer(rng, wide(0.5), span=(265, 525), hills=(75, 620), fill=middle), 0.5, 265
        ),
        Layer(mist(rng, wide(0.75), 150, haze), 0.75, 330),
        Layer(_ridge_layer(rng, wide(0.5), span=(341, 565), hills=(52, 800), fill=near), 0.5, 341),
        Layer(terraces(rng, wide(1.0), top=370, base=484, palette=palette), 1.0, 370),
        Layer(near_bank(rng, wide(2.0), top=580, palette=palette), 2.0, 580),
    )


def still(layers: tuple[Layer, ...]) -> Image.Image:
    """Lay the layers over each other as they stand in the first frame."""
    picture = Image.new("RGBA", (WIDTH, HEIGHT))
    for layer in layers:
        picture.alpha_composite(
            layer.image.crop((0, 0, min(layer.image.width, WIDTH), layer.image.height)),
            (layer.left, layer.top),
        )
    return picture
