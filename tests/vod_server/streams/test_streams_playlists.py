"""Playlists written from measured values, against literal texts and an independent reader."""

from dataclasses import replace

import m3u8
import pytest

from catalog.titles.renditions import IFrame, Measured, Segment
from core.errors import InvalidInputError
from vod_server.streams.bandwidth import peak_bps
from vod_server.streams.playlists import (
    iframe_playlist,
    media_playlist,
    multivariant_playlist,
    target_duration,
    variant_order,
)

SEGMENTS = (
    Segment(
        "s00000.ts", 6.0, 600_000, 564, (IFrame(0.0, 564, 40_000), IFrame(2.0, 200_000, 9_400))
    ),
    Segment("s00001.ts", 6.04, 640_000, 564, (IFrame(6.0, 564, 41_000),)),
    Segment("s00002.ts", 1.96, 90_000, 564, (IFrame(12.04, 564, 20_000),)),
)
SD = Measured("480p", "encode", 854, 480, 25.0, "avc1.4d401e,mp4a.40.2", 900_000, 760_000, SEGMENTS)
HD = replace(
    SD, name="720p", width=1280, height=720, bandwidth_bps=3_300_000, codecs="avc1.4d401f,mp4a.40.2"
)
LOW = replace(
    SD,
    name="360p",
    width=640,
    height=360,
    bandwidth_bps=600_000,
    average_bandwidth_bps=500_000,
    frame_rate=30000 / 1001,
)
AUDIO = Measured(
    "audio", "encode", None, None, None, "mp4a.40.2", 132_000, 130_000,
    (Segment("s00000.ts", 6.0, 99_000), Segment("s00001.ts", 3.5, 57_000)),
)  # fmt: skip

MEDIA = """\
#EXTM3U
#EXT-X-VERSION:3
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:6
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:6.000000,
s00000.ts
#EXTINF:6.040000,
s00001.ts
#EXTINF:1.960000,
s00002.ts
#EXT-X-ENDLIST
"""

IFRAMES = """\
#EXTM3U
#EXT-X-VERSION:5
#EXT-X-TARGETDURATION:6
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-I-FRAMES-ONLY
#EXT-X-MAP:URI="s00000.ts",BYTERANGE="564@0"
#EXTINF:2.000000,
#EXT-X-BYTERANGE:40000@564
s00000.ts
#EXTINF:4.000000,
#EXT-X-BYTERANGE:9400@200000
s00000.ts
#EXTINF:6.040000,
#EXT-X-BYTERANGE:41000@564
s00001.ts
#EXTINF:1.960000,
#EXT-X-BYTERANGE:20000@564
s00002.ts
#EXT-X-ENDLIST
"""

MULTIVARIANT = """\
#EXTM3U
#EXT-X-VERSION:4
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:CLOSED-CAPTIONS=NONE,BANDWIDTH=900000,AVERAGE-BANDWIDTH=760000,RESOLUTION=854x480,FRAME-RATE=25,CODECS="avc1.4d401e,mp4a.40.2"
/m/480p/index.m3u8
#EXT-X-STREAM-INF:CLOSED-CAPTIONS=NONE,BANDWIDTH=3300000,AVERAGE-BANDWIDTH=760000,RESOLUTION=1280x720,FRAME-RATE=25,CODECS="avc1.4d401f,mp4a.40.2"
/m/720p/index.m3u8
#EXT-X-STREAM-INF:CLOSED-CAPTIONS=NONE,BANDWIDTH=600000,AVERAGE-BANDWIDTH=500000,RESOLUTION=640x360,FRAME-RATE=29.97,CODECS="avc1.4d401e,mp4a.40.2"
/m/360p/index.m3u8
#EXT-X-STREAM-INF:CLOSED-CAPTIONS=NONE,BANDWIDTH=132000,AVERAGE-BANDWIDTH=130000,CODECS="mp4a.40.2"
/m/audio/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=65867,AVERAGE-BANDWIDTH=63086,RESOLUTION=854x480,CODECS="avc1.4d401e",URI="/m/480p/iframes.m3u8"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=65867,AVERAGE-BANDWIDTH=63086,RESOLUTION=1280x720,CODECS="avc1.4d401f",URI="/m/720p/iframes.m3u8"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=65867,AVERAGE-BANDWIDTH=63086,RESOLUTION=640x360,CODECS="avc1.4d401e",URI="/m/360p/iframes.m3u8"
"""


