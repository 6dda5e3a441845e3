"""Real sources of every odd kind, through probe, plan and transcode, checked by ffprobe."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import JobCancelledError, JobError, StorageFullError
from tests.vod_server.media.clips import (
    AAC,
    GOP2,
    H264,
    Finished,
    MakeClip,
    ffprobe,
    picture,
    run,
    tone,
)
from vod_server.media import segmenter
from vod_server.media.ffmpeg import Progress
from vod_server.media.ladder import plan_ladder
from vod_server.media.loudness import measure_loudness
from vod_server.media.probe import probe_file
from vod_server.media.transcode import transcode

pytestmark = pytest.mark.media

Make = Callable[[Path], list[Finished]]


def shape(ready: list[Finished]) -> list[tuple[str, str, int | None, int | None]]:
    return [(m.name, m.mode, m.width, m.height) for m, _ in ready]


def colour_at(folder: Path, spot: str) -> tuple[int, ...]:
    """Return the mean colour of a part of the first picture; spot is ffmpeg's crop."""
    out = folder / "spot.rgb"
    crop = f"crop={spot},scale=1:1:flags=area"
    run("ffmpeg", "-v", "error", "-y", "-i", folder / "s00000.ts", "-frames:v", "1", "-vf", crop,
        "-f", "rawvideo", "-pix_fmt", "rgb24", out)  # fmt: skip
    return tuple(out.read_bytes())


def test_a_fitting_source_is_copied_bit_by_bit_and_the_rest_encoded(
    make_clip: MakeClip, make_renditions: Make
) -> None:
    clip = make_clip("fits.mp4", *picture("448x448", "25", 14), *tone(14), *H264, *GOP2, *AAC)
    ready = make_renditions(clip)
    assert shape(ready) == [("480p", "copy", 448, 448), ("360p", "encode", 360, 360)]
    md5 = ["-map", "0:v", "-f", "framemd5", "-"]
    source, copied = (
        [line.split(",")[-1] for line in run("ffmpeg", "-v", "error", "-i", path, *md5).splitlines()
         if not line.startswith("#")]
        for path in (clip, ready[0][1] / "index.m3u8")
    )  # fmt: skip
    assert copied == source
    assert [round(s.duration_s, 3) for s in ready[0][0].segments] == [6, 6, 2]


def test_odd_keyframes_of_a_copied_rung_cut_the_whole_ladder(
    make_clip: MakeClip, make_renditions: Make
) -> None:
    keys = "0,1.2,4.48,9,10.04,13.6,17"
    clip = make_clip(
        "oddgop.mp4", *picture("448x448", "25", 18), *tone(18), *H264,
        "-force_key_frames", keys, "-g", "999", "-sc_threshold", "0", *AAC,
    )  # fmt: skip
    ready = make_renditions(clip)
    assert [m.mode for m, _ in ready] == ["copy", "encode"]
    for measured, _ in ready:
        assert [round(s.duration_s, 2) for s in measured.segments] == [4.48, 5.56, 6.96, 1.0]


@pytest.mark.parametrize("bframes", ["0", "3"])
def test_all_variants_run_on_one_clock(
    make_clip: MakeClip, make_renditions: Make, bframes: str
) -> None:
    clip = make_clip(
        f"bf{bframes}.mkv",
        *picture("448x448", "25", 4),
        *tone(),
        *H264,
        *GOP2,
        "-bf",
        bframes,
        *AAC,
    )
    ready = make_renditions(clip)
    shown = [ffprobe(f / "s00000.ts", "-select_streams", "v", "-show_streams") for _, f in ready]
    starts = {streams["streams"][0]["start_pts"] for streams in shown}
    assert len(ready) == 2
    assert len(starts) == 1


def test_an_open_gop_source_is_encoded(make_clip: MakeClip, make_renditions: Make) -> None:
    clip = make_clip(
        "open.mp4", *picture("320x180", "25", 14), *tone(14), *H264, "-bf", "2",
        "-x264-params", "keyint=50:min-keyint=50:open-gop=1", *AAC,
    )  # fmt: skip
    assert plan_ladder(probe_file(clip), None).copied is not None, "the probe cannot tell"
    assert shape(make_renditions(clip)) == [("360p", "encode", 320, 180)]


def test_portrait(make_clip: MakeClip, make_renditions: Make) -> None:
    clip = make_clip("portrait.mp4", *picture("540x960", "25", 3), *tone(3), *H264, *AAC)
    assert shape(make_renditions(clip)) == [
        ("720p", "copy", 540, 960), ("480p", "encode", 480, 854), ("360p", "encode", 360, 640),
    ]  # fmt: skip


