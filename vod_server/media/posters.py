"""Posters with Pillow: composed from a frame, drawn from a title, or accepted from a person."""

from __future__ import annotations

import functools
import warnings
from pathlib import Path

import structlog
from PIL import (
    Image,
    ImageDraw,
    ImageFilter,
    ImageFont,
    ImageOps,
    ImageStat,
    UnidentifiedImageError,
)

from core.errors import InvalidInputError, StorageFullError
from vod_server.media.ffmpeg import storage_error

log = structlog.get_logger(__name__)

SIZE = (640, 360)
#: Larger pictures are refused by their header alone: 40 million pixels are 120 MB decoded.
MAX_PIXELS = 40_000_000
MAX_BYTES = 30 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")

#: Fonts with Chinese, best first, and the place of the Simplified face in a collection.
FONTS = (
    ("NotoSansCJK-Bold.ttc", 2),
    ("NotoSansCJK-Regular.ttc", 2),
    ("NotoSansCJKsc-*.otf", 0),
    ("NotoSerifCJK-Bold.ttc", 2),
    ("SourceHanSans*.otf", 0),
    ("wqy-microhei.ttc", 0),
    ("wqy-zenhei.ttc", 0),
    ("DroidSansFallback*.ttf", 0),
)
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))

_TOP, _BOTTOM, _INK = (24, 61, 61), (12, 30, 38), (240, 236, 224)
_MARGIN, _LINES, _LARGEST, _SMALLEST = 56, 3, 60, 26


def compose_poster(image: Image.Image) -> Image.Image:
    """Return a 640×360 picture: the image whole, its sides filled with itself blurred."""
    image = image.convert("RGB")
    fitted = ImageOps.contain(image, SIZE)
    if fitted.size == SIZE:
        return fitted
    ground = ImageOps.fit(image, SIZE).filter(ImageFilter.GaussianBlur(24))
    ground = ground.point([value * 6 // 10 for value in range(256)] * 3)
    ground.paste(fitted, ((SIZE[0] - fitted.width) // 2, (SIZE[1] - fitted.height) // 2))
    return ground


def score_picture(image: Image.Image) -> float:
    """Return how good a poster a frame makes: not too dark or bright, with contrast, sharp."""
    grey = image.convert("L")
    grey.thumbnail((320, 180))
    stat = ImageStat.Stat(grey)
    brightness, contrast = stat.mean[0], stat.stddev[0]
    edges = ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES)).stddev[0]
    exposure = max(0.0, 1.0 - abs(brightness - 118) / 118)
    return exposure * 60 + min(contrast, 64) + min(edges, 48)


def accept_poster(source: Path, target: Path) -> None:
    """Check an uploaded poster and write it as a 640×360 JPEG.

    The size is read from the header before any pixel is decoded.

    Args:
        source: untrusted file of any name.
        target: where the JPEG goes; replaced only when all went well.

    Raises:
        InvalidInputError: no picture, too large, or broken.
        StorageFullError: no room for it.
    """
    if source.stat().st_size > MAX_BYTES:
        raise InvalidInputError("海报文件太大，最多 30 MB。", field="poster")
    poster = compose_poster(_decode(source))
    part = target.with_name(target.name + ".part")
    try:
        poster.save(part, format="JPEG", quality=88)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        fault = storage_error(error)
        raise fault if isinstance(fault, StorageFullError) else error from error


def _decode(source: Path) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=FORMATS) as image:
                _refuse_huge(*image.size)
                # JPEG can be decoded small; the rest has to be decoded whole.
                image.draft("RGB", (SIZE[0] * 2, SIZE[1] * 2))
                upright = ImageOps.exif_transpose(image)
                return _flatten(upright)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InvalidInputError(_TOO_MANY, field="poster") from None
    except UnidentifiedImageError:
        raise InvalidInputError(
            "海报不是可以识别的图片（支持 JPEG、PNG、WebP、BMP、GIF）。", field="poster"
        ) from None
    except (OSError, SyntaxError, ValueError, MemoryError):
        raise InvalidInputError("海报图片已损坏或不完整，请换一张。", field="poster") from None


_TOO_MANY = "海报的像素太多，最多 4000 万像素（例如 8000×5000），请缩小后再传。"


def _refuse_huge(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InvalidInputError(_TOO_MANY, field="poster")
    if min(width, height) < 32:
        raise InvalidInputError("海报太小，边长至少 32 像素。", field="poster")


def _flatten(image: Image.Image) -> Image.Image:
    """Return the picture on white where it is transparent, made small before anything else."""
    image.thumbnail((SIZE[0] * 3, SIZE[1] * 3))
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def draw_poster(title: str) -> Image.Image:
    """Return a 640×360 poster with the title on a quiet ground, for a title without picture.

    Without a Chinese font on the machine the ground stays empty, and the log says what to install.
    """
    poster = Image.linear_gradient("L").resize(SIZE)
    picture = ImageOps.colorize(poster, _TOP, _BOTTOM).convert("RGB")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 9, SIZE[1]), fill=(214, 158, 46))
    font_file = find_font()
    if font_file is None:
        log.warning("font.missing", hint="没有中文字体，请安装 fonts-noto-cjk")
        return picture
    font, lines = _fit_title(title.strip() or "音频", *font_file)
    height = round(font.size * 1.35)
    top = (SIZE[1] - height * len(lines)) / 2
    for at, line in enumerate(lines):
        pen.text((_MARGIN, top + at * height), line, font=font, fill=_INK)
    return picture


@functools.cache
def find_font() -> tuple[Path, int] | None:
    """Return file and face number of a font with Chinese, None when there is none."""
    for name, face in FONTS:
        for folder in FONT_FOLDERS:
            for path in sorted(folder.rglob(name)):
                return path, face
    return None


def _fit_title(title: str, path: Path, face: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the largest font in which the title takes at most three lines, and the lines."""
    for size in range(_LARGEST, _SMALLEST - 1, -2):
        font = ImageFont.truetype(path, size, index=face)
        lines = wrap_title(title, font)
        if len(lines) <= _LINES:
            return font, lines
    kept = lines[:_LINES]
    return font, [*kept[:-1], kept[-1][:-1] + "…"]


def wrap_title(title: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """Return the title in lines that fit the poster; Chinese may break anywhere."""
    lines, width = [""], SIZE[0] - 2 * _MARGIN
    for char in title:
        if font.getlength(lines[-1] + char) > width and lines[-1]:
            lines.append("")
        lines[-1] += char
    return [line.strip() for line in lines]
