"""What a killed supervisor left in `.incoming`: finished segments that nobody committed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from epg.timeline.model import Segment

LIST = "list.csv"
RUN = "run.json"

#: Two roundings of a duration to milliseconds differ by no more.
ROUNDING_MS = 2


class Leftover(NamedTuple):
    """A finished file of a run.

    Args:
        file: where it lies.
        begin_s: media time of its first picture, seconds.
        end_s: media time after its last picture.
        follows_s: media time that the end of the timeline stands for, when this file is of the
            same run as the last segment there; else None.
    """

    file: Path
    begin_s: float
    end_s: float
    follows_s: float | None


class Listed(NamedTuple):
    """A line of ffmpeg's segment list."""

    name: str
    begin_s: float
    end_s: float


def parse_list(text: str) -> list[Listed]:
    """Read ffmpeg's `-segment_list_type csv`; a half line at the end and odd ones are left out."""
    found: list[Listed] = []
    for line in text[: text.rfind("\n") + 1].splitlines():
        fields = line.split(",")
        try:
            name, begin_s, end_s = fields[0], float(fields[1]), float(fields[2])
        except (IndexError, ValueError):
            continue
        if "/" not in name and begin_s <= end_s < float("inf"):
            found.append(Listed(name, begin_s, end_s))
    return found


def runs_of(incoming: Path) -> list[Path]:
    """Return the folders of runs, oldest first."""
    # A list of segments grows as long as its run lives; the folder's own time changes with each.
    return sorted((path for path in incoming.iterdir() if path.is_dir()), key=_age)


def _age(run: Path) -> tuple[int, str]:
    return run.stat().st_mtime_ns, run.name


def leftovers(run: Path, last: Segment | None) -> Iterator[Leftover]:
    """Yield the finished files of a run that are still there, in order.

    Args:
        run: its folder.
        last: the newest segment of the timeline. When its length is that of the listed line just
            before the first file still there, it was that line's file.
    """
    listed = parse_list(_text_of(run / LIST))
    there = [line for line in listed if _size_bytes(run / line.name)]
    if not there:
        return
    before = listed[: listed.index(there[0])][-1:]
    follows_s = before[0].end_s if last and before and _is_of(before[0], last) else None
    for line in there:
        yield Leftover(run / line.name, line.begin_s, line.end_s, follows_s)


def written_ms(file: Path) -> int:
    """Return when a file's last byte was written by the machine's clock, epoch milliseconds.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return file.stat().st_mtime_ns // 1_000_000


def note_parameters(run: Path, parameters: str) -> None:
    """Write down the codec parameters of a run's last committed segment.

    It is done after the commit: killed in between, the next writer breaks once too often, which
    players do not mind; before it, once too seldom.
    """
    with suppress(OSError):
        (run / RUN).write_text(json.dumps({"parameters": parameters}))


def noted_parameters(run: Path) -> str:
    """Return what was noted, empty when nothing was."""
    try:
        noted = json.loads(_text_of(run / RUN) or "{}")
    except ValueError:
        return ""
    return str(noted.get("parameters", "")) if isinstance(noted, dict) else ""


def drop_run(run: Path) -> None:
    """Remove a run's folder with the file that was not finished."""
    shutil.rmtree(run, ignore_errors=True)


def _is_of(line: Listed, segment: Segment) -> bool:
    return abs((line.end_s - line.begin_s) * 1000 - segment.duration_ms) <= ROUNDING_MS


def _text_of(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
