"""Drawings that explain: each fills a square of 420 px whose corner is (x, y)."""

from __future__ import annotations

import math
from collections.abc import Callable

from vod_server.demo.paint import Canvas, Palette, Point, mix

Draw = Callable[[Canvas, float, float, Palette], None]


def _remote(canvas: Canvas, x: float, y: float, palette: Palette, lit: str) -> None:
    body, plain = palette.ink, mix(palette.ink, palette.paper, 0.32)

    def key(name: str) -> str:
        return palette.accent if name == lit else plain

    canvas.box(x + 110, y, 200, 420, body, radius=46)
    canvas.disc(x + 160, y + 48, 20, key("power"))
    canvas.box(x + 222, y + 34, 60, 30, key("back"), radius=15)
    canvas.disc(x + 210, y + 158, 84, mix(body, palette.paper, 0.16))
    for side, (dx, dy) in enumerate(((0, -1), (1, 0), (0, 1), (-1, 0))):
        tip = (x + 210 + dx * 76, y + 158 + dy * 76)
        wing = [(tip[0] - dx * 20 - dy * 15 * k, tip[1] - dy * 20 - dx * 15 * k) for k in (1, -1)]
        canvas.polygon([tip, *wing], key("arrows") if side >= 0 else plain)
    canvas.disc(x + 210, y + 158, 40, key("ok"))
    canvas.text(x + 210, y + 158, "OK", 32, palette.paper, anchor="mm")
    for number in range(9):
        column, row = number % 3, number // 3
        canvas.disc(x + 156 + column * 54, y + 282 + row * 48, 17, key("digits"))


def remote_power(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a remote control with its power key lit."""
    _remote(canvas, x, y, palette, "power")


def remote_arrows(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a remote control with its arrows lit."""
    _remote(canvas, x, y, palette, "arrows")


def remote_ok(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a remote control with its OK key lit."""
    _remote(canvas, x, y, palette, "ok")


def remote_back(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a remote control with its back key lit."""
    _remote(canvas, x, y, palette, "back")


def phone(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a ringing telephone with a warning on its screen."""
    canvas.box(x + 120, y + 10, 190, 400, palette.ink, radius=34)
    canvas.box(x + 134, y + 44, 162, 316, mix(palette.paper, palette.sky[0], 0.25), radius=14)
    canvas.disc(x + 215, y + 385, 13, mix(palette.ink, palette.paper, 0.4))
    triangle = [(x + 215, y + 96), (x + 283, y + 214), (x + 147, y + 214)]
    canvas.polygon(triangle, palette.accent)
    canvas.line([*triangle, triangle[0]], palette.accent, 16)
    canvas.box(x + 208, y + 126, 14, 48, palette.paper, radius=7)
    canvas.disc(x + 215, y + 194, 8.5, palette.paper)
    canvas.text(x + 215, y + 270, "陌生来电", 34, palette.ink, anchor="mm")
    for side in (-1, 1):
        for ring in (1, 2):
            _arc(
                canvas,
                (x + 215 + side * 76, y + 200),
                38 + 26 * ring,
                0 if side > 0 else math.pi,
                palette.accent,
            )


def _arc(canvas: Canvas, centre: Point, r: float, towards: float, fill: str) -> None:
    turns = [towards + (step - 6) / 6 * 0.62 for step in range(13)]
    canvas.line(
        [(centre[0] + math.cos(a) * r, centre[1] + math.sin(a) * r) for a in turns], fill, 9
    )


def shield(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a shield with a tick."""
    outline = [
        (210, 14),
        (366, 66),
        (366, 214),
        (330, 312),
        (210, 406),
        (90, 312),
        (54, 214),
        (54, 66),
    ]
    canvas.polygon([(x + a, y + b) for a, b in outline], palette.ink)
    inner = [(x + 210 + (a - 210) * 0.86, y + 208 + (b - 208) * 0.86) for a, b in outline]
    canvas.polygon(inner, mix(palette.ridges[2], palette.ink, 0.25))
    canvas.line([(x + 132, y + 212), (x + 190, y + 272), (x + 296, y + 146)], palette.paper, 34)


def _leaf(canvas: Canvas, x: float, y: float, lean: float, fill: str) -> None:
    def edge(side: int) -> list[Point]:
        shares = [step / 20 for step in range(21)]
        return [
            (x + lean * s * s + side * 36 * math.sin(math.pi * s**0.8), y - 390 * s) for s in shares
        ]

    canvas.polygon([*edge(-1), *reversed(edge(1))], fill)
    canvas.line(
        [(x + lean * (s / 20) ** 2, y - 390 * s / 20) for s in range(20)],
        mix(fill, "#ffffff", 0.45),
        4,
    )


def leaf_healthy(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Three sound leaves of rice."""
    for foot, lean, share in ((120, -90, 0.9), (300, 90, 0.7), (210, 24, 0.35)):
        _leaf(canvas, x + foot, y + 410, lean, mix(palette.field[0], palette.near, share * 0.6))


def leaf_blast(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Leaves with the spindle-shaped spots of rice blast (稻瘟病)."""
    leaf_healthy(canvas, x, y, palette)
    for dx, dy, r in (
        (212, 300, 15),
        (222, 210, 12),
        (216, 120, 10),
        (112, 290, 11),
        (312, 270, 12),
    ):
        spot = (x + dx, y + dy)
        _spindle(canvas, spot, r * 1.5, "#7a3d1c")
        _spindle(canvas, spot, r, "#d9c7a0")


def _spindle(canvas: Canvas, spot: Point, r: float, fill: str) -> None:
    x, y = spot
    canvas.polygon([(x, y - 2.4 * r), (x + r, y), (x, y + 2.4 * r), (x - r, y)], fill)


def leaf_hopper(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Leaves with planthoppers (稻飞虱) at their foot."""
    leaf_healthy(canvas, x, y, palette)
    for dx, dy in ((150, 360), (196, 322), (236, 372), (270, 330), (212, 258)):
        canvas.disc(x + dx, y + dy, 15, "#5b3a1e")
        canvas.disc(x + dx + 12, y + dy - 6, 9, "#8a5a2c")
        for leg in (-1, 0, 1):
            canvas.line(
                [(x + dx + leg * 8, y + dy + 10), (x + dx + leg * 13, y + dy + 23)], "#5b3a1e", 3
            )


def heart(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a heart with a calm pulse."""
    turns = [step / 60 * math.tau for step in range(60)]
    outline = [
        (
            x + 210 + 11.6 * 16 * math.sin(t) ** 3,
            y
            + 196
            - 11.6
            * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)),
        )
        for t in turns
    ]
    canvas.polygon(outline, palette.accent)
    pulse = [(40, 200), (140, 200), (168, 140), (206, 268), (240, 170), (262, 200), (380, 200)]
    canvas.line([(x + a, y + b) for a, b in pulse], palette.paper, 13)


def gauge(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a blood-pressure monitor that shows an ordinary reading."""
    canvas.box(x + 30, y + 50, 360, 320, palette.ink, radius=44)
    canvas.box(x + 66, y + 84, 230, 250, mix(palette.paper, palette.sky[0], 0.2), radius=20)
    canvas.text(x + 278, y + 148, "122", 92, palette.ink, anchor="rm")
    canvas.text(x + 278, y + 250, "78", 92, palette.ink, anchor="rm")
    canvas.disc(x + 343, y + 140, 26, palette.accent)
    canvas.disc(x + 343, y + 220, 26, mix(palette.ink, palette.paper, 0.35))
    canvas.line([(x + 100, y + 310), (x + 140, y + 310)], palette.accent, 12)
