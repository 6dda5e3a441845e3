"""A live playlist as it was at one instant, and everything seen of it over a while."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import urljoin

from tests.lint_hls.fetching import Response
from tests.lint_hls.playlist_text import Entry, Playlist, read_playlist


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a playlist, with the numbers that follow from its place."""

    number: int  #: Media Sequence Number (RFC 8216 §4.3.3.2)
    url: str
    extinf_s: float  #: NaN without a usable one
    discontinuity: bool
    discontinuity_number: int  #: (RFC 8216 §4.3.3.3), its own tag included
    stated_s: float | None  #: its own EXT-X-PROGRAM-DATE-TIME, epoch s
    starts_s: float | None  #: that, or what follows from an entry before (§4.3.2.6)

    @property
    def ends_s(self) -> float | None:
        """Return the instant after its last picture, epoch s."""
        return None if self.starts_s is None else self.starts_s + self.extinf_s


@dataclass
class Snapshot:
    """One reply to a request for the playlist."""

    url: str
    at_s: float  #: when it came, epoch s
    response: Response

    @cached_property
    def playlist(self) -> Playlist:
        """Return the text's lines, tags and entries."""
        return read_playlist(self.response.body.decode("utf-8", "replace"))

    @cached_property
    def entries(self) -> list[Listed]:
        """Return what is listed, numbered."""
        listed: list[Listed] = []
        number = self._whole("EXT-X-MEDIA-SEQUENCE")
        discontinuity = self._whole("EXT-X-DISCONTINUITY-SEQUENCE")
        follows: float | None = None
        for entry in self.playlist.entries:
            breaks = entry.value("EXT-X-DISCONTINUITY") is not None
            discontinuity += breaks
            stated = _instant(entry)
            starts = stated if stated is not None else follows
            extinf = _duration(entry)
            follows = None if starts is None or math.isnan(extinf) else starts + extinf
            url = urljoin(self.url, entry.uri)
            row = Listed(number, url, extinf, breaks, discontinuity, stated, starts)
            listed.append(row)
            number += 1
        return listed

    @property
    def target_s(self) -> int | None:
        """Return the target duration, None without a usable one."""
        values = self.playlist.values("EXT-X-TARGETDURATION")
        return int(values[0]) if values and values[0].isdigit() else None

    @property
    def kind(self) -> str:
        """Return EXT-X-PLAYLIST-TYPE, empty for a live one."""
        return "".join(self.playlist.values("EXT-X-PLAYLIST-TYPE"))

    @property
    def ended(self) -> bool:
        """Say whether EXT-X-ENDLIST is there."""
        return self.playlist.has("EXT-X-ENDLIST")

    @property
    def duration_s(self) -> float:
        """Return the sum of the EXTINFs."""
        return sum(entry.extinf_s for entry in self.entries)

    def _whole(self, name: str) -> int:
        values = self.playlist.values(name)
        return int(values[0]) if values and values[0].isdigit() else 0


@dataclass(slots=True)
class Capture:
    """Everything that was fetched while a live playlist was watched."""

    url: str
    snapshots: list[Snapshot] = field(default_factory=list)
    #: by address: when a segment was asked for, and what came
    fetched: dict[str, list[tuple[float, Response]]] = field(default_factory=dict)

    def note(self, url: str, at_s: float, response: Response) -> None:
        """Keep what came for a segment."""
        self.fetched.setdefault(url, []).append((at_s, response))

    def segments(self) -> list[Listed]:
        """Return every segment that was ever listed, each number once, in order."""
        seen: dict[int, Listed] = {}
        for snapshot in self.snapshots:
            for entry in snapshot.entries:
                seen.setdefault(entry.number, entry)
        return [seen[number] for number in sorted(seen)]


def _instant(entry: Entry) -> float | None:
    value = entry.value("EXT-X-PROGRAM-DATE-TIME")
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found.timestamp() if found.tzinfo else None


def _duration(entry: Entry) -> float:
    try:
        return float((entry.value("EXTINF") or "").partition(",")[0])
    except ValueError:
        return math.nan
