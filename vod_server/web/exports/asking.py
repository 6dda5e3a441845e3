"""Who asks: nobody in particular, or a household by its key or its Xtream login."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from flask import request
from sqlalchemy.orm import Session

from core.db import read_scope, session_scope
from core.errors import UnauthenticatedError
from county.key_streams import KeyHolder, note_stream
from county.keys import authenticate_key, authenticate_login, note_wrong_key
from vod_server.web.access import house
from vod_server.web.live_rights import player


class Asker(NamedTuple):
    """Who asks for a list.

    Args:
        place_path: what is visible there is listed; None for what is public.
        key: the household's key as it was sent.
        holder: the household.
    """

    place_path: str | None = None
    key: str | None = None
    holder: KeyHolder | None = None


def asker_by_key() -> Asker:
    """Return who asks by `?key=`; without one anybody, where this house lists for anybody.

    Raises:
        UnauthenticatedError: the key is no good, or this house wants one.
        RateLimitedError: there were too many wrong ones from this address.
    """
    key = request.args.get("key")
    if key is None:
        if not house().settings.public_playlist:
            raise UnauthenticatedError("请在地址后面加上家庭密钥：?key=…")
        return Asker()
    holder = _checked(lambda session, now: authenticate_key(session, key, now=now))
    return Asker(holder.place_path, key, holder)


def asker_by_login(username: str, password: str) -> Asker:
    """Return who asks by an Xtream login.

    Raises:
        UnauthenticatedError: it is no good.
        RateLimitedError: there were too many wrong ones from this address.
    """
    holder = _checked(lambda session, now: authenticate_login(session, username, password, now=now))
    return Asker(holder.place_path, password, holder)


def asker_by_query() -> Asker:
    """Return who asks by `username` and `password` of the query or a form (see above)."""
    return asker_by_login(
        request.values.get("username", "")[:64], request.values.get("password", "")[:200]
    )


def _checked(authenticate: Callable[[Session, datetime], KeyHolder]) -> KeyHolder:
    here = house()
    now = here.clock.now()
    try:
        with read_scope(here.sessions) as session:
            return authenticate(session, now)
    except UnauthenticatedError:
        with session_scope(here.sessions) as session:
            note_wrong_key(session, request.remote_addr or "", now=now)
        raise


def holder_of(asker: Asker) -> KeyHolder:
    """Return the household of somebody who asked by login, which all of those have."""
    assert asker.holder is not None  # noqa: S101 - see above
    return asker.holder


def note_use(holder: KeyHolder, subject: str) -> None:
    """Count a stream this request begins.

    Raises:
        ForbiddenError: the household plays as many as it may.
    """
    here = house()
    with session_scope(here.sessions) as session:
        note_stream(session, holder, client=player(), subject=subject, now=here.clock.now())
