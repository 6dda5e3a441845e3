"""Answers that hold until something begins or ends: rendered once between two such edges."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable

#: Answers of which the edges are remembered; all are forgotten when there are more.
MAX_KNOWN = 10_000


class Edges:
    """Until when an answer holds, by its key.

    A cache wants a key before it renders, and only rendering shows when the next programme
    begins. So the key holds the instant since which the answer holds, and rendering says until
    when: after that the key is another. When the guide changes, the cache drops all answers, and
    rendering anew sets the edge anew.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def since(self, key: Hashable, now_s: int, forget: Callable[[int], None]) -> int:
        """Return the instant since which the answer of a key is the same.

        Args:
            key: of the answer.
            now_s: epoch seconds.
            forget: told the instant of the answer that no longer holds, if there was one.
        """
        with self._lock:
            known = self._known.get(key)
            if known is not None and known[0] <= now_s < known[1]:
                return known[0]
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            # For this second only, until rendering says more.
            self._known[key] = (now_s, now_s + 1)
        if known is not None and known[0] != now_s:
            forget(known[0])
        return now_s

    def until(self, key: Hashable, since_s: int, edge_s: int) -> None:
        """Say that the answer of a key will hold until an instant."""
        with self._lock:
            known = self._known.get(key)
            if known is not None and known[0] == since_s:
                self._known[key] = (since_s, edge_s)


def next_edge(instants: Iterable[int], now_s: int, *, latest_s: int) -> int:
    """Return the first of the instants that lies ahead, at most `latest_s`. Pure."""
    return min((instant for instant in instants if now_s < instant < latest_s), default=latest_s)
