"""What boxes poll, rendered once a change: bodies kept until catalogue or channels move on."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

from sqlalchemy.orm import Session

from catalog.titles.service import catalog_version
from core.db import SessionFactory, read_scope
from epg.channels.version import epg_version


class Rendered(NamedTuple):
    """A reply's body, the same gzipped, and its ETag (without quotes)."""

    body: bytes
    zipped: bytes
    etag: str


class RenderedCache:
    """Keeps rendered bodies by key while the versions of catalogue and channels stay the same.

    Args:
        sessions: maker of sessions.
        ttl_s: the versions are looked up at most this often, so a change shows after at most this.
        max_entries: the cache is emptied when it grows beyond.
    """

    def __init__(
        self, sessions: SessionFactory, *, ttl_s: float, max_entries: int = 10_000
    ) -> None:
        self._sessions = sessions
        self._ttl_s = ttl_s
        self._max_entries = max_entries
        self._entries: dict[Hashable, Rendered] = {}
        self._version = (-1, -1)
        self._fresh_until = 0.0
        self._lock = threading.Lock()

    def get(self, key: Hashable, render: Callable[[Session], bytes]) -> Rendered:
        """Return the body of a key, rendered by `render` when it is new or something changed.

        What `render` raises is not kept.
        """
        self._look_up_version()
        entries = self._entries
        found = entries.get(key)
        if found is None:
            with read_scope(self._sessions) as session:
                body = render(session)
            # A weak hash would do for an ETag, but not be told from a careless one.
            etag = hashlib.sha256(body).hexdigest()[:24]
            found = Rendered(body, gzip.compress(body, 6, mtime=0), etag)
            # `entries` is the dictionary of the version seen above: if the catalogue has moved
            # on meanwhile, the body goes into one that nobody reads any more.
            if len(entries) >= self._max_entries:
                entries.clear()
            entries[key] = found
        return found

    def forget(self, key: Hashable) -> None:
        """Drop a body that nobody will ask for again."""
        self._entries.pop(key, None)

    def _look_up_version(self) -> None:
        now = time.monotonic()
        if now < self._fresh_until:
            return
        with self._lock:
            if now < self._fresh_until:
                return
            with read_scope(self._sessions) as session:
                version = (catalog_version(session), epg_version(session))
            if version != self._version:
                self._version, self._entries = version, {}
            self._fresh_until = now + self._ttl_s
