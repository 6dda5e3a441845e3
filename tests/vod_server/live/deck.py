"""A channel on a bench: an `Airing` without supervisor and database, ticked by the test itself."""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from epg.timeline.clock import SLEW_MS
from epg.timeline.model import Segment
from tests.vod_server.media.clips import check_continuity
from vod_server.live.airing import Airing
from vod_server.live.inputs import Surroundings
from vod_server.live.wanted import WantedChannel, WantedSource
from vod_server.recordings.folders import channel_folder, hours_of, load_hour
from vod_server.recordings.writer import ChannelWriter

CHANNEL = 7
#: A shared machine may stall for long; what is waited for mostly comes in a few seconds.
DEADLINE_S = 60.0


def wait_until(
    condition: Callable[[], object], what: str, *, deadline_s: float = DEADLINE_S
) -> None:
    """Wait for a condition; fail when it does not come."""
    until = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < until, f"it did not come: {what}"
        time.sleep(0.05)


def wanted(
    *sources: tuple[str, str] | tuple[str, str, str],
    radio: bool = False,
    stream_key: str | None = None,
    target_duration_s: int = 3,
) -> WantedChannel:
    """Return a channel with these sources, `(kind, url[, mode])`."""
    rows = [
        WantedSource(n, one[0], one[1], one[2] if len(one) > 2 else "auto")
        for n, one in enumerate(sources, 1)
    ]
    return WantedChannel(CHANNEL, "试播", radio, target_duration_s, stream_key, tuple(rows))


class Deck:
    """A channel's recorder and its recording below a folder.

    Args:
        folder: gets `recordings` and `inbox`.
        channel: what is recorded.
        stall_s: see `Airing`.
        rtmp_url: where pushed streams are pulled from.
    """

    def __init__(
        self,
        folder: Path,
        channel: WantedChannel,
        *,
        stall_s: float = 6.0,
        rtmp_url: str = "rtmp://127.0.0.1:9/push",
    ) -> None:
        self.root = folder / "recordings"
        self.full = 0
        around = Surroundings(folder / "inbox", rtmp_url)
        self.writer = ChannelWriter(self.root, channel.id)
        self.airing = Airing(
            channel,
            self.writer,
            around,
            now=time.monotonic(),
            segment_s=1.0,
            stall_s=stall_s,
            on_full_disk=self._note_full,
        )

    def _note_full(self) -> None:
        self.full += 1

    def tick(self) -> bool:
        """Do a round of the supervisor's loop."""
        self.airing.tick(time.monotonic())
        return True

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Tick until a condition comes true."""
        wait_until(lambda: self.tick() and condition(), f"{what}; {self.airing.state()}")

    def record(self, count: int) -> list[Segment]:
        """Go on until so many segments more are recorded; return these."""
        before = len(self.segments())
        self.wait(lambda: len(self.segments()) >= before + count, f"{count} segments")
        return self.segments()[before : before + count]

    def segments(self) -> list[Segment]:
        """Return all that is recorded."""
        folder = channel_folder(self.root, CHANNEL)
        return [s for hour in hours_of(folder) for s in load_hour(folder, CHANNEL, hour)]

    def file(self, segment: Segment) -> Path:
        """Return where a segment lies."""
        return self.root / segment.key.removeprefix("live/")


@contextmanager
def on_deck(folder: Path, channel: WantedChannel, **options: Any) -> Iterator[Deck]:
    """Give a deck; stop its recorder at the end."""
    (folder / "inbox").mkdir(exist_ok=True)
    deck = Deck(folder, channel, **options)
    try:
        yield deck
    finally:
        deck.airing.close(time.monotonic())


def check_contiguous(segments: Sequence[Segment]) -> None:
    """Check that segments follow each other without a gap, by number and time."""
    for one, other in itertools.pairwise(segments):
        assert other.sequence == one.sequence + 1
        assert abs(other.start_ms - one.end_ms) <= SLEW_MS, (one, other)
        assert not other.opens


def check_stream(deck: Deck, segments: Sequence[Segment]) -> None:
    """Check that segments of one run are one transport stream, and each begins as it must."""
    whole = b""
    for segment in segments:
        data = deck.file(segment).read_bytes()
        assert pids_at_start(data)[:2] == [0x0000, 0x1000], "PAT and PMT come first"
        whole += data
    check_continuity(whole)


def pids_at_start(data: bytes) -> list[int]:
    """Return the PIDs of a segment's first packets, without the SDT's and PCR's fill."""
    pids = [(data[at + 1] & 0x1F) << 8 | data[at + 2] for at in range(0, 188 * 6, 188)]
    return [pid for pid in pids if pid != 0x0011]


@contextmanager
def sender(*arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run an ffmpeg that sends; end it at the end."""
    command = ["ffmpeg", "-v", "error", "-nostdin", *map(str, arguments)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def endless(clip: Path) -> list[str]:
    """Return the input arguments of a clip that is sent again and again, at its own pace."""
    return ["-re", "-stream_loop", "-1", "-i", str(clip), "-c", "copy"]


def fill(disk: Path) -> Path:
    """Take all room there is on a disk; return the file that does."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


def streams_of(file: Path) -> dict[str, str]:
    """Return the codec of each kind of stream in a file, as ffprobe says."""
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type,codec_name", "-of"]
    printed = subprocess.run(
        [*command, "csv=p=0", file], capture_output=True, text=True, check=True
    )
    pairs = [line.strip(",").split(",")[:2] for line in printed.stdout.split()]
    return {kind: name for name, kind in pairs}