def test_odd_sizes_and_a_very_small_picture(make_clip: MakeClip, make_renditions: Make) -> None:
    clip = make_clip("odd.mkv", *picture("215x123", "25", 2), "-c:v", "ffv1")
    assert shape(make_renditions(clip)) == [("360p", "encode", 214, 122)]


def test_rotation_is_honoured(make_clip: MakeClip, make_renditions: Make, tmp_path: Path) -> None:
    halves = "color=red:s=320x90:d=2:r=25[a];color=blue:s=320x90:d=2:r=25[b];[a][b]vstack"
    flat = make_clip("flat.mp4", "-f", "lavfi", "-i", halves, *H264)
    turned = tmp_path / "turned.mp4"
    run("ffmpeg", "-v", "error", "-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90", turned)
    probe = probe_file(turned)
    assert probe.video is not None
    assert (probe.video.rotation, probe.video.width, probe.video.height) == (270, 180, 320)
    ((measured, folder),) = make_renditions(turned)
    assert (measured.mode, measured.width, measured.height) == ("encode", 180, 320)
    # This ffmpeg's `rotate=90` turns to the left: the upper half comes to the left side.
    assert colour_at(folder, "40:200:10:60")[0] > 180
    assert colour_at(folder, "40:200:130:60")[2] > 180


def test_wide_pixels_are_squared(make_clip: MakeClip, make_renditions: Make) -> None:
    clip = make_clip(
        "sar.mp4", *picture("360x288", "25", 2), "-vf", "setsar=16/11", *H264,
    )  # fmt: skip
    assert shape(make_renditions(clip))[0] == ("360p", "encode", 524, 288)


def test_interlaced(make_clip: MakeClip, make_renditions: Make) -> None:
    clip = make_clip(
        "interlaced.ts", *picture("352x288", "50", 3), *tone(3), "-vf",
        "tinterlace=interleave_top,setfield=tff", "-c:v", "mpeg2video", "-flags", "+ilme+ildct",
        "-b:v", "3M", "-c:a", "mp2",
    )  # fmt: skip
    probe = probe_file(clip)
    assert probe.video is not None
    assert probe.video.interlaced
    ready = make_renditions(clip)
    assert {(m.frame_rate, m.mode) for m, _ in ready} == {(25.0, "encode")}
    line_noise = run(
        "ffmpeg", "-v", "error", "-i", ready[0][1] / "index.m3u8", "-vf",
        "idet,metadata=print:key=lavfi.idet.multiple.current_frame:file=-", "-f", "null", "-",
    )  # fmt: skip
    assert line_noise.count("=progressive") > 0.8 * line_noise.count("current_frame=")


def test_variable_frame_rate_becomes_constant(make_clip: MakeClip, make_renditions: Make) -> None:
    clip = make_clip(
        "vfr.mp4", *picture("320x180", "30", 4), "-vf", "select='lt(mod(n,7),4)+gt(t,3)'",
        "-fps_mode", "vfr", *H264,
    )  # fmt: skip
    probe = probe_file(clip)
    assert probe.video is not None
    assert probe.video.vfr
    ((measured, folder),) = make_renditions(clip)
    packets = ffprobe(folder / "whole.ts", "-select_streams", "v", "-show_packets")["packets"]
    times = sorted(int(packet["pts"]) for packet in packets)
    assert {b - a for a, b in itertools.pairwise(times)} == {3000}
    assert measured.frame_rate == 30


@pytest.mark.parametrize(("rate", "wanted"), [("50", 25.0), ("60000/1001", 29.97), ("5", 10.0)])
def test_frame_rates(make_clip: MakeClip, make_renditions: Make, rate: str, wanted: float) -> None:
    clip = make_clip(
        f"rate{rate.replace('/', '-')}.mp4", *picture("320x180", rate, 3), *H264, *GOP2
    )
    ((measured, _),) = make_renditions(clip)
    assert (measured.mode, measured.frame_rate) == ("encode", wanted)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_is_tone_mapped(make_clip: MakeClip, make_renditions: Make, transfer: str) -> None:
    if "libx265" not in run("ffmpeg", "-hide_banner", "-encoders"):
        pytest.skip("this ffmpeg has no libx265")
    params = f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    clip = make_clip(
        f"{transfer}.mp4", *picture("320x180", "25", 2), "-c:v", "libx265", "-preset", "ultrafast",
        "-pix_fmt", "yuv420p10le", "-x265-params", params,
    )  # fmt: skip
    probe = probe_file(clip)
    assert probe.video is not None
    assert (probe.video.hdr, probe.video.bit_depth) == (True, 10)
    ((_, folder),) = make_renditions(clip)
    stream = ffprobe(folder / "s00000.ts", "-select_streams", "v", "-show_streams")["streams"][0]
    assert stream["color_transfer"] == "bt709"


