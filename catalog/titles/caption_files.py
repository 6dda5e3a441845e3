"""From a caption file (WebVTT, SRT, ASS, SSA) to the one plain WebVTT that is stored. Pure.

pysubs2 reads the events of ASS and SSA. SRT and WebVTT are read here: it takes everything between
two timing lines for text, names of cues and notes too, and cannot say which line is wrong.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalog.titles.caption_text import clean_ass, clean_markup, decode, escape, unescape
from catalog.titles.caption_times import (
    CueTimes,
    Faults,
    ass_events,
    clock,
    is_timing,
    read_timing,
)
from core.errors import InvalidInputError, TooLargeError

#: Largest file that is read, in bytes: two hours of talk are 100 KB.
MAX_BYTES = 2 * 1024 * 1024

_LINE_END = re.compile(r"\r+\n|\r|\n")
_ASS = re.compile(
    r"^[ \t]*(\[(script info|events|v4\+? styles)\]|dialogue:\s*(marked=)?\d+\s*,\s*\d)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Cue:
    """One sentence on the screen.

    Args:
        start_ms: from the start of the film.
        end_ms: after `start_ms`.
        text: plain; lines are parted by newlines, none is empty.
    """

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Captions:
    """All the sentences of a file in order of their start; at least one."""

    cues: tuple[Cue, ...]

    def to_vtt(self) -> bytes:
        """Return them as WebVTT in UTF-8: cues without names, settings, markup or styles."""
        blocks = [
            f"{clock(cue.start_ms)} --> {clock(cue.end_ms)}\n{escape(cue.text)}\n"
            for cue in self.cues
        ]
        return "\n".join(["WEBVTT\n", *blocks]).encode()

    @property
    def sha256(self) -> str:
        """Return the hash of what `to_vtt` gives, hex."""
        return hashlib.sha256(self.to_vtt()).hexdigest()


def read_captions(raw: bytes) -> Captions:
    """Read a caption file; its form is told from its content, whatever its name.

    Args:
        raw: UTF-8 (BOM or not), UTF-16 or GB18030; at most `MAX_BYTES`.

    Raises:
        TooLargeError: it is longer.
        InvalidInputError: it is no caption file, holds no sentence, or a line of it is wrong; the
            message names the line. `field` is `file`.
    """
    check_size(len(raw))
    text = decode(raw)
    if not text.strip():
        raise InvalidInputError("字幕文件是空的。", field="file")
    lines = _LINE_END.split(text)
    first = next((line.strip() for line in lines if line.strip()), "")
    faults = Faults()
    if first.startswith("WEBVTT"):
        cues = list(_webvtt(lines, faults))
    elif _ASS.search(text):
        cues = list(_ass(lines, faults))
    elif any(map(is_timing, lines)):
        cues = list(_srt(lines, faults))
    else:
        raise InvalidInputError(
            "这不是字幕文件，或里面没有时间。可以用 SRT、WebVTT、ASS、SSA。", field="file"
        )
    faults.check()
    if not cues:
        raise InvalidInputError("字幕文件里没有一句话。", field="file")
    return Captions(tuple(sorted(cues, key=lambda cue: cue.start_ms)))


def check_size(size_bytes: int) -> None:
    """Check that a file is not too large to be one of captions.

    Raises:
        TooLargeError: it is.
    """
    if size_bytes > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        raise TooLargeError(f"字幕文件太大，最多 {limit} MB。请确认选的是字幕。", field="file")


def count_cues(vtt: bytes) -> int:
    """Return how many sentences there are in what `to_vtt` made; there `>` is only in timings."""
    return vtt.count(b" --> ")


def first_cues(vtt: bytes, count: int) -> list[tuple[int, str]]:
    """Return start in ms and text of the first sentences of what `to_vtt` made.

    Args:
        vtt: its beginning; a last block that is cut off is left out.
        count: how many sentences at most.
    """
    blocks = vtt.decode(errors="ignore").split("\n\n")[1:]
    whole = blocks if vtt.endswith(b"\n") else blocks[:-1]
    found = []
    for block in whole[:count]:
        timing, _, text = block.partition("\n")
        times = read_timing(timing, 0, Faults())
        if times is not None:
            found.append((times.start_ms, unescape(text).strip()))
    return found


def _cue(times: CueTimes, text: str) -> Iterator[Cue]:
    # Of no length, or without a word: nobody would see it.
    if text and times.end_ms > times.start_ms:
        yield Cue(times.start_ms, times.end_ms, text)


def _timed(lines: Sequence[str], faults: Faults) -> Iterator[tuple[CueTimes, int, int]]:
    """Yield the timing lines that can be read: the times, the next line, the next timing line."""
    at = [number for number, line in enumerate(lines) if is_timing(line)]
    for number, following in itertools.pairwise([*at, len(lines)]):
        times = read_timing(lines[number], number + 1, faults)
        if times is not None:
            yield times, number + 1, following


def _srt(lines: Sequence[str], faults: Faults) -> Iterator[Cue]:
    """Read SRT: everything up to the next timing line, less the number before that."""
    for times, start, end in _timed(lines, faults):
        until = end if end == len(lines) else _before_number(lines, start, end)
        yield from _cue(times, clean_markup(lines[start:until], is_srt=True))


def _before_number(lines: Sequence[str], start: int, end: int) -> int:
    """Return where the text ends before the number of the cue whose timing line is at `end`."""
    last = end - 1
    while last > start and not lines[last].strip():
        last -= 1
    is_alone = last == end - 1 or (last > start and not lines[last - 1].strip())
    return last if last >= start and is_alone and lines[last].strip().isdecimal() else end


def _webvtt(lines: Sequence[str], faults: Faults) -> Iterator[Cue]:
    """Read WebVTT: a cue's text ends at an empty line; other blocks are notes, styles, regions."""
    for times, start, end in _timed(lines, faults):
        block = _until_empty(lines[start:end])
        yield from _cue(times, clean_markup(block, is_srt=False))


def _until_empty(lines: Iterable[str]) -> list[str]:
    kept = []
    for line in lines:
        if not line.strip():
            break
        kept.append(line)
    return kept


def _ass(lines: Sequence[str], faults: Faults) -> Iterator[Cue]:
    for times, text in ass_events(lines, faults):
        yield from _cue(times, clean_ass(text))
