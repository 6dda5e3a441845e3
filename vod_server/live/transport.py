"""MPEG transport streams as far as a recorder looks into them (ISO/IEC 13818-1 §2.4). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

PACKET = 188
_TICKS = 90_000
_WRAP = 1 << 33

#: Stream types (§2.4.4.9): MPEG-2, H.264, HEVC.
VIDEO_TYPES = frozenset({0x01, 0x02, 0x1B, 0x24})
#: ffmpeg's multiplexer lets time begin so late (twice its `-muxdelay`).
MUXER_LEAD_S = 1.4
#: Between two pictures: more is no slow frame rate but a hole in the signal.
HOLE_S = 1.0


class Packet(NamedTuple):
    """A packet with payload.

    Args:
        pid: which stream.
        starts: whether a PES packet or section begins in it.
        payload: its bytes.
    """

    pid: int
    starts: bool
    payload: bytes


def packets(data: bytes) -> Iterator[Packet]:
    """Yield the packets of whole transport packets; damaged ones are left out."""
    for at in range(0, len(data) - PACKET + 1, PACKET):
        packet = data[at : at + PACKET]
        if packet[0] != 0x47 or not packet[3] & 0x10:
            continue
        skip = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        yield Packet(pid, bool(packet[1] & 0x40), packet[skip:])


class Tables:
    """PAT and PMT as they come by.

    `types` maps the PIDs of the first programme to their stream types, empty before the PMT.
    """

    def __init__(self) -> None:
        self._pmt_pid = -1
        self.types: dict[int, int] = {}

    def read(self, packet: Packet) -> bool:
        """Take a packet; say whether it was one of the tables."""
        if packet.pid == 0:
            if packet.starts:
                self._pmt_pid = _pmt_pid(packet.payload)
            return True
        if packet.pid == self._pmt_pid:
            if packet.starts and not self.types:
                self.types = _stream_types(packet.payload)
            return True
        return False


def first_picture_s(data: bytes) -> float | None:
    """Return when the first picture of ffmpeg's stream is shown, seconds of its media time.

    Args:
        data: the stream's beginning.
    """
    tables = Tables()
    for packet in packets(data):
        if tables.read(packet) or not packet.starts:
            continue
        if tables.types.get(packet.pid) in VIDEO_TYPES:
            ticks = shown_ticks(packet.payload)
            return None if ticks is None else ticks / _TICKS - MUXER_LEAD_S
    return None


def hole_s(data: bytes) -> float:
    """Return how many seconds of a segment have no picture (no sound, where it has none).

    A signal that failed for a while leaves a hole in the middle of a segment.
    """
    tables = Tables()
    instants: dict[int, list[int]] = {}
    for packet in packets(data):
        if not tables.read(packet) and packet.starts and packet.pid in tables.types:
            ticks = decode_ticks(packet.payload)
            if ticks is not None:
                instants.setdefault(packet.pid, []).append(ticks)
    pictures = [pid for pid, kind in tables.types.items() if kind in VIDEO_TYPES]
    return _holes_s(instants.get((pictures or [*tables.types, -1])[0], ()))


def _holes_s(ticks: Iterable[int]) -> float:
    lacking, before = 0, None
    for one in ticks:
        if before is not None:
            step = (one - before) % _WRAP
            if HOLE_S * _TICKS < step < _WRAP // 2:
                lacking += step
        before = one
    return lacking / _TICKS


def decode_ticks(pes: bytes) -> int | None:
    """Return when a PES packet is decoded: its DTS, or PTS; ticks of 90 kHz (§2.4.3.6)."""
    return _ticks(pes, 14 if len(pes) > 7 and pes[7] & 0x40 else 9)


def shown_ticks(pes: bytes) -> int | None:
    """Return when a PES packet is shown: its PTS; ticks of 90 kHz."""
    return _ticks(pes, 9)


def _ticks(pes: bytes, at: int) -> int | None:
    if len(pes) < 19 or pes[:3] != b"\0\0\1" or not pes[7] & 0x80:
        return None
    return (
        (pes[at] >> 1 & 7) << 30
        | pes[at + 1] << 22
        | pes[at + 2] >> 1 << 15
        | pes[at + 3] << 7
        | pes[at + 4] >> 1
    )


def _section(payload: bytes) -> bytes:
    return payload[1 + payload[0] :] if payload else b""


def _pmt_pid(payload: bytes) -> int:
    section = _section(payload)
    length = 3 + ((section[1] & 0x0F) << 8 | section[2]) - 4 if len(section) > 3 else 0
    for at in range(8, min(length, len(section)) - 3, 4):
        if section[at] or section[at + 1]:  # programme 0 is the network's
            return (section[at + 2] & 0x1F) << 8 | section[at + 3]
    return -1


def _stream_types(payload: bytes) -> dict[int, int]:
    section = _section(payload)
    if len(section) < 12:
        return {}
    end = min(3 + ((section[1] & 0x0F) << 8 | section[2]) - 4, len(section))
    at = 12 + ((section[10] & 0x0F) << 8 | section[11])
    types = {}
    while at + 5 <= end:
        types[(section[at + 1] & 0x1F) << 8 | section[at + 2]] = section[at]
        at += 5 + ((section[at + 3] & 0x0F) << 8 | section[at + 4])
    return types
