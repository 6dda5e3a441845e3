"""The scanner and the segmenter against ffprobe, and where cuts fall."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.titles.renditions import Segment
from tests.vod_server.media.clips import AAC, GOP2, H264, MakeClip, ffprobe, picture, tone
from vod_server.media.cuts import GivenCuts, NearestCuts, UnfitStreamError
from vod_server.media.measure import average_bps, peak_bps
from vod_server.media.mpegts import BrokenStreamError, Mark, Scanner, nal_types
from vod_server.media.segmenter import Segmenter


def scan(data: bytes, step: int) -> list[Mark]:
    scanner = Scanner()
    return [
        mark for at in range(0, len(data), step) for mark in scanner.feed(data[at : at + step])[1]
    ]


@pytest.mark.media
def test_the_scanner_sees_what_ffprobe_sees(make_clip: MakeClip) -> None:
    clip = make_clip("scan.ts", *picture("320x180", "25", 5), *tone(5), *H264, *GOP2, *AAC)
    packets = ffprobe(clip, "-select_streams", "v", "-show_packets")["packets"]
    data = clip.read_bytes()
    for step in (188, 1000, 65536, len(data)):
        marks = [mark for mark in scan(data, step) if mark.video]
        assert [mark.pts for mark in marks] == [packet["pts"] for packet in packets]
        assert [mark.offset for mark in marks] == [int(packet["pos"]) for packet in packets]
        assert [m.random_access for m in marks] == ["K" in packet["flags"] for packet in packets]
    for mark in marks:
        if mark.random_access:
            assert mark.tables_at is not None
            assert data[mark.tables_at + 1] & 0x5F == 0x40, "payload of PID 0 or 17 begins"


def test_bytes_that_are_no_stream() -> None:
    with pytest.raises(BrokenStreamError):
        Scanner().feed(b"G" * 10 + b"x" * 400)


def test_nal_types_of_an_annex_b_stream() -> None:
    stream = b"\0\0\0\1\x09\xf0\0\0\0\1\x67abc\0\0\1\x68d\0\0\1\x65"
    assert nal_types(stream) == [9, 7, 8, 5]


@pytest.mark.media
def test_a_gap_without_keyframe_is_refused_while_streaming(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    clip = make_clip("gap.ts", *picture("64x36", "10", 9), *H264, "-g", "999")
    sink = Segmenter(tmp_path, NearestCuts(6), frame_s=0.1, longest_gap_s=4)
    with pytest.raises(UnfitStreamError, match="no keyframe"):
        sink(clip.read_bytes())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("known", "chosen"),
    [
        ([2.0, 4.0], None), ([2.0, 4.0, 6.0], 2), ([2.0, 4.0, 6.006], 2), ([5.0, 10.0], 0),
        ([4.0, 8.0], 0), ([3.0, 8.0], 1), ([9.0], 0),
    ],
)  # fmt: skip
def test_nearest_cuts(known: list[float], chosen: int | None) -> None:
    assert NearestCuts(6.0).choose(0.0, known) == chosen


def test_given_cuts() -> None:
    cuts = GivenCuts((5.0, 11.0), match_s=0.02)
    assert cuts.choose(0.0, [2.0, 4.0]) is None
    assert cuts.choose(0.0, [2.0, 4.0, 5.01]) == 2
    assert cuts.choose(5.01, [7.0]) is None
    assert cuts.choose(11.0, [13.0]) is None, "after the last cut all is one segment"
    with pytest.raises(UnfitStreamError):
        cuts.choose(5.0, [10.9, 11.5])


def test_peak_is_of_runs_near_the_target_duration() -> None:
    segments = [Segment("a", 6.0, 600_000), Segment("b", 6.0, 900_000), Segment("c", 0.5, 300_000)]
    # The half second at the end counts only together with the segment before it.
    assert peak_bps(segments) == round(1_200_000 * 8 / 6.5 + 0.5)
    assert average_bps(segments) == round(1_800_000 * 8 / 12.5)
    assert peak_bps([Segment("a", 1.0, 1000)]) == 8000
