"""When the sentences of a caption file are shown, and which of its lines are wrong. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pysubs2

from core.errors import InvalidInputError

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?", re.ASCII)
#: With an arrow only what begins like a time: “设置-->网络” is text.
_ARROW = re.compile(r"\s*[-+]?\d.*-->", re.ASCII)
#: Two exact times and no word: somebody's arrow has lost its form. “08:00-11:30” is text.
_EXACT = r"(?:\d{1,3}:)?\d{1,2}:\d{1,2}[.,]\d{2,3}"
_ARROWLESS = re.compile(rf"\s*{_EXACT}[^\w]+{_EXACT}\s*", re.ASCII)
_ASS_TIME = re.compile(r"\d{1,2}:\d{1,2}:\d{1,2}[.,]\d{1,3}", re.ASCII)

#: Settings of WebVTT may follow the times; more than so many letters are not looked at.
LONGEST_TIMING = 200
#: Fields of an event before its text, which may have commas of its own.
_BEFORE_TEXT = 9


class CueTimes(NamedTuple):
    """From when to when a sentence is shown, in ms from the start of the film."""

    start_ms: int
    end_ms: int


class Faults:
    """What is wrong in a file, line by line; the first one is told, and how many more there are."""

    def __init__(self) -> None:
        self._first = ""
        self._count = 0

    def add(self, line: int, message: str) -> None:
        """Note what is wrong in a line (from 1)."""
        self._first = self._first or f"第 {line} 行：{message}"
        self._count += 1

    def check(self) -> None:
        """Refuse the file when anything is wrong.

        Raises:
            InvalidInputError: naming the first line; `field` is `file`.
        """
        if self._count:
            more = f"另有 {self._count - 1} 行也不对。" if self._count > 1 else ""
            raise InvalidInputError(f"{self._first}{more}", field="file")


def is_timing(line: str) -> bool:
    """Say whether a line of SRT or WebVTT says when, rightly or wrongly."""
    start = unicodedata.normalize("NFKC", line[:LONGEST_TIMING])
    return bool(_ARROW.match(start) or _ARROWLESS.fullmatch(start))


def read_timing(line: str, number: int, faults: Faults) -> CueTimes | None:
    """Read `00:00:01.000 --> 00:00:02.500` with dots or commas; WebVTT's settings are ignored.

    Args:
        line: the line; digits and signs of full width are read as well.
        number: which line it is, from 1.
        faults: told what is wrong.
    """
    found = _TIMING.fullmatch(unicodedata.normalize("NFKC", line[:LONGEST_TIMING]))
    if found is None:
        shown = line.strip()[:40]
        faults.add(number, f"时间“{shown}”看不懂，要写成 00:00:01,000 --> 00:00:02,500 的样子。")
        return None
    start_ms, end_ms = _to_ms(found.groups()[:4]), _to_ms(found.groups()[4:])
    return _in_order(start_ms, end_ms, number, faults)


def _to_ms(parts: Sequence[str | None]) -> int | None:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    if int(minutes) > 59 or int(seconds) > 59:
        return None
    whole_s = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole_s * 1000 + int(fraction.ljust(3, "0"))


def _in_order(
    start_ms: int | None, end_ms: int | None, number: int, faults: Faults
) -> CueTimes | None:
    if start_ms is None or end_ms is None:
        faults.add(number, "分和秒都不能超过 59。")
        return None
    if end_ms < start_ms:
        faults.add(number, f"这一句的结束 {clock(end_ms)} 早于开始 {clock(start_ms)}。")
        return None
    return CueTimes(start_ms, end_ms)


def clock(at_ms: int) -> str:
    """Return a time as WebVTT writes it, `00:00:01.000` (WebVTT §4.1)."""
    seconds, ms = divmod(at_ms, 1000)
    minutes, s = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{s:02}.{ms:03}"


def ass_events(lines: Sequence[str], faults: Faults) -> Iterator[tuple[CueTimes, str]]:
    """Yield times and text, still with its overrides, of the dialogue of an ASS or SSA file."""
    numbers, dialogue = [], []
    for number, line in enumerate(lines, start=1):
        kind, _, rest = line.partition(":")
        plain = _plain_dialogue(rest, number, faults) if kind.strip() == "Dialogue" else None
        if plain is not None:
            numbers.append(number)
            dialogue.append(plain)
    events = pysubs2.SSAFile.from_string("\n".join(dialogue), format_="ass") if dialogue else []
    for number, event in zip(numbers, events, strict=True):
        times = _in_order(event.start, event.end, number, faults)
        if times is not None:
            yield times, event.text


def _plain_dialogue(rest: str, number: int, faults: Faults) -> str | None:
    """Return a line of dialogue with nothing but times and text, as layers and styles are not kept.

    So it does not matter that those are odd; pysubs2 would stop at them.
    """
    fields = rest.split(",", _BEFORE_TEXT)
    if len(fields) <= _BEFORE_TEXT:
        faults.add(number, "这一行不完整，Dialogue 后面要有 10 项，用英文逗号隔开。")
        return None
    start, end = fields[1].strip(), fields[2].strip()
    for text in (start, end):
        if not _ASS_TIME.fullmatch(text):
            faults.add(number, f"时间“{text[:20]}”看不懂，要写成 0:00:01.00 的样子。")
            return None
    return f"Dialogue: 0,{start},{end},Default,,0,0,0,,{fields[_BEFORE_TEXT]}"
