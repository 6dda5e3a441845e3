"""Media playlists of windows on a timeline (RFC 8216), written as text.

Pure. It is asked for on every new segment of every channel that is watched, and a catch-up of two
hours has thousands of lines; the m3u8 library's objects would cost ten times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from core.errors import InvalidInputError
from epg.timeline.model import Segment
from epg.timeline.names import HOUR_MS, hour_of
from epg.timeline.window import Listing
from vod_server.streams.signing import media_prefix, segment_expires

# RFC 8216 §7: EXTINF with a fraction needs 3.
VERSION = 3

_TYPES = {"live": "", "event": "#EXT-X-PLAYLIST-TYPE:EVENT\n", "vod": "#EXT-X-PLAYLIST-TYPE:VOD\n"}

#: Stands behind the last segment where nothing will be added.
END = "#EXT-X-ENDLIST\n"

Address = Callable[[Segment], str]


def window_playlist(listing: Listing, address: Address) -> str:
    """Return the media playlist of a listing.

    EXT-X-PROGRAM-DATE-TIME stands before the first segment, before every one that opens and
    wherever a segment does not begin to the millisecond where the last one ended; before each of a
    live playlist, of which a player may miss any part.

    Args:
        listing: what is listed; at least one segment.
        address: the address of a segment.
    """
    is_live = listing.kind == "live"
    lines = [head(listing)]
    end_ms = -1
    for segment in listing.segments:
        opens = segment.opens if end_ms >= 0 else listing.first_opens
        dated = is_live or segment.start_ms != end_ms
        lines.append(entry(segment, address, opens=opens, dated=dated))
        end_ms = segment.start_ms + segment.duration_ms
    if listing.is_ended:
        lines.append(END)
    return "".join(lines)


def entry(segment: Segment, address: Address, *, opens: bool, dated: bool) -> str:
    """Return what a playlist says of one segment.

    Args:
        segment: which.
        address: the address of a segment.
        opens: whether EXT-X-DISCONTINUITY stands before it.
        dated: whether EXT-X-PROGRAM-DATE-TIME does.
    """
    duration_ms = segment.duration_ms
    text = f"#EXTINF:{duration_ms // 1000}.{duration_ms % 1000:03d},\n{address(segment)}\n"
    if dated:
        text = f"#EXT-X-PROGRAM-DATE-TIME:{date_time(segment.start_ms)}\n{text}"
    return f"#EXT-X-DISCONTINUITY\n{text}" if opens else text


def head(listing: Listing) -> str:
    """Return what stands before the first segment (RFC 8216 §4.3.3)."""
    numbers = f"#EXT-X-MEDIA-SEQUENCE:{listing.media_sequence}\n"
    if listing.kind == "live":
        numbers += f"#EXT-X-DISCONTINUITY-SEQUENCE:{listing.discontinuity_sequence}\n"
    # Who asks for a list from an instant on wants to see that instant, not the edge it grows at.
    start = "#EXT-X-START:TIME-OFFSET=0\n" if listing.kind == "event" else ""
    return (
        f"#EXTM3U\n#EXT-X-VERSION:{VERSION}\n"
        f"#EXT-X-TARGETDURATION:{listing.target_duration_s}\n{_TYPES[listing.kind]}{numbers}{start}"
    )


def date_time(instant_ms: int) -> str:
    """Return an instant as EXT-X-PROGRAM-DATE-TIME has it (RFC 8216 §4.3.2.6), to the ms."""
    seconds = datetime.fromtimestamp(instant_ms // 1000, UTC).isoformat()[:19]
    return f"{seconds}.{instant_ms % 1000:03d}Z"


class SegmentAddresses:
    """Signed addresses of a playlist's segments.

    Args:
        key: the media key.
        now_s: epoch seconds.
        ttl_s: `address_ttl_s`.
    """

    def __init__(self, key: str, now_s: int, ttl_s: int) -> None:
        self._key = key
        self._now_s = now_s
        self._ttl_s = ttl_s
        self._prefixes: dict[tuple[str, int], str] = {}
        #: Epoch second before which every address given so far would be given again.
        self.same_until_s = now_s + ttl_s

    def __call__(self, segment: Segment) -> str:
        """Return the address of a segment."""
        scope, rest = split_key(segment.key)
        return self._prefix(scope, segment) + rest

    def prefix(self, segment: Segment) -> str:
        """Return what a segment's address begins with; of one channel and UTC hour all do."""
        return self._prefix(split_key(segment.key)[0], segment)

    def _prefix(self, scope: str, segment: Segment) -> str:
        hour_ms = hour_of(segment.start_ms)
        prefix = self._prefixes.get((scope, hour_ms))
        if prefix is None:
            expires = segment_expires((hour_ms + HOUR_MS) // 1000, self._now_s, self._ttl_s)
            prefix = media_prefix(self._key, scope, expires)
            self._prefixes[scope, hour_ms] = prefix
            self.same_until_s = min(self.same_until_s, expires - (self._ttl_s + 1) // 2 + 1)
        return prefix


def split_key(key: str) -> tuple[str, str]:
    """Return scope and rest of a segment's key: `live/7` or `vod/7/<gen>`, and what is below.

    Raises:
        InvalidInputError: it is the key of neither.
    """
    parts = key.split("/", 3)
    if parts[0] == "live" and len(parts) == 4:
        return f"live/{parts[1]}", f"{parts[2]}/{parts[3]}"
    if parts[0] == "vod" and len(parts) == 4:
        return f"vod/{parts[1]}/{parts[2]}", parts[3]
    raise InvalidInputError(f"{key} 不是分片的键。", field="key")
