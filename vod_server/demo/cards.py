"""The sheets of paper laid over the moving landscape: a title, slides, and posters."""

from __future__ import annotations

import dataclasses

from PIL import Image

from vod_server.demo.icons import Draw
from vod_server.demo.paint import (
    HEIGHT,
    MARGIN_X,
    MARGIN_Y,
    WIDTH,
    Canvas,
    Palette,
    font,
    shadowed,
)

ICON = 420
PANEL_HEIGHT = 524
_TEXT_LEFT = MARGIN_X + 60
#: The text column of a slide ends where its drawing begins.
TEXT_WIDTH = WIDTH - MARGIN_X - ICON - 50 - _TEXT_LEFT
LINE_SIZE, HEADING_SIZE = 54, 74


@dataclasses.dataclass(frozen=True, slots=True)
class Slide:
    """One sheet: a heading, up to four short lines, and a drawing beside them."""

    heading: str
    lines: tuple[str, ...]
    icon: Draw


def text_width(words: str, size: int) -> float:
    """Measure a line of the sans face in pixels."""
    return font("sans", size).getlength(words)


def _paper(palette: Palette) -> Canvas:
    canvas = Canvas()
    canvas.box(MARGIN_X, MARGIN_Y, WIDTH - 2 * MARGIN_X, PANEL_HEIGHT, palette.sheet, radius=26)
    return canvas


def slide_card(slide: Slide, palette: Palette) -> Image.Image:
    """Draw a slide on its sheet, transparent around it, 1280 × 720."""
    canvas = _paper(palette)
    heading = canvas_heading(canvas, slide.heading, palette)
    step = 98 if len(slide.lines) < 4 else 78
    for number, line in enumerate(slide.lines):
        level = heading + 66 + number * step
        canvas.disc(_TEXT_LEFT + 8, level, 8, palette.accent)
        canvas.text(_TEXT_LEFT + 34, level, line, LINE_SIZE, palette.writing, anchor="lm")
    left = WIDTH - MARGIN_X - ICON - 50
    slide.icon(canvas, left, MARGIN_Y + (PANEL_HEIGHT - ICON) / 2, palette)
    return shadowed(canvas.finish(), blur=18, lift=-7, alpha=90)


def canvas_heading(canvas: Canvas, words: str, palette: Palette) -> float:
    """Write a slide's heading with the rule below it; returns where the rule ends, in pixels."""
    canvas.text(_TEXT_LEFT, MARGIN_Y + 40, words, HEADING_SIZE, palette.writing, face="serif")
    canvas.box(_TEXT_LEFT, MARGIN_Y + 152, 96, 8, palette.accent, radius=4)
    return MARGIN_Y + 160


def _draw_title(
    canvas: Canvas, lines: tuple[str, ...], tag: str, palette: Palette, size: int
) -> None:
    wide = text_width(tag, 44) + 48
    canvas.box(MARGIN_X, MARGIN_Y + 14, wide, 70, palette.writing, radius=35)
    canvas.text(MARGIN_X + wide / 2, MARGIN_Y + 48, tag, 44, palette.sheet, anchor="mm")
    for number, line in enumerate(lines):
        top = MARGIN_Y + 104 + number * size * 1.24
        canvas.text(MARGIN_X - 3, top, line, size, palette.writing, face="serif")


def title_card(lines: tuple[str, ...], tag: str, source: str, palette: Palette) -> Image.Image:
    """Draw the opening: a tag, the title large in the sky, and who made it at the foot."""
    canvas = Canvas()
    _draw_title(canvas, lines, tag, palette, 96)
    wide = text_width(source, 44) + 32
    canvas.box(MARGIN_X, HEIGHT - 108, wide, 72, palette.near, radius=36)
    canvas.text(MARGIN_X + 34, HEIGHT - 73, source, 44, palette.paper, anchor="lm")
    return canvas.finish()


def poster(
    backdrop: Image.Image, lines: tuple[str, ...], tag: str, icon: Draw, palette: Palette
) -> Image.Image:
    """Draw a poster of 1280 × 720: the landscape, the drawing in a paper moon, the title."""
    picture = backdrop.copy()
    moon = Canvas()
    moon.disc(968, 300, 250, palette.sheet)
    picture.alpha_composite(shadowed(moon.finish(), blur=22, lift=-8, alpha=110))
    drawing = Canvas(ICON, ICON)
    icon(drawing, 0, 0, palette)
    size = 330
    small = drawing.finish().resize((size, size), Image.Resampling.LANCZOS)
    picture.alpha_composite(small, (968 - size // 2, 300 - size // 2))
    words = Canvas()
    _draw_title(words, lines, tag, palette, 112 if max(map(len, lines)) <= 5 else 100)
    picture.alpha_composite(words.finish())
    return picture.convert("RGB")
