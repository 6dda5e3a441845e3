"""Playlists of windows: literal texts, an independent reader, and what holds while one polls."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import m3u8
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInputError
from epg.timeline.model import Segment
from epg.timeline.window import Listing, Window, select
from tests.epg.timeline.recordings import MIDNIGHT, Recording
from vod_server.streams.signing import media_key, verify
from vod_server.streams.windows import SegmentAddresses, date_time, split_key, window_playlist

KEY = media_key("the secret of the live playlists' tests")
TTL = 6 * 3600


def segment(second: float, **fields: object) -> Segment:
    values = {
        "start_ms": MIDNIGHT + round(second * 1000),
        "duration_ms": 2000,
        "size_bytes": 1,
        "key": f"live/7/20260501/00/{second}.ts",
        "sequence": 0,
        "discontinuity": 0,
        "opens": False,
    }
    return Segment(**{**values, **fields})  # type: ignore[arg-type]


SEGMENTS = [segment(0), segment(2), segment(60.5, duration_ms=1960, opens=True), segment(62.47)]


def by_key(one: Segment) -> str:
    return one.key.rpartition("/")[2]


def test_live_text() -> None:
    listing = Listing("live", SEGMENTS, 75_000_000, 11, True, 3, False)
    assert window_playlist(listing, by_key) == (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n"
        "#EXT-X-MEDIA-SEQUENCE:75000000\n#EXT-X-DISCONTINUITY-SEQUENCE:11\n"
        "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-05-01T00:00:00.000Z\n"
        "#EXTINF:2.000,\n0.ts\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-05-01T00:00:02.000Z\n#EXTINF:2.000,\n2.ts\n"
        "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-05-01T00:01:00.500Z\n"
        "#EXTINF:1.960,\n60.5.ts\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-05-01T00:01:02.470Z\n#EXTINF:2.000,\n62.47.ts\n"
    )


def test_vod_text_has_dates_only_where_they_say_something() -> None:
    listing = Listing("vod", SEGMENTS, 0, 0, False, 3, True)
    assert window_playlist(listing, by_key) == (
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-05-01T00:00:00.000Z\n#EXTINF:2.000,\n0.ts\n"
        "#EXTINF:2.000,\n2.ts\n"
        "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-05-01T00:01:00.500Z\n"
        "#EXTINF:1.960,\n60.5.ts\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-05-01T00:01:02.470Z\n#EXTINF:2.000,\n62.47.ts\n"
        "#EXT-X-ENDLIST\n"
    )


def test_event_text_is_the_beginning_of_its_end() -> None:
    growing = window_playlist(Listing("event", SEGMENTS[:3], 0, 0, False, 3, False), by_key)
    ended = window_playlist(Listing("event", SEGMENTS, 0, 0, False, 3, True), by_key)
    assert "#EXT-X-PLAYLIST-TYPE:EVENT\n" in growing
    assert ended.startswith(growing)
    assert "ENDLIST" not in growing


def test_strict_reader_accepts_every_kind() -> None:
    for listing in (
        Listing("live", SEGMENTS, 75_000_000, 11, True, 3, False),
        Listing("event", SEGMENTS, 0, 0, False, 3, False),
        Listing("vod", SEGMENTS, 0, 0, False, 3, True),
    ):
        m3u8.parser.parse(window_playlist(listing, by_key), strict=True)


def test_dates_are_exact_to_the_millisecond() -> None:
    assert date_time(MIDNIGHT - 1) == "2026-04-30T23:59:59.999Z"
    assert date_time(MIDNIGHT + 7) == "2026-05-01T00:00:00.007Z"


def test_addresses_are_signed_by_scope_and_hour() -> None:
    now_s = MIDNIGHT // 1000 + 3700
    addresses = SegmentAddresses(KEY, now_s, TTL)
    at = datetime.fromtimestamp(now_s, UTC)
    for key, scope in (
        ("live/7/20260501/00/1777593600000-2000.ts", "live/7"),
        ("vod/3/a1b2c3/480p/s00007.ts", "vod/3/a1b2c3"),
    ):
        _, media, sig, expires, rest = addresses(segment(0, key=key)).split("/", 4)
        assert (media, rest) == ("media", key)
        assert int(expires) == MIDNIGHT // 1000 + 3600 + TTL
        verify(KEY, scope, expires, sig, at)


def test_addresses_say_until_when_they_stay() -> None:
    hour_end = MIDNIGHT // 1000 + 3600
    for now_s in (
        hour_end - 1800,
        hour_end + TTL // 2 - 1,
        hour_end + TTL // 2,
        hour_end + 9 * TTL,
    ):
        addresses = SegmentAddresses(KEY, now_s, TTL)
        address = addresses(SEGMENTS[0])
        until = addresses.same_until_s
        assert until > now_s
        assert SegmentAddresses(KEY, until - 1, TTL)(SEGMENTS[0]) == address
        assert SegmentAddresses(KEY, until, TTL)(SEGMENTS[0]) != address


@pytest.mark.parametrize("key", ["", "live/7", "live/7/x.ts", "vod/7/s.ts", "sources/a/b/c"])
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidInputError):
        split_key(key)


STEPS = st.lists(
    st.tuples(
        st.floats(0.9, 3.4),  # length
        st.sampled_from([0.0] * 6 + [0.3, 5.0, 100.0, 4000.0, 100_000.0]),  # silence
        st.sampled_from([0.0] * 6 + [-3600.0, -5.0, 5.0, 3600.0]),  # step of the clock
        st.sampled_from([False] * 6 + [True]),  # a new run
        st.integers(1, 12),  # how many follow before the next poll
    ),
    min_size=1,
    max_size=15,
)
WINDOWS = st.sampled_from([Window(), Window(length_s=10), Window(length_s=150), Window(delay_s=15)])


@settings(max_examples=30)
@given(STEPS, WINDOWS)
def test_what_holds_while_one_polls(
    steps: list[tuple[float, float, float, bool, int]], window: Window
) -> None:
    """RFC 8216 §6.2.1, §6.2.2 and STREAMING.md's list, on the texts, of every pair of polls."""
    recording = Recording()
    polls: list[Poll] = []
    for _ in range(30):
        recording.add()
    for length_s, silent_s, step_s, run, count in steps:
        recording.add(length_s, silent_s=silent_s, step_s=step_s, run=run)
        for _ in range(count):
            recording.add(length_s)
        now_ms = recording.segments[-1].end_ms
        listing = select(recording, window, now_ms)
        polls.append(Poll(window_playlist(listing, lambda s: s.key)))
    truth = {s.sequence: s for s in recording.segments}
    for poll in polls:
        assert poll.target_s == 3
        assert len(poll.segments) >= 6
        for number, (uri, instant, discontinuity, opens) in poll.segments.items():
            recorded = truth[number]
            assert uri == recorded.key
            assert instant == recorded.start_ms
            assert (discontinuity, opens) == (recorded.discontinuity, recorded.opens)
    # Each poll agrees with the truth, so any two agree; that none goes back is left to show.
    for earlier, later in pairwise(polls):
        removed = [number for number in earlier.segments if number not in later.segments]
        assert removed == list(range(earlier.first, min(later.first, earlier.last + 1)))
        assert later.first >= earlier.first
        assert later.last >= earlier.last


