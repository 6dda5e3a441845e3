"""What channels are doing now, as values for the list and the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from epg.channels.reading import channel_runs
from epg.channels.tables import Channel, ChannelRun, ChannelSource, LoopItem
from vod_server.web.admin.channel_words import SOURCE_KINDS

#: A lease that ended so long ago is nobody's: a supervisor renews it every few seconds.
UNTENDED = timedelta(seconds=15)

NOBODY = "没有录制程序接管这个频道，请检查直播服务（cuntai live）是否在运行。"


@dataclass(frozen=True, slots=True)
class LiveState:
    """What a channel is doing.

    Args:
        state: a key of `channel_words.LIVE_NAMES`.
        source: words for the source in use, empty for none.
        mode: `copy`, `encode` or empty.
        bitrate_bps: measured; 0 for unknown.
        uptime_s: since it is on air, None when it is not.
        segment_age_s: since its last segment, None when there was none.
        restarts: of its process.
        error: the last one, in words.
    """

    state: str
    source: str = ""
    mode: str = ""
    bitrate_bps: int = 0
    uptime_s: float | None = None
    segment_age_s: float | None = None
    restarts: int = 0
    error: str = ""


def live_states(
    session: Session, channels: Iterable[Channel], now: datetime
) -> dict[int, LiveState]:
    """Return what each channel is doing, in two queries however many there are."""
    runs = channel_runs(session)
    counted = select(LoopItem.channel_id, func.count()).group_by(LoopItem.channel_id)
    loops: dict[int, int] = {row[0]: row[1] for row in session.execute(counted)}
    return {channel.id: state_of(channel, runs.get(channel.id), loops, now) for channel in channels}


def state_of(
    channel: Channel, run: ChannelRun | None, loops: Mapping[int, int], now: datetime
) -> LiveState:
    """Return what one channel is doing. Pure.

    Args:
        channel: with its sources loaded.
        run: what its supervisor last wrote, None if no supervisor ever had it.
        loops: how many titles the loop channels have, by id.
        now: the present instant.
    """
    if channel.kind == "reference":
        return LiveState("listed" if channel.wanted else "off", source="运营商地址")
    if channel.kind == "loop":
        return _loop_state(channel, loops.get(channel.id, 0))
    if run is None:
        return LiveState("waiting", error=NOBODY) if channel.wanted else LiveState("off")
    return _run_state(channel, run, now)


def _loop_state(channel: Channel, count: int) -> LiveState:
    words = f"{count} 个节目轮播"
    if not channel.wanted:
        return LiveState("off", source=words)
    if not count:
        return LiveState("waiting", error="轮播表是空的，请先加入节目。")
    return LiveState("on_air", source=words, mode="copy")


def _run_state(channel: Channel, run: ChannelRun, now: datetime) -> LiveState:
    untended = run.lease_until is None or run.lease_until < now - UNTENDED
    state = run.state
    if not channel.wanted and untended:
        state = "off"
    elif channel.wanted and untended:
        state = "waiting"
    on_air = state == "on_air"
    return LiveState(
        state,
        source=source_words(channel, run.source_id) if state != "off" else "",
        mode=run.mode if state != "off" else "",
        bitrate_bps=run.bitrate_bps,
        uptime_s=_since(run.on_air_since, now) if on_air else None,
        segment_age_s=_since(run.last_segment_at, now),
        restarts=run.restarts,
        error=NOBODY if channel.wanted and untended else run.last_error,
    )


def source_words(channel: Channel, source_id: int | None) -> str:
    """Return which of a channel's sources is in use, `备用 1 · SRT`; empty for none."""
    for order, source in enumerate(channel.sources):
        if source.id == source_id:
            return f"{order_words(order)} · {_kind_name(source)}"
    return ""


def order_words(order: int) -> str:
    """Return what the source at a place in the order of preference is called."""
    return "首选" if order == 0 else f"备用 {order}"


def _kind_name(source: ChannelSource) -> str:
    return SOURCE_KINDS[source.kind].name


def _since(at: datetime | None, now: datetime) -> float | None:
    return max(0.0, (now - at).total_seconds()) if at else None
