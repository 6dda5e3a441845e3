"""Scanned pages: four formats come in, clean upright JPEGs go out; the rest is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, TiffImagePlugin

from core.errors import InvalidInputError, TooLargeError
from vod_server.media.scans import MAX_BYTES, WHOLE_SIDE, read_scans


def save(tmp_path: Path, image: Image.Image, kind: str, **options: object) -> Path:
    path = tmp_path / "received"
    image.save(path, kind, **options)
    return path


def half_black(size: tuple[int, int] = (600, 800), mode: str = "RGB") -> Image.Image:
    """Return a white page whose upper half is black."""
    image = Image.new(mode, size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0], size[1] // 2), fill="black")
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_each_format_becomes_a_jpeg(tmp_path: Path, kind: str) -> None:
    [scan] = read_scans(save(tmp_path, half_black(), kind), tmp_path)
    assert (scan.width, scan.height) == (600, 800)
    with Image.open(scan.whole) as whole, Image.open(scan.small) as small:
        assert (whole.format, whole.size) == ("JPEG", (600, 800))
        assert small.size == (300, 400)
        assert whole.getpixel((300, 100)) < (30, 30, 30)
        assert whole.getpixel((300, 700)) > (220, 220, 220)


def test_a_large_page_is_made_small_enough_for_a_box(tmp_path: Path) -> None:
    [scan] = read_scans(save(tmp_path, half_black((3000, 5000)), "JPEG"), tmp_path)
    assert (scan.width, scan.height) == (1536, WHOLE_SIDE)


def test_a_photo_is_turned_upright_and_tells_nothing_of_its_maker(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it a quarter to the right
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    path = save(
        tmp_path, half_black(), "JPEG", exif=exif, comment=b"SecretComment", icc_profile=b"Secret"
    )
    assert b"Secret" in path.read_bytes()
    [scan] = read_scans(path, tmp_path)
    assert (scan.width, scan.height) == (800, 600)
    with Image.open(scan.whole) as whole:
        assert whole.getpixel((700, 300)) < (30, 30, 30)
        assert dict(whole.getexif()) == {}
        assert "icc_profile" not in whole.info
    assert b"Secret" not in scan.whole.read_bytes() + scan.small.read_bytes()


def test_every_page_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    pages = [Image.new("L", (200, 300), shade) for shade in (0, 120, 255)]
    path = tmp_path / "received"
    pages[0].save(path, "TIFF", save_all=True, append_images=pages[1:])
    scans = read_scans(path, tmp_path)
    shades = []
    for scan in scans:
        with Image.open(scan.whole) as whole:
            shades.append(whole.getpixel((9, 9))[0])  # type: ignore[index]
    assert shades == pytest.approx([0, 120, 255], abs=4)
    assert len({scan.whole for scan in scans}) == 3


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_way_to_write_white_is_white(tmp_path: Path, mode: str) -> None:
    if mode == "I;16":
        image = Image.new(mode, (100, 100), 65535)
    else:
        image = Image.new("RGB", (100, 100), "white").convert(mode)
    kind = "TIFF" if mode in {"CMYK", "I;16", "1"} else "PNG"
    [scan] = read_scans(save(tmp_path, image, kind), tmp_path)
    with Image.open(scan.whole) as whole:
        assert min(whole.getpixel((50, 50))) > 245  # type: ignore[type-var]


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    [scan] = read_scans(save(tmp_path, Image.new("RGBA", (80, 80), (0, 0, 0, 0)), "PNG"), tmp_path)
    with Image.open(scan.whole) as whole:
        assert whole.getpixel((9, 9)) == (255, 255, 255)


def bomb() -> bytes:
    """Return a PNG that says it has 40,000 x 40,000 pixels, and little else."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def test_what_is_no_page_is_refused_in_words(tmp_path: Path) -> None:
    path = save(tmp_path, half_black(), "JPEG")
    good = path.read_bytes()
    for content in (b"", b"%PDF-1.7", b"GIF89a" + b"\0" * 99, good[: len(good) // 2], bomb()):
        path.write_bytes(content)
        with pytest.raises(InvalidInputError) as caught:
            read_scans(path, tmp_path)
        assert caught.value.field == "pages"


def test_a_bomb_in_the_second_page_of_a_tiff_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "received"
    with TiffImagePlugin.AppendingTiffWriter(str(path), new=True) as writer:
        for size in ((100, 100), (30_000, 30_000)):
            # One strip of CCITT G4 white is tiny whatever its size.
            Image.new("1", size, 1).save(writer, format="TIFF", compression="group4")
            writer.newFrame()
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InvalidInputError):
        read_scans(path, tmp_path)


def test_too_large_a_file_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "received"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(TooLargeError):
        read_scans(path, tmp_path)
