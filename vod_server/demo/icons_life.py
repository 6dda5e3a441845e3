"""More drawings of 420 px: houses, papers, a lamp and the signs of the seasons."""

from __future__ import annotations

import math

from vod_server.demo.paint import Canvas, Palette, Point, mix


def _house(canvas: Canvas, foot: Point, width: float, wall: str, palette: Palette) -> None:
    x, y = foot
    height = width * 0.62
    canvas.box(x, y - height, width, height, wall)
    roof = [
        (x - 22, y - height),
        (x + width / 2, y - height - width * 0.42),
        (x + width + 22, y - height),
    ]
    canvas.polygon(roof, palette.ink)
    canvas.box(x + width * 0.4, y - height * 0.55, width * 0.22, height * 0.55, palette.ink)
    canvas.box(x + width * 0.1, y - height * 0.66, width * 0.18, width * 0.16, palette.sun)


def neighbours(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Two houses with the lane between them."""
    pale = mix(palette.paper, palette.sky[0], 0.3)
    lane = [(x + 186, y + 250), (x + 234, y + 250), (x + 300, y + 410), (x + 120, y + 410)]
    canvas.polygon(lane, mix(palette.sun, palette.paper, 0.4))
    for step in range(3):
        canvas.box(x + 205 - step, y + 274 + step * 44, 10 + 2 * step, 24, palette.paper, radius=4)
    _house(canvas, (x + 24, y + 330), 150, pale, palette)
    _house(canvas, (x + 246, y + 330), 150, mix(pale, palette.accent, 0.25), palette)


def scales(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw the scales of the law."""
    canvas.box(x + 203, y + 40, 14, 320, palette.ink, radius=7)
    canvas.box(x + 120, y + 356, 180, 26, palette.ink, radius=13)
    canvas.line([(x + 60, y + 96), (x + 360, y + 96)], palette.ink, 14)
    canvas.disc(x + 210, y + 60, 26, palette.accent)
    for side in (70, 350):
        canvas.line([(x + side, y + 96), (x + side - 58, y + 236)], palette.ink, 5)
        canvas.line([(x + side, y + 96), (x + side + 58, y + 236)], palette.ink, 5)
        turns = [step / 24 * math.pi for step in range(25)]
        pan = [(x + side + 74 * math.cos(t), y + 236 + 56 * math.sin(t)) for t in turns]
        canvas.polygon(pan, palette.accent)


def ledger(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a village account: lines with amounts, and a seal."""
    canvas.box(x + 60, y + 8, 300, 400, palette.ink, radius=18)
    canvas.box(x + 68, y + 16, 284, 384, "#fffaf0", radius=12)
    canvas.text(x + 210, y + 58, "收支明细", 42, palette.ink, face="serif", anchor="mm")
    for row, width in enumerate((120, 90, 140, 100)):
        level = y + 116 + row * 50
        canvas.box(x + 96, level, width, 16, mix(palette.ink, "#ffffff", 0.55), radius=8)
        canvas.box(x + 268, level, 56, 16, palette.accent, radius=8)
    canvas.disc(x + 288, y + 344, 40, palette.accent)
    canvas.disc(x + 288, y + 344, 32, "#fffaf0")
    canvas.text(x + 288, y + 343, "公开", 26, palette.accent, face="serif", anchor="mm")


def question(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a question and its answer as two bubbles."""
    canvas.box(x + 20, y + 40, 280, 150, palette.ink, radius=40)
    canvas.polygon([(x + 70, y + 180), (x + 130, y + 180), (x + 66, y + 232)], palette.ink)
    canvas.text(x + 160, y + 114, "我想问", 58, palette.paper, anchor="mm")
    canvas.box(x + 120, y + 230, 280, 140, palette.accent, radius=40)
    canvas.polygon([(x + 300, y + 360), (x + 356, y + 360), (x + 360, y + 410)], palette.accent)
    canvas.text(x + 260, y + 298, "有答复", 58, palette.paper, anchor="mm")


def lamp(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a paraffin lamp that lights a page."""
    canvas.glow(x + 210, y + 170, 208, palette.accent, 210)
    brass = mix(palette.accent, palette.ink, 0.35)
    canvas.box(x + 150, y + 330, 120, 30, brass, radius=12)
    canvas.box(x + 170, y + 262, 80, 74, brass, radius=26)
    glass = [(166, 250), (142, 170), (176, 84), (244, 84), (278, 170), (254, 250)]
    canvas.line(
        [(x + a, y + b) for a, b in [*glass, glass[0]]], mix(palette.accent, palette.paper, 0.6), 6
    )
    flame = [(210, 104), (240, 176), (230, 224), (210, 236), (190, 224), (180, 176)]
    canvas.polygon([(x + a, y + b) for a, b in flame], palette.accent)
    canvas.polygon(
        [(x + 210 + (a - 210) * 0.5, y + 190 + (b - 190) * 0.55) for a, b in flame], "#fff4d6"
    )
    canvas.polygon(
        [(x + 30, y + 392), (x + 208, y + 372), (x + 208, y + 414), (x + 30, y + 418)],
        palette.paper,
    )
    canvas.polygon(
        [(x + 390, y + 392), (x + 212, y + 372), (x + 212, y + 414), (x + 390, y + 418)],
        palette.paper,
    )


def blossom(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a branch in flower: spring."""
    canvas.line(
        [(x + 20, y + 390), (x + 150, y + 270), (x + 250, y + 150), (x + 390, y + 50)],
        palette.ink,
        15,
    )
    canvas.line([(x + 150, y + 270), (x + 280, y + 266), (x + 350, y + 220)], palette.ink, 9)
    for dx, dy, r in ((150, 262, 34), (252, 148, 44), (346, 80, 32), (348, 216, 36), (86, 330, 22)):
        for petal in range(5):
            angle = petal / 5 * math.tau - math.pi / 2
            shade = mix(palette.accent, palette.paper, 0.15 if petal % 2 else 0.3)
            canvas.disc(
                x + dx + math.cos(angle) * r * 0.8,
                y + dy + math.sin(angle) * r * 0.8,
                r * 0.62,
                shade,
            )
        canvas.disc(x + dx, y + dy, r * 0.36, palette.sun)


def lotus(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a lotus over its leaf: summer."""
    canvas.line([(x + 210, y + 250), (x + 196, y + 410)], palette.ink, 11)
    turns = [step / 40 * math.tau for step in range(40)]
    leaf = [(x + 214 + 190 * math.cos(t), y + 350 + 48 * math.sin(t)) for t in turns]
    canvas.polygon(leaf, mix(palette.field[1], palette.ink, 0.2))
    for lean in (-1.05, 1.05, -0.7, 0.7, -0.34, 0.34, 0.0):
        shade = mix(palette.accent, palette.paper, 0.55 - abs(lean) * 0.4)
        _petal(canvas, (x + 210, y + 282), lean, shade)


def _petal(canvas: Canvas, foot: Point, lean: float, fill: str) -> None:
    shares = [step / 16 for step in range(17)]

    def edge(side: int) -> list[Point]:
        spots = [(side * 46 * math.sin(math.pi * s**1.2), -210 * s) for s in shares]
        cos, sin = math.cos(lean), math.sin(lean)
        return [(foot[0] + a * cos - b * sin, foot[1] + a * sin + b * cos) for a, b in spots]

    canvas.polygon([*edge(-1), *reversed(edge(1))], fill)


def rice_ear(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Ripe ears of rice, bowed: autumn."""
    for lean, height in ((-150, 330), (150, 330), (40, 380)):
        stem = [
            (x + 210 + lean * (s / 20) ** 2, y + 412 - height * math.sin(s / 20 * 1.9))
            for s in range(21)
        ]
        canvas.line(stem, palette.ink, 7)
        for number, (a, b) in enumerate(stem[9:]):
            for side in (-1, 1):
                fill = mix(palette.sun, palette.field[0], (number % 3) / 3)
                canvas.disc(a + side * 13, b + 4, 11, fill)
                canvas.disc(a + side * 18, b + 14, 8, fill)


def primer(canvas: Canvas, x: float, y: float, palette: Palette) -> None:
    """Draw a page of a reading primer: a first character in its practice square."""
    pale = mix(palette.accent, "#fffaf0", 0.45)
    canvas.box(x + 40, y + 20, 340, 380, "#fffaf0", radius=18)
    corners = [(x + 90, y + 70), (x + 330, y + 70), (x + 330, y + 310), (x + 90, y + 310)]
    canvas.line([*corners, corners[0]], pale, 6)
    canvas.line([(x + 210, y + 70), (x + 210, y + 310)], pale, 3)
    canvas.line([(x + 90, y + 190), (x + 330, y + 190)], pale, 3)
    canvas.text(x + 210, y + 188, "人", 200, palette.ink, face="serif", anchor="mm")
    canvas.text(x + 210, y + 354, "第一课", 44, palette.ink, face="serif", anchor="mm")
