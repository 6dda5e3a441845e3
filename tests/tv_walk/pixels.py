"""Contrast as it is seen: on the picture of a page, not in its style sheet (WCAG 2.2 §1.4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands on the glass, and its contrast to what lies behind it."""

    words: str
    contrast: float
    focused: bool


def luminance(colour: Colour) -> float:
    """Return the relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2)."""
    parts = [part / 255 for part in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def texts(page: Page) -> list[Text]:
    """Return every text of the top screen with its contrast on the picture."""
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    return [
        Text(words, _contrast_in(picture.crop((left, top, right, bottom))), focused)
        for words, left, top, right, bottom, focused in page.evaluate("textBoxes()")
    ]


def _contrast_in(picture: Image.Image) -> float:
    """Return the contrast of the strokes to their ground: the commonest colour, and the farthest.

    Strokes are smoothed at their edges, so theirs is the farthest colour that covers at least a
    three-hundredth of the box.
    """
    counted: list[tuple[int, Colour]] = picture.getcolors(picture.width * picture.height)  # type: ignore[assignment]  # of RGB
    ground = max(counted)[1]
    least = max(2, picture.width * picture.height // 300)
    return max(contrast(colour, ground) for count, colour in counted if count >= least)
