"""The live lint finds nothing in a good channel, and every planted fault; nobody waits for it."""

from __future__ import annotations

import pytest

from tests.lint_hls.findings import LIVE_RULES, RULES
from tests.lint_hls.live import lint_live
from tests.lint_hls.live_faults import EVENT_FAULTS, LIVE_FAULTS, Spoil, spoilable
from tests.lint_hls.live_film import LiveServer, Recorded, make_runs
from tests.lint_hls.live_listing import Capture
from tests.lint_hls.live_watching import watch_live

pytestmark = pytest.mark.media

BEHIND_S = 6.0  # the film's outage, and a segment


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[Recorded]:
    return make_runs(tmp_path_factory.mktemp("live"))


def watched(recorded: list[Recorded], kind: str, seconds: float = 22) -> Capture:
    server = LiveServer(recorded, kind)
    return watch_live(
        server.fetch,
        server.url,
        seconds=seconds,
        poll_s=1.0,
        now=server.now,
        sleep=server.sleep,
    )


@pytest.fixture(scope="module")
def live(recorded: list[Recorded]) -> Capture:
    return watched(recorded, "live")


@pytest.fixture(scope="module")
def event(recorded: list[Recorded]) -> Capture:
    return watched(recorded, "ended", 30)


def test_a_good_channel_is_clean(live: Capture) -> None:
    assert lint_live(live, behind_s=BEHIND_S) == []


def test_what_is_watched_holds_a_restart_and_segments_that_were_removed(live: Capture) -> None:
    assert {entry.discontinuity_number for entry in live.segments()} == {41, 42}
    assert sum(len(replies) == 2 for replies in live.fetched.values()) > 3


def test_a_good_programme_from_its_beginning_is_clean(event: Capture) -> None:
    assert event.snapshots[-1].ended
    assert not event.snapshots[0].ended
    assert lint_live(event) == []


@pytest.mark.parametrize(
    ("rule", "name", "spoil"), LIVE_FAULTS, ids=[f"{rule} {name}" for rule, name, _ in LIVE_FAULTS]
)
def test_planted_live_fault_is_found(live: Capture, rule: str, name: str, spoil: Spoil) -> None:
    capture = spoilable(live)
    spoil(capture)
    found = [f for f in lint_live(capture, behind_s=BEHIND_S) if f.rule == rule]
    assert found, f"{name} was not found"
    assert {f.level for f in found} == {(RULES | LIVE_RULES)[rule][0]}


@pytest.mark.parametrize(
    ("rule", "name", "spoil"),
    EVENT_FAULTS,
    ids=[f"{rule} {name}" for rule, name, _ in EVENT_FAULTS],
)
def test_planted_event_fault_is_found(event: Capture, rule: str, name: str, spoil: Spoil) -> None:
    capture = spoilable(event)
    spoil(capture)
    assert rule in {f.rule for f in lint_live(capture)}, f"{name} was not found"


def test_every_live_rule_has_a_planted_fault() -> None:
    assert {rule for rule, _, _ in LIVE_FAULTS + EVENT_FAULTS} >= set(LIVE_RULES)


def test_a_list_of_live_segments_may_be_short_when_it_has_ended(event: Capture) -> None:
    capture = spoilable(event)
    capture.snapshots = capture.snapshots[-1:]
    assert "A8.11" not in {f.rule for f in lint_live(capture)}
