"""What a worker does now and then: uploads left behind, feeds that are due, loop channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.db import session_scope
from vod_server.bootstrap import House
from vod_server.media.uploads import service
from vod_server.taking_in import take_in
from vod_server.worker.guide import make_guide_chores
from vod_server.worker.playout import make_playout_chore


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

    return (finish_whole, expire, make_playout_chore(house), *make_guide_chores(house))
