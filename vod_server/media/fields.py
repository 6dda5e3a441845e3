"""Read the fields of ffprobe's JSON, which may be absent, `N/A` or `0/0`. Pure."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

Json = dict[str, Any]


def read_rotation(raw: Json) -> int:
    """Return the clockwise quarter turns to show the picture upright, in degrees."""
    angles = [entry.get("rotation") for entry in raw.get("side_data_list", [])]
    counter = next((read_number(angle) for angle in angles if angle is not None), None)
    clockwise = -counter if counter is not None else read_number(raw.get("tags", {}).get("rotate"))
    return round((clockwise or 0.0) / 90) % 4 * 90


def read_bit_depth(raw: Json) -> int:
    """Return the bits of a sample, by declaration and by the name of the pixel format."""
    declared = read_number(raw.get("bits_per_raw_sample"))
    name = raw.get("pix_fmt", "")
    named = next(
        (bits for bits in (9, 10, 12, 14, 16) if f"p{bits}" in name or f"{bits}le" in name), 8
    )
    return max(int(declared or 0), named) or 8


def read_bit_rate(raw: Json) -> int | None:
    """Return the bit rate in bit/s, also from Matroska's statistics tag; None when unknown."""
    value = read_number(raw.get("bit_rate")) or read_number(raw.get("tags", {}).get("BPS"))
    return int(value) if value else None


def fill_bit_rate(picture: Json, sound: Json | None, size_bytes: int, duration_s: float) -> None:
    """Where the container does not say, the picture's bit rate is the file's less the sound's."""
    if read_bit_rate(picture) is None and duration_s > 0:
        rest = size_bytes * 8 / duration_s - ((read_bit_rate(sound) or 0) if sound else 0)
        picture["bit_rate"] = str(max(int(rest), 1))


def read_number(text: str | float | None) -> float | None:
    """Return a finite number, None for `N/A` and the like."""
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_ratio(text: str | None) -> Fraction | None:
    """Return a positive ratio, None for `0/0` and the like."""
    try:
        value = Fraction(text or 0)
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None
