"""One channel on air: starts, watches and restarts its ffmpeg, from the best source there is.

Everything here runs in the supervisor's one loop and waits for nothing.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from contextlib import suppress

import structlog

from core.errors import CuntaiError, StorageFullError
from vod_server.live.fitting import Plan, first_plan, output_arguments
from vod_server.live.inputs import LOOKS_S, Surroundings, input_arguments, is_near
from vod_server.live.intake import Intake
from vod_server.live.looking import Look, look_for_signal
from vod_server.live.recorder import Recorder
from vod_server.live.rotation import RECOVERED_S, Rotation
from vod_server.live.state import AirState
from vod_server.live.telling import Telling
from vod_server.live.variants import Variants
from vod_server.live.wanted import WantedChannel, WantedSource
from vod_server.recordings.folders import INCOMING
from vod_server.recordings.writer import ChannelWriter

log = structlog.get_logger(__name__)

#: A first segment may take longer: a source is opened, keyframes are waited for.
START_GRACE_S = 8.0
#: Between two tries while the disk is full: expiry makes room within a second.
FULL_DISK_PAUSE_S = 1.0
#: A file that grew within so long comes in, though no keyframe ends it. (ffmpeg writes 32 KiB at
#: once: seconds of a poor picture.)
GROWTH_S = 4.0
#: A source that has sent so much more than time went by is no live signal.
LONGEST_LEAD_S = 30.0


class Airing:
    """A channel that this supervisor records.

    Args:
        wanted: the channel.
        writer: of its recording.
        around: what inputs need to know.
        now: monotonic seconds.
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
        now: float,
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
        self._intake = Intake(writer, on_full_disk)
        self._rotation = _rotation(wanted, now)
        self._plans: dict[int, Plan] = {}
        self._plan = Plan("copy", "copy")
        #: By source, how often a look at it was too short since it was last on air.
        self._short_looks: dict[int, int] = {}
        self._variants = Variants()
        self._progress_at = 0.0
        #: The file that was being written a while before a stall, and its size.
        self._growing: tuple[str, int] | None = None
        self._trial: Look | None = None
        self._on_air_since: tuple[float, int] | None = None
        self._heard_at = now
        self._restarts = 0
        self._error = ""
        self._telling = Telling()
        self._state = "starting"

    @property
    def source(self) -> WantedSource:
        """Return the source in use, or the one that is tried next."""
        return self.wanted.sources[self._rotation.index]

    @property
    def pid(self) -> int | None:
        """Return ffmpeg's process id, None while there is none."""
        return self._recorder.pid if self._recorder else None

    @property
    def is_running(self) -> bool:
        """Say whether an ffmpeg is at work."""
        return self._recorder is not None and not self._recorder.has_ended

    def state(self) -> AirState:
        """Return what the channel is doing."""
        since = self._on_air_since
        return AirState(
            state=self._state,
            source_id=self.source.id,
            mode=self._plan.mode,
            on_air_since_ms=since[1] if since else None,
            last_segment_ms=self._intake.last_segment_ms,
            heard_at=max(self._heard_at, self._intake.heard_at),
            bitrate_bps=self._intake.bitrate_bps() if since else 0,
            restarts=self._restarts,
            last_error=self._intake.trouble or self._error,
            needed_target_s=self._intake.needed_target_s,
            ahead_ms=self._writer.ahead_ms,
        )

    def tick(self, now: float) -> None:
        """Do what is to be done; whatever the system refuses is this channel's trouble alone.

        Args:
            now: monotonic seconds.
        """
        try:
            self._tick(now)
        except OSError as error:
            self.fail(now, f"系统出错：{error.strerror or error}")

    def change(self, wanted: WantedChannel, now: float) -> None:
        """Follow a change of the channel; its ffmpeg goes on where the signal is the same."""
        same = wanted.same_signal(self.wanted)
        self.wanted = wanted
        if not same:
            with suppress(OSError):
                self._stop_run(now)
            self._rotation = _rotation(wanted, now)
            self._plans.clear()
            self._variants.clear()
            self._telling.forget("fail")
            self._state = "starting"

    def ask_to_end(self) -> None:
        """Ask ffmpeg to finish what it is writing; `close` does not wait for it."""
        if self._recorder is not None:
            self._recorder.ask_to_end()

    def close(self, now: float) -> None:
        """End ffmpeg, keep what it finished, let others write."""
        try:
            with suppress(OSError):
                self._stop_run(now)
        finally:
            self._writer.close()

    def fail(
        self, now: float, words: str, *, state: str = "waiting", disk_is_full: bool = False
    ) -> None:
        """End the run, and turn to the next source after a pause.

        Args:
            now: monotonic seconds.
            words: what went wrong, for people.
            state: `waiting` or `stalled`.
            disk_is_full: it was not the source's fault.
        """
        disk_is_full = disk_is_full or bool(self._recorder and self._recorder.met_full_disk)
        source_id = self.source.id
        self._variants.forget(source_id)
        with suppress(OSError):  # where the system fails us once, it may again
            self._stop_run(now)
        self._error = words
        self._restarts += 1
        self._state = state
        if disk_is_full:
            self._on_full_disk()
            self._rotation.again(now, FULL_DISK_PAUSE_S)
        else:
            self._rotation.fail(now)
        if self._telling.is_due("fail", words, now):
            log.warning("live.fail", channel=self.wanted.id, source=source_id, words=words)

    # --- a run ------------------------------------------------------------------------------

    def _tick(self, now: float) -> None:
        recorder = self._recorder
        if recorder is None:
            if now >= self._rotation.not_before:
                self._start(now)
            return
        ended = recorder.has_ended
        if new := recorder.finished():
            self._progress_at, self._growing = now, None
            self._intake.take(new)
        if self._intake.lead_s(now) > LONGEST_LEAD_S:
            self._drop_run(now)  # or the recording would be dated into the future
            self.fail(now, "信号来得比播放快：这是文件，不是直播")
            return
        self._settle(now)
        if self._recorder is not recorder:
            return  # the plan has changed, and ffmpeg with it
        if ended:
            self._end(now, recorder)
        else:
            self._watch(now, recorder)
            self._mind_preferred(now)

    def _end(self, now: float, recorder: Recorder) -> None:
        """Follow the end of ffmpeg: look at the source once more, and longer, or fail."""
        if recorder.saw_no_parameters and not self._intake.committed:
            short = self._short_looks.get(self.source.id, 0)
            self._short_looks[self.source.id] = short + 1
            if not short:
                self._drop_run(now)
                self._rotation.again(now, 0.0)
                return
        self.fail(now, recorder.complaint(self._secrets()))

    def _start(self, now: float) -> None:
        source = self.source
        look_s = LOOKS_S[min(self._short_looks.get(source.id, 0), len(LOOKS_S) - 1)]
        if not self._variants.is_known(source, lambda: self._inputs(source)):
            return  # in a later round
        plan = self._plans.get(source.id) or first_plan(
            source.kind, source.mode, radio=self.wanted.radio
        )
        try:
            run = self._writer.begin_run(f"{os.getpid()}-{next(_RUNS)}-{os.urandom(4).hex()}")
            key = self.wanted.stream_key
            inputs = input_arguments(source, self._around, stream_key=key, run=run, look_s=look_s)
        except CuntaiError as error:
            self.fail(now, error.message, disk_is_full=isinstance(error, StorageFullError))
            return
        self._plan = plan
        self._intake.begin(plan, may_change=source.mode == "auto", now=now)
        self._progress_at = now + START_GRACE_S + look_s - LOOKS_S[0]
        self._growing = None
        outputs = output_arguments(plan, source.kind, self._variants.of(source))
        inputs = self._variants.opened(source, inputs)
        self._recorder = Recorder(run, inputs, outputs, segment_s=self._segment_s)
        self._state = "starting"
        log.debug("live.start", channel=self.wanted.id, source=source.id, mode=plan.mode)

    def _settle(self, now: float) -> None:
        """Put what was finished on the timeline; start anew where it does not fit the boxes."""
        plan = self._intake.settle(now, self.wanted.target_duration_s)
        if plan is not None:
            self._replan(now, plan)
        elif self._intake.committed and self._on_air_since is None:
            self._on_air_since = (now, self._intake.last_segment_ms or 0)
            self._short_looks.pop(self.source.id, None)
            self._state = "on_air"
            log.info(
                "live.on_air",
                channel=self.wanted.id,
                source=self.source.id,
                mode=self._plan.mode,
            )
        elif self._on_air_since and now - self._on_air_since[0] > RECOVERED_S:
            self._rotation.recovered()
            self._telling.forget("fail")

    def _replan(self, now: float, plan: Plan) -> None:
        """Start again with another plan: what came does not fit the boxes."""
        self._plans[self.source.id] = plan
        self._drop_run(now)
        self._rotation.again(now, 0.0)
        self._state = "starting"

    def _watch(self, now: float, recorder: Recorder) -> None:
        """Give up a source without new segments; one that comes but cannot be cut is encoded."""
        silent_s = now - self._progress_at
        if self._growing is None and silent_s > self._stall_s - GROWTH_S:
            self._growing = recorder.newest_file()
        if silent_s <= self._stall_s:
            return
        newest = recorder.newest_file()
        comes = newest[1] > 0 and newest != self._growing
        if comes and self._plan.video == "copy" and self.source.mode == "auto":
            log.info("live.uncut", channel=self.wanted.id)
            self._replan(now, Plan("encode", self._plan.audio))
        else:
            self.fail(now, f"{self._stall_s:g} 秒没有新的画面", state="stalled")

    def _stop_run(self, now: float, *, keep: bool = True) -> None:
        """End ffmpeg; what it finished and nobody committed is committed as it can be."""
        self._drop_trial()
        self._variants.stop()
        recorder, self._recorder = self._recorder, None
        self._on_air_since = None
        if recorder is not None:
            recorder.kill()
            self._intake.end(recorder.finished(), now, keep=keep)

    def _drop_run(self, now: float) -> None:
        """End ffmpeg and drop what it made."""
        run = self._recorder.folder if self._recorder else None
        self._stop_run(now, keep=False)
        if run:
            # Or the next run would take what is in there for what a killed supervisor left.
            shutil.rmtree(run, ignore_errors=True)

    def _secrets(self) -> list[str]:
        return [self.source.url, self.wanted.stream_key or ""]

    def _mind_preferred(self, now: float) -> None:
        """While a reserve is on air, try the preferred source beside it now and then."""
        if self._trial is not None:
            if self._trial.is_done:
                came = self._trial.answer() is not None
                self._trial = None
                if came:
                    self._go_back(now)
        elif self._rotation.may_return(now):
            self._rotation.tried(now)
            self._trial = self._try_preferred()

    def _try_preferred(self) -> Look | None:
        # Who calls a listener reaches the trial, is sent away, and calls again: the recorder then.
        with suppress(CuntaiError):
            return look_for_signal(self._inputs(self.wanted.sources[0], look_s=LOOKS_S[1]))
        return None

    def _inputs(self, source: WantedSource, *, look_s: float = LOOKS_S[0]) -> list[str]:
        """Return the arguments that open a source for a look, beside any run."""
        scratch, key = self._writer.folder / INCOMING, self.wanted.stream_key
        return input_arguments(source, self._around, stream_key=key, run=scratch, look_s=look_s)

    def _go_back(self, now: float) -> None:
        log.info("live.return", channel=self.wanted.id)
        self._stop_run(now)
        self._rotation.go_back(now)
        self._state = "starting"

    def _drop_trial(self) -> None:
        if self._trial:
            self._trial.stop()
            self._trial = None


_RUNS = itertools.count(1)


def _rotation(wanted: WantedChannel, now: float) -> Rotation:
    return Rotation([is_near(source) for source in wanted.sources], now)