def test_10_bit_becomes_8_bit(make_clip: MakeClip, make_renditions: Make) -> None:
    clip = make_clip(
        "ten.mp4", *picture("320x180", "25", 2), "-c:v", "libx264", "-pix_fmt", "yuv420p10le"
    )
    assert shape(make_renditions(clip)) == [("360p", "encode", 320, 180)]


@pytest.mark.parametrize(
    ("channels", "volume_db"), [("mono", -35), ("stereo", -10), ("5.1", -20), ("stereo", -42)]
)
def test_sound_comes_to_the_target(
    make_clip: MakeClip, make_renditions: Make, channels: str, volume_db: float
) -> None:
    clip = make_clip(
        f"sound{channels}{volume_db}.mkv", *picture("160x90", "25", 4),
        *tone(4, volume_db=volume_db, channels=channels), *H264, *GOP2, "-c:a", "aac",
    )  # fmt: skip
    ((_, folder),) = make_renditions(clip)
    heard = measure_loudness(folder / "whole.ts", 1)
    assert heard.integrated_lufs == pytest.approx(-23, abs=0.5)
    assert heard.peak_dbfs < -1


def test_fitting_sound_is_copied_and_loud_sound_beside_a_copied_picture_is_not(
    make_clip: MakeClip, make_renditions: Make
) -> None:
    sizes = []
    for name, volume_db in (("right", -23), ("loud", -12)):
        clip = make_clip(
            f"{name}.mp4", *picture("320x180", "25", 4), *tone(4, volume_db=volume_db), *H264,
            *GOP2, *AAC, "-b:a", "64k",
        )  # fmt: skip
        ((measured, folder),) = make_renditions(clip)
        assert measured.mode == "copy"
        packets = [
            [p["size"] for p in ffprobe(path, "-select_streams", "a", "-show_packets")["packets"]]
            for path in (clip, folder / "whole.ts")
        ]
        # In a transport stream each frame has a header of seven bytes.
        sizes.append([int(a) + 7 for a in packets[0]][:50] == [int(b) for b in packets[1]][:50])
        loudness = measure_loudness(folder / "whole.ts", 1).integrated_lufs
        assert loudness == pytest.approx(-23, abs=1.1)
    assert sizes == [True, False]


def test_silence_stays_silence(make_clip: MakeClip, make_renditions: Make) -> None:
    clip = make_clip(
        "mute.mp4", *picture("160x90", "25", 2), "-f", "lavfi", "-i", "anullsrc=d=2", *H264, "-c:a",
        "aac", "-shortest",
    )  # fmt: skip
    ((_, folder),) = make_renditions(clip)
    assert measure_loudness(folder / "whole.ts", 1).silent


@pytest.mark.parametrize("rung", ["copy", "encode"])
def test_no_sound_gets_a_silent_track(
    make_clip: MakeClip, make_renditions: Make, rung: str
) -> None:
    gop = GOP2 if rung == "copy" else ("-g", "999")
    clip = make_clip(f"nosound{rung}.mp4", *picture("320x180", "25", 7), *H264, *gop)
    ((measured, folder),) = make_renditions(clip)
    assert (measured.mode, measured.codecs.split(",")[1]) == (rung, "mp4a.40.2")
    assert measure_loudness(folder / "whole.ts", 1).silent


@pytest.mark.parametrize(("name", "mode"), [("song.m4a", "copy"), ("song.mp3", "encode")])
def test_sound_alone(make_clip: MakeClip, make_renditions: Make, name: str, mode: str) -> None:
    codec = AAC if name.endswith("m4a") else ("-c:a", "libmp3lame")
    clip = make_clip(name, *tone(15, volume_db=-23), *codec)
    ((measured, _),) = make_renditions(clip)
    assert (measured.name, measured.mode, measured.codecs) == ("audio", mode, "mp4a.40.2")
    assert measured.width is measured.height is measured.frame_rate is None
    assert len(measured.segments) in {2, 3}


