"""Pictures and a short film for the TV app's tests: drawn and encoded here, none downloaded."""

import io
import subprocess
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

FILM_S = 60
SPRITE = {"tile_width": 160, "tile_height": 90, "columns": 5, "rows": 3, "count": 18}
SPRITE_INTERVAL_S = 3.5
_SKIES = [
    ((246, 214, 150), (206, 120, 74)),
    ((178, 212, 226), (240, 228, 190)),
    ((120, 150, 190), (232, 190, 160)),
    ((214, 228, 200), (150, 190, 150)),
    ((92, 84, 120), (230, 150, 110)),
]
_FIELDS = [(96, 122, 58), (150, 132, 60), (70, 104, 78), (176, 142, 66), (84, 92, 60)]


def _mix(a: tuple[int, ...], b: tuple[int, ...], share: float) -> tuple[int, ...]:
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))


def _hill(draw: ImageDraw.ImageDraw, seed: int, layer: int, colour: tuple[int, ...]) -> None:
    base = 150 + layer * 46
    points = [(x, base - ((x * (seed + 3) // 40 + seed * 29) % 60) // 2) for x in range(0, 521, 52)]
    draw.polygon([*points, (520, 270), (0, 270)], fill=colour)


@cache
def poster(seed: int) -> bytes:
    """Return a 480 x 270 JPEG of a field under the sky, another for each seed."""
    picture = Image.new("RGB", (480, 270))
    draw = ImageDraw.Draw(picture)
    top, low = _SKIES[seed % len(_SKIES)]
    for y in range(270):
        draw.line([(0, y), (480, y)], fill=_mix(top, low, y / 270))
    sun = 60 + seed * 83 % 340
    draw.ellipse([sun, 36, sun + 56, 92], fill=(253, 240, 204))
    field = _FIELDS[seed * 3 % len(_FIELDS)]
    for layer in range(3):
        _hill(draw, seed + layer, layer, _mix(field, (30, 34, 22), layer * 0.3))
    return _jpeg(picture)


@cache
def sprite_sheet(sheet: int) -> bytes:
    """Return sprite sheet number ``sheet``, cut to the tiles it holds; tile n is 8 n in red."""
    columns, per_sheet = SPRITE["columns"], SPRITE["columns"] * SPRITE["rows"]
    numbers = range(sheet * per_sheet, min((sheet + 1) * per_sheet, SPRITE["count"]))
    wide, high = min(len(numbers), columns), -(-len(numbers) // columns)
    picture = Image.new("RGB", (wide * 160, high * 90))
    draw = ImageDraw.Draw(picture)
    for place, number in enumerate(numbers):
        x, y = place % columns * 160, place // columns * 90
        draw.rectangle([x, y, x + 159, y + 89], fill=(number * 8, 120, 80))
        draw.text((x + 60, y + 26), str(number), fill=(255, 255, 255), font_size=36)
    return _jpeg(picture)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def make_film(folder: Path) -> None:
    """Encode a minute of a running test picture with a tone as HLS into ``folder``/index.m3u8."""
    picture = f"testsrc2=s=320x180:r=10:d={FILM_S}"
    command = f"""ffmpeg -v error -f lavfi -i {picture} -f lavfi -i sine=f=220:d={FILM_S}
        -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 20 -c:a aac -ac 2
        -f hls -hls_time 4 -hls_playlist_type vod index.m3u8"""
    subprocess.run(command.split(), check=True, cwd=folder)