def _multivariant(*renditions: Measured) -> str:
    return multivariant_playlist(
        renditions,
        lambda measured: f"/m/{measured.name}/index.m3u8",
        lambda measured: f"/m/{measured.name}/iframes.m3u8",
    )


def test_media_playlist_text() -> None:
    assert media_playlist(SD) == MEDIA


def test_iframe_playlist_text() -> None:
    assert iframe_playlist(SD) == IFRAMES


def test_multivariant_playlist_text() -> None:
    assert _multivariant(AUDIO, LOW, HD, SD) == MULTIVARIANT


def test_strict_reader_accepts_all_three() -> None:
    for text in (MEDIA, IFRAMES, MULTIVARIANT):
        m3u8.loads(text, uri="https://tv.example/m/index.m3u8").dumps()
        m3u8.parser.parse(text, strict=True)


def test_audio_only_title_has_neither_picture_attributes_nor_iframes() -> None:
    text = _multivariant(AUDIO)
    assert "RESOLUTION" not in text
    assert "FRAME-RATE" not in text
    assert "I-FRAME" not in text
    assert "#EXTINF:3.500000,\ns00001.ts" in media_playlist(AUDIO)


def test_peak_is_never_declared_below_the_average() -> None:
    rounded = replace(AUDIO, bandwidth_bps=129_990)
    assert "BANDWIDTH=130000,AVERAGE-BANDWIDTH=130000" in _multivariant(rounded)


def test_a_second_map_where_the_tables_change_their_size() -> None:
    changed = replace(SD, segments=(*SEGMENTS[:2], replace(SEGMENTS[2], init_bytes=752)))
    maps = [line for line in iframe_playlist(changed).splitlines() if "X-MAP" in line]
    assert maps == [
        '#EXT-X-MAP:URI="s00000.ts",BYTERANGE="564@0"',
        '#EXT-X-MAP:URI="s00002.ts",BYTERANGE="752@0"',
    ]


@pytest.mark.parametrize(
    ("renditions", "names"),
    [
        ((LOW, SD, HD), ["480p", "720p", "360p"]),
        ((HD,), ["720p"]),
        ((HD, AUDIO), ["720p", "audio"]),
        ((replace(HD, bandwidth_bps=2_400_000), LOW), ["720p", "360p"]),
        ((HD, replace(SD, bandwidth_bps=2_600_000)), ["480p", "720p"]),
        ((AUDIO,), ["audio"]),
    ],
)
def test_first_variant_is_the_best_a_village_line_carries(
    renditions: tuple[Measured, ...], names: list[str]
) -> None:
    assert [measured.name for measured in variant_order(renditions)] == names


@pytest.mark.parametrize(
    ("durations_s", "expected"),
    [([6.5], 7), ([6.499999], 6), ([0.2], 1), ([5.9, 6.04], 6), ([2.0], 2)],
)
def test_target_duration_covers_rounded_durations(durations_s: list[float], expected: int) -> None:
    assert target_duration(durations_s) == expected


def test_peak_leaves_out_a_short_last_segment() -> None:
    assert peak_bps([(6.0, 600_000), (6.0, 660_000), (0.04, 50_000)], 6) == 940_398
    assert peak_bps([(6.0, 600_000), (6.0, 660_000), (0.04, 500)], 6) == 880_000


def test_peak_of_a_title_shorter_than_half_a_segment_is_its_average() -> None:
    assert peak_bps([(1.0, 125_000)], 6) == 1_000_000


def test_nothing_to_play_is_said() -> None:
    empty = replace(SD, segments=())
    with pytest.raises(InvalidInputError, match="480p"):
        media_playlist(empty)
    with pytest.raises(InvalidInputError, match="audio"):
        iframe_playlist(AUDIO)
    with pytest.raises(InvalidInputError, match="清晰度"):
        _multivariant()
    with pytest.raises(InvalidInputError, match="480p"):
        _multivariant(empty)
