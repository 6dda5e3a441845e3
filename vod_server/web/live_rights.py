"""Who may watch a channel (docs/architecture.md, "Windows")."""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import datetime

from flask import request

from core.db import SessionFactory, read_scope, session_scope
from core.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from county.key_streams import KeyHolder, note_stream
from county.keys import authenticate_key, note_wrong_key
from vod_server.bootstrap import House
from vod_server.streams.signing import verify_live
from vod_server.web.access import find_box, find_visitor
from vod_server.web.live_channels import ChannelFacts

#: A key that was let in is not asked for again so soon: a player may poll twice a second. With
#: `NOTED_EVERY` less than `county.key_streams.LEFT`, or a player would seem to have left what it
#: still plays.
ADMITTED_S = 3.0
MAX_ADMITTED = 20_000


class KeyGate:
    """Lets household keys in and counts their streams, a few times a minute for each player.

    Args:
        sessions: maker of sessions.
    """

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions
        self._admitted: dict[tuple[str, str, int], tuple[float, KeyHolder]] = {}
        self._lock = threading.Lock()

    def admit(self, token: str, channel_id: int, client: str, now: datetime) -> KeyHolder:
        """Return the holder of a key whose player may watch one more poll of a channel.

        Args:
            token: the key.
            channel_id: what is watched.
            client: which of the household's players asks.
            now: the present instant.

        Raises:
            UnauthenticatedError: the key is unknown or revoked.
            RateLimitedError: so were too many of this address.
            ForbiddenError: the household watches as many streams as it may.
        """
        place = (token, client, channel_id)
        known = self._admitted.get(place)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        holder = self._authenticate(token, now)
        with session_scope(self._sessions) as session:
            note_stream(session, holder, client=client, subject=f"channel:{channel_id}", now=now)
        with self._lock:
            if len(self._admitted) >= MAX_ADMITTED:
                self._admitted.clear()
            self._admitted[place] = (time.monotonic() + ADMITTED_S, holder)
        return holder

    def _authenticate(self, token: str, now: datetime) -> KeyHolder:
        try:
            with read_scope(self._sessions) as reading:
                return authenticate_key(reading, token, now=now)
        except UnauthenticatedError:
            with session_scope(self._sessions) as session:
                note_wrong_key(session, request.remote_addr or "", now=now)
            raise


def check_right(here: House, gate: KeyGate, channel: ChannelFacts, now: datetime) -> None:
    """Check that the asker of this request may watch a channel.

    What is presented must be good, also where nothing is needed: who was given a key is counted,
    and sees that it was revoked.

    Raises:
        NotFoundError: the asker may not know that there is such a channel.
        UnauthenticatedError: a key or token is unknown or revoked.
        ForbiddenError: a signature is wrong, or a key watches too much already.
        GoneError: the address has expired.
    """
    if channel.is_wanted and _is_let_in(here, gate, channel, now):
        return
    if not _is_staff(channel):
        raise NotFoundError("没有这个频道，或者您这里看不到。")


def _is_let_in(here: House, gate: KeyGate, channel: ChannelFacts, now: datetime) -> bool:
    args = request.args
    if token := args.get("key"):
        holder = gate.admit(token, channel.channel_id, player(), now)
        return channel.may_be_seen_at(holder.place_path)
    if signature := args.get("s"):
        expires = args.get("e", "")
        if not (expires.isascii() and expires.isdecimal() and len(expires) <= 12):
            raise ForbiddenError("播放地址不完整，请重新打开频道。")
        verify_live(here.media_key, channel.channel_id, int(expires), signature, now)
        return True
    if not channel.place_paths:
        return True
    box = find_box()
    return box is not None and channel.may_be_seen_at(box.place_path)


def _is_staff(channel: ChannelFacts) -> bool:
    person = find_visitor()
    if person is None:
        return False
    if not channel.place_paths:
        return person.may_anywhere("channel.view")
    return any(person.may("channel.view", path) for path in channel.place_paths)


def player() -> str:
    """Return which player asks: a hash of its address and of what it calls itself."""
    name = f"{request.remote_addr} {request.headers.get('User-Agent', '')}"
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
