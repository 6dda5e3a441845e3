"""From a cell's text to its value. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date

from core.errors import InvalidInputError

_YES = frozenset({"必学", "必修", "是", "对", "有", "yes", "y", "true", "1", "√", "✓", "✔"})
_NO = frozenset({"选学", "选修", "否", "不", "无", "no", "n", "false", "0", "×", "x", "✗", ""})

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+0?0:00(?::00)?)?"
)
_ORDER = re.compile(r"第?\s*(\d{1,6})(?:\.0+)?\s*[集讲课期]?")
_HOURS = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(?:学时|课时|小时|h)?", re.IGNORECASE)

MAX_STUDY_HOURS = 1000


def read_flag(text: str) -> bool:
    """Read 必学/选学, 是/否, yes/no, 1/0; an empty cell is no.

    Raises:
        InvalidInputError: it is none of them.
    """
    word = _plain(text).casefold()
    if word not in _YES | _NO:
        raise InvalidInputError(f"“{text}”看不懂，请填“必学”或“选学”。")
    return word in _YES


def read_date(text: str) -> date | None:
    """Read 2026-12-31, 2026/12/31 or 2026年12月31日; an empty cell is no date.

    Raises:
        InvalidInputError: it is no day of the calendar.
    """
    plain = _plain(text)
    if not plain:
        return None
    found = _DATE.fullmatch(plain)
    if found is None:
        raise InvalidInputError(f"“{text}”不是日期，请写成 2026-12-31。")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise InvalidInputError(f"日历上没有“{text}”这一天。") from None


def read_order(text: str) -> int | None:
    """Read a place in a series, from 1: `3`, `3.0`, `第3集`; an empty cell is none.

    Raises:
        InvalidInputError: it is no such number.
    """
    plain = _plain(text)
    if not plain:
        return None
    found = _ORDER.fullmatch(plain)
    if found is None or int(found[1]) < 1:
        raise InvalidInputError(f"“{text}”不是序号，请填 1、2、3 这样的整数。")
    return int(found[1])


def read_hours(text: str) -> float | None:
    """Read study hours, `1.5` or `2学时`; an empty cell is none.

    Raises:
        InvalidInputError: it is no number from 0 to `MAX_STUDY_HOURS`.
    """
    plain = _plain(text)
    if not plain:
        return None
    found = _HOURS.fullmatch(plain)
    hours = float(found[1]) if found else math.inf
    if hours > MAX_STUDY_HOURS:
        raise InvalidInputError(f"“{text}”不是学时，请填 0 到 {MAX_STUDY_HOURS} 之间的数。")
    return hours


def read_text(text: str, limit: int) -> str:
    """Return the text of a cell without the spaces around it.

    Raises:
        InvalidInputError: it is longer than `limit`, or holds what no database keeps.
    """
    stripped = text.strip().replace("\r\n", "\n")
    if len(stripped) > limit:
        raise InvalidInputError(f"太长：{len(stripped)} 个字，最多 {limit} 个。")
    strange = next((sign for sign in stripped if _is_strange(sign)), None)
    if strange is not None:
        raise InvalidInputError(f"里面有不能使用的控制字符（U+{ord(strange):04X}）。")
    return stripped


def _is_strange(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
