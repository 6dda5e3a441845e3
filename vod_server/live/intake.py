"""What a channel's ffmpeg finished, put on its timeline: looked at where it is new, then committed.

Nothing here waits: what is not known yet is asked for, and the answer taken in a later round.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

import structlog

from core.errors import InvalidInputError, NotFoundError, StorageFullError
from vod_server.live.fitting import Plan, fitted
from vod_server.live.looking import Look, facts_of, look_at_segment
from vod_server.live.parameters import parameters_of_file
from vod_server.live.recorder import Finished
from vod_server.live.transport import first_picture_s, hole_s
from vod_server.recordings.writer import ChannelWriter

log = structlog.get_logger(__name__)

#: How long a segment waits for its longer target duration to be written down.
TARGET_PATIENCE_S = 10.0
#: EXT-X-TARGETDURATION is raised so far at most (`Channel.target_duration_s`).
LONGEST_TARGET_S = 20
RATE_S = 30.0
#: A first picture is looked for in so much of a file.
HEAD_BYTES = 4096 * 188


class Intake:
    """Takes a channel's finished segments in.

    Args:
        writer: of the recording.
        on_full_disk: called when there was no room.
    """

    def __init__(self, writer: ChannelWriter, on_full_disk: Callable[[], None]) -> None:
        self._writer = writer
        self._on_full_disk = on_full_disk
        self._rates: deque[tuple[float, int, int]] = deque()
        #: When the newest segment was written, epoch milliseconds.
        self.last_segment_ms: int | None = None
        #: When it was taken in, monotonic seconds.
        self.heard_at = 0.0
        #: EXT-X-TARGETDURATION that the segments need.
        self.needed_target_s = 0
        #: Why a segment has to wait, in words.
        self.trouble = ""
        self._look: Look | None = None
        self.begin(Plan("copy", "copy"), may_change=False, now=0.0)

    def begin(self, plan: Plan, *, may_change: bool, now: float) -> None:
        """Get ready for a new run.

        Args:
            plan: how it is made.
            may_change: whether another plan may be asked for.
            now: monotonic seconds.
        """
        self._drop_look()
        self._plan = plan
        self._may_change = may_change and "copy" in {plan.video, plan.audio}
        self._pending: deque[Finished] = deque()
        self._held_since: float | None = None
        self._fitting = ""  # word of the parameters that are known to fit
        self._began_at = now
        self._came_s = 0.0
        self._began_with_picture = False
        self.committed = 0  # segments of this run
        self._rates.clear()

    def take(self, segments: Iterable[Finished]) -> None:
        """Take in what was finished, in order."""
        for segment in segments:
            self._came_s += segment.duration_s
            if segment.is_whole:
                is_first = not self._began_with_picture
                self._began_with_picture = True
                self._pending.append(_from_first_picture(segment) if is_first else segment)
            else:
                self._drop_torn(segment)

    def _drop_torn(self, segment: Finished) -> None:
        """Remove a file that did not get all its bytes: ffmpeg does not always say so."""
        if not self.trouble:
            log.warning("live.torn", channel=self._writer.channel_id, file=segment.file.name)
        self.trouble = "有分片没有写完整，磁盘可能已满"
        segment.file.unlink(missing_ok=True)
        self._on_full_disk()

    def lead_s(self, now: float) -> float:
        """Return how much faster than time the run has been so far, seconds."""
        return self._came_s - (now - self._began_at)

    def settle(self, now: float, target_s: int) -> Plan | None:
        """Commit what boxes can play; return another plan when what came does not fit them.

        Args:
            now: monotonic seconds.
            target_s: EXT-X-TARGETDURATION as it stands.
        """
        if self._look is not None:
            if not self._look.is_done:
                return None
            plan = self._conclude(self._look.answer())
            if plan is not None:
                return plan
        while self._pending and self._settle_first(now, target_s):
            self._pending.popleft()
        return None

    def end(self, segments: Iterable[Finished], now: float, *, keep: bool = True) -> None:
        """Commit the rest of a run that has ended, if it is known to fit; files stay where not.

        Args:
            segments: what was finished at last.
            now: monotonic seconds.
            keep: whether to commit anything at all.
        """
        self._drop_look()
        self.take(segments)
        if keep and self._fitting:
            while self._pending and self._commit(self._pending[0], _word_of(self._pending[0]), now):
                self._pending.popleft()
        self._pending.clear()
        self._rates.clear()

    def bitrate_bps(self) -> int:
        """Return the rate of the last half minute."""
        while self._rates and self._rates[0][0] < self._rates[-1][0] - RATE_S:
            self._rates.popleft()
        length_ms = sum(duration_ms for _, _, duration_ms in self._rates)
        return sum(size for _, size, _ in self._rates) * 8000 // length_ms if length_ms else 0

    def _conclude(self, answer: bytes | None) -> Plan | None:
        """Read what ffprobe says of the first pending segment."""
        self._look = None
        facts = facts_of(answer)
        if facts.get("streams"):
            longest_s = max(segment.duration_s for segment in self._pending)
            plan = fitted(self._plan, facts, longest_s=longest_s)
            if plan != self._plan:
                return plan
        self._fitting = _word_of(self._pending[0])
        return None

    def _settle_first(self, now: float, target_s: int) -> bool:
        """Commit the first pending segment; False when it has to wait."""
        segment = self._pending[0]
        word = _word_of(segment)
        if word != self._fitting and self._may_change:
            self._look = look_at_segment(segment.file)
            return False
        self._fitting = word
        if round(segment.duration_s) > target_s:
            segment = self._pending[0] = _without_hole(segment)
        if not self._may_be_listed(segment, now, target_s):
            return False
        self._held_since = None
        return self._commit(segment, word, now)

    def _may_be_listed(self, segment: Finished, now: float, target_s: int) -> bool:
        """Say whether the target duration allows it; else ask for more, and wait for a while."""
        needed_s = min(round(segment.duration_s), LONGEST_TARGET_S)
        if needed_s <= target_s:
            return True
        self.needed_target_s = max(self.needed_target_s, needed_s)
        self._held_since = self._held_since or now
        return now - self._held_since >= TARGET_PATIENCE_S

    def _commit(self, segment: Finished, word: str, now: float) -> bool:
        """Put a segment on the timeline; False when there is no room for it yet."""
        try:
            written_ms = self._writer.written_ms(segment.file)
            stored = self._writer.commit(
                segment.file,
                begin_s=segment.begin_s,
                end_s=segment.end_s,
                written_ms=written_ms,
                parameters=word,
            )
        except StorageFullError as error:
            self.trouble = error.message
            self._on_full_disk()
            return False
        except (FileNotFoundError, NotFoundError, InvalidInputError) as error:
            log.warning("live.segment_lost", channel=self._writer.channel_id, error=str(error))
            return True
        self.trouble = ""
        self.last_segment_ms, self.heard_at = written_ms, now
        self.committed += 1
        self._rates.append((now, stored.size_bytes, stored.duration_ms))
        return True

    def _drop_look(self) -> None:
        if self._look is not None:
            self._look.stop()
            self._look = None


def _from_first_picture(segment: Finished) -> Finished:
    """Return a run's first segment as it looks: the sound before its first keyframe is no part.

    Who joins a signal between two keyframes gets sound alone until the next one.
    """
    try:
        with segment.file.open("rb") as file:
            begin_s = first_picture_s(file.read(HEAD_BYTES))
    except FileNotFoundError:
        return segment
    if begin_s is None or not segment.begin_s < begin_s < segment.end_s:
        return segment
    return replace(segment, begin_s=begin_s)


def _without_hole(segment: Finished) -> Finished:
    """Return a segment as long as its pictures last: a hole in the signal is no part of it.

    The hole becomes a gap of the timeline, and one failure does not raise the target for good.
    """
    try:
        lacking_s = hole_s(segment.file.read_bytes())
    except FileNotFoundError:
        return segment
    return replace(segment, end_s=max(segment.begin_s + 0.1, segment.end_s - lacking_s))


def _word_of(segment: Finished) -> str:
    try:
        return parameters_of_file(segment.file)
    except FileNotFoundError:
        return ""
