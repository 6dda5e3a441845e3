"""Say a thing once: again only when the words change, or after ten minutes. Pure."""

from __future__ import annotations

from collections.abc import Hashable

AGAIN_S = 600.0


class Telling:
    """Remembers what was said of what.

    Two sources that fail in turn say two things of one channel; each is said once.
    """

    def __init__(self) -> None:
        self._said: dict[Hashable, dict[str, float]] = {}

    def is_due(self, subject: Hashable, words: str, now: float) -> bool:
        """Say whether to tell it, and take it for told.

        Args:
            subject: what it is about.
            words: what there is to say.
            now: monotonic seconds.
        """
        said = self._said.setdefault(subject, {})
        for old in [one for one, at in said.items() if now - at >= AGAIN_S]:
            del said[old]
        if words in said:
            return False
        said[words] = now
        return True

    def forget(self, subject: Hashable) -> None:
        """Take it for over: the same words are news again."""
        self._said.pop(subject, None)
