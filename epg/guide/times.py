"""Times of XMLTV to epoch seconds and back: partial dates, offsets, named zones. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.errors import InvalidInputError

#: Zones feeds name by letters, in hours. CST is China's here, not Chicago's.
NAMED_HOURS: dict[str, float] = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "CST": 8, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "KST": 9,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip

#: What is outside is a slip of the feed, not a programme.
FIRST_YEAR, LAST_YEAR = 1970, 2100

#: Written times are China's: no daylight saving, so a constant.
EXPORT_OFFSET_S = 8 * 3600

_TIME = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d\d)"
    r"(?:[T ]?(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:\.\d+)?)?)?)?)?)?"
    r"\s*(?P<zone>[+-]\d\d:?\d\d|[A-Za-z][\w/+-]*)?\s*",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)


#: A feed's starts are its ends, and other channels' too.
@lru_cache(maxsize=16_384)
def parse_instant(text: str, zone: str) -> int:
    """Return the epoch second of an XMLTV time: `YYYYMMDDhhmmss` or some initial substring of it.

    Args:
        text: such as `20250619121700 +0800`, `200007281733 BST`, `2000`; ISO 8601 is read too,
            and hour 24 is the next day's first.
        zone: IANA name of the zone of times without one.

    Raises:
        InvalidInputError: it is no time.
    """
    digits, rest = text[:14], text[14:]
    try:
        # The usual form; its hours come again and again.
        if (
            len(digits) == 14
            and digits.isdecimal()
            and digits.isascii()
            and not rest[:1].isdecimal()
        ):
            start_s = _hour(digits[:10], rest.strip(), zone)
            return start_s + _below(digits[10:12], 60) * 60 + _below(digits[12:], 61)
        return _parse(text.strip(), zone)
    except (ValueError, OverflowError):
        raise InvalidInputError(f"时间 {text[:40]!r} 认不出来。") from None


def _below(digits: str, limit: int) -> int:
    number = int(digits)
    if number >= limit:
        raise ValueError(digits)
    return number


@lru_cache(maxsize=4096)
def _hour(digits: str, zone_name: str, default_zone: str) -> int:
    """Return the epoch second at which an hour `YYYYMMDDhh` begins."""
    year, month, day, hour = (int(digits[a:b]) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10)))
    return _instant(year, month, day, hour, _zone(zone_name, default_zone))


def _instant(year: int, month: int, day: int, hour: int, zone: tzinfo) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(year)
    spill = timedelta(days=1) if hour == 24 else timedelta(0)
    start = datetime(year, month, day, 0 if spill else hour, tzinfo=zone) + spill
    return int(start.timestamp())


def _parse(text: str, default_zone: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    month, day = int(found["month"] or 1), int(found["day"] or 1)
    zone = _zone(found["zone"] or "", default_zone)
    start_s = _instant(int(found["year"]), month, day, int(found["hour"] or 0), zone)
    return start_s + _below(found["minute"] or "0", 60) * 60 + _below(found["second"] or "0", 61)


def _zone(name: str, default: str) -> tzinfo:
    if not name:
        return zone_named(default)
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-span if offset[1] == "-" else span)
    hours = NAMED_HOURS.get(name.upper())
    return zone_named(name) if hours is None else timezone(timedelta(hours=hours))


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of an IANA name.

    Raises:
        InvalidInputError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise InvalidInputError(f"没有名为 {name!r} 的时区。", field="zone") from None


@lru_cache(maxsize=1024)
def _day(day: int) -> str:
    return datetime.fromtimestamp(day * 86400, UTC).strftime("%Y%m%d")


def format_instant(epoch_s: int) -> str:
    """Return an instant as XMLTV writes it, `YYYYMMDDHHMMSS +0800`."""
    day, second = divmod(epoch_s + EXPORT_OFFSET_S, 86400)
    minute, second = divmod(second, 60)
    return f"{_day(day)}{minute // 60:02}{minute % 60:02}{second:02} +0800"
