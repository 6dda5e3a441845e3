"""Cut a transport stream into segments while ffmpeg writes it, and measure them on the way.

ffmpeg writes one continuous stream per rendition into a pipe, tables (PAT, PMT) before every
keyframe; here it is cut right before those tables. So continuity counters and timestamps run on
across segments, every segment can be decoded alone, cuts are ours to choose (a copied rung's odd
keyframes decide for the whole ladder), and nothing is written or read twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catalog.titles.renditions import IFrame, Segment
from vod_server.media.cuts import Cuts, UnfitStreamError
from vod_server.media.mpegts import CLOCK_HZ, Mark, Scanner, adts_frames, is_idr


@dataclass(frozen=True, slots=True)
class _Key:
    """A place the stream can be cut at."""

    time_s: float
    cut_at: int  #: offset of the tables before it
    offset: int  #: of its first packet
    size: int


class Segmenter:
    """A sink for one rendition's stream; see `measure` for what is made of it.

    Args:
        folder: where segments are written; it exists.
        cuts: decides where segments end.
        frame_s: how long a picture stands; None: sound alone.
        longest_gap_s: more time without a place to cut at makes the stream unfit.
    """

    def __init__(
        self, folder: Path, cuts: Cuts, *, frame_s: float | None, longest_gap_s: float
    ) -> None:
        self.folder = folder
        self.segments: list[Segment] = []
        self.starts_s: list[float] = []  #: of the segments, in the stream's own time
        self.pictures = 0  #: pictures, or packets of sound when there are none
        self.samples: dict[bool, bytes] = {}  #: first keyframe (True) and first sound (False)
        self._cuts = cuts
        self._frame_s = frame_s
        self._longest_gap_s = longest_gap_s
        self._has_video = frame_s is not None
        self._scanner = Scanner()
        self._held = bytearray()  # bytes not yet written
        self._held_at = 0  # offset of the first of them
        self._keys: list[_Key] = []  # of the segment in the making
        self._open: Mark | None = None  # a keyframe or sound whose end is not seen yet
        self._first_payload: int | None = None  # where the tables at the very start end
        self._last_s = 0.0
        self._last_sound = b""

    def __call__(self, chunk: bytes) -> None:
        """Take the next chunk of the stream.

        Raises:
            UnfitStreamError: it cannot be cut as wanted.
            BrokenStreamError: it is no transport stream.
            OSError: a segment cannot be written.
        """
        block, marks = self._scanner.feed(chunk)
        self._held += block
        for mark in marks:
            self._close_open(mark.offset)
            self._take(mark)

    def finish(self) -> None:
        """Write the last segment.

        Raises:
            UnfitStreamError: there was nothing to cut.
            OSError: it cannot be written.
        """
        end = self._held_at + len(self._held)
        self._close_open(end)
        if not self._keys:
            raise UnfitStreamError("no keyframe at all")
        end_s = self._last_s + (self._frame_s or adts_frames(self._last_sound)[2])
        self._cut(end_s)
        self._write(end, end_s, len(self._keys))

    def _take(self, mark: Mark) -> None:
        if self._first_payload is None:
            self._first_payload = mark.offset
        if mark.video != self._has_video:
            self._open = mark if mark.video not in self.samples else None
            return
        time_s = mark.pts / CLOCK_HZ
        self._last_s = max(self._last_s, time_s)
        self.pictures += 1
        if self._has_video and not mark.random_access:
            self._refuse_gap(time_s)
            return
        self._open = mark

    def _refuse_gap(self, time_s: float) -> None:
        if not self._keys:
            raise UnfitStreamError("the first picture is no IDR")
        if time_s - self._keys[-1].time_s > self._longest_gap_s:
            raise UnfitStreamError(f"no keyframe for {time_s - self._keys[-1].time_s:.1f} s")

    def _close_open(self, end: int) -> None:
        """Look at the keyframe or sound that ends here; cut where it may be cut."""
        mark, self._open = self._open, None
        if mark is None:
            return
        packets = bytes(self._held[mark.offset - self._held_at : end - self._held_at])
        if mark.video and not is_idr(packets):
            self._refuse_gap(mark.pts / CLOCK_HZ)
            return
        self.samples.setdefault(mark.video, packets)
        if mark.video != self._has_video:
            return
        self._last_sound = packets
        first = not self.segments and not self._keys
        cut_at = self._held_at if first else mark.tables_at
        if cut_at is not None:
            self._keys.append(_Key(mark.pts / CLOCK_HZ, cut_at, mark.offset, len(packets)))
            self._cut()

    def _cut(self, end_s: float | None = None) -> None:
        """Cut while there is a cut to take; the end of the stream is one to weigh, not to take."""
        while len(self._keys) > 1:
            times = [key.time_s for key in self._keys[1:]]
            weighed = times if end_s is None else [*times, end_s]
            chosen = self._cuts.choose(self._keys[0].time_s, weighed)
            if chosen is None or chosen == len(times):
                return
            key = self._keys[chosen + 1]
            self._write(key.cut_at, key.time_s, chosen + 1)

    def _write(self, end: int, end_s: float, keys: int) -> None:
        """Write the segment made of the first so many keys, up to an offset and a time."""
        done, self._keys = self._keys[:keys], self._keys[keys:]
        self.starts_s.append(done[0].time_s)
        segment = Segment(
            name=f"s{len(self.segments):05d}.ts",
            duration_s=round(end_s - done[0].time_s, 6),
            size_bytes=end - self._held_at,
            init_bytes=self._init_bytes(done[0]) if self._has_video else 0,
            iframes=tuple(self._iframe(key) for key in done) if self._has_video else (),
        )
        (self.folder / segment.name).write_bytes(self._held[: segment.size_bytes])
        self.segments.append(segment)
        del self._held[: segment.size_bytes]
        self._held_at = end

    def _init_bytes(self, first: _Key) -> int:
        # At the very start sound may come between the tables and the first picture.
        end = first.offset if self.segments else self._first_payload or 0
        return end - self._held_at

    def _iframe(self, key: _Key) -> IFrame:
        time_s = round(key.time_s - self.starts_s[0], 6)
        return IFrame(time_s, key.offset - self._held_at, key.size)
