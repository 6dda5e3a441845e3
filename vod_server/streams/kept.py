"""Playlists of windows, written once for all who ask the same within the life of the answer."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property

from epg.timeline.model import Timeline
from epg.timeline.stretch import Stretch
from epg.timeline.window import Kind, Listing, Window, select
from vod_server.streams.hours import HourTexts, Written
from vod_server.streams.windows import SegmentAddresses, window_playlist

#: A catch-up of two hours is some 400 KB, and a tenth of that packed.
MAX_BYTES = 64 * 1024 * 1024

# Of the text of addresses, level 4 saves as much as 6 and takes half as long.
ZIP_LEVEL = 4


class Playlist:
    """A written playlist.

    Args:
        written: its text, and its tag.
        listing: what it lists.
        same_until_s: epoch second until which its addresses stay as they are.
    """

    def __init__(self, written: Written, listing: Listing, same_until_s: int) -> None:
        self.body, self.etag = written
        self.kind: Kind = listing.kind
        self.is_settled = listing.is_settled
        self.same_until_s = same_until_s

    @cached_property
    def zipped(self) -> bytes:
        """Return it gzipped, which is done once."""
        return gzip.compress(self.body, ZIP_LEVEL, mtime=0)


class KeptPlaylists:
    """Writes playlists and keeps them, the longest unused going when there are too many.

    Args:
        key: the media key.
        address_ttl_s: `CUNTAI_ADDRESS_TTL_S`.
        live_window_s: `CUNTAI_LIVE_WINDOW_S`.
        max_bytes: of texts that are kept.
    """

    def __init__(
        self, key: str, *, address_ttl_s: int, live_window_s: int, max_bytes: int = MAX_BYTES
    ) -> None:
        self._key = key
        self._ttl_s = address_ttl_s
        self._live_window_s = live_window_s
        self._max_bytes = max_bytes
        self._bytes = 0
        self._hours = HourTexts()
        self._kept: OrderedDict[Hashable, Playlist] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self,
        stamp: Hashable,
        window: Window,
        now_ms: int,
        timeline: Callable[[], Timeline],
    ) -> Playlist:
        """Return the playlist of a window.

        Args:
            stamp: what the answer depends on beside window and addresses: channel, how far it has
                come. The same stamp is given the same playlist.
            window: what is asked for.
            now_ms: epoch milliseconds.
            timeline: called where the playlist must be written.

        Raises:
            NotFoundError: there is nothing in the window; that is not kept.
        """
        key = (stamp, window)
        found = self._kept.get(key)
        if found is None or now_ms >= found.same_until_s * 1000:
            found = self._write(window, now_ms, timeline())
            self._keep(key, found)
        else:
            self._touch(key)
        return found

    def _write(self, window: Window, now_ms: int, timeline: Timeline) -> Playlist:
        listing = select(timeline, window, now_ms, live_window_s=self._live_window_s)
        addresses = SegmentAddresses(self._key, now_ms // 1000, self._ttl_s)
        written = self._text(listing, addresses)
        return Playlist(written, listing, addresses.same_until_s)

    def _text(self, listing: Listing, addresses: SegmentAddresses) -> Written:
        if listing.kind != "live" and isinstance(listing.segments, Stretch):
            return self._hours.write(listing, listing.segments, addresses)
        body = window_playlist(listing, addresses).encode()
        return Written(body, hashlib.sha256(body).hexdigest()[:24])

    def _touch(self, key: Hashable) -> None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)

    def _keep(self, key: Hashable, playlist: Playlist) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._bytes += len(playlist.body) - (len(old.body) if old else 0)
            self._kept[key] = playlist
            while self._bytes > self._max_bytes and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.body)
