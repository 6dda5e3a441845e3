"""Playlists put together from the texts of hours: byte for byte what the plain writer writes."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epg.timeline.model import Segment
from epg.timeline.names import HOUR_MS, hour_of, segment_key
from epg.timeline.stretch import Block, Slice, Stretch
from epg.timeline.window import Kind, Listing, Window, select
from tests.epg.timeline.recordings import MIDNIGHT, Recording
from vod_server.streams import hours, windows
from vod_server.streams.hours import HourTexts, Written
from vod_server.streams.kept import KeptPlaylists
from vod_server.streams.signing import media_key
from vod_server.streams.windows import SegmentAddresses, window_playlist

KEY = media_key("the secret of the tests of hours")
TTL = 6 * 3600
NOW_S = MIDNIGHT // 1000 + 5 * 3600


def blocks(segments: list[Segment]) -> list[Block]:
    """Return segments as a reader holds them, by hours."""
    return [Block(tuple(found)) for _, found in groupby(segments, lambda s: hour_of(s.start_ms))]


def cut(kept: list[Block], first: int, last: int) -> Stretch:
    """Return segments `first` to `last` of all blocks."""
    slices, begin = [], 0
    for block in kept:
        count = len(block.segments)
        low, high = max(0, first - begin), min(count, last - begin)
        if low < high:
            slices.append(Slice(block, low, high))
        begin += count
    return Stretch(slices)


def addresses(now_s: int = NOW_S) -> SegmentAddresses:
    return SegmentAddresses(KEY, now_s, TTL)


def both(texts: HourTexts, listing: Listing, now_s: int = NOW_S) -> Written:
    """Write a listing, ask that it is what the plain writer writes, and return it."""
    stretch, given_out, plain = listing.segments, addresses(now_s), addresses(now_s)
    assert isinstance(stretch, Stretch)
    written = texts.write(listing, stretch, given_out)
    text = window_playlist(replace(listing, segments=list(stretch)), plain)
    assert written.body == text.encode()
    assert given_out.same_until_s == plain.same_until_s
    return written


STEPS = st.lists(
    st.tuples(
        st.floats(0.9, 3.4),  # length
        st.sampled_from([0.0] * 4 + [0.3, 100.0, 1700.0, 3600.0]),  # silence
        st.sampled_from([0.0] * 4 + [-5.0, 5.0, 1800.0]),  # step of the clock
        st.booleans(),  # a new run
        st.integers(1, 9),  # how many follow
    ),
    min_size=1,
    max_size=12,
)


KINDS: tuple[Kind, ...] = ("event", "vod")
ENDS = st.tuples(st.sampled_from(KINDS), st.booleans(), st.booleans())


@settings(max_examples=60)
@given(STEPS, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=12), st.data())
def test_it_is_what_the_plain_writer_writes(
    steps: list[tuple[float, float, float, bool, int]],
    cuts: list[tuple[int, int]],
    data: st.DataObject,
) -> None:
    """While the recording grows and addresses are renewed, whatever is cut out of it."""
    recording, texts = Recording(), HourTexts()
    known: dict[str, bytes] = {}
    now_s = NOW_S
    for length_s, silent_s, step_s, run, count in steps:
        recording.add(length_s, silent_s=silent_s, step_s=step_s, run=run)
        for _ in range(count):
            recording.add(length_s)
        kept, total = blocks(recording.segments), len(recording.segments)
        now_s += data.draw(st.sampled_from([0, 0, 1, TTL]))
        for one, other in [*cuts, (0, 99)]:
            first = one * total // 100
            stretch = cut(kept, first, max(first + 1, other * total // 100 + 1))
            kind, ended, opens = data.draw(ENDS)
            listing = Listing(kind, stretch, 0, 0, opens, 4, ended)
            written = both(texts, listing, now_s)
            # The tag tells what differs, and nothing else.
            assert known.setdefault(written.etag, written.body) == written.body


def recorded(count: int) -> list[Segment]:
    found = []
    for number in range(count):
        start_ms = MIDNIGHT + 2000 * number
        found.append(Segment(start_ms, 2000, 9, segment_key(7, start_ms, 2000), number, 0, False))
    return found


def vod(stretch: Stretch) -> Listing:
    return Listing("vod", stretch, 0, 0, False, 3, True)


def test_the_tag_stays_while_the_hour_grows() -> None:
    segments, texts = recorded(1000), HourTexts()
    first = both(texts, vod(cut(blocks(segments[:600]), 100, 500)))
    later = both(texts, vod(cut(blocks(segments), 100, 500)))
    fresh = both(HourTexts(), vod(cut(blocks(segments), 100, 500)))
    assert first == later == fresh
    assert both(texts, vod(cut(blocks(segments), 100, 501))).etag != first.etag
    assert both(texts, vod(cut(blocks(segments), 101, 500))).etag != first.etag


def test_an_hour_that_was_read_otherwise_is_written_anew() -> None:
    segments, texts = recorded(100), HourTexts()
    before = both(texts, vod(cut(blocks(segments), 0, 100)))
    mended = [*segments[:50], replace(segments[50], opens=True), *segments[51:]]
    after = both(texts, vod(cut(blocks(mended), 0, 100)))
    assert (before.body == after.body, before.etag == after.etag) == (False, False)
    shorter = both(texts, vod(cut(blocks(segments[:40]), 0, 40)))
    assert shorter.body.count(b"#EXTINF") == 40


def test_an_hour_is_written_once_for_all_its_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    entry = windows.entry

    def counted(segment: Segment, *args: object, **named: object) -> str:
        written.append(segment.start_ms)
        return entry(segment, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(hours, "entry", counted)
    segments, texts = recorded(2 * 1800 + 100), HourTexts()
    kept = blocks(segments)
    texts.write(vod(stretch := cut(kept, 50, 3650)), stretch, addresses())
    assert len(written) < 3800
    written.clear()
    for second in range(51, 91):
        texts.write(vod(stretch := cut(kept, second, second + 3600)), stretch, addresses())
    assert len(written) == 40 * 3  # the first of each hour


def test_texts_have_an_end() -> None:
    texts = HourTexts(max_bytes=50_000)
    for hour in range(20):
        found = [
            replace(s, start_ms=s.start_ms + hour * HOUR_MS, key=segment_key(7, s.start_ms, 2000))
            for s in recorded(100)
        ]
        both(texts, vod(cut(blocks(found), 0, 100)))
    held = sum(len(text.body) for text in texts._kept.values())
    assert 0 < held == texts._bytes <= 50_000


def test_a_span_of_a_reader_takes_this_way_and_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    segments = recorded(4000)
    kept = blocks(segments)

    class Timeline:
        target_duration_s = 3

        def between(self, from_ms: int, to_ms: int) -> Stretch:
            low, high = ((at - MIDNIGHT) // 2000 for at in (from_ms, to_ms))
            return cut(kept, low, high)

        def edge_ms(self) -> int:
            return segments[-1].end_ms

    window = Window(start_s=MIDNIGHT // 1000 + 100, stop_s=MIDNIGHT // 1000 + 7300)
    now_ms = MIDNIGHT + 5 * HOUR_MS
    playlists = KeptPlaylists(KEY, address_ttl_s=TTL, live_window_s=60)
    found = playlists.get("stamp", window, now_ms, Timeline)
    listing = select(Timeline(), window, now_ms)
    assert found.body == window_playlist(listing, addresses(now_ms // 1000)).encode()
    assert playlists._hours._bytes > 300_000
    assert playlists.get("stamp", window, now_ms, Timeline) is found


def test_a_cut_copies_no_segment() -> None:
    kept = blocks(recorded(3600))
    [block.latest_end_ms + block.longest_ms for block in kept]
    tracemalloc.start()
    try:
        stretch = cut(kept, 10, 3500)
        assert len(stretch) == 3490
        assert stretch.longest_ms == 2000
        assert tracemalloc.get_traced_memory()[1] < 10_000
    finally:
        tracemalloc.stop()
