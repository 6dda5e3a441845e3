"""One channel on air: starts, watches and restarts its ffmpeg, from the best source there is.

Everything here runs in the supervisor's one loop and waits for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import structlog

from core.errors import CuntaiError, StorageFullError
from vod_server.live.fitting import Plan
from vod_server.live.inputs import LOOKS_S, Surroundings, is_near
from vod_server.live.looking import Look, look_for_signal
from vod_server.live.opening import Opening
from vod_server.live.recorder import Recorder
from vod_server.live.rotation import Rotation
from vod_server.live.runs import Runs
from vod_server.live.standing import Standing
from vod_server.live.state import AirState
from vod_server.live.trial import Trial
from vod_server.live.wanted import WantedChannel, WantedSource
from vod_server.recordings.folders import INCOMING
from vod_server.recordings.writer import ChannelWriter

log = structlog.get_logger(__name__)

#: Between two tries while the disk is full: expiry makes room within a second.
FULL_DISK_PAUSE_S = 1.0
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
        self._stall_s = stall_s
        self._on_full_disk = on_full_disk
        self._rotation = _rotation(wanted, now)
        self._opening = Opening(around, writer.folder / INCOMING)
        self._runs = Runs(
            writer, self._opening, segment_s=segment_s, stall_s=stall_s, on_full_disk=on_full_disk
        )
        self._trial = Trial()
        self._standing = Standing(wanted.id, now)

    @property
    def source(self) -> WantedSource:
        """Return the source in use, or the one that is tried next."""
        return self.wanted.sources[self._rotation.index]

    @property
    def pid(self) -> int | None:
        """Return ffmpeg's process id, None while there is none."""
        return self._runs.recorder.pid if self._runs.recorder else None

    @property
    def is_running(self) -> bool:
        """Say whether an ffmpeg is at work."""
        return self._runs.recorder is not None and not self._runs.recorder.has_ended

    def state(self) -> AirState:
        """Return what the channel is doing."""
        ahead_ms = self._writer.ahead_ms
        return self._standing.told(self._runs, source_id=self.source.id, ahead_ms=ahead_ms)

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
            self._opening.forget()
            self._standing.forget_failures()
            self._standing.starting()

    def ask_to_end(self) -> None:
        """Ask ffmpeg to finish what it is writing; `close` does not wait for it."""
        self._runs.ask_to_end()

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
        disk_is_full = disk_is_full or self._runs.met_full_disk
        self._opening.failed(self.source)
        with suppress(OSError):  # where the system fails us once, it may again
            self._stop_run(now)
        self._standing.failed(now, words, state=state, source_id=self.source.id)
        if disk_is_full:
            self._on_full_disk()
            self._rotation.again(now, FULL_DISK_PAUSE_S)
        else:
            self._rotation.fail(now)

    def _tick(self, now: float) -> None:
        recorder = self._runs.recorder
        if recorder is None:
            if now >= self._rotation.not_before:
                self._start(now)
            return
        ended = recorder.has_ended
        self._runs.take_in(recorder, now)
        if self._runs.intake.lead_s(now) > LONGEST_LEAD_S:
            self._stop_run(now, drop=True)  # or the recording would be dated into the future
            self.fail(now, "信号来得比播放快：这是文件，不是直播")
            return
        self._settle(now)
        if self._runs.recorder is not recorder:
            return  # the plan has changed, and ffmpeg with it
        if ended:
            self._end(now, recorder)
        else:
            self._watch(now, recorder)
            self._mind_preferred(now)

    def _end(self, now: float, recorder: Recorder) -> None:
        """Follow the end of ffmpeg: look at the source once more, and longer, or fail."""
        too_short = recorder.saw_no_parameters and not self._runs.intake.committed
        if too_short and self._opening.looked_too_short(self.source):
            self._start_again(now)
            return
        self.fail(now, recorder.complaint([self.source.url, self.wanted.stream_key or ""]))

    def _start(self, now: float) -> None:
        if not self._opening.is_ready(self.wanted, self.source):
            return  # in a later round
        try:
            self._runs.begin(self.wanted, self.source, now)
        except CuntaiError as error:
            self.fail(now, error.message, disk_is_full=isinstance(error, StorageFullError))
            return
        self._standing.starting()

    def _settle(self, now: float) -> None:
        """Put what was finished on the timeline; start anew where it does not fit the boxes."""
        intake = self._runs.intake
        plan = intake.settle(now, self.wanted.target_duration_s)
        if plan is not None:
            self._replan(now, plan)
        elif intake.committed and not self._standing.is_on_air:
            source, at_ms = self.source, intake.last_segment_ms or 0
            self._opening.came(source)
            self._standing.on_air(now, at_ms, source_id=source.id, mode=self._runs.plan.mode)
        elif self._standing.has_recovered(now):
            self._rotation.recovered()
            self._standing.forget_failures()

    def _replan(self, now: float, plan: Plan) -> None:
        """Start again with another plan: what came does not fit the boxes."""
        self._opening.learn(self.source, plan)
        self._start_again(now)
        self._standing.starting()

    def _start_again(self, now: float) -> None:
        """Drop the run, and begin another of the same source at once."""
        self._stop_run(now, drop=True)
        self._rotation.again(now, 0.0)

    def _watch(self, now: float, recorder: Recorder) -> None:
        """Give up a source without new segments; one that comes but cannot be cut is encoded."""
        stalled, plan = self._runs.stalled(recorder, now), self._runs.plan
        if stalled is None:
            return
        if stalled == "uncut" and plan.video == "copy" and self.source.mode == "auto":
            log.info("live.uncut", channel=self.wanted.id)
            self._replan(now, Plan("encode", plan.audio))
        else:
            self.fail(now, f"{self._stall_s:g} 秒没有新的画面", state="stalled")

    def _stop_run(self, now: float, *, drop: bool = False) -> None:
        """End ffmpeg and every look; what it finished is kept, unless it is to be dropped."""
        self._trial.stop()
        self._opening.stop()
        self._standing.off_air()
        if drop:
            self._runs.drop(now)
        else:
            self._runs.end(now)

    def _mind_preferred(self, now: float) -> None:
        """Go back to the preferred source once it has a signal again."""
        if self._trial.has_come(now, self._rotation, self._look_at_preferred):
            log.info("live.return", channel=self.wanted.id)
            self._stop_run(now)
            self._rotation.go_back(now)
            self._standing.starting()

    def _look_at_preferred(self) -> Look:
        # Who calls a listener reaches the trial, is sent away, and calls again: the recorder then.
        preferred = self.wanted.sources[0]
        return look_for_signal(self._opening.inputs(self.wanted, preferred, look_s=LOOKS_S[1]))


def _rotation(wanted: WantedChannel, now: float) -> Rotation:
    return Rotation([is_near(source) for source in wanted.sources], now)
