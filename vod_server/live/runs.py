"""A channel's runs of ffmpeg, one after another: begun, taken in, ended, and what each leaves."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from typing import Literal

import structlog

from vod_server.live.fitting import Plan
from vod_server.live.inputs import LOOKS_S
from vod_server.live.intake import Intake
from vod_server.live.opening import Opening
from vod_server.live.recorder import Recorder
from vod_server.live.stall import Stall
from vod_server.live.wanted import WantedChannel, WantedSource
from vod_server.recordings.writer import ChannelWriter

log = structlog.get_logger(__name__)

#: A first segment may take longer: a source is opened, keyframes are waited for.
START_GRACE_S = 8.0

_NUMBERS = itertools.count(1)


class Runs:
    """At most one run at a time.

    Args:
        writer: of the channel's recording.
        opening: how its sources are opened.
        segment_s: least length of a segment, seconds.
        stall_s: a run without a new segment for so long is stalled.
        on_full_disk: called when there was no room.
    """

    def __init__(
        self,
        writer: ChannelWriter,
        opening: Opening,
        *,
        segment_s: float,
        stall_s: float,
        on_full_disk: Callable[[], None],
    ) -> None:
        self._writer = writer
        self._opening = opening
        self._segment_s = segment_s
        self._stall = Stall(stall_s)
        #: The one under way.
        self.recorder: Recorder | None = None
        #: By which it was begun, it or the last one.
        self.plan = Plan("copy", "copy")
        self.intake = Intake(writer, on_full_disk)

    @property
    def met_full_disk(self) -> bool:
        """Say whether ffmpeg complains that there is no room."""
        return self.recorder is not None and self.recorder.met_full_disk

    def begin(self, channel: WantedChannel, source: WantedSource, now: float) -> None:
        """Start ffmpeg on a source.

        Args:
            channel: whose source.
            source: the one; it is known what it offers (`Opening.is_ready`).
            now: monotonic seconds.

        Raises:
            CuntaiError: the source cannot be opened as it is set, or there is no room.
        """
        run = self._writer.begin_run(f"{os.getpid()}-{next(_NUMBERS)}-{os.urandom(4).hex()}")
        inputs, outputs = self._opening.run_arguments(channel, source, run)
        self.plan = self._opening.plan_of(channel, source)
        self.intake.begin(self.plan, may_change=source.mode == "auto", now=now)
        self._stall.begin(now + START_GRACE_S + self._opening.look_s(source) - LOOKS_S[0])
        self.recorder = Recorder(run, inputs, outputs, segment_s=self._segment_s)
        log.debug("live.start", channel=channel.id, source=source.id, mode=self.plan.mode)

    def ask_to_end(self) -> None:
        """Ask ffmpeg to finish what it is writing."""
        if self.recorder is not None:
            self.recorder.ask_to_end()

    def take_in(self, recorder: Recorder, now: float) -> None:
        """Take in what the run under way has finished since it was asked last."""
        if new := recorder.finished():
            self._stall.begin(now)
            self.intake.take(new)

    def stalled(self, recorder: Recorder, now: float) -> Literal["uncut", "silent"] | None:
        """Return how the run under way is stalled (see `Stall.look`), None when it is not."""
        return self._stall.look(now, recorder.newest_file)

    def end(self, now: float, *, keep: bool = True) -> None:
        """End ffmpeg; what it finished and nobody committed is committed as it can be.

        Args:
            now: monotonic seconds.
            keep: whether to commit anything at all.
        """
        recorder, self.recorder = self.recorder, None
        if recorder is not None:
            recorder.kill()
            self.intake.end(recorder.finished(), now, keep=keep)

    def drop(self, now: float) -> None:
        """End ffmpeg and drop what it made."""
        run = self.recorder.folder if self.recorder else None
        self.end(now, keep=False)
        if run:
            # Or the next run would take what is in there for what a killed supervisor left.
            shutil.rmtree(run, ignore_errors=True)
