"""A channel that is being recorded, for tests of what is asked of it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from core.db import session_scope
from epg.channels.tables import Channel
from tests.factories import make_channel
from tests.fakes import START
from tests.vod_server.recordings.recorded import Recorder
from vod_server.bootstrap import House
from vod_server.recordings.writer import ChannelWriter

START_MS = int(START.timestamp() * 1000)
#: Two hundred segments of two seconds lie before START.
RECORDED_S = 400


class Air:
    """A channel that is being recorded."""

    def __init__(self, root: Path, channel: Channel) -> None:
        self.id = channel.id
        self.writer = ChannelWriter(root, channel.id)
        self.recorder = Recorder(self.writer, START_MS - RECORDED_S * 1000)
        self.recorder.record(RECORDED_S // 2)

    def url(self, name: str = "index.m3u8") -> str:
        return f"/live/{self.id}/{name}"


def on_air(house: House, **fields: Any) -> Iterator[Air]:
    """Make a channel and record its last minutes; closed at the end."""
    with session_scope(house.sessions) as session:
        channel = make_channel(session, **fields)
    air = Air(house.settings.effective_recordings_dir, channel)
    with closing(air.writer):
        yield air
