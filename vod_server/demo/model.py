"""What one title of the demo is: its row of the sheet, its slides, its tune, its encoding."""

from __future__ import annotations

import dataclasses
from typing import Literal

from vod_server.demo.cards import Slide
from vod_server.demo.icons import Draw
from vod_server.demo.music import Tune
from vod_server.demo.paint import Palette

#: `fits`: what boxes play, keyframes every 2 s, may be copied. `long_gop`: H.264 and AAC, but a
#: keyframe every 10 s and 44.1 kHz. `mpeg2`: as an old archive has it. These two need encoding.
Encoding = Literal["fits", "long_gop", "mpeg2"]

SOURCE = "青禾县融媒体中心（演示）"
LICENCE = "CC0"
OPENING_S, SLIDE_S, CLOSING_S = 4.4, 5.2, 1.6


@dataclasses.dataclass(frozen=True, slots=True)
class DemoTitle:
    """One title; `lines` is its name broken for large type."""

    slug: str
    title: str
    lines: tuple[str, ...]
    category: str
    summary: str
    lecturer: str
    palette: Palette
    icon: Draw
    slides: tuple[Slide, ...]
    tune: Tune
    encoding: Encoding = "fits"
    series: str = ""
    order: int | None = None
    place: str = ""
    required: bool = False
    study_hours: float | None = None
    audience: str = "全体村民"
    #: Whether what the slides say also goes along as captions; the films have music only.
    captioned: bool = False

    @property
    def file_name(self) -> str:
        """Return the film's name; MPEG-2 lives in a programme stream."""
        return f"{self.slug}.{'mpg' if self.encoding == 'mpeg2' else 'mp4'}"

    @property
    def poster_name(self) -> str:
        """Return the poster's name."""
        return f"{self.slug}.png"

    @property
    def subtitle_name(self) -> str:
        """Return the caption file's name; empty where there is none."""
        return f"{self.slug}.srt" if self.captioned else ""

    @property
    def duration_s(self) -> float:
        """Return how long the film is: opening, slides, closing."""
        return round(OPENING_S + SLIDE_S * len(self.slides) + CLOSING_S, 2)
