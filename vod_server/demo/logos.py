"""Channel logos of the demo: two large characters over terraces, one colour each."""

from __future__ import annotations

import hashlib
import io
import random

from PIL import Image

from vod_server.demo.landscape import points_of, ridge_line
from vod_server.demo.paint import Canvas, Palette, gradient, mix

SIZE = 240


def draw_logo(words: str, palette: Palette, ground: str, seed: int) -> Image.Image:
    """Draw a logo of 240 × 240 px, made to be read at 40.

    Args:
        words: two characters.
        palette: colours of hills and sun.
        ground: colour behind the characters; no two channels have the same.
        seed: form of the hills.
    """
    rng = random.Random(seed)  # noqa: S311  # hills, no secret
    tile = gradient(SIZE, SIZE, ground, mix(ground, palette.ink, 0.45))
    canvas = Canvas(SIZE, SIZE)
    canvas.disc(SIZE - 32, 30, 17, palette.sun)
    shades = (palette.ridges[1], palette.field[0], palette.field[1])
    for step, shade in enumerate(shades):
        line = ridge_line(rng, 186 + step * 20, 9, 260)
        canvas.polygon([*points_of(line, SIZE), (SIZE + 12, SIZE), (-12, SIZE)], shade)
        canvas.line(points_of(line, SIZE), mix(shade, palette.paper, 0.6), 3)
    canvas.text(SIZE / 2, 110, words, 104, palette.paper, face="serif", anchor="mm")
    tile.alpha_composite(canvas.finish())
    return tile.convert("RGB")


def logo_file(picture: Image.Image, number: int) -> tuple[str, bytes]:
    """Return a logo's blob key and its bytes.

    The key holds a hash of the bytes, so that it never changes them and the same logo is stored
    once; `/img/channel/<gen>/logo-<number>.jpg` serves it.
    """
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92, subsampling=0)
    gen = hashlib.sha256(out.getvalue()).hexdigest()[:16]
    return f"images/channel/{gen}/logo-{number}.jpg", out.getvalue()
