"""One channel on air: starts, watches and restarts its ffmpeg, and puts what it finishes in order.

Everything here runs in the supervisor's one loop and waits for nothing.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from core.errors import CuntaiError, InvalidInputError, NotFoundError, StorageFullError
from vod_server.live.fitting import Plan, first_plan, fitted, output_arguments
from vod_server.live.inputs import Surroundings, input_arguments, is_listener
from vod_server.live.looking import Look, facts_of, look_at_segment, look_for_signal
from vod_server.live.parameters import HEAD_BYTES, parameters_of
from vod_server.live.recorder import Finished, Recorder
from vod_server.live.wanted import WantedChannel, WantedSource
from vod_server.recordings.folders import INCOMING
from vod_server.recordings.writer import ChannelWriter

log = structlog.get_logger(__name__)

#: A first segment may take longer: a source is opened, keyframes are waited for.
START_GRACE_S = 8.0
SHORT_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
#: On air for so long, a channel has recovered: the next failure is the first one again.
RECOVERED_S = 60.0
#: How often a preferred source is tried while another one is on air.
RETURN_S = 30.0
#: How long a segment waits for its longer target duration to be written down.
TARGET_PATIENCE_S = 10.0
RATE_S = 30.0


@dataclass(frozen=True, slots=True)
class AirState:
    """What a channel is doing, as its row shall say.

    Args:
        state: `starting`, `on_air`, `stalled` or `waiting`.
        source_id: the source in use.
        mode: `copy` or `encode`.
        on_air_since_ms: epoch milliseconds; None while it is not.
        last_segment_ms: when the newest segment was written.
        bitrate_bps: over the last half minute.
        restarts: of ffmpeg, since this supervisor has the channel.
        last_error: why it stopped last.
        needed_target_s: EXT-X-TARGETDURATION that its segments need.
        ahead_ms: how far its time lies ahead of the clock.
    """

    state: str = "starting"
    source_id: int | None = None
    mode: str = ""
    on_air_since_ms: int | None = None
    last_segment_ms: int | None = None
    bitrate_bps: int = 0
    restarts: int = 0
    last_error: str = ""
    needed_target_s: int = 0
    ahead_ms: int = 0


class Airing:
    """A channel that this supervisor records.

    Args:
        wanted: the channel.
        writer: of its recording.
        around: what inputs need to know.
        segment_s: least length of a segment, seconds.
        stall_s: a source without a new segment for so long is given up.
        on_full_disk: called when there was no room.
    """

    def __init__(
        self,
        wanted: WantedChannel,
        writer: ChannelWriter,
        around: Surroundings,
        *,
        segment_s: float,
        stall_s: float,
        on_full_disk: Callable[[], None],
    ) -> None:
        self.wanted = wanted
        self._writer = writer
        self._around = around
        self._segment_s = segment_s
        self._stall_s = stall_s
        self._on_full_disk = on_full_disk
        self._recorder: Recorder | None = None
        self._index = 0
        self._failures = 0
        self._not_before = 0.0
        self._plans: dict[int, Plan] = {}
        self._plan = Plan("copy", "copy")
        self._reset_run(0.0)
        self._trial: Look | None = None
        self._tried_at = 0.0
        self._on_air_since: tuple[float, int] | None = None
        self._last_segment_ms: int | None = None
        self._rates: deque[tuple[float, int, int]] = deque()
        self._restarts = 0
        self._error = ""
        self._state = "starting"
        self._needed_target_s = 0

    def _reset_run(self, now: float) -> None:
        self._progress_at = now
        self._has_come = False
        self._pending: deque[Finished] = deque()
        self._held_since: float | None = None
        self._look: Look | None = None
        self._fitting = ""  # word of the parameters that are known to fit

    @property
    def source(self) -> WantedSource:
        """Return the source in use, or the one that is tried next."""
        return self.wanted.sources[self._index]

    @property
    def pid(self) -> int | None:
        """Return ffmpeg's process id, None while there is none."""
        return self._recorder.pid if self._recorder else None

    def state(self) -> AirState:
        """Return what the channel is doing."""
        since = self._on_air_since
        return AirState(
            state=self._state,
            source_id=self.source.id,
            mode=self._plan.mode,
            on_air_since_ms=since[1] if since else None,
            last_segment_ms=self._last_segment_ms,
            bitrate_bps=self._bitrate_bps() if since else 0,
            restarts=self._restarts,
            last_error=self._error,
            needed_target_s=self._needed_target_s,
            ahead_ms=self._writer.ahead_ms,
        )

    def tick(self, now: float) -> None:
        """Do what is to be done.

        Args:
            now: monotonic seconds.
        """
        recorder = self._recorder
        if recorder is None:
            if now >= self._not_before:
                self._start(now)
            return
        ended = recorder.has_ended
        new = recorder.finished()
        if new:
            self._progress_at, self._has_come = now, True
            self._pending.extend(new)
        self._settle(now)
        if self._recorder is not recorder:
            return  # the plan has changed, and ffmpeg with it
        if ended:
            self._fail(now, recorder.complaint(self._secrets()))
        elif now - self._progress_at > self._patience():
            self._state = "stalled"
            self._fail(now, f"{self._stall_s:g} 秒没有新的画面")
        elif self._on_air_since and now - self._on_air_since[0] > RECOVERED_S:
            self._failures = 0
        self._mind_preferred(now)

    def change(self, wanted: WantedChannel, now: float) -> None:
        """Follow a change of the channel; its ffmpeg goes on where the signal is the same."""
        same = wanted.same_signal(self.wanted)
        if not same:
            self._stop_run(now)
            self._index, self._failures, self._not_before = 0, 0, now
            self._plans.clear()
            self._state = "starting"
        self.wanted = wanted

    def close(self, now: float) -> None:
        """End ffmpeg, keep what it finished, let others write."""
        self._stop_run(now)
        self._drop_trial()
        self._writer.close()

    # --- a run ------------------------------------------------------------------------------

    def _start(self, now: float) -> None:
        source = self.source
        plan = self._plans.get(source.id) or first_plan(
            source.kind, source.mode, radio=self.wanted.radio
        )
        try:
            run = self._writer.begin_run(f"{os.getpid()}-{next(_RUNS)}-{os.urandom(4).hex()}")
            inputs = input_arguments(
                source, self._around, stream_key=self.wanted.stream_key, run=run
            )
        except CuntaiError as error:
            if isinstance(error, StorageFullError):
                self._on_full_disk()
            self._fail(now, error.message)
            return
        self._plan = plan
        self._reset_run(now)
        outputs = output_arguments(plan, source.kind)
        self._recorder = Recorder(run, inputs, outputs, segment_s=self._segment_s)
        self._state = "starting"
        log.info("live.start", channel=self.wanted.id, source=source.id, mode=plan.mode)

    def _stop_run(self, now: float) -> None:
        """End ffmpeg; what it finished and nobody committed is committed as it can be."""
        if self._look:
            self._look.stop()
            self._look = None
        if self._recorder is None:
            return
        self._recorder.kill()
        self._pending.extend(self._recorder.finished())
        if self._fitting:
            self._commit_pending(now, patience_s=0.0)
        self._recorder = None
        self._on_air_since = None
        self._rates.clear()

    def _fail(self, now: float, words: str) -> None:
        if self._recorder and self._recorder.met_full_disk:
            self._on_full_disk()
        self._stop_run(now)
        self._error = words
        self._restarts += 1
        self._failures += 1
        sources = len(self.wanted.sources)
        rounds = self._failures - sources
        pause_s = min(LONGEST_PAUSE_S, 2.0**rounds) if rounds >= 0 else SHORT_PAUSE_S
        self._not_before = now + pause_s
        self._index = (self._index + 1) % sources
        self._tried_at = now
        self._state = "waiting"
        log.warning("live.fail", channel=self.wanted.id, words=words, pause_s=pause_s)

    def _patience(self) -> float:
        return self._stall_s + (0.0 if self._has_come else START_GRACE_S)

    def _secrets(self) -> list[str]:
        return [self.source.url, self.wanted.stream_key or ""]

    # --- finished segments ------------------------------------------------------------------

    def _settle(self, now: float) -> None:
        """Commit what is pending, once it is known that boxes can play it."""
        if self._look is not None:
            if not self._look.is_done:
                return
            self._conclude(now)
        if self._recorder is not None:
            self._commit_pending(now)

    def _conclude(self, now: float) -> None:
        """Read what ffprobe says of the first pending segment; change the plan where it must."""
        assert self._look is not None  # noqa: S101 - narrows the type for mypy
        facts = facts_of(self._look.answer())
        self._look = None
        if not self._pending:
            return
        first = self._pending[0]
        plan = self._plan
        if self.source.mode == "auto" and facts.get("streams"):
            longest_s = max(segment.duration_s for segment in self._pending)
            plan = fitted(self._plan, facts, longest_s=longest_s)
        if plan != self._plan:
            self._replan(now, plan)
        else:
            self._fitting = _word_of(first)

    def _replan(self, now: float, plan: Plan) -> None:
        """Start again with another plan: what came does not fit the boxes."""
        self._plans[self.source.id] = plan
        self._fitting = ""
        run = self._pending[0].file.parent
        self._stop_run(now)
        self._pending.clear()
        # Or the next run would take what is in there for what a killed supervisor left.
        shutil.rmtree(run, ignore_errors=True)
        self._not_before = now
        self._state = "starting"

    def _commit_pending(self, now: float, *, patience_s: float = TARGET_PATIENCE_S) -> None:
        while self._pending:
            segment = self._pending[0]
            word = _word_of(segment)
            if word != self._fitting:
                if self._look is None and patience_s:
                    self._look = look_at_segment(segment.file)
                if patience_s:
                    return
            needed_s = round(segment.duration_s)
            if needed_s > self.wanted.target_duration_s and patience_s:
                self._needed_target_s = max(self._needed_target_s, needed_s)
                self._held_since = self._held_since or now
                if now - self._held_since < patience_s:
                    return
            self._held_since = None
            if not self._commit(segment, word, now):
                return
            self._pending.popleft()

    def _commit(self, segment: Finished, word: str, now: float) -> bool:
        """Put a segment on the timeline; False when there is no room for it yet."""
        try:
            written_ms = segment.file.stat().st_mtime_ns // 1_000_000
            stored = self._writer.commit(
                segment.file,
                begin_s=segment.begin_s,
                end_s=segment.end_s,
                written_ms=written_ms,
                parameters=word,
            )
        except StorageFullError as error:
            self._error = error.message
            self._on_full_disk()
            return False
        except (FileNotFoundError, NotFoundError, InvalidInputError) as error:
            log.warning("live.segment_lost", channel=self.wanted.id, error=str(error))
            return True
        self._last_segment_ms = written_ms
        self._rates.append((now, stored.size_bytes, stored.duration_ms))
        if self._on_air_since is None:
            self._on_air_since = (now, written_ms)
        self._state = "on_air"
        return True

    def _bitrate_bps(self) -> int:
        while self._rates and self._rates[0][0] < self._rates[-1][0] - RATE_S:
            self._rates.popleft()
        length_ms = sum(duration_ms for _, _, duration_ms in self._rates)
        return sum(size for _, size, _ in self._rates) * 8000 // length_ms if length_ms else 0

    # --- back to the preferred source -------------------------------------------------------

    def _mind_preferred(self, now: float) -> None:
        """While a reserve is on air, try the preferred source beside it now and then."""
        if self._trial is not None:
            if self._trial.is_done:
                came = self._trial.answer() is not None
                self._trial = None
                if came and self._index:
                    self._go_back(now)
            return
        if not self._index or self._recorder is None or now - self._tried_at < RETURN_S:
            return
        self._tried_at = now
        preferred = self.wanted.sources[0]
        if is_listener(preferred):
            return  # whoever calls would reach the trial, not the recorder
        scratch = self._writer.folder / INCOMING
        key = self.wanted.stream_key
        try:
            inputs = input_arguments(preferred, self._around, stream_key=key, run=scratch)
        except CuntaiError:
            return
        self._trial = look_for_signal(inputs)

    def _go_back(self, now: float) -> None:
        log.info("live.return", channel=self.wanted.id)
        self._stop_run(now)
        self._index, self._failures, self._not_before = 0, 0, now
        self._state = "starting"

    def _drop_trial(self) -> None:
        if self._trial:
            self._trial.stop()
            self._trial = None


_RUNS = itertools.count(1)


def _word_of(segment: Finished) -> str:
    try:
        with segment.file.open("rb") as file:
            return parameters_of(file.read(HEAD_BYTES))
    except FileNotFoundError:
        return ""
