"""A small live channel in memory: real segments, a server that lists them as time goes by."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.lint_hls.fetching import Response

SEGMENT_S = 2.0
RUNS = (9, 9)  #: segments before and after the recorder's restart
OUTAGE_S = 1.2
WINDOW = 7
START_S = 1_763_800_000.0
FIRST_NUMBER = 59_616_000
HEADERS = {"content-type": "application/vnd.apple.mpegurl", "content-encoding": "gzip"}
TARGET = 3


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished segment of the film's channel."""

    name: str
    start_s: float
    body: bytes
    opens: bool


def make_runs(folder: Path) -> list[Recorded]:
    """Encode both runs of the recorder, cut every 2 s; clocks and counters begin anew."""
    recorded: list[Recorded] = []
    start_s = START_S
    for run, count in enumerate(RUNS):
        below = folder / str(run)
        below.mkdir(parents=True)
        subprocess.run(_command(below, count, 1000 * run), check=True, timeout=120)
        for number in range(count):
            body = (below / f"{number}.ts").read_bytes()
            opens = run > 0 and number == 0
            name = f"{round(start_s * 1000)}-2000.ts"
            recorded.append(Recorded(name, start_s, body, opens))
            start_s += SEGMENT_S
        start_s += OUTAGE_S
    return recorded


def _command(folder: Path, count: int, offset_s: int) -> list[str]:
    length = f"d={count * SEGMENT_S}"
    command = ["ffmpeg", "-v", "error", "-nostdin"]
    command += ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:{length}"]
    command += ["-f", "lavfi", "-i", f"sine=440:r=48000:{length}"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "50"]
    command += ["-sc_threshold", "0", "-c:a", "aac", "-ac", "2"]
    command += ["-output_ts_offset", str(offset_s), "-f", "segment"]
    command += ["-segment_format", "mpegts", "-segment_time", str(SEGMENT_S)]
    # Without this every segment is a stream of its own, whose counters begin anew (A8.13).
    command += ["-individual_header_trailer", "0"]
    return [*command, str(folder / "%d.ts")]


class LiveServer:
    """Answers as a good server would at the instant its clock stands at.

    Args:
        recorded: the channel's segments.
        kind: `live`, `EVENT` (from the first segment on) or `ended` (EVENT, all recorded).
    """

    url = "http://county.test/live/7/index.m3u8"

    def __init__(self, recorded: list[Recorded], kind: str = "live") -> None:
        self.recorded = recorded
        self.kind = kind
        self.now_s = START_S + (WINDOW + 1) * SEGMENT_S

    def now(self) -> float:
        """Return its clock's time, epoch s."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let the time go by."""
        self.now_s += seconds

    def fetch(self, url: str) -> Response:
        """Answer a request."""
        if url == self.url:
            return Response(200, self.playlist().encode(), HEADERS)
        name = url.rpartition("/")[2]
        body = next(segment.body for segment in self.recorded if segment.name == name)
        return Response(200, body, {"content-type": "video/mp2t"})

    def playlist(self) -> str:
        """Write the playlist of this instant."""
        done = [s for s in self.recorded if s.start_s + SEGMENT_S <= self.now_s]
        shown = done[-WINDOW:] if self.kind == "live" else done
        first = self.recorded.index(shown[0])
        before = sum(segment.opens for segment in self.recorded[:first])
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{TARGET}"]
        lines += [f"#EXT-X-MEDIA-SEQUENCE:{FIRST_NUMBER + first}"]
        lines += [f"#EXT-X-DISCONTINUITY-SEQUENCE:{41 + before}"]
        lines += ["#EXT-X-PLAYLIST-TYPE:EVENT"] if self.kind != "live" else []
        for place, segment in enumerate(shown):
            lines += ["#EXT-X-DISCONTINUITY"] if segment.opens else []
            if segment.opens or not place:
                lines += [f"#EXT-X-PROGRAM-DATE-TIME:{_iso(segment.start_s)}"]
            lines += ["#EXTINF:2.000,", segment.name]
        if self.kind == "ended" and len(done) == len(self.recorded):
            lines += ["#EXT-X-ENDLIST"]
        return "\n".join([*lines, ""])


def _iso(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds")
