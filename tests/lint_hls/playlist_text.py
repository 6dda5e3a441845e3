"""A reader of playlists that knows lines, tags and attributes and believes nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)')


@dataclass(slots=True)
class Entry:
    """An address and the tags before it, up to the address before."""

    uri: str
    tags: list[tuple[str, str]]

    def value(self, name: str) -> str | None:
        """Return the value of the tag, None without it."""
        return next((value for tag, value in self.tags if tag == name), None)


@dataclass(slots=True)
class Playlist:
    """A playlist, read line by line."""

    lines: list[str]
    tags: list[tuple[str, str]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """Return the values of every such tag."""
        return [value for tag, value in self.tags if tag == name]

    def has(self, name: str) -> bool:
        """Say whether there is such a tag."""
        return any(tag == name for tag, _ in self.tags)

    @property
    def is_multivariant(self) -> bool:
        """Say whether it offers variants."""
        return self.has("EXT-X-STREAM-INF")


def read_playlist(text: str) -> Playlist:
    """Read a playlist's text, whatever it is."""
    playlist = Playlist(text.splitlines())
    before: list[tuple[str, str]] = []
    for line in playlist.lines:
        if line.startswith("#EXT"):
            name, _, value = line[1:].partition(":")
            before.append((name, value))
            playlist.tags.append((name, value))
        elif line.strip() and not line.startswith("#"):
            playlist.entries.append(Entry(line.strip(), before))
            before = []
    return playlist


def attributes(value: str) -> dict[str, str]:
    """Read an attribute list (RFC 8216 §4.2), quotes taken off."""
    return {name: raw.strip('"') for name, raw in _ATTRIBUTE.findall(value)}


def byte_range(value: str, follows: int = 0) -> tuple[int, int]:
    """Read `length@offset` as (offset, length); without an offset it goes on at `follows`."""
    length, _, offset = value.partition("@")
    return (int(offset) if offset else follows), int(length)


def required_version(playlist: Playlist) -> int:
    """Return the least EXT-X-VERSION that covers what is used (RFC 8216 §7)."""
    return max([1, *_versions_of_tags(playlist)])


def _versions_of_tags(playlist: Playlist) -> Iterator[int]:
    iframes_only = playlist.has("EXT-X-I-FRAMES-ONLY")
    for name, value in playlist.tags:
        if name == "EXT-X-KEY":
            used = attributes(value)
            yield 5 if "KEYFORMAT" in used else 2 if "IV" in used else 1
        elif name == "EXTINF" and "." in value.partition(",")[0]:
            yield 3
        elif name in {"EXT-X-BYTERANGE", "EXT-X-I-FRAMES-ONLY"}:
            yield 4
        elif name == "EXT-X-MAP":
            yield 5 if iframes_only else 6
        elif name == "EXT-X-MEDIA" and "SERVICE" in attributes(value).get("INSTREAM-ID", ""):
            yield 7