def test_a_still_picture_stands_as_long_as_its_sound(
    make_clip: MakeClip, make_renditions: Make
) -> None:
    clip = make_clip(
        "still.mp4", *picture("320x180", "25", 1), *tone(5), *H264, "-vf", "trim=end_frame=1", *AAC
    )
    ((measured, _),) = make_renditions(clip)
    assert measured.duration_s == pytest.approx(5, abs=0.1)


def test_cover_art_is_no_video(make_clip: MakeClip, tmp_path: Path) -> None:
    cover = make_clip("cover.png", *picture("64x64", "1", 1), "-frames:v", "1")
    song = tmp_path / "covered.mp3"
    run("ffmpeg", "-v", "error", *tone(3), "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy",
        "-disposition:v", "attached_pic", song)  # fmt: skip
    assert probe_file(song).video is None


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "big-buck-bunny-480p-30s.mp4",
            [("480p", "encode", 854, 480), ("360p", "encode", 640, 360)],
        ),
        ("rabbit320.webm", [("360p", "encode", 320, 240)]),
        ("rabbit320.mp4", [("360p", "copy", 320, 240)]),
        ("elf.mp4", [("480p", "copy", 720, 480), ("360p", "encode", 540, 360)]),
    ],
)
def test_the_shared_films(
    shared_media: Path, make_renditions: Make, name: str, wanted: list[object]
) -> None:
    ready = make_renditions(shared_media / name)
    assert shape(ready) == wanted
    for measured, folder in ready:
        loudness = measure_loudness(folder / "whole.ts", 1).integrated_lufs
        assert loudness == pytest.approx(-23, abs=1.1)
        peak = max(s.size_bytes * 8 / s.duration_s for s in measured.segments if s.duration_s > 3)
        assert measured.bandwidth_bps == pytest.approx(peak, rel=0.1)


def test_progress_only_rises_and_ends_at_one(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("fits.mp4", *picture("448x448", "25", 14), *tone(14), *H264, *GOP2, *AAC)
    seen: list[Progress] = []
    transcode(
        clip, plan_ladder(probe_file(clip), None), tmp_path, on_progress=seen.append,
        should_stop=lambda: False, on_rendition=lambda *_: None,
    )  # fmt: skip
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any(0.05 < fraction < 0.95 for fraction in fractions)
    assert all(p.eta_s is None or (math.isfinite(p.eta_s) and p.eta_s >= 0) for p in seen)


def test_a_full_disk_is_told_as_one(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip("fits.mp4", *picture("448x448", "25", 14), *tone(14), *H264, *GOP2, *AAC)
    # A device that is always full stands in for the first segment of the encoded rung.
    full = tmp_path / "360p"
    folder_of = segmenter.Segmenter.__init__

    def on_full_device(
        self: segmenter.Segmenter, folder: Path, *rest: object, **more: object
    ) -> None:
        folder_of(self, folder, *rest, **more)  # type: ignore[arg-type]
        if folder == full:
            (folder / "s00000.ts").symlink_to("/dev/full")

    monkeypatch.setattr(segmenter.Segmenter, "__init__", on_full_device)
    ready: list[str] = []
    with pytest.raises(StorageFullError, match="磁盘已满"):
        transcode(
            clip, plan_ladder(probe_file(clip), None), tmp_path, on_progress=lambda _: None,
            should_stop=lambda: False, on_rendition=lambda m, _: ready.append(m.name),
        )  # fmt: skip
    assert ready == ["480p"], "the copied rendition was complete before"


def test_cancelling_ends_within_a_second(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("long.mkv", *picture("640x360", "25", 40), "-c:v", "mpeg4", "-q:v", "3")
    asked = itertools.count()
    with pytest.raises(JobCancelledError):
        transcode(
            clip, plan_ladder(probe_file(clip), None), tmp_path, on_progress=lambda _: None,
            should_stop=lambda: next(asked) >= 2, on_rendition=lambda *_: None,
        )  # fmt: skip


def test_a_source_that_breaks_off_fails_for_good(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("breaks.mkv", *picture("320x180", "25", 6), "-c:v", "mpeg4")
    plan = plan_ladder(probe_file(clip), None)
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with pytest.raises(JobError, match="损坏") as caught:
        transcode(
            broken, plan, tmp_path / "out", on_progress=lambda _: None, should_stop=lambda: False,
            on_rendition=lambda *_: None,
        )  # fmt: skip
    assert caught.value.permanent