class Poll:
    """A live playlist as a client understands it.

    Args:
        text: what it was given.
    """

    def __init__(self, text: str) -> None:
        parsed = m3u8.loads(text)
        self.target_s = parsed.target_duration
        self.first = parsed.media_sequence
        self.last = self.first + len(parsed.segments) - 1
        self.segments: dict[int, tuple[str, int, int, bool]] = {}
        discontinuity = parsed.discontinuity_sequence
        for number, one in enumerate(parsed.segments, self.first):
            discontinuity += one.discontinuity
            instant_ms = round(one.program_date_time.timestamp() * 1000)
            self.segments[number] = (one.uri, instant_ms, discontinuity, one.discontinuity)


@settings(max_examples=40)
@given(STEPS)
def test_an_event_is_only_ever_added_to(
    steps: list[tuple[float, float, float, bool, int]],
) -> None:
    recording = Recording()
    for _ in range(20):
        recording.add()
    window = Window(start_s=MIDNIGHT // 1000 + 11, stop_s=MIDNIGHT // 1000 + 43_211)
    before = ""
    for length_s, silent_s, step_s, run, count in steps:
        recording.add(length_s, silent_s=silent_s, step_s=step_s, run=run)
        for _ in range(count):
            recording.add(length_s)
        now_ms = recording.segments[-1].end_ms
        listing = select(recording, window, now_ms)
        text = window_playlist(listing, lambda s: s.key)
        if listing.kind == "event":
            assert text.startswith(before)
            before = text.removesuffix("#EXT-X-ENDLIST\n")
