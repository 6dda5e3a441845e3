"""What the walked county holds beside titles, channels and guide."""

from __future__ import annotations

from bench.tv_county import add_village
from core.db import session_scope
from county.boxes import pair_box
from vod_server.bootstrap import House


def add_content(house: House) -> str:
    """Add a paired box; return its token."""
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        _, token = pair_box(session, place=add_village(session), name="李大爷家", now=now)
    return token
