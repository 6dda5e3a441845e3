"""Test cards: a clock to see that a channel lives, and colour bars.

The clock shows the wall-clock second of Asia/Shanghai in large digits, alone in `CLOCK_BOX`, so
that a test can read from any picture when it was on air.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

WIDTH = 640
HEIGHT = 360
FRAME_RATE = 25

#: Fonts that may be there, the best first: digits of one width, and Chinese.
DIGIT_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
)
TEXT_FONTS = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", *DIGIT_FONTS)

#: Height of the clock's digits in pixels, and the rectangle that holds them and nothing else:
#: left, top, right, bottom as parts of width and height.
CLOCK_SIZE = 96
CLOCK_BOX = (0.06, 0.34, 0.94, 0.66)

LONGEST_TITLE = 20
_GROUND = "0x16324f"
_BAND = "0x0b1c2e"
_INK = "0xf4efe6"


def card_input(url: str) -> list[str]:
    """Return ffmpeg's input arguments of a card, `clock?title=…` or `bars`; paced, with sound."""
    name, _, query = url.partition("?")
    titles = parse_qs(query).get("title", [])
    title = titles[0][:LONGEST_TITLE] if titles else ""
    picture = _bars() if name == "bars" else _clock(title)
    sound = "anullsrc=channel_layout=stereo:sample_rate=48000"
    # One input: of two, ffmpeg reads each ahead in a thread, and the clock is drawn too early.
    return ["-re", "-f", "lavfi", "-i", f"{picture}[out0];{sound}[out1]"]


def font(candidates: tuple[str, ...]) -> str:
    """Return the first font that is installed, empty when none is."""
    return next((path for path in candidates if Path(path).exists()), "")


def _bars() -> str:
    return f"smptehdbars=size={WIDTH}x{HEIGHT}:rate={FRAME_RATE},format=yuv420p"


def _clock(title: str) -> str:
    top, bottom = (round(part * HEIGHT) for part in (CLOCK_BOX[1], CLOCK_BOX[3]))
    filters = [
        f"color=c={_GROUND}:size={WIDTH}x{HEIGHT}:rate={FRAME_RATE}",
        f"drawbox=x=0:y={top}:w={WIDTH}:h={bottom - top}:color={_BAND}:t=fill",
        _text(r"%{localtime\:%X}", DIGIT_FONTS, CLOCK_SIZE, f"{(top + bottom) // 2}-max_glyph_h/2"),
        _text(r"%{localtime\:%Y-%m-%d}", TEXT_FONTS, 30, str(bottom + 28)),
    ]
    if title:
        filters.append(_text(_escaped(title), TEXT_FONTS, 40, "46", expansion="none"))
    # A moving edge shows at a glance that the picture is alive between two seconds.
    # (A letter, for drawbox works its place out only once.)
    x = f"mod(t*{WIDTH // 2}\\,{WIDTH})"
    filters.append(_text("\u2588", DIGIT_FONTS, 16, str(HEIGHT - 16), x=x))
    return ",".join([*filters, "format=yuv420p"])


def _text(
    words: str,
    fonts: tuple[str, ...],
    size: int,
    y: str,
    *,
    x: str = "(w-tw)/2",
    expansion: str = "normal",
) -> str:
    path = font(fonts)
    face = f"fontfile={path}" if path else "font=monospace"
    return (
        f"drawtext={face}:text='{words}':expansion={expansion}"
        f":fontsize={size}:fontcolor={_INK}:x={x}:y={y}"
    )


def _escaped(text: str) -> str:
    """Keep a title from meaning anything to the filter graph: what could is left out."""
    return "".join(sign for sign in text if sign not in "\\':;,[]%{}" and sign.isprintable())
