"""Posters and sprites from real files, and posters people upload."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from core.errors import InvalidInputError
from tests.vod_server.media.clips import H264, MakeClip, picture, tone
from vod_server.media import posters
from vod_server.media.images import Pictures, accept_poster, make_pictures, sprite_interval
from vod_server.media.posters import compose_poster, draw_poster, score_picture, wrap_title
from vod_server.media.probe import probe_file


def pictures_of(source: Path, folder: Path) -> Pictures:
    made = make_pictures(source, probe_file(source), folder, title="水稻")
    assert Pictures.from_json(made.to_json()) == made
    assert (folder / made.poster).read_bytes() == (folder / made.candidates[made.best]).read_bytes()
    for name in (made.poster, *made.candidates):
        with Image.open(folder / name) as image:
            assert (image.format, image.size) == ("JPEG", (640, 360))
    return made


@pytest.mark.media
def test_a_tile_shows_its_time(make_clip: MakeClip, tmp_path: Path) -> None:
    # The picture grows brighter by 8 of 255 a second.
    grow = "color=black:s=320x180:r=25:d=24,geq=lum='16+T*8':cb=128:cr=128"
    clip = make_clip("grow.mp4", "-f", "lavfi", "-i", grow, *H264, "-g", "300")
    made = pictures_of(clip, tmp_path)
    assert made.sprite is not None
    assert (made.sprite.count, made.sprite.interval_s, made.sprite.files) == (
        12,
        2.0,
        ("sprite-0.jpg",),
    )
    with Image.open(tmp_path / "sprite-0.jpg") as sheet:
        assert sheet.size == (1600, 180)
        grey = sheet.convert("L")
    for tile in range(12):
        x, y = tile % 10 * 160 + 80, tile // 10 * 90 + 45
        wanted = tile * 2 * 8 * 255 / 219
        assert grey.getpixel((x, y)) == pytest.approx(wanted, abs=8)


@pytest.mark.media
def test_only_keyframes_are_decoded_where_they_are_dense(
    make_clip: MakeClip, tmp_path: Path
) -> None:
    clip = make_clip("dense.mp4", *picture("160x90", "25", 9), *H264, "-g", "25")
    made = pictures_of(clip, tmp_path)
    assert made.sprite is not None
    assert made.sprite.count in {4, 5}
    assert len(made.candidates) == 5


@pytest.mark.media
@pytest.mark.parametrize("size", ["90x160", "160x90", "2x2", "400x30"])
def test_every_shape_gets_pictures(make_clip: MakeClip, tmp_path: Path, size: str) -> None:
    clip = make_clip(f"shape{size}.mkv", *picture(size, "25", 1), "-c:v", "ffv1")
    assert pictures_of(clip, tmp_path).sprite is not None


@pytest.mark.media
def test_sound_alone_gets_its_title_drawn(make_clip: MakeClip, tmp_path: Path) -> None:
    made = pictures_of(make_clip("alone.mp3", *tone(2), "-c:a", "libmp3lame"), tmp_path)
    assert (made.sprite, made.candidates) == (None, ("poster-0.jpg",))


@pytest.mark.media
def test_the_best_candidate_is_not_the_black_one(make_clip: MakeClip, tmp_path: Path) -> None:
    dark = "testsrc2=s=320x180:r=25:d=7,drawbox=c=black:t=fill:enable='not(between(t,3.5,4.5))'"
    clip = make_clip("dark.mp4", "-f", "lavfi", "-i", dark, *H264)
    assert pictures_of(clip, tmp_path).best == 3


@pytest.mark.parametrize(
    ("duration_s", "interval_s"), [(1, 2), (60, 2), (600, 2), (601, 3), (3600, 12), (36000, 120)]
)
def test_sprite_intervals(duration_s: float, interval_s: float) -> None:
    assert sprite_interval(duration_s) == interval_s
    assert duration_s / interval_s <= 300


def test_scores() -> None:
    black = Image.new("RGB", (320, 180))
    busy = Image.effect_noise((320, 180), 90).convert("RGB")
    flat = Image.new("RGB", (320, 180), (120, 120, 120))
    assert score_picture(busy) > score_picture(flat) > score_picture(black)


def test_a_standing_picture_is_filled_at_its_sides() -> None:
    standing = compose_poster(Image.new("RGB", (180, 320), (200, 30, 30)))
    assert standing.size == (640, 360)
    middle, side = standing.getpixel((320, 180)), standing.getpixel((20, 180))
    assert isinstance(middle, tuple)
    assert isinstance(side, tuple)
    assert middle[0] > side[0] > 80


def test_titles_are_drawn_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    if posters.find_font() is None:
        pytest.skip("no Chinese font here")
    one, two = draw_poster("水稻"), draw_poster("水稻田间管理与病虫害防治" * 8)
    assert one.size == two.size == (640, 360)
    assert one.tobytes() != two.tobytes()
    # Two different characters look different: a font without Chinese draws the same box twice.
    assert draw_poster("稻").tobytes() != draw_poster("麦").tobytes()
    monkeypatch.setattr(posters, "find_font", lambda: None)
    assert draw_poster("水稻").tobytes() == draw_poster("小麦").tobytes()


def test_titles_wrap() -> None:
    found = posters.find_font()
    if found is None:
        pytest.skip("no Chinese font here")
    font = posters.ImageFont.truetype(found[0], 60, index=found[1])
    lines = wrap_title("水稻田间管理与病虫害防治", font)
    assert "".join(lines) == "水稻田间管理与病虫害防治"
    assert all(font.getlength(line) <= 640 for line in lines)


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def refused(source: Path, words: str) -> None:
    target = source.with_suffix(".out")
    target.write_bytes(b"before")
    with pytest.raises(InvalidInputError, match=words) as caught:
        accept_poster(source, target)
    assert caught.value.field == "poster"
    assert target.read_bytes() == b"before"


@pytest.mark.parametrize("size", [(40_000, 40_000), (12_000, 9_000), (100_000, 1_000)])
def test_too_many_pixels(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png(*size))
    refused(path, "像素太多")


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    """A real picture of 40,000 × 40,000 pixels (1.6 GB as bytes), in a process held to 400 MB."""
    row = zlib.compressobj()
    data = b"".join(row.compress(b"\0" * 5_001) for _ in range(40_000)) + row.flush()
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")):
        bomb += (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb)
    code = (
        "import resource, sys, pathlib\n"
        "from core.errors import InvalidInputError\n"
        "from vod_server.media.posters import accept_poster\n"
        "resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "try: accept_poster(path, path.with_suffix('.jpg'))\n"
        "except InvalidInputError as error: print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], cwd=Path(__file__).parents[3], capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert "像素太多" in done.stdout


def test_a_text_named_png(tmp_path: Path) -> None:
    path = tmp_path / "text.png"
    path.write_text("这不是图片")
    refused(path, "不是可以识别的图片")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_truncated_picture(tmp_path: Path, form: str) -> None:
    path = tmp_path / "cut.img"
    Image.effect_noise((640, 480), 60).convert("RGB").save(path, form)
    path.write_bytes(path.read_bytes()[:-8000])
    refused(path, "损坏或不完整|不是可以识别")


def test_too_small(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.new("RGB", (20, 20)).save(path)
    refused(path, "太小")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "CMYK", "I;16"])
def test_good_posters_of_every_mode(tmp_path: Path, mode: str) -> None:
    path, target = tmp_path / "in", tmp_path / "poster.jpg"
    form = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (1000, 1400)).save(path, form)
    accept_poster(path, target)
    with Image.open(target) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (640, 360))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "poster.jpg"]


def test_a_turned_photo_is_upright(tmp_path: Path) -> None:
    photo = Image.new("RGB", (320, 180), "red")
    photo.paste("blue", (160, 0, 320, 180))
    exif = photo.getexif()
    exif[0x0112] = 3  # upside down
    path, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    photo.save(path, exif=exif, quality=95)
    accept_poster(path, target)
    with Image.open(target) as image:
        left = image.getpixel((100, 180))
    assert isinstance(left, tuple)
    assert left[2] > 200 > left[0]
