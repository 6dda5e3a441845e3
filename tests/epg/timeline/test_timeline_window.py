"""Which segments a window lists, and with which numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import NotFoundError
from epg.timeline.window import AFTERGLOW_MS, GRACE_MS, LEAST_SEGMENTS, Listing, Window, select
from tests.epg.timeline.recordings import MIDNIGHT, PlayedOut, Recording

HOUR = 3_600_000


def recorded(count: int, **first: float) -> Recording:
    recording = Recording()
    for number in range(count):
        recording.add(**(first if number == 0 else {}))
    return recording


def now_of(recording: Recording) -> int:
    return recording.segments[-1].end_ms + 300


def live(recording: Recording, window: Window | None = None, now_ms: int | None = None) -> Listing:
    return select(recording, window or Window(), now_ms or now_of(recording), live_window_s=60)


def span(start_s: float, stop_s: float) -> Window:
    return Window(start_s=MIDNIGHT // 1000 + int(start_s), stop_s=MIDNIGHT // 1000 + int(stop_s))


def test_live_lists_the_last_minute() -> None:
    recording = recorded(100)
    listing = live(recording)
    assert listing.kind == "live"
    assert list(listing.segments) == recording.segments[-30:]
    assert listing.media_sequence == recording.segments[70].sequence
    assert not listing.is_ended


def test_a_longer_window_is_what_was_asked_for() -> None:
    recording = recorded(3600)
    assert len(live(recording, Window(length_s=7000)).segments) == 3500
    assert len(live(recording, Window(length_s=20)).segments) == 10


def test_there_are_always_the_least_segments_there_must_be() -> None:
    recording = recorded(100)
    assert len(live(recording, Window(length_s=4)).segments) == LEAST_SEGMENTS
    recording.target_duration_s = 10
    # Three target durations (RFC 8216 §6.2.2).
    assert len(live(recording, Window(length_s=4)).segments) == 15


@pytest.mark.parametrize("silent_s", [30, 3000, 8 * 3600])
def test_after_a_silence_what_was_before_is_still_listed(silent_s: int) -> None:
    recording = recorded(100)
    recording.add(silent_s=silent_s)
    listing = live(recording)
    assert len(listing.segments) >= LEAST_SEGMENTS
    assert listing.segments[-1].opens
    assert listing.segments[-1].discontinuity == listing.discontinuity_sequence + 1


def test_a_silent_channel_still_lists_its_last_minute() -> None:
    recording = recorded(100)
    assert live(recording, now_ms=now_of(recording) + 6 * HOUR) == live(recording)


def test_a_recording_ahead_of_the_clock_is_live_all_the_same() -> None:
    recording = recorded(100)
    assert live(recording, now_ms=now_of(recording) - 6 * HOUR) == live(recording)


def test_the_tag_stays_while_its_segment_is_first_and_goes_with_it() -> None:
    recording = recorded(40)
    opening = recording.add(run=True)
    seen = []
    while len(seen) < 40:
        listing = live(recording)
        first = listing.segments[0]
        seen.append((first.sequence - opening.sequence, listing.discontinuity_sequence))
        assert listing.first_opens == (first == opening)
        recording.add()
    before = opening.discontinuity - 1
    assert (-1, before) in seen
    assert (0, before) in seen
    assert (1, before + 1) in seen


def test_delayed_live_lists_what_was_live_then() -> None:
    recording = recorded(200)
    then = live(recording, Window(delay_s=100))
    assert then.kind == "live"
    assert then.segments[-1].end_ms <= now_of(recording) - 100_000
    assert then.segments[-1].end_ms > now_of(recording) - 103_000
    assert len(then.segments) == 30


def test_delayed_live_stands_still_in_a_gap() -> None:
    recording = recorded(100)
    edge = recording.segments[-1].end_ms
    for number in range(100):
        recording.add(silent_s=0 if number else 600)
    in_gap = live(recording, Window(delay_s=60), edge + 400_000)
    assert in_gap.segments[-1].end_ms == edge
    assert in_gap.segments == live(recording, Window(delay_s=60), edge + 500_000).segments


def test_nothing_recorded_is_not_found() -> None:
    for window in (Window(), Window(delay_s=9), span(0, 100)):
        with pytest.raises(NotFoundError):
            select(Recording(), window, MIDNIGHT)
    with pytest.raises(NotFoundError):
        live(recorded(10), span(-9000, -8000))


def test_the_past_is_vod_counted_from_nothing() -> None:
    recording = recorded(600)
    listing = live(recording, span(101, 200), now_of(recording) + HOUR)
    assert (listing.kind, listing.is_ended) == ("vod", True)
    assert (listing.media_sequence, listing.discontinuity_sequence) == (0, 0)
    assert listing.segments[0].start_ms == MIDNIGHT + 100_000
    assert listing.segments[-1].end_ms == MIDNIGHT + 200_000


def test_the_past_that_begins_with_an_opening_has_no_tag_before_it() -> None:
    recording = recorded(10)
    opening = recording.add(silent_s=50)
    recording.add()
    listing = live(recording, span(60, 90), now_of(recording) + HOUR)
    assert listing.segments[0] == opening
    assert not listing.first_opens


def test_what_is_not_kept_any_more_is_left_out() -> None:
    recording = recorded(600)
    recording.not_before_ms = MIDNIGHT + 500_000
    listing = live(recording, span(0, 600), now_of(recording) + HOUR)
    assert listing.segments[0].start_ms == MIDNIGHT + 500_000


def test_a_start_over_grows_as_event_until_its_end() -> None:
    recording = recorded(50)
    window = span(20, 120)
    while recording.segments[-1].end_ms < MIDNIGHT + 110_000:
        listing = live(recording, window)
        assert (listing.kind, listing.is_ended) == ("event", False)
        assert listing.media_sequence == 0
        assert list(listing.segments) == recording.segments[10:]
        recording.add()
    while recording.segments[-1].end_ms < MIDNIGHT + 120_000:
        recording.add()
    ended = live(recording, window)
    assert (ended.kind, ended.is_ended) == ("event", True)
    recording.add()
    assert live(recording, window).segments == ended.segments
    later = live(recording, window, MIDNIGHT + 120_000 + AFTERGLOW_MS)
    assert (later.kind, later.is_ended) == ("vod", True)
    assert later.segments == ended.segments


def test_a_closed_span_is_what_there_is_of_it() -> None:
    recording = recorded(50)
    closed = replace(span(20, 120), is_closed=True)
    while recording.segments[-1].end_ms < MIDNIGHT + 140_000:
        listing = live(recording, closed)
        assert (listing.kind, listing.is_ended) == ("vod", True)
        wanted = [s for s in recording.segments[10:] if s.start_ms < MIDNIGHT + 120_000]
        assert list(listing.segments) == wanted
        assert listing.is_settled == (recording.segments[-1].end_ms >= MIDNIGHT + 120_000)
        recording.add()


def test_what_may_still_change_is_not_settled() -> None:
    recording = recorded(60)
    stop = MIDNIGHT + 120_000
    assert not live(recording).is_settled
    assert not live(recording, span(20, 120), stop + AFTERGLOW_MS - 1).is_settled
    assert live(recording, span(20, 120), stop + AFTERGLOW_MS).is_settled
    silent = replace(span(20, 140), is_closed=True)
    assert not live(recording, silent, stop + 20_000 + GRACE_MS - 1).is_settled
    assert live(recording, silent, stop + 20_000 + GRACE_MS).is_settled


def test_a_source_that_is_silent_at_the_end_does_not_hold_it_up_for_ever() -> None:
    recording = recorded(50)
    stop = MIDNIGHT + 120_000
    assert not live(recording, span(20, 120), stop + GRACE_MS - 1).is_ended
    assert live(recording, span(20, 120), stop + GRACE_MS).is_ended


def test_what_a_loop_will_play_is_not_listed_before_it_has() -> None:
    loop = PlayedOut(recorded(500))
    now_ms = MIDNIGHT + 301_000
    for window in (Window(), span(100, 900)):
        listing = select(loop, window, now_ms)
        assert listing.segments[-1].end_ms == MIDNIGHT + 300_000
    assert not select(loop, span(100, 900), now_ms).is_ended


def test_a_live_list_never_spans_numbers_that_are_missing() -> None:
    recording = recorded(100)
    kept = recording.segments[:80] + [
        replace(s, opens=s.sequence == recording.segments[85].sequence)
        for s in recording.segments[85:]
    ]
    recording.segments[:] = kept  # a title of a loop was withdrawn
    listing = live(recording)
    assert list(listing.segments) == kept[80:]
    assert listing.media_sequence == kept[80].sequence


def test_target_duration_covers_a_segment_that_is_longer() -> None:
    recording = recorded(50)
    recording.add(4.6)
    assert live(recording).target_duration_s == 5
    recording = recorded(50)
    recording.add(3.499)
    assert live(recording).target_duration_s == 3
