"""What is copied and what is encoded; the word of codec parameters; holes; rotation; telling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.vod_server.media.clips import run
from vod_server.live.fitting import Plan, first_plan, fitted, output_arguments
from vod_server.live.parameters import parameters_of, parameters_of_file
from vod_server.live.rotation import (
    LONGEST_NEAR_PAUSE_S,
    LONGEST_PAUSE_S,
    LONGEST_RETURN_S,
    RETURN_S,
    SHORT_PAUSE_S,
    Rotation,
)
from vod_server.live.telling import AGAIN_S, Telling
from vod_server.live.transport import first_picture_s, hole_s

COPY = Plan("copy", "copy")


def facts(**changes: Any) -> dict[str, Any]:
    video = {"codec_type": "video", "codec_name": "h264", "pix_fmt": "yuv420p", "height": 1080}
    audio = {"codec_type": "audio", "codec_name": "aac", "profile": "LC", "channels": 2}
    streams = [video | changes.get("video", {}), audio | changes.get("audio", {})]
    return {"streams": [s for s in streams if s["codec_type"] not in changes.get("without", ())]}


@pytest.mark.parametrize(
    ("changes", "plan"),
    [
        ({}, COPY),
        ({"without": ("audio",)}, COPY),
        ({"without": ("video",)}, COPY),
        ({"video": {"codec_name": "hevc"}}, Plan("encode", "copy")),
        ({"video": {"pix_fmt": "yuv420p10le"}}, Plan("encode", "copy")),
        ({"video": {"height": 2160}}, Plan("encode", "copy")),
        ({"video": {"height": 0}}, Plan("encode", "copy")),
        ({"audio": {"codec_name": "mp2"}}, Plan("copy", "encode")),
        ({"audio": {"profile": "HE-AAC"}}, Plan("copy", "encode")),
        ({"audio": {"channels": 6}}, Plan("copy", "encode")),
        ({"video": {"codec_type": "data"}}, Plan("encode", "encode")),
    ],
)
def test_what_boxes_play_is_copied(changes: dict[str, Any], plan: Plan) -> None:
    assert fitted(COPY, facts(**changes), longest_s=2.0) == plan


def test_long_segments_are_encoded_and_an_encode_stays_one() -> None:
    assert fitted(COPY, facts(), longest_s=10.5) == Plan("encode", "copy")
    encode = Plan("encode", "encode")
    assert fitted(encode, facts(), longest_s=2.0) == encode
    assert encode.mode == "encode"
    assert Plan("none", "copy").mode == "copy"


@pytest.mark.parametrize(
    ("kind", "mode", "radio", "plan"),
    [
        ("udp", "auto", False, COPY),
        ("udp", "copy", False, COPY),
        ("udp", "encode", False, Plan("encode", "encode")),
        ("card", "copy", False, Plan("encode", "encode")),
        ("udp", "auto", True, Plan("none", "copy")),
    ],
)
def test_the_first_plan_copies_unless_it_is_told(
    kind: str, mode: str, plan: Plan, *, radio: bool
) -> None:
    assert first_plan(kind, mode, radio=radio) == plan


def test_an_encode_has_a_keyframe_every_two_seconds() -> None:
    found = output_arguments(Plan("encode", "encode"), "udp")
    assert found[found.index("-force_key_frames") + 1] == "expr:gte(t,n_forced*2)"
    assert "-an" not in found
    assert "-vn" in output_arguments(Plan("none", "copy"), "udp")


# --- the word of the codec parameters ---------------------------------------------------------


def cut(clip: Path, folder: Path) -> list[bytes]:
    """Cut a clip as the recorder does."""
    folder.mkdir()
    muxer = ["-f", "segment", "-segment_time", "0.8", "-individual_header_trailer", "0"]
    run("ffmpeg", "-v", "error", "-i", clip, "-c", "copy", *muxer, folder / "%d.ts")
    files = sorted(folder.iterdir(), key=lambda file: int(file.stem))
    return [file.read_bytes() for file in files]


@pytest.mark.media
def test_one_streams_segments_have_one_word_and_others_another(clips: Path, tmp_path: Path) -> None:
    words = {}
    for name in ("small.ts", "large.ts", "mp2.ts", "sound.ts", "hevc.ts"):
        segments = cut(clips / name, tmp_path / name)
        assert len(segments) >= 4
        found = {parameters_of(segment) for segment in segments}
        assert len(found) == 1, name
        words[name] = found.pop()
    assert len(set(words.values())) == 5


@pytest.mark.media
def test_the_word_is_the_same_though_a_large_picture_comes_before_the_first_sound(
    clips: Path, tmp_path: Path
) -> None:
    """The first sound may stand a megabyte behind: reading goes on until it is found."""
    segment = cut(clips / "small.ts", tmp_path / "cut")[1]
    whole = parameters_of(segment)
    packets = [segment[at : at + 188] for at in range(0, len(segment), 188)]
    pid = [(packet[1] & 0x1F) << 8 | packet[2] for packet in packets]
    tables = [p for p, one in zip(packets, pid, strict=True) if one in {0, 0x1000}]
    pictures = [p for p, one in zip(packets, pid, strict=True) if one == 0x100]
    sound = [p for p, one in zip(packets, pid, strict=True) if one == 0x101]
    filling = [p for p in pictures if not p[1] & 0x40] * 200
    late = b"".join([*tables[:2], *pictures, *filling, *sound])
    assert len(late) > 1_000_000
    file = tmp_path / "late.ts"
    file.write_bytes(late)
    assert parameters_of_file(file) == whole == parameters_of(late)
    assert parameters_of(b"".join([*tables[:2], *pictures])) != whole, "no sound is another word"


@pytest.mark.parametrize("damage", [b"", b"\x47", bytes(188 * 4), b"\x47" * 188 * 8])
def test_damage_has_a_word_and_no_picture(damage: bytes) -> None:
    assert len(parameters_of(damage)) == 16
    assert first_picture_s(damage) is None
    assert hole_s(damage) == 0.0


@pytest.mark.media
def test_a_hole_is_measured_and_a_whole_segment_has_none(clips: Path, tmp_path: Path) -> None:
    segments = cut(clips / "small.ts", tmp_path / "cut")
    assert hole_s(segments[1]) == 0.0
    assert hole_s(segments[0] + segments[3]) == pytest.approx(2.1, abs=0.15)
    assert hole_s(cut(clips / "sound.ts", tmp_path / "sound")[1]) == 0.0


@pytest.mark.media
def test_the_first_picture_is_found_behind_sound(clips: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.ts"
    shifted = ["-itsoffset", "1.5", "-i", str(clips / "small.ts"), "-i", str(clips / "sound.ts")]
    run("ffmpeg", "-v", "error", *shifted, "-map", "0:v", "-map", "1:a", "-c", "copy", late)
    found = first_picture_s(late.read_bytes())
    assert found == pytest.approx(1.5, abs=0.1)
    assert first_picture_s((clips / "small.ts").read_bytes()) == pytest.approx(0, abs=0.15)


# --- which source, and when -------------------------------------------------------------------


def test_all_sources_are_tried_at_once_and_then_with_longer_and_longer_pauses() -> None:
    turns = Rotation([False, False], 0.0)
    seen = [(turns.fail(0.0), turns.index) for _ in range(9)]
    assert seen[:4] == [(SHORT_PAUSE_S, 1), (1.0, 0), (2.0, 1), (4.0, 0)]
    assert [pause for pause, _ in seen[-2:]] == [LONGEST_PAUSE_S] * 2


def test_what_is_near_is_looked_for_often_and_for_ever() -> None:
    turns = Rotation([True], 0.0)
    pauses = [turns.fail(0.0) for _ in range(3000)]  # 2.0 ** 1024 is no number any more
    assert max(pauses) == LONGEST_NEAR_PAUSE_S
    far = Rotation([False], 0.0)
    assert max(far.fail(0.0) for _ in range(3000)) == LONGEST_PAUSE_S


def test_the_preferred_source_is_tried_now_and_then_and_less_often_when_it_fails() -> None:
    turns = Rotation([False, False], 0.0)
    assert not turns.may_return(1e6), "it is on already"
    turns.fail(0.0)
    assert not turns.may_return(RETURN_S - 1)
    assert turns.may_return(RETURN_S)
    turns.tried(RETURN_S)
    assert not turns.may_return(RETURN_S + 1)
    now = 100.0
    for _ in range(10):
        turns.go_back(now)
        assert turns.index == 0
        turns.fail(now)
    assert not turns.may_return(now + LONGEST_RETURN_S - 1)
    assert turns.may_return(now + LONGEST_RETURN_S)
    turns.go_back(now)
    turns.recovered()
    turns.fail(now)
    assert turns.may_return(now + RETURN_S)


def test_a_thing_is_said_once_until_it_changes_or_ten_minutes_are_over() -> None:
    telling = Telling()
    assert telling.is_due(7, "断了", 0.0)
    assert not telling.is_due(7, "断了", AGAIN_S - 1)
    assert telling.is_due(7, "拒绝", 1.0)
    assert not telling.is_due(7, "断了", 2.0), "two that take turns are said once each"
    assert telling.is_due(8, "断了", 2.0)
    assert telling.is_due(7, "断了", AGAIN_S)
    telling.forget(7)
    assert telling.is_due(7, "断了", AGAIN_S + 1)
