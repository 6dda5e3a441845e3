"""M3U channel lists: read whatever players' lists hold, write what players read. Pure.

The attributes and directives are those of INTERFACES ("M3U"); what is unknown is kept as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.errors import InvalidInputError

HEADER = "#EXTM3U"
_INFO = "#EXTINF:"

#: Directives that speak of an entry though they may stand before its #EXTINF.
_OF_AN_ENTRY = ("#EXTGRP:", "#KODIPROP:", "#EXTVLCOPT:", "#EXTHTTP:", "#WEBPROP:")

_DURATION = re.compile(r"\s*(-?\d+(?:\.\d+)?)?")
_NAME = re.compile(r'[^\s=",]+(?==)')
_BARE = re.compile(r'[^\s",]*')
# After a value's closing quote comes the next attribute, the name's comma, or nothing.
_CLOSES = re.compile(r'\s*(?:$|,|[^\s=",]+=)')
# A comma after a quote is still inside the value where an attribute is closed further on.
_STILL_INSIDE = re.compile(r'"\s+[^\s=",]+="')
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list.

    Args:
        name: what stands after the comma; empty where nothing does.
        url: its address; empty where the list ends before one.
        attributes: of #EXTINF, in order, names as written.
        directives: whole lines that speak of this entry, in order.
        duration: as written, `-1` of a channel.
        line: where it begins, from 1; 0 of one that was not read.
    """

    name: str
    url: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    directives: tuple[str, ...] = ()
    duration: str = "-1"
    line: int = field(default=0, compare=False)

    def first(self, *names: str) -> str:
        """Return the first attribute of these names that is not empty, whatever their case."""
        lowered = [(name.lower(), value.strip()) for name, value in self.attributes.items()]
        given = (value for n in names for name, value in lowered if name == n and value)
        return next(given, "")

    @property
    def group(self) -> str:
        """Return its groups: `group-title`, else #EXTGRP."""
        return self.first("group-title") or next(
            (d.partition(":")[2].strip() for d in self.directives if d.startswith("#EXTGRP:")), ""
        )


@dataclass(frozen=True, slots=True)
class Playlist:
    """A whole list.

    Args:
        entries: in order.
        attributes: of #EXTM3U, in order.
        directives: whole lines that speak of no entry.
    """

    entries: tuple[Entry, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
    directives: tuple[str, ...] = ()


def parse_m3u(text: str) -> Playlist:
    """Read a list; a BOM, any line ends, and a missing #EXTM3U do not matter.

    An address without #EXTINF becomes an entry without a name; an #EXTINF without an address one
    without an address: who imports says what is wrong with them.

    Raises:
        InvalidInputError: it is a media playlist of HLS, or no list at all.
    """
    if re.search(r"^#EXT-X-(?:TARGETDURATION|STREAM-INF|MEDIA-SEQUENCE)", text, re.MULTILINE):
        raise InvalidInputError("这是一个 HLS 播放列表，不是频道表。", field="m3u")
    reader = _Reader()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        reader.take(line.strip("\ufeff \t\r\0"), number)
    playlist = reader.finish()
    if not playlist.entries and not playlist.attributes and HEADER not in text:
        raise InvalidInputError("这不是 M3U 频道表：里面没有频道。", field="m3u")
    return playlist


class _Reader:
    """Takes a list line by line."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._attributes: dict[str, str] = {}
        self._directives: list[str] = []
        self._pending: list[str] = []
        self._open: tuple[str, str, dict[str, str], int] | None = None

    def take(self, line: str, number: int) -> None:
        if line.startswith(_INFO):
            self._close("")
            duration, attributes, name = parse_info(line)
            self._open = (duration, name, attributes, number)
        elif line.startswith(HEADER):
            self._attributes |= read_attributes(line[len(HEADER) :])[0]
        elif line.startswith("#"):
            self._take_directive(line)
        elif line:
            self._close(line, number)

    def _take_directive(self, line: str) -> None:
        if not re.match(r"#[A-Z][A-Z0-9-]*(?::|$)", line):
            return  # a remark
        if self._open or line.startswith(_OF_AN_ENTRY):
            self._pending.append(line)
        else:
            self._directives.append(line)

    def _close(self, url: str, number: int = 0) -> None:
        """End the open entry with its address."""
        if self._open is not None:
            duration, name, attributes, number = self._open
            entry = Entry(name, url, attributes, tuple(self._pending), duration, number)
        elif url:
            entry = Entry("", url, {}, tuple(self._pending), line=number)
        else:
            return
        self._entries.append(entry)
        self._open, self._pending = None, []

    def finish(self) -> Playlist:
        self._close("")
        return Playlist(tuple(self._entries), self._attributes, tuple(self._directives))


def parse_info(line: str) -> tuple[str, dict[str, str], str]:
    """Return duration, attributes and name of an `#EXTINF:` line."""
    rest = line.removeprefix(_INFO)
    match = _DURATION.match(rest)
    duration = (match[1] if match else None) or "-1"
    attributes, name = read_attributes(rest[match.end() :] if match else rest)
    return duration, attributes, name


def read_attributes(text: str) -> tuple[dict[str, str], str]:
    """Read `name="value"` pairs up to the comma; of a name given twice the first counts.

    Values may hold commas and, where it is clear, quotes; quotes around them may be missing.

    Returns:
        the attributes in order, and what stands after the comma.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        if text[at] == ",":
            return found, text[at + 1 :].strip()
        match = _NAME.match(text, at)
        if match is None:
            at += 1
            continue
        value, at = _read_value(text, match.end() + 1)
        found.setdefault(match[0], value)
    return found, ""


def _read_value(text: str, at: int) -> tuple[str, int]:
    """Return the value that begins here, and where it is over."""
    if at >= len(text) or text[at] != '"':
        match = _BARE.match(text, at)
        return (match[0], match.end()) if match else ("", at)
    begin = at + 1
    end = text.find('"', begin)
    while end >= 0 and not _closes(text, end):
        end = text.find('"', end + 1)
    if end < 0:  # never closed: up to the name's comma
        comma = text.find(",", begin)
        end = comma if comma >= 0 else len(text)
        return text[begin:end].strip(), end
    return text[begin:end].strip(), end + 1


def _closes(text: str, quote: int) -> bool:
    match = _CLOSES.match(text, quote + 1)
    if match is None:
        return False
    return not match[0].endswith(",") or not _STILL_INSIDE.search(text, match.end())


def write_m3u(playlist: Playlist) -> str:
    """Write a list that `parse_m3u` reads back the same, with LF at its lines' ends.

    A quote inside a value becomes `'`: no player knows a way to say one. Control characters become
    spaces.
    """
    lines = [HEADER + _written(playlist.attributes), *map(_line, playlist.directives)]
    for entry in playlist.entries:
        lines.append(f"{_INFO}{entry.duration}{_written(entry.attributes)},{_line(entry.name)}")
        lines += map(_line, entry.directives)
        lines.append(_line(entry.url))
    return "\n".join(lines) + "\n"


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name}="{_value(value)}"' for name, value in attributes.items())


def _value(text: str) -> str:
    return _line(text).replace('"', "'")


def _line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def without(attributes: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return attributes but for some, whatever their case."""
    dropped = frozenset(names)
    return {name: value for name, value in attributes.items() if name.lower() not in dropped}
