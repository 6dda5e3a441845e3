"""While a reserve is on air, the preferred source is tried beside it now and then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from core.errors import CuntaiError
from vod_server.live.looking import Look
from vod_server.live.rotation import Rotation


class Trial:
    """At most one look at the preferred source."""

    def __init__(self) -> None:
        self._look: Look | None = None

    def has_come(self, now: float, rotation: Rotation, begin: Callable[[], Look]) -> bool:
        """Say whether the preferred source was seen to be back; try it when that is due.

        Args:
            now: monotonic seconds.
            rotation: says when it is due.
            begin: begins the look.
        """
        if self._look is not None:
            if not self._look.is_done:
                return False
            look, self._look = self._look, None
            return look.answer() is not None
        if rotation.may_return(now):
            rotation.tried(now)
            with suppress(CuntaiError):
                self._look = begin()
        return False

    def stop(self) -> None:
        """Give up a look that is still open."""
        if self._look is not None:
            self._look.stop()
            self._look = None
