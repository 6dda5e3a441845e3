"""Whether a scanned page of a notice may go out: asked of the database for each picture."""

from __future__ import annotations

from collections.abc import Callable

from catalog.notices.reading import is_page_shown
from core.db import read_scope
from vod_server.bootstrap import House


def asks_for_pages(house: House) -> Callable[[int, str], bool]:
    """Return what says of a notice's id and a page's SHA-256 whether anybody may see it now.

    Nothing is kept: a notice that holds by mistake what is private is gone once it is withdrawn.
    """

    def ask(notice_id: int, sha256: str) -> bool:
        with read_scope(house.sessions) as session:
            return is_page_shown(session, notice_id, sha256, now=house.clock.now())

    return ask
