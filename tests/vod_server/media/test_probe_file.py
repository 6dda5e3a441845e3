"""Looking at files: what is seen in good ones, and the words for bad ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import InvalidInputError
from tests.vod_server.media.clips import AAC, GOP2, H264, MakeClip, picture, run, tone
from vod_server.media.probe import probe_file

pytestmark = pytest.mark.media


def refused(path: Path, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        probe_file(path)
    assert caught.value.field == "file"


def test_what_is_seen(make_clip: MakeClip) -> None:
    clip = make_clip("seen.mp4", *picture("320x180", "25", 5), *tone(5), *H264, *GOP2, *AAC)
    probe = probe_file(clip)
    assert probe.video is not None
    assert probe.audio is not None
    assert probe.duration_s == pytest.approx(5, abs=0.05)
    assert probe.size_bytes == clip.stat().st_size
    assert (probe.video.codec, probe.video.profile, probe.video.frame_rate) == (
        "h264",
        "Constrained Baseline",
        25,
    )
    assert probe.video.max_keyframe_gap_s == pytest.approx(2)
    assert (probe.video.vfr, probe.video.interlaced, probe.video.starts_with_keyframe) == (
        False,
        False,
        True,
    )
    assert (probe.audio.codec, probe.audio.channels, probe.audio.sample_rate) == ("aac", 2, 48000)


def test_a_long_file_is_sampled_at_both_ends_and_the_middle(make_clip: MakeClip) -> None:
    keys = "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,45,47,49,51,53,55,57,59"
    clip = make_clip(
        "sampled.mp4", *picture("64x36", "10", 70), *H264, "-force_key_frames", keys, "-g", "999",
        "-sc_threshold", "0",
    )  # fmt: skip
    video = probe_file(clip).video
    assert video is not None
    assert video.end_s == pytest.approx(70, abs=0.1)
    # The gap from 36 to 45 lies in the middle window, that after 59 in the last.
    assert video.max_keyframe_gap_s == pytest.approx(10.9, abs=0.2)


@pytest.mark.parametrize("name", ["v.avi", "v.flv", "v.ts", "v.webm", "v.mkv", "v.mov"])
def test_containers(make_clip: MakeClip, name: str) -> None:
    codec = ["-c:v", "libvpx"] if name.endswith("webm") else list(H264)
    sound = ["-c:a", "libvorbis"] if name.endswith("webm") else ["-c:a", "aac"]
    clip = make_clip(name, *picture("160x90", "25", 3), *tone(3), *codec, *sound)
    probe = probe_file(clip)
    assert probe.video is not None
    assert probe.audio is not None
    assert probe.duration_s == pytest.approx(3, abs=0.15)
    assert (probe.video.frame_rate, probe.video.vfr) == (25, False)
    assert probe.video.bit_rate_bps


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "空.mp4"
    path.touch()
    refused(path, "0 字节")


@pytest.mark.parametrize("content", ["村务公开\n" * 50, "<html></html>", "\0" * 5000, "RIFF"])
def test_no_video_at_all(tmp_path: Path, content: str) -> None:
    path = tmp_path / "text.mp4"
    path.write_text(content)
    refused(path, "不是可以识别的视频")


def test_a_picture_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "photo.mp4"
    run("ffmpeg", "-v", "error", *picture("64x64", "1", 1), "-frames:v", "1", "-f", "image2", path)
    refused(path, "不是可以识别的视频")


def test_one_frame(make_clip: MakeClip) -> None:
    clip = make_clip("one.mp4", *picture("160x90", "25", 1), *H264, "-frames:v", "1")
    refused(clip, "只有一帧")


def test_only_subtitles(tmp_path: Path) -> None:
    text = tmp_path / "a.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:02,000\n你好\n")
    path = tmp_path / "subtitles.mkv"
    run("ffmpeg", "-v", "error", "-i", text, path)
    refused(path, "没有可用的画面或声音")


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("tail.mp4", (), "缺少索引"),
        ("front.mp4", ("-movflags", "+faststart"), "不完整：应有 4 秒"),
        ("half.mkv", (), "不完整：应有 4 秒"),
    ],
)
def test_truncated(
    make_clip: MakeClip, tmp_path: Path, name: str, options: tuple[str, ...], words: str
) -> None:
    clip = make_clip(name, *picture("320x180", "25", 4), *tone(4), *H264, *AAC, *options)
    path = tmp_path / name
    path.write_bytes(clip.read_bytes()[: clip.stat().st_size * 6 // 10])
    refused(path, words)


def test_truncated_long_file(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("longfront.mp4", *picture("64x36", "10", 80), *H264, "-movflags", "+faststart")
    path = tmp_path / "cut.mp4"
    path.write_bytes(clip.read_bytes()[: clip.stat().st_size * 9 // 10])
    refused(path, "不完整：应有 80 秒")


@pytest.mark.parametrize(
    "name",
    ["-i.mp4", "a:b|c.mp4", "%03d.mp4", "水稻 'x'.mp4", os.fsdecode("农技".encode("gb18030"))],
)
def test_odd_names(make_clip: MakeClip, tmp_path: Path, name: str) -> None:
    clip = make_clip("named.mp4", *picture("160x90", "25", 1), *H264)
    path = tmp_path / name
    path.write_bytes(clip.read_bytes())
    assert probe_file(path).video is not None
