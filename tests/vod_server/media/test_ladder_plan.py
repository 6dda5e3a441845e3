"""The ladder as a pure function: what is made of which source."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vod_server.media.facts import Audio, Probe, Video
from vod_server.media.ladder import (
    BOXES,
    Plan,
    fit_box,
    h264_level,
    plan_ladder,
    with_loudness,
    without_copy,
)
from vod_server.media.loudness import Loudness

VIDEO = Video(
    index=0, codec="h264", profile="High", level=31, coded_width=1280, coded_height=720,
    width=1280, height=720, rotation=0, sar=Fraction(1), frame_rate=Fraction(25),
    nominal_rate=Fraction(25), vfr=False, pix_fmt="yuv420p", bit_depth=8, interlaced=False,
    color_range="tv", color_transfer="bt709", color_primaries="bt709", color_space="bt709",
    bit_rate_bps=2_500_000, start_s=0.0, end_s=60.0, max_keyframe_gap_s=2.0,
    starts_with_keyframe=True,
)  # fmt: skip
AUDIO = Audio(1, "aac", "LC", 2, "stereo", 48000, 128000, 0.0, 60.0)
ON_TARGET = Loudness(-23.4, -5.0)


def plan_of(audio: Audio | None = AUDIO, loudness: Loudness | None = None, **video: Any) -> Plan:
    probe = Probe("mp4", 60.0, 1, dataclasses.replace(VIDEO, **video), audio)
    return plan_ladder(probe, loudness)


def sized(width: int, height: int, **more: Any) -> dict[str, Any]:
    return {"width": width, "height": height, "coded_width": width, "coded_height": height} | more


def modes(plan: Plan) -> str:
    return " ".join(f"{rung.name}:{rung.mode}" for rung in plan.rungs)


def test_a_fitting_source_is_copied_and_the_lower_rungs_encoded() -> None:
    assert modes(plan_of()) == "720p:copy 480p:encode 360p:encode"


@pytest.mark.parametrize(
    "unfit",
    [
        {"codec": "hevc"}, {"profile": "High 10"}, {"level": 40}, {"pix_fmt": "yuvj420p"},
        {"color_range": "pc"}, {"bit_depth": 10}, {"color_transfer": "smpte2084"},
        {"sar": Fraction(4, 3)}, {"rotation": 180}, {"interlaced": True}, {"vfr": True},
        {"frame_rate": Fraction(50)}, {"frame_rate": Fraction(5)}, {"start_s": 0.5},
        {"max_keyframe_gap_s": 6.5}, {"max_keyframe_gap_s": None}, {"starts_with_keyframe": False},
        {"bit_rate_bps": 6_100_000}, {"end_s": 57.0},
        {"coded_width": 1440, "coded_height": 720},
    ],
    ids=str,
)  # fmt: skip
def test_an_unfit_source_is_encoded(unfit: dict[str, Any]) -> None:
    assert modes(plan_of(**unfit)) == "720p:encode 480p:encode 360p:encode"


@pytest.mark.parametrize(
    ("width", "height", "wanted"),
    [
        (3840, 2160, {"720p": (1280, 720), "480p": (854, 480), "360p": (640, 360)}),
        (1920, 800, {"720p": (1280, 534), "480p": (854, 356), "360p": (640, 266)}),
        (1080, 1920, {"720p": (720, 1280), "480p": (480, 854), "360p": (360, 640)}),
        (1024, 576, {"720p": (1024, 576), "480p": (854, 480), "360p": (640, 360)}),
        (854, 480, {"480p": (854, 480), "360p": (640, 360)}),
        (640, 480, {"480p": (640, 480), "360p": (480, 360)}),
        (640, 360, {"360p": (640, 360)}),
        (320, 240, {"360p": (320, 240)}),
        (173, 99, {"360p": (172, 98)}),
        (660, 370, {"480p": (660, 370)}),
        (1, 1, {"360p": (2, 2)}),
    ],
)
def test_sizes(width: int, height: int, wanted: dict[str, tuple[int, int]]) -> None:
    plan = plan_of(**sized(width, height, codec="mpeg4"))
    assert {rung.name: (rung.width, rung.height) for rung in plan.rungs} == wanted


@given(st.integers(2, 5000), st.integers(2, 5000))
def test_never_upscaled_always_even_aspect_kept(width: int, height: int) -> None:
    plan = plan_of(**sized(width, height))
    assert plan.rungs
    boxes = {box.name: box for box in BOXES}
    for rung in plan.rungs:
        assert rung.width is not None
        assert rung.height is not None
        assert rung.width <= width
        assert rung.height <= height
        assert rung.width % 2 == rung.height % 2 == 0
        box = boxes[rung.name]
        assert max(rung.width, rung.height) <= box.long_side
        assert min(rung.width, rung.height) <= box.short_side
        # Aspect kept: each side is within an even step of what the other side's scale gives.
        assert abs(rung.width * height - rung.height * width) <= 2 * (width + height)
    sizes = [(rung.width or 0) * (rung.height or 0) for rung in plan.rungs]
    assert sizes == sorted(set(sizes), reverse=True)


@given(st.integers(2, 5000), st.integers(2, 5000), st.sampled_from(BOXES))
def test_standing_and_lying_are_treated_alike(width: int, height: int, box: Any) -> None:
    assert fit_box(width, height, box) == fit_box(height, width, box)[::-1]


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [
        ("25", "25"), ("30000/1001", "30000/1001"), ("50", "25"), ("60000/1001", "30000/1001"),
        ("48", "24"), ("90", "30"), ("100", "25"), ("15", "15"), ("1", "16"),
        ("24000/1001", "24000/1001"),
    ],
)  # fmt: skip
def test_constant_rates(rate: str, wanted: str) -> None:
    picture = plan_of(frame_rate=Fraction(rate)).picture
    assert picture is not None
    assert picture.frame_rate == Fraction(wanted)


@pytest.mark.parametrize(
    ("average", "nominal", "wanted"),
    [("28.7", "30", "30"), ("12", "30", "30"), ("9", "90000", "24"), ("55", "60", "30")],
)
def test_variable_rates(average: str, nominal: str, wanted: str) -> None:
    plan = plan_of(frame_rate=Fraction(average), nominal_rate=Fraction(nominal), vfr=True)
    assert plan.picture is not None
    assert plan.picture.frame_rate == Fraction(wanted)


def test_what_is_done_to_the_picture() -> None:
    picture = plan_of(interlaced=True, color_transfer="arib-std-b67", pix_fmt="yuvj420p").picture
    assert picture is not None
    assert (picture.deinterlace, picture.tone_map, picture.full_range) == (True, True, True)


@given(st.integers(200_000, 20_000_000))
def test_bit_rates_are_capped_by_the_source_and_fall(bitrate: int) -> None:
    rates = [rung.bitrate_bps for rung in plan_of(bit_rate_bps=bitrate).rungs]
    assert rates == sorted(rates, reverse=True)
    assert all(rate <= bitrate for rate in rates)
    assert rates[0] <= 3_000_000


def test_levels_fit_the_picture() -> None:
    assert h264_level(854, 480, Fraction(25)) == "3.0"
    assert h264_level(854, 480, Fraction(30)) == "3.1"
    assert h264_level(1280, 720, Fraction(30)) == "3.1"


@pytest.mark.parametrize(
    ("change", "loudness", "mode"),
    [
        ({}, None, "copy"), ({}, ON_TARGET, "copy"), ({}, Loudness(-70.0, -200.0), "copy"),
        ({}, Loudness(-21.9, -5.0), "encode"), ({}, Loudness(-23.0, -0.2), "encode"),
        ({"channels": 6}, ON_TARGET, "encode"), ({"sample_rate": 44100}, ON_TARGET, "encode"),
        ({"profile": "HE-AAC"}, ON_TARGET, "encode"), ({"codec": "mp3"}, ON_TARGET, "encode"),
        ({"start_s": 1.0}, ON_TARGET, "encode"),
    ],
    ids=str,
)  # fmt: skip
def test_sound_is_copied_only_when_it_is_right(
    change: dict[str, Any], loudness: Loudness | None, mode: str
) -> None:
    plan = plan_of(dataclasses.replace(AUDIO, **change), loudness)
    assert plan.sound.mode == mode
    assert plan.rungs[0].mode == "copy", "the picture is copied whatever the sound"


def test_no_sound_is_silence_and_sound_alone_is_one_rendition() -> None:
    assert plan_of(None).sound.mode == "silence"
    alone = plan_ladder(Probe("m4a", 60.0, 1, None, AUDIO), None)
    assert modes(alone) == "audio:copy"
    assert modes(with_loudness(alone, Loudness(-14.0, -0.1))) == "audio:encode"


def test_sound_that_outlasts_the_picture_holds_it() -> None:
    plan = plan_of(dataclasses.replace(AUDIO, end_s=75.0))
    assert plan.picture is not None
    assert (plan.picture.hold_s, plan.duration_s, plan.copied) == (15.0, 75.0, None)


def test_without_copy_encodes_everything() -> None:
    plan = without_copy(plan_of(loudness=ON_TARGET))
    assert (modes(plan), plan.sound.mode) == ("720p:encode 480p:encode 360p:encode", "encode")


def test_a_probe_survives_json() -> None:
    probe = Probe("mp4", 60.0, 1, dataclasses.replace(VIDEO, sar=Fraction(16, 11)), AUDIO)
    assert Probe.from_json(probe.to_json()) == probe
    assert Probe.from_json(Probe("m4a", 1.0, 1, None, AUDIO).to_json()).video is None
