"""What an address below `/live/<channel_id>/` asks for (docs/architecture.md, "Windows"). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from core.errors import InvalidInputError, NotFoundError
from epg.timeline.window import MAX_SPAN_S, Window

#: The county's wall clock; it has had no summer time since 1991.
SHANGHAI = timezone(timedelta(hours=8))

#: A past span is widened by at most so much on either side.
MAX_PAD_S = 3600

# Numbers beyond this are milliseconds: as seconds they would lie after the year 5000.
_FIRST_MS = 100_000_000_000

_ARCHIVE = re.compile(r"archive-(\d+)-(\d+|now)\.m3u8", re.ASCII)
_SHIFT = re.compile(r"timeshift_(abs|rel)-(\d+)\.m3u8", re.ASCII)
_WALL = re.compile(r"(\d{14})(?:GMT)?", re.ASCII)
_START = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[:_ T](\d{1,2})[-:](\d{1,2})(?:[-:](\d{1,2}))?", re.ASCII
)


def read_question(path_name: str, args: Mapping[str, str], *, now_s: int) -> Window:
    """Read which window an address asks for.

    With `vod=1` a span is closed: it ends where the recording has come to, if that is before its
    own end, and is a VOD. Players that begin an EVENT at its edge, and ask for more than the
    programme near the present, are sent there. A closed span that is too long is given its first
    hours.

    Args:
        path_name: the last part of the path, `index.m3u8` or one of Flussonic's names.
        args: the query; names that are not about time are left alone.
        now_s: epoch seconds.

    Raises:
        NotFoundError: there is no such name.
        InvalidInputError: a value cannot be used; `field` names its parameter.
    """
    pad_s = _seconds("pad", args["pad"], MAX_PAD_S) if "pad" in args else 0
    window = _read_window(path_name, args, pad_s, now_s)
    if window.start_s is None or window.stop_s is None:
        return window
    is_closed, longest_s = args.get("vod") == "1", MAX_SPAN_S + 2 * pad_s
    if is_closed:
        stop_s = min(window.stop_s, window.start_s + longest_s)
        return replace(window, stop_s=stop_s, is_closed=True)
    if window.stop_s - window.start_s > longest_s:
        field = next((name for name in ("playseek", "utcend") if name in args), "end")
        raise InvalidInputError(f"一次最多看 {MAX_SPAN_S // 3600} 小时。", field=field)
    return window


def _read_window(path_name: str, args: Mapping[str, str], pad_s: int, now_s: int) -> Window:
    if match := _ARCHIVE.fullmatch(path_name):
        start_s = _epoch("archive", match[1])
        if match[2] == "now":
            return _open_span(start_s, pad_s, now_s)
        return _span("archive", start_s, start_s + _seconds("archive", match[2], MAX_SPAN_S), pad_s)
    if match := _SHIFT.fullmatch(path_name):
        if match[1] == "abs":
            return _open_span(_epoch("timeshift_abs", match[2]), pad_s, now_s)
        return Window(delay_s=_seconds("timeshift_rel", match[2], 366 * 86400))
    if path_name != "index.m3u8":
        raise NotFoundError("没有这个播放列表。")
    return _read_query(args, pad_s, now_s)


def _read_query(args: Mapping[str, str], pad_s: int, now_s: int) -> Window:
    if "playseek" in args:
        return _read_playseek(args["playseek"], pad_s, now_s)
    for start, end in (("start", "end"), ("utc", "utcend")):
        if start in args and end in args:
            return _span(end, _epoch(start, args[start]), _epoch(end, args[end]), pad_s)
        if start in args:
            return _open_span(_epoch(start, args[start]), pad_s, now_s)
        if end in args:
            raise InvalidInputError(f"有 {end} 就要有 {start}。", field=start)
    if "window" in args:
        length_s = _seconds("window", args["window"], MAX_SPAN_S)
        if not length_s:
            raise InvalidInputError("window 要大于 0。", field="window")
        return Window(length_s=length_s)
    return Window()


def _read_playseek(raw: str, pad_s: int, now_s: int) -> Window:
    first, dash, second = raw.partition("-")
    if not dash or not first:
        raise InvalidInputError(
            "playseek 的格式是 YYYYMMDDHHMMSS-YYYYMMDDHHMMSS。", field="playseek"
        )
    start_s = _wall("playseek", first)
    if not second:
        return _open_span(start_s, pad_s, now_s)
    return _span("playseek", start_s, _wall("playseek", second), pad_s)


def read_start(text: str) -> int:
    """Read an instant in any shape Xtream players send it.

    Args:
        text: `Y-m-d:H-M[-S]`, `Y-m-d_H-M`, `Y-m-d:H:M[:S]`, `Y-m-d H:M:S`, ISO 8601, or epoch
            seconds or milliseconds. Without a zone it is Asia/Shanghai.

    Returns:
        Epoch seconds.

    Raises:
        InvalidInputError: it is none of these.
    """
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return _epoch("start", text)
    try:
        if match := _START.fullmatch(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
            at = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
        else:
            at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(f"看不懂开始时间 {text[:40]!r}。", field="start") from None
    return _in_range("start", int((at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).timestamp()))


def _span(field: str, start_s: int, stop_s: int, pad_s: int) -> Window:
    if stop_s <= start_s:
        raise InvalidInputError("结束时间要晚于开始时间。", field=field)
    return Window(start_s=start_s - pad_s, stop_s=stop_s + pad_s)


def _open_span(start_s: int, pad_s: int, now_s: int) -> Window:
    """Return the window from an instant on, as long as one may be; its end may lie ahead."""
    # A start that has not come yet is no mistake of a box whose clock runs a little fast.
    start_s = min(start_s, now_s)
    return Window(start_s=start_s - pad_s, stop_s=start_s + MAX_SPAN_S)


def _wall(field: str, text: str) -> int:
    """Read `YYYYMMDDHHMMSS`, Asia/Shanghai unless `GMT` follows; epoch seconds work too."""
    if match := _WALL.fullmatch(text):
        zone = timezone.utc if text.endswith("GMT") else SHANGHAI  # noqa: UP017 - beside timezone
        try:
            at = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=zone)
        except ValueError:
            raise InvalidInputError(f"{field} 里没有这样的时间：{text}。", field=field) from None
        return _in_range(field, int(at.timestamp()))
    return _epoch(field, text)


def _epoch(field: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 13):
        raise InvalidInputError(f"{field} 要是 1970 年以来的秒数。", field=field)
    value = int(text)
    return _in_range(field, value // 1000 if value >= _FIRST_MS else value)


def _in_range(field: str, epoch_s: int) -> int:
    if not 1_000_000_000 <= epoch_s < _FIRST_MS // 10:
        raise InvalidInputError(f"{field} 的时间不对。", field=field)
    return epoch_s


def _seconds(field: str, text: str, largest: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9) or int(text) > largest:
        raise InvalidInputError(f"{field} 要是 0 到 {largest} 之间的秒数。", field=field)
    return int(text)
