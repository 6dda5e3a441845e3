"""What a worker does now and then: uploads that were left behind, failed tries to sign in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.db import session_scope
from vod_server.bootstrap import House
from vod_server.media.uploads import service
from vod_server.taking_in import take_in


def make_chores(house: House) -> Sequence[Callable[[], object]]:
    """Return the chores of an installation."""

    def finish_whole() -> None:
        """Take in uploads whose server died between the last byte and the commit."""
        with session_scope(house.sessions) as session:
            count = service.complete_whole(session, house.uploads, take_in(house))
        if count:
            house.waker.wake(count)

    def expire() -> None:
        """Give up uploads past their time."""
        with session_scope(house.sessions) as session:
            service.expire_old(session, house.uploads, now=house.clock.now())

    return (finish_whole, expire)
