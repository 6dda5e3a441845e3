"""Which rendition of a title a loop channel plays. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.titles.renditions import Measured

#: What a village line carries without a stall. A loop channel has one rendition, as every channel.
PLAYED_BANDWIDTH_BPS = 2_500_000


def played_rendition(renditions: Sequence[Measured], *, radio: bool = False) -> Measured | None:
    """Return the rendition to play: the best within `PLAYED_BANDWIDTH_BPS`, else the smallest.

    The same rule by which players start a title on demand
    (`vod_server.streams.playlists.variant_order`, on the floor above; a test holds the two
    against each other).

    Args:
        renditions: the finished ones, in any order.
        radio: the channel is sound alone, so it plays sound where there is sound alone. A channel
            with pictures never does: a player that has shown pictures waits for more.

    Returns:
        None when nothing fits the channel.
    """
    whole = [m for m in renditions if m.segments and m.duration_s > 0]
    pictures = sorted((m for m in whole if m.width is not None), key=_bandwidth)
    sounds = sorted((m for m in whole if m.width is None), key=_bandwidth)
    if radio and sounds:
        return sounds[-1]
    within = [m for m in pictures if m.bandwidth_bps <= PLAYED_BANDWIDTH_BPS]
    return next(iter(within[-1:] or pictures[:1]), None)


def _bandwidth(measured: Measured) -> int:
    return measured.bandwidth_bps
