"""The captions of the demo's films: what the cards on the screen say. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from vod_server.demo.model import OPENING_S, SLIDE_S, DemoTitle

#: The title stands alone a moment before its first words.
FIRST_S = 0.6
#: Between two sentences, so that the eye sees that there is a new one.
PAUSE_S = 0.1


def subtitles(title: DemoTitle) -> str:
    """Return a title's captions as SRT: its name, and each slide's heading with its lines."""
    blocks = [
        f"{number}\n{_clock(start_s)} --> {_clock(end_s)}\n{words}\n"
        for number, (start_s, end_s, words) in enumerate(_sentences(title), start=1)
    ]
    return "\n".join(blocks)


def _sentences(title: DemoTitle) -> Iterator[tuple[float, float, str]]:
    """Yield start, end in s and words; a slide has two, which share its time by length."""
    yield FIRST_S, OPENING_S - PAUSE_S, title.title
    for number, slide in enumerate(title.slides):
        start_s = OPENING_S + number * SLIDE_S
        said = [f"{slide.heading}。{slide.lines[0]}", "，".join(slide.lines[1:])]
        letters = sum(map(len, said))
        for words in said:
            end_s = start_s + SLIDE_S * len(words) / letters
            yield start_s, end_s - PAUSE_S, words
            start_s = end_s


def _clock(at_s: float) -> str:
    minutes, ms = divmod(round(at_s * 1000), 60_000)
    return f"00:{minutes:02}:{ms // 1000:02},{ms % 1000:03}"
