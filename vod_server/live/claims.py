"""Which supervisor records which channel: leases on `ChannelRun`, by conditional UPDATE."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from epg.channels.tables import Channel, ChannelRun
from epg.channels.version import touch_epg
from vod_server.live.state import AirState

LONGEST_ERROR = 500
#: What a dead supervisor wrote of a channel is true no more.
_JUST_TAKEN = {"state": "starting", "on_air_since": None, "bitrate_bps": 0, "restarts": 0}


def own_name() -> str:
    """Return a name for this process among supervisors: `host/boot/pid/random`."""
    return f"{_here()}/{os.getpid()}/{secrets.token_hex(3)}"


def _here() -> str:
    # Two machines made of one image have one name; containers of one machine have one boot.
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()[:40]}/{boot.read_text()[:8] if boot.exists() else '-'}"


def free_dead(session: Session, *, now: datetime) -> None:
    """End the leases of supervisors that died on this machine: nobody need wait for them.

    Should one live after all (in a container beside us), it loses a round, but no two write: the
    lock in the channel's folder is the machine's.
    """
    names = session.scalars(select(ChannelRun.owner).where(ChannelRun.lease_until > now).distinct())
    for name in names:
        here, _, rest = name.rpartition("/")[0].rpartition("/")
        if here == _here() and rest.isdecimal() and not Path(f"/proc/{rest}").exists():
            session.execute(
                update(ChannelRun)
                .where(ChannelRun.owner == name)
                .values(owner="", lease_until=None, state="off", on_air_since=None, bitrate_bps=0)
            )


def claim(
    session: Session,
    wanted: Collection[int],
    owner: str,
    *,
    now: datetime,
    lease_s: float,
    most: int,
) -> set[int]:
    """Renew our leases, take channels that nobody holds, and return what is ours.

    Args:
        session: the unit of work.
        wanted: ids of the channels that shall be on air.
        owner: this supervisor.
        now: the present instant.
        lease_s: how long the leases are good from now.
        most: channels this supervisor takes at most.
    """
    _add_rows(session, wanted)
    until = now + timedelta(seconds=lease_s)
    mine = ChannelRun.owner == owner
    session.execute(
        update(ChannelRun).where(mine, ChannelRun.lease_until > now).values(lease_until=until)
    )
    held = set(
        session.scalars(select(ChannelRun.channel_id).where(mine, ChannelRun.lease_until > now))
    )
    free = or_(ChannelRun.lease_until.is_(None), ChannelRun.lease_until <= now)
    # In one order, or two on PostgreSQL would wait for each other's rows in a circle.
    found = select(ChannelRun.channel_id).where(free).order_by(ChannelRun.channel_id)
    for channel_id in session.scalars(found).all():
        if channel_id not in wanted or len(held & set(wanted)) >= most:
            continue
        # Two that ask at once: the second finds the row no longer free.
        taken = session.execute(
            update(ChannelRun)
            .where(ChannelRun.channel_id == channel_id, free)
            .values(owner=owner, lease_until=until, **_JUST_TAKEN)
            .returning(ChannelRun.channel_id)
        ).first()
        if taken:
            held.add(channel_id)
    let_go(session, held - set(wanted), owner, now=now)
    return held & set(wanted)


def let_go(session: Session, channel_ids: Collection[int], owner: str, *, now: datetime) -> None:
    """Give up channels: they are off, and anybody may take them."""
    if channel_ids:
        session.execute(
            update(ChannelRun)
            .where(ChannelRun.channel_id.in_(channel_ids), ChannelRun.owner == owner)
            .values(
                owner="",
                lease_until=None,
                state="off",
                on_air_since=None,
                bitrate_bps=0,
                updated_at=now,
            )
        )


def write_states(
    session: Session, states: Mapping[int, AirState], owner: str, *, now: datetime
) -> None:
    """Write what our channels are doing; of a channel that is ours no more nothing is written."""
    for channel_id, state in states.items():
        session.execute(
            update(ChannelRun)
            .where(ChannelRun.channel_id == channel_id, ChannelRun.owner == owner)
            .values(**_columns(state), updated_at=now)
        )
        if state.needed_target_s:
            _raise_target(session, channel_id, state.needed_target_s)


def _raise_target(session: Session, channel_id: int, target_s: int) -> None:
    raised = session.execute(
        update(Channel)
        .where(Channel.id == channel_id, Channel.target_duration_s < target_s)
        .values(target_duration_s=min(target_s, 20))
        .returning(Channel.id)
    ).first()
    if raised:
        touch_epg(session)


def _columns(state: AirState) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "state": state.state,
        "source_id": state.source_id,
        "mode": state.mode,
        "on_air_since": _instant(state.on_air_since_ms),
        "bitrate_bps": state.bitrate_bps,
        "restarts": state.restarts,
        "last_error": state.last_error[:LONGEST_ERROR],
    }
    if state.last_segment_ms is not None:  # what an earlier supervisor wrote stays true
        columns["last_segment_at"] = _instant(state.last_segment_ms)
    return columns


def _instant(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def _add_rows(session: Session, channel_ids: Collection[int]) -> None:
    if not channel_ids:
        return
    there = set(session.scalars(select(ChannelRun.channel_id)))
    # A second supervisor that adds the same row at the same moment fails, and asks again.
    session.add_all(ChannelRun(channel_id=one) for one in sorted(set(channel_ids) - there))
    session.flush()
