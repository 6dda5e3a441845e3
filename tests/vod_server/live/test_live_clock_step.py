"""The wall clock is stepped under a real recorder while a player polls: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.db import SessionFactory
from county.alerts import open_alerts
from epg.channels.model import SourceSpec
from epg.timeline.clock import JUMP_MS, SLEW_MS
from epg.timeline.model import Segment
from epg.timeline.names import hour_folder, hour_of, parse_segment_name
from tests.lint_hls import Finding
from tests.vod_server.live.deck import wait_until
from tests.vod_server.live.stepping import SteppedClock, Viewer
from tests.vod_server.live.test_live_supervisor import add_channel, recorded, running
from tests.vod_server.media.clips import check_continuity, run
from vod_server.bootstrap import House
from vod_server.live.alarms import AHEAD
from vod_server.live.supervisor import Supervisor
from vod_server.recordings.folders import channel_folder

pytestmark = [
    pytest.mark.media,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

HOUR_S = 3600
#: Live goes on within so many seconds, a busy machine's stalls included.
GOES_ON_S = 10.0
#: A file is written so much later than its pictures were sent, at most.
LATE_MS = 2000
#: A stall of the machine, and the pause between two recorders, are gaps of less than this.
STALL_MS = 30_000


class Recording:
    """A channel that a supervisor records by a stepped clock, and who watches it."""

    def __init__(self, house: House, clock: SteppedClock, clip: Path) -> None:
        self.house, self.clock = house, clock
        # Shorter than an installation may have them: the test waits for segments.
        self.settings = house.settings.model_copy(update={"live_segment_s": 0.5})
        self.sessions: SessionFactory = house.sessions
        self.id = add_channel(house.sessions, SourceSpec("file", str(clip)))
        self.folder = channel_folder(self.settings.effective_recordings_dir, self.id)
        self.viewer = Viewer(house, self.id)

    def supervisor(self) -> Supervisor:
        clock = self.clock
        return Supervisor(self.sessions, clock, self.settings, written_ms=clock.written_ms)

    def segments(self) -> list[Segment]:
        return recorded(self.settings, self.id)

    def watch_more(self, count: int) -> None:
        upto = len(self.segments()) + count
        self.viewer.watch_until(lambda: len(self.segments()) >= upto, f"{count} segments more")

    def step(self, seconds: float) -> float:
        """Put the clock; return after how many seconds the viewer has got something new."""
        before = self.viewer.newest()
        self.clock.step(seconds)
        return self.viewer.watch_until(lambda: self.viewer.newest() != before, "live to go on")

    def file(self, segment: Segment) -> Path:
        return self.folder.parent / segment.key.removeprefix("live/")

    def ahead_ms(self, segment: Segment) -> int:
        """Return how far a segment's end lies ahead of the clock when it was written."""
        return segment.end_ms - self.clock.written_ms(self.file(segment))

    def alerts(self) -> set[str]:
        with self.sessions() as session:
            return {alert.kind for alert in open_alerts(session)}


@pytest.fixture(scope="module")
def clip(clips: Path) -> Path:
    """Return a clip with a keyframe twice a second: what takes segments takes half the time."""
    quick = clips / "quick.ts"
    keyframes = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "5")
    arguments = (*keyframes, "-keyint_min", "5", "-sc_threshold", "0", "-c:a", "copy")
    run("ffmpeg", "-v", "error", "-nostdin", "-i", clips / "small.ts", *arguments, quick)
    return quick


@pytest.fixture
def settings_overrides() -> dict[str, Any]:
    return {"live_lease_s": 3, "recordings_reserve_bytes": 0}


def check_nothing_is_lost(recording: Recording, segments: list[Segment]) -> None:
    """Check that the segments of a run are its whole stream, each in a file of its own."""
    check_continuity(b"".join(recording.file(one).read_bytes() for one in segments))
    assert not [path for path in recording.folder.glob(".incoming/*/*.ts") if path.stat().st_size]


def check_time_goes_on(recording: Recording) -> None:
    """Check that names, folders and numbers of all there is follow each other."""
    files = sorted(recording.folder.glob("*/*/*.ts"))
    names = [parse_segment_name(path.name) for path in files]
    assert all(names)
    assert [recording.file(one) for one in recording.segments()] == files
    for path, name in zip(files, names, strict=True):
        assert name is not None
        assert str(path.parent).endswith(hour_folder(hour_of(name[0])))
    for one, other in pairwise(recording.segments()):
        assert other.start_ms >= one.end_ms - SLEW_MS - 1
        assert other.sequence == one.sequence + 1
        assert other.discontinuity == one.discontinuity + other.opens


