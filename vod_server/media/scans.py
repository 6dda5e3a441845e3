"""Scanned pages with Pillow: an uploaded picture becomes JPEGs a box can show, a page each."""

from __future__ import annotations

import errno
import hashlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from catalog.notices.reading import SMALL, WHOLE
from catalog.notices.tables import page_folder
from core.blobs import BlobStore
from core.errors import InvalidInputError, StorageFullError, TooLargeError

#: Largest file taken, in bytes.
MAX_BYTES = 20 * 1024 * 1024
#: Larger pictures are refused by their header alone: A4 at 600 dpi has 35 million pixels.
MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
#: Longest side of a page as it is read with zoom, and of the small one for lists, in pixels.
WHOLE_SIDE, SMALL_SIDE = 2560, 400
#: Most pages taken from one TIFF.
MOST_FRAMES = 40

_FIELD = "pages"
_TOO_MANY = "图片的像素太多，最多 4000 万像素（A4 纸扫 600 dpi 足够），请调低精度再扫。"


class Scan(NamedTuple):
    """A page ready to be stored: the SHA-256 of the whole picture, its files, its size."""

    sha256: str
    whole: Path
    small: Path
    width: int
    height: int


def read_scans(source: Path, folder: Path) -> list[Scan]:
    """Check an uploaded picture and write its pages as upright JPEGs without any metadata.

    Sizes are read from the header before any pixel is decoded.

    Args:
        source: untrusted file of any name; a TIFF may hold several pages.
        folder: where the JPEGs go, the caller's own.

    Raises:
        InvalidInputError: no picture, too many pixels, or broken.
        TooLargeError: the file is larger than 20 MB.
        StorageFullError: no room for it.
    """
    if source.stat().st_size > MAX_BYTES:
        raise TooLargeError("文件太大，每张最多 20 MB。", field=_FIELD)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # What Pillow merely warns of in a scanner's careless tags does not spoil the picture.
            warnings.filterwarnings("ignore", category=UserWarning)
            with Image.open(source, formats=FORMATS) as image:
                return [_write(page, folder, source.stem, n) for n, page in _pages(image)]
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InvalidInputError(_TOO_MANY, field=_FIELD) from None
    except UnidentifiedImageError:
        raise InvalidInputError(
            "不是可以识别的图片（支持 JPEG、PNG、WebP、TIFF）。", field=_FIELD
        ) from None
    except (OSError, SyntaxError, ValueError, MemoryError, EOFError) as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFullError("磁盘已满，图片没有存下。") from error
        raise InvalidInputError("图片已损坏或不完整，请换一张。", field=_FIELD) from None


def _pages(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield the frames of a TIFF; of anything else (an animation) the first."""
    if image.format != "TIFF":
        yield 1, image
        return
    for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
        if number > MOST_FRAMES:
            raise InvalidInputError(
                f"这个文件有 {MOST_FRAMES} 页以上，请分几次上传。", field=_FIELD
            )
        yield number, frame


def _write(page: Image.Image, folder: Path, stem: str, number: int) -> Scan:
    if page.width * page.height > MAX_PIXELS:
        raise InvalidInputError(_TOO_MANY, field=_FIELD)
    if min(page.size) < 64:
        raise InvalidInputError("图片太小，边长至少 64 像素。", field=_FIELD)
    # A JPEG can be decoded at half or a quarter, as large as is needed and no larger.
    page.draft("RGB", (WHOLE_SIDE, WHOLE_SIDE))
    whole = _fitted(_flat(ImageOps.exif_transpose(page)), WHOLE_SIDE)
    files = folder / f"{stem}-{number}-page.jpg", folder / f"{stem}-{number}-small.jpg"
    whole.save(files[0], format="JPEG", quality=82, optimize=True)
    _fitted(whole, SMALL_SIDE).save(files[1], format="JPEG", quality=80)
    digest = hashlib.sha256(files[0].read_bytes()).hexdigest()
    return Scan(digest, *files, whole.width, whole.height)


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """Return the picture no longer than `side`, in a new one: nothing comes along but pixels."""
    share = min(1.0, side / max(image.size))
    size = max(1, round(image.width * share)), max(1, round(image.height * share))
    bare = Image.new("RGB", size)
    bare.paste(image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
    return bare


def _flat(image: Image.Image) -> Image.Image:
    """Return the picture in RGB, on white where it is transparent."""
    if image.mode.startswith("I;16"):
        # 16 bits a pixel, of which a television shows eight.
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def store_scan(blobs: BlobStore, notice_id: int, scan: Scan) -> None:
    """Put a page's pictures into the store; the notice's row is added after, never before."""
    folder = page_folder(notice_id, scan.sha256)
    blobs.put_file(f"{folder}/{SMALL}", scan.small)
    blobs.put_file(f"{folder}/{WHOLE}", scan.whole)
