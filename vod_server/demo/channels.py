"""Put the demo's channels on air: rows at once, sources as the films are drawn, loops at the end.

Every step may be done again: what is there stays as it is, and a channel that somebody else made
under one of the numbers is left alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles.reading import COUNTY_ZONE
from catalog.titles.tables import Title
from core.blobs import BlobStore
from county.places import find_place
from epg.channels import service as channels
from epg.channels.model import SourceSpec
from epg.channels.tables import Channel
from epg.guide.editing import add_programme
from epg.playout.service import refresh_playout
from vod_server.demo.channel_list import (
    CHANNELS,
    COUNTY_GROUP,
    PARTY_FILM,
    TOWN_GROUP,
    DemoChannel,
)
from vod_server.demo.content import make_title
from vod_server.demo.logos import draw_logo, logo_file

#: A day of the demo's films is some 10 GB a channel.
RETENTION_DAYS = 1
#: The guide's blocks, and how far ahead they are written down.
BLOCK = timedelta(hours=3)
GUIDE_DAYS = 14


def store_logos(blobs: BlobStore) -> dict[int, str]:
    """Draw and store the logos; return their addresses by channel number."""
    addresses = {}
    for demo in CHANNELS:
        key, content = logo_file(draw_logo(*demo.logo, demo.number), demo.number)
        if not blobs.exists(key):
            blobs.put_bytes(key, content)
        addresses[demo.number] = key.replace("images/", "/img/", 1)
    return addresses


def add_demo_channels(session: Session, logos: dict[int, str], *, now: datetime) -> int:
    """Add the channels whose number is free; the places of the demo are there.

    Args:
        session: the unit of work.
        logos: addresses by number, see `store_logos`.
        now: the present instant; guides begin with its block.

    Returns:
        How many were added.
    """
    taken = set(session.scalars(select(Channel.number)))
    new = [demo for demo in CHANNELS if demo.number not in taken]
    for demo in new:
        channel = _add(session, demo, logos[demo.number], now)
        if demo.block:
            _write_guide(session, channel, demo.block, now)
    return len(new)


def _add(session: Session, demo: DemoChannel, logo: str, now: datetime) -> Channel:
    place = find_place(session, demo.place) if demo.place else None
    channel = channels.create_channel(
        session,
        name=demo.name,
        number=demo.number,
        now=now,
        kind=demo.kind,
        names=list(demo.names),
        logo=logo,
        group_title=TOWN_GROUP if demo.place else COUNTY_GROUP,
        level="town" if demo.place else "county",
        tvg_id=demo.tvg_id,
        retention_days=RETENTION_DAYS,
    )
    if demo.source:
        channels.set_sources(session, channel, [SourceSpec(*demo.source)], now=now)
    if place is not None:
        channels.set_places(session, channel, [place.id], now=now)
    return channel


def _write_guide(session: Session, channel: Channel, block: tuple[str, str], now: datetime) -> None:
    title, summary = block
    start = now.astimezone(COUNTY_ZONE).replace(minute=0, second=0, microsecond=0)
    start -= timedelta(hours=start.hour % 3)
    for number in range(GUIDE_DAYS * 24 // 3):
        from_s = int((start + number * BLOCK).timestamp())
        add_programme(
            session,
            channel.id,
            start_s=from_s,
            stop_s=from_s + int(BLOCK.total_seconds()),
            title=title,
            summary=summary,
            now=now,
        )


def fill_demo_loops(session: Session, *, now: datetime) -> None:
    """Give loop channels that have no title yet theirs, which need not be playable yet."""
    for demo, channel in _demo_channels(session):
        if channel.kind != "loop" or channel.loop:
            continue
        titles = session.scalars(select(Title).where(Title.file_name.in_(demo.films)))
        by_file = {title.file_name: title.id for title in titles}
        ids = [by_file[film] for film in demo.films if film in by_file]
        channels.set_loop(session, channel, ids, now=now)
        refresh_playout(session, channel, now=now)


def _demo_channels(session: Session) -> Iterator[tuple[DemoChannel, Channel]]:
    by_number = {demo.number: demo for demo in CHANNELS}
    for channel in session.scalars(select(Channel).where(Channel.number.in_(by_number))):
        demo = by_number[channel.number]
        if channel.tvg_id == demo.tvg_id:
            yield demo, channel


def make_channel_films(folder: Path) -> None:
    """Draw the films that only channels play, beside those of the titles.

    Raises:
        JobError: ffmpeg is missing or failed.
        InvalidInputError: no Chinese font is installed.
    """
    make_title(folder, PARTY_FILM)


def share_films(folder: Path, inbox: Path) -> None:
    """Put every film that is drawn into the folders its channels play, without a second copy.

    Args:
        folder: where the demo draws.
        inbox: folder that `file` sources are relative to.
    """
    for demo in CHANNELS:
        if demo.source is None or demo.source[0] != "file":
            continue
        target = inbox / demo.source[1]
        target.mkdir(parents=True, exist_ok=True)
        for film in demo.films:
            if (folder / film).exists() and not (target / film).exists():
                _share(folder / film, target / film)


def _share(film: Path, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(film)
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(film, part)
    part.replace(target)
