"""Which channels the signed-in person may know of, and what they may do with one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from core.db import is_row_id
from core.errors import ForbiddenError, NotFoundError
from county.rights import ROLE_ACTIONS, Action, covers
from epg.channels.naming import group_names
from epg.channels.reading import list_channels
from epg.channels.tables import Channel
from vod_server.web.access import Visitor, visitor


def channels_in_sight(session: Session) -> list[Channel]:
    """Return the channels the visitor may know of, by number, places and sources loaded."""
    me = visitor()
    return [channel for channel in list_channels(session) if may_know(me, channel)]


def may_know(person: Visitor, channel: Channel) -> bool:
    """Say whether a person may know of a channel.

    A public one is anybody's with the right; another is theirs where its places and the subtree
    of their role meet, whichever of the two is the larger.
    """
    paths = [g.place_path for g in person.grants if "channel.view" in ROLE_ACTIONS[g.role]]
    if not channel.places:
        return bool(paths)
    return any(
        covers(path, place.path) or covers(place.path, path)
        for path in paths
        for place in channel.places
    )


def known_channel(session: Session, channel_id: int) -> Channel:
    """Return a channel the visitor may know of.

    Raises:
        NotFoundError: there is none, or they may not know that there is.
    """
    channel = session.get(Channel, channel_id) if is_row_id(channel_id) else None
    if channel is None or not may_know(visitor(), channel):
        raise NotFoundError("没有这个频道，可能已被删除。")
    return channel


def lock_channel(session: Session, channel_id: int, action: Action) -> Channel:
    """Return a channel to change, locked, so that of two who save the second sees the first's.

    Raises:
        NotFoundError: there is none, or the visitor may not know that there is.
        ForbiddenError: they may not do this with it.
    """
    channel = known_channel(session, channel_id)
    authorise_channel(channel, action)
    session.refresh(channel, with_for_update={"of": Channel})
    return channel


def may_with_channel(channel: Channel, action: Action) -> bool:
    """Say whether the visitor may do something with a channel.

    What a channel does is seen in all its places, so the right is needed at every one; a public
    channel is the whole county's.
    """
    me = visitor()
    if not channel.places:
        return me.may(action)
    return all(me.may(action, place.path) for place in channel.places)


def authorise_channel(channel: Channel, action: Action) -> None:
    """Check what `may_with_channel` says.

    Raises:
        ForbiddenError: they may not.
    """
    if not may_with_channel(channel, action):
        raise ForbiddenError("您没有这项权限，请联系县管理员。")


def groups_of(channels: Sequence[Channel]) -> list[str]:
    """Return the groups the channels are in, in order of appearance."""
    names = [name for channel in channels for name in group_names(channel.group_title)]
    return list(dict.fromkeys(names))
