"""Watch a live playlist for a while, as a player would, and keep everything that came."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.lint_hls.fetching import Fetch
from tests.lint_hls.live_listing import Capture, Listed, Snapshot

POLL_S = 0.5


def watch_live(
    fetch: Fetch,
    url: str,
    *,
    seconds: float,
    poll_s: float = POLL_S,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Capture:
    """Poll a media playlist; get each segment when it is listed and once more when it is gone.

    Args:
        fetch: gets an address (`http_fetch`).
        url: of a media playlist.
        seconds: how long to watch; a removed segment is asked for again at the latest moment
            this allows, and at most until RFC 8216 §6.2.2 no longer asks for it.
        poll_s: between two requests.
        now: epoch seconds.
        sleep: waits so many seconds.

    Returns:
        What came, to be judged by `lint_live`.
    """
    capture, until = Capture(url), now() + seconds
    due: dict[str, float] = {}
    shown: list[Listed] = []
    while True:
        snapshot = Snapshot(url, now(), fetch(url))
        capture.snapshots.append(snapshot)
        for entry in snapshot.entries:
            if entry.url not in capture.fetched:
                capture.note(entry.url, now(), fetch(entry.url))
        _note_removed(shown, snapshot, due)
        shown = snapshot.entries
        last = now() >= until
        _ask_again(fetch, capture, due, now, whatever_time=last)
        if last:
            return capture
        sleep(poll_s)


def _note_removed(shown: list[Listed], snapshot: Snapshot, due: dict[str, float]) -> None:
    """Set when what is gone from the list is asked for: shortly before it may go (§6.2.2)."""
    kept = {entry.url for entry in snapshot.entries}
    for entry in shown:
        if entry.url not in kept:
            due[entry.url] = snapshot.at_s + 0.9 * (entry.extinf_s + snapshot.duration_s)


def _ask_again(
    fetch: Fetch,
    capture: Capture,
    due: dict[str, float],
    now: Callable[[], float],
    *,
    whatever_time: bool,
) -> None:
    for url, at_s in list(due.items()):
        if whatever_time or now() >= at_s:
            del due[url]
            capture.note(url, now(), fetch(url))
