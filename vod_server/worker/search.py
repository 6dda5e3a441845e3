"""The indexer's turn in a worker: the outbox about every second, a reconcile every night."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import structlog
from sqlalchemy.exc import OperationalError

from catalog.search.indexing import Indexer
from catalog.titles.reading import COUNTY_ZONE
from vod_server.bootstrap import House
from vod_server.searching import make_indexer, reconcile

log = structlog.get_logger()

#: Pause between two looks at the outbox. A little uneven, so that of several workers that meet at
#: one batch the same one does not lose every time.
PAUSE_S = (0.7, 1.1)


@contextmanager
def indexing(house: House, stop: threading.Event) -> Iterator[None]:
    """Keep search in step in a thread of its own, for as long as the context is open.

    Args:
        house: the installation.
        stop: set where the process is to end; the thread then finishes its batch.
    """
    ended = threading.Event()
    thread = threading.Thread(
        target=_run,
        args=(house, lambda: stop.is_set() or ended.is_set(), ended),
        name="indexing",
        daemon=True,
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _run(house: House, is_over: Callable[[], bool], ended: threading.Event) -> None:
    turns = Turns(house, make_indexer(house))
    while not is_over():
        try:
            turns.take()
        except OperationalError as error:
            log.warning("indexing missed", error=str(error.orig))
        except Exception:
            # The worker goes on, whatever it stumbled over; the outbox keeps what waits.
            log.exception("indexing failed")
        ended.wait(random.uniform(*PAUSE_S))  # noqa: S311 - no secret


class Turns:
    """What is done at each look.

    Args:
        house: the installation.
        indexer: its indexer.
    """

    #: Batches of one look, so that whoever wants the thread to end need not wait for a whole guide.
    MOST_BATCHES = 50

    def __init__(self, house: House, indexer: Indexer) -> None:
        self._house, self._indexer = house, indexer
        self._reconciled_on: date | None = None

    def take(self) -> int:
        """Reconcile where a new day of the county has begun, then index; return rows done."""
        today = self._house.clock.now().astimezone(COUNTY_ZONE).date()
        if self._reconciled_on != today:
            reconcile(self._house, self._indexer)
            self._reconciled_on = today
        self._indexer.try_again()
        done = 0
        for _ in range(self.MOST_BATCHES):
            count = self._indexer.drain_batch()
            if not count:
                break
            done += count
        return done
