"""A household, its channels, and what is recorded of them, for the tests of the exports."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from core.db import session_scope
from county.keys import issue_key
from epg.channels.tables import Channel
from tests.factories import County
from tests.fakes import START
from tests.vod_server.recordings.recorded import Recorder
from vod_server.bootstrap import House
from vod_server.recordings.writer import ChannelWriter

START_S = int(START.timestamp())
SEGMENT_S = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """The channels there are: for everybody, for a town, for another village, an operator's."""

    public: Channel
    town: Channel
    far: Channel
    operator: Channel


@dataclass(frozen=True, slots=True)
class Household:
    """A household with a key."""

    id: int
    token: str

    @property
    def login(self) -> str:
        """Return its Xtream login as a query."""
        return f"username=h{self.id}&password={self.token}"

    @property
    def path(self) -> str:
        """Return the same as parts of a path."""
        return f"h{self.id}/{self.token}"


def issue(house: House, places: County, *, max_streams: int = 2, is_far: bool = False) -> Household:
    """Issue a key at 柳湾村, or at 古井村."""
    with session_scope(house.sessions) as session:
        key, token = issue_key(
            session,
            place=places.far if is_far else places.village,
            name="老王家",
            max_streams=max_streams,
            now=START,
        )
        return Household(key.id, token)


def record(house: House, channel_id: int, *, seconds: int) -> None:
    """Record a channel up to START; each file holds its channel's and its own number."""
    count = seconds // SEGMENT_S
    root = house.settings.effective_recordings_dir
    with closing(ChannelWriter(root, channel_id)) as writer:
        recorder = Recorder(writer, (START_S - seconds) * 1000)
        for number in range(count):
            recorder.commit(recorder.finish(content(channel_id, number)))


def content(channel_id: int, number: int) -> bytes:
    """Return what the file of a segment holds: as much as one packet, saying which it is."""
    return f"<{channel_id}:{number}>".encode().ljust(188, b".")