def gaps_ms(segments: list[Segment]) -> list[int]:
    """Return how long the gaps are at which segments open."""
    return [after.start_ms - before.end_ms for before, after in pairwise(segments) if after.opens]


def place_of(found: Finding) -> tuple[str, str]:
    """Return which rule is not kept by which file."""
    return found.rule, found.where.partition(" ")[0].rpartition("/")[2]


class TestForward:
    @pytest.fixture
    def clock(self) -> SteppedClock:
        return SteppedClock(datetime(2026, 5, 1, 22, 55, tzinfo=UTC))

    def test_an_hour_forward_and_over_midnight(
        self,
        house: House,
        clock: SteppedClock,
        clip: Path,
        record_property: Callable[[str, object], None],
    ) -> None:
        recording = Recording(house, clock, clip)
        midnight_ms = int(datetime(2026, 5, 2, tzinfo=UTC).timestamp() * 1000)
        with running(recording.supervisor()):
            wait_until(lambda: len(recording.segments()) >= 7, "a live playlist's worth")
            recording.watch_more(2)
            before = recording.segments()
            # To some seconds before the day's end: an hour and some minutes.
            step_s = midnight_ms / 1000 - 8 - clock.now().timestamp()
            assert step_s > HOUR_S
            goes_on_s = recording.step(step_s)
            recording.viewer.watch_until(
                lambda: recording.segments()[-3].start_ms >= midnight_ms, "the next day"
            )
        record_property("goes on after s", round(goes_on_s, 1))
        assert goes_on_s < GOES_ON_S
        segments = recording.segments()
        assert segments[: len(before)] == before
        check_nothing_is_lost(recording, segments)
        check_time_goes_on(recording)
        assert {path.parents[1].name for path in recording.folder.glob("*/*/*.ts")} == {
            "20260501",
            "20260502",
        }
        # The step is followed once, and the day's end is none.
        assert len([gap_ms for gap_ms in gaps_ms(segments) if gap_ms > STALL_MS]) == 1
        assert sum(gaps_ms(segments)) == pytest.approx(step_s * 1000, abs=STALL_MS)
        assert abs(recording.ahead_ms(segments[-2])) < LATE_MS
        assert not any(one.opens for one in segments if abs(one.start_ms - midnight_ms) < 1000)
        assert recording.viewer.findings() == []


class TestBack:
    @pytest.fixture
    def clock(self) -> SteppedClock:
        return SteppedClock(datetime(2026, 5, 2, 0, 10, tzinfo=UTC))

    def test_an_hour_back_into_yesterday_and_the_recorder_is_started_again(
        self,
        house: House,
        clock: SteppedClock,
        clip: Path,
        record_property: Callable[[str, object], None],
    ) -> None:
        recording = Recording(house, clock, clip)
        with running(recording.supervisor()):
            wait_until(lambda: len(recording.segments()) >= 7, "a live playlist's worth")
            recording.watch_more(2)
            before = recording.segments()
            goes_on_s = recording.step(-HOUR_S)
            recording.watch_more(5)
            wait_until(lambda: AHEAD in recording.alerts(), "the alert")
        record_property("goes on after s", round(goes_on_s, 1))
        assert goes_on_s < GOES_ON_S
        first_run = recording.segments()
        assert first_run[: len(before)] == before
        assert all(gap_ms < STALL_MS for gap_ms in gaps_ms(first_run)), "as if nothing had been"
        check_nothing_is_lost(recording, first_run)
        assert abs(recording.ahead_ms(first_run[-1]) - HOUR_S * 1000) < LATE_MS
        assert recording.viewer.findings() == []

        with running(recording.supervisor()):
            recording.watch_more(3)
            # The clock is put right again: time has been right all along, but for the pause
            # between the recorders, for which it had no gap left.
            assert recording.step(HOUR_S) < GOES_ON_S
            recording.watch_more(4)
            wait_until(lambda: AHEAD not in recording.alerts(), "the end of the alert")
        segments = recording.segments()
        assert segments[: len(first_run)] == first_run
        second_run = segments[len(first_run) :]
        check_nothing_is_lost(recording, second_run)
        check_time_goes_on(recording)
        assert second_run[0].opens
        assert all(gap_ms < STALL_MS for gap_ms in gaps_ms(second_run))
        assert abs(recording.ahead_ms(second_run[-1])) < LATE_MS + JUMP_MS
        # While no recorder ran the playlist stood still, and what the first one wrote last may be
        # a single picture, from which the lint cannot see how long that lasts.
        last = recording.file(first_run[-1]).name
        spared = {("R6.2.2-fresh", "index.m3u8"), ("A8.1", last)}
        assert [one for one in recording.viewer.findings() if place_of(one) not in spared] == []
