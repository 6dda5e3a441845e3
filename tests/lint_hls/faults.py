"""Faults planted into a good presentation: edits of text, of replies and of transport packets."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

from tests.lint_hls.fetching import Response
from tests.lint_hls.transport_stream import PACKET_BYTES, read_transport_stream

IDR_START, OTHER_START = b"\x00\x00\x01\x65", b"\x00\x00\x01\x41"
NULL_PACKET = b"\x47\x1f\xff\x10" + b"\xff" * 184


class Site:
    """A presentation in memory: replies by the end of their address."""

    def __init__(self, replies: dict[str, Response]) -> None:
        self.replies = replies

    def copy(self) -> Site:
        """Return one that can be spoiled without harm to this."""
        return Site(copy.copy(self.replies))

    def fetch(self, url: str) -> Response:
        """Answer as the server did."""
        return self.replies.get(url, Response(404, b"", {}))

    def reply(self, path: str, **changes: object) -> None:
        """Change the status or the body of a reply."""
        self.replies[path] = replace(self.replies[path], **changes)  # type: ignore[arg-type]

    def header(self, path: str, name: str, value: str | None) -> None:
        """Change a header of a reply, or leave it out."""
        headers = {**self.replies[path].headers, name: value or ""}
        if value is None:
            del headers[name]
        self.reply(path, headers=headers)

    def text(self, path: str, old: str, new: str, count: int = 1) -> None:
        """Replace in a playlist; what is replaced must be there."""
        body = self.replies[path].body
        assert old.encode() in body, (path, old)
        self.reply(path, body=body.replace(old.encode(), new.encode(), count))

    def drop_lines(self, path: str, starting: str) -> None:
        """Leave out the lines of a playlist that start so."""
        lines = self.replies[path].body.decode().splitlines()
        kept = [line for line in lines if not line.startswith(starting)]
        assert len(kept) < len(lines), (path, starting)
        self.reply(path, body="\n".join([*kept, ""]).encode())

    def data(self, path: str, edit: Callable[[bytearray], object]) -> None:
        """Edit the bytes of a segment."""
        body = bytearray(self.replies[path].body)
        edit(body)
        assert bytes(body) != self.replies[path].body
        self.reply(path, body=bytes(body))


def without_idr(index: int) -> Callable[[bytearray], object]:
    """Make the IDR picture number `index` of a segment an ordinary one."""

    def edit(data: bytearray) -> None:
        at = -1
        for _ in range(index + 1):
            at = data.index(IDR_START, at + 1)
        data[at : at + 4] = OTHER_START

    return edit


def without_parameter_sets(data: bytearray) -> None:
    """Spoil the first SPS: a player that starts here shows nothing."""
    at = data.index(b"\x00\x00\x01\x67")
    data[at + 3] = 0x6C  # a reserved NAL unit type


def spoil_parameter_sets(data: bytearray) -> None:
    """Keep the first SPS's name but not its content: it then tells of other pictures."""
    at = data.index(b"\x00\x00\x01\x67")
    data[at + 4 : at + 12] = b"\xff" * 8


def without_picture_parameters(data: bytearray) -> None:
    """Spoil the first PPS: the picture after it cannot be decoded."""
    at = data.index(b"\x00\x00\x01\x68")
    data[at + 3] = 0x6C


def skip_counter(data: bytearray) -> None:
    """Let one PID's counter jump in the middle of a segment."""
    pid = _video_pid(data)
    at = [at for at in _packets(data) if _pid(data, at) == pid][50]
    data[at + 3] = data[at + 3] & 0xF0 | (data[at + 3] + 3) & 0x0F


def shift_counters(data: bytearray) -> None:
    """Let a segment begin anew with its video counters."""
    pid = _video_pid(data)
    for at in _packets(data):
        if _pid(data, at) == pid and data[at + 3] & 0x10:
            data[at + 3] = data[at + 3] & 0xF0 | (data[at + 3] + 5) & 0x0F


def shift_times(seconds: float, units: slice = slice(None)) -> Callable[[bytearray], object]:
    """Move the timestamps of the PES packets with these numbers (in each stream)."""

    def edit(data: bytearray) -> None:
        stream = read_transport_stream(bytes(data))
        for found in stream.units.values():
            for unit in found[units]:
                _shift(data, unit.offset, round(seconds * 90_000))

    return edit


def make_mono(data: bytearray) -> None:
    """Say in the first AAC frame's header that it is mono."""
    unit = read_transport_stream(bytes(data)).audio[0]
    at = data.index(bytes(unit.payload[:7]), unit.offset)
    data[at + 2] &= 0xFE
    data[at + 3] = data[at + 3] & 0x3F | 0x40


def swell(data: bytearray) -> None:
    """Make a segment twelve times as large by packets that say nothing."""
    data += NULL_PACKET * (11 * len(data) // PACKET_BYTES)


def _shift(data: bytearray, offset: int, ticks: int) -> None:
    start = offset + 4 + (1 + data[offset + 4] if data[offset + 3] & 0x20 else 0)
    flags = data[start + 7]
    for at, present in ((start + 9, flags & 0x80), (start + 14, flags & 0x40)):
        if present:
            raw = data[at : at + 5]
            value = (raw[0] >> 1 & 7) << 30 | (raw[1] << 8 | raw[2]) >> 1 << 15
            value = (value | (raw[3] << 8 | raw[4]) >> 1) + ticks
            data[at] = data[at] & 0xF1 | (value >> 30 & 7) << 1
            data[at + 1 : at + 3] = ((value >> 15 & 0x7FFF) << 1 | 1).to_bytes(2, "big")
            data[at + 3 : at + 5] = ((value & 0x7FFF) << 1 | 1).to_bytes(2, "big")


def _packets(data: bytearray) -> range:
    return range(0, len(data), PACKET_BYTES)


def _pid(data: bytearray, at: int) -> int:
    return (data[at + 1] & 0x1F) << 8 | data[at + 2]


def _video_pid(data: bytearray) -> int:
    types = read_transport_stream(bytes(data)).types
    return next(pid for pid, kind in types.items() if kind == 0x1B)
