"""Read MPEG-TS in bulk: where PES packets and tables begin, their times, IDR pictures, codecs.

The stream is one ffmpeg wrote: a single programme, tables in one packet each, a PES packet in
consecutive packets of its PID. Bytes of the same place in every packet are taken by slicing
(`block[1::188]`), and only packets that begin something are looked at one by one: about sixty a
second of media. ISO/IEC 13818-1 §2.4.3; H.264 §7.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PACKET = 188
SYNC = 0x47
CLOCK_HZ = 90_000
WRAP = 1 << 33

_PAT, _SDT = 0, 0x11
_H264, _AAC = 0x1B, 0x0F
#: Maps a packet's second byte to 1 where payload_unit_start_indicator is set.
_BEGINS = bytes(1 if value & 0x40 else 0 for value in range(256))


@dataclass(frozen=True, slots=True)
class Mark:
    """The beginning of a PES packet: one picture, or some frames of sound."""

    offset: int  #: of its first packet in the whole stream
    tables_at: int | None  #: where the tables (PAT, PMT …) right before it begin, if they are there
    video: bool
    random_access: bool  #: what the adaptation field claims; `find_idr` tells the truth
    pts: int  #: 90 kHz, unwrapped


class BrokenStreamError(ValueError):
    """The bytes are no MPEG-TS of the expected kind."""


class Scanner:
    """Finds the marks of a stream that comes in chunks."""

    def __init__(self) -> None:
        self._rest = b""
        self._offset = 0  # of the next packet in the whole stream
        self._tables_at: int | None = None
        self._tables_end = -1
        self._pmt_pid: int | None = None
        self._kinds: dict[int, bool] = {}  # elementary PID: is it video?
        self._last_pts = 0

    def feed(self, chunk: bytes) -> tuple[bytes, list[Mark]]:
        """Take the next chunk; return its whole packets and the marks in them.

        Raises:
            BrokenStreamError: a packet does not begin with the sync byte.
        """
        block = self._rest + chunk if self._rest else chunk
        whole = len(block) // PACKET * PACKET
        block, self._rest = block[:whole], block[whole:]
        if block[0::PACKET].count(SYNC) * PACKET != whole:
            raise BrokenStreamError("lost sync")
        marks = [mark for at in _beginnings(block) if (mark := self._look(block, at))]
        self._offset += whole
        return block, marks

    def _look(self, block: bytes, at: int) -> Mark | None:
        pid = (block[at + 1] & 0x1F) << 8 | block[at + 2]
        if pid in {_PAT, _SDT, self._pmt_pid}:
            self._note_table(block, at, pid)
            return None
        if pid not in self._kinds:
            return None
        tables_at = self._tables_at if self._tables_end == self._offset + at else None
        packet = block[at : at + PACKET]
        claimed = bool(packet[3] & 0x20 and packet[4] and packet[5] & 0x40)
        pts = self._unwrap(_pts(packet))
        return Mark(self._offset + at, tables_at, self._kinds[pid], claimed, pts)

    def _note_table(self, block: bytes, at: int, pid: int) -> None:
        offset = self._offset + at
        # A run of tables that nothing interrupts; one amid a picture starts anew.
        if self._tables_end != offset:
            self._tables_at = offset
        self._tables_end = offset + PACKET
        payload = _payload(block[at : at + PACKET])
        section = payload[1 + payload[0] :]
        if pid == _PAT and self._pmt_pid is None:
            self._pmt_pid = (section[10] & 0x1F) << 8 | section[11]
        elif pid == self._pmt_pid and not self._kinds:
            self._kinds = dict(_pmt_streams(section))

    def _unwrap(self, pts: int) -> int:
        while pts < self._last_pts - WRAP // 2:
            pts += WRAP
        self._last_pts = pts
        return pts


def _beginnings(block: bytes) -> Iterator[int]:
    begins = block[1::PACKET].translate(_BEGINS)
    at = begins.find(1)
    while at >= 0:
        yield at * PACKET
        at = begins.find(1, at + 1)


def _pmt_streams(section: bytes) -> Iterator[tuple[int, bool]]:
    end = 3 + ((section[1] & 0x0F) << 8 | section[2]) - 4
    at = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while at + 5 <= end:
        pid = (section[at + 1] & 0x1F) << 8 | section[at + 2]
        if section[at] not in {_H264, _AAC}:
            raise BrokenStreamError(f"stream type {section[at]:#x}")
        yield pid, section[at] == _H264
        at += 5 + ((section[at + 3] & 0x0F) << 8 | section[at + 4])


def _payload(packet: bytes) -> bytes:
    if not packet[3] & 0x10:
        return b""
    return packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]


def _pts(packet: bytes) -> int:
    pes = _payload(packet)
    if len(pes) < 14 or pes[:3] != b"\0\0\1" or not pes[7] & 0x80:
        raise BrokenStreamError("PES packet without a time")
    return (
        (pes[9] & 0x0E) << 29 | pes[10] << 22 | (pes[11] & 0xFE) << 14 | pes[12] << 7 | pes[13] >> 1
    )


def elementary(packets: bytes, limit: int | None = None) -> bytes:
    """Return the elementary stream of one PES packet.

    Args:
        packets: from its first packet on; tables in between are left out.
        limit: stop after so many packets.
    """
    pid = (packets[1] & 0x1F, packets[2])
    end = len(packets) if limit is None else min(len(packets), limit * PACKET)
    parts = [
        _payload(packets[at : at + PACKET])
        for at in range(0, end, PACKET)
        if (packets[at + 1] & 0x1F, packets[at + 2]) == pid
    ]
    pes = b"".join(parts)
    return pes[9 + pes[8] :]


def nal_types(stream: bytes) -> list[int]:
    """Return the types of the NAL units that begin in an Annex B byte stream."""
    return [
        stream[match.end()] & 0x1F
        for match in re.finditer(rb"\x00\x00\x01(?=.)", stream, re.DOTALL)
    ]


def is_idr(packets: bytes) -> bool:
    """Tell whether a picture's packets hold an IDR picture (NAL unit type 5)."""
    for limit in (12, None):  # the slice nearly always begins within the first 2 KB
        types = nal_types(elementary(packets, limit))
        slices = [kind for kind in types if 1 <= kind <= 5]
        if slices:
            return slices[0] == 5
    return False


def video_codec(packets: bytes) -> str:
    """Return the RFC 6381 name of a picture that carries its SPS, e.g. `avc1.4d401f`.

    Raises:
        BrokenStreamError: there is no SPS.
    """
    stream = elementary(packets)
    match = re.search(rb"\x00\x00\x01[\x07\x27\x47\x67](...)", stream, re.DOTALL)
    if match is None:
        raise BrokenStreamError("no SPS")
    return f"avc1.{match[1].hex()}"


def adts_frames(packets: bytes) -> tuple[str, int, float]:
    """Return codec (`mp4a.40.2`), number of frames and seconds of a sound's PES packet.

    Raises:
        BrokenStreamError: it is not AAC in ADTS (ISO/IEC 13818-7 §6.2).
    """
    stream = elementary(packets)
    at = count = 0
    while at + 7 <= len(stream):
        if stream[at] != 0xFF or stream[at + 1] & 0xF6 != 0xF0:
            raise BrokenStreamError("no ADTS header")
        size = (stream[at + 3] & 3) << 11 | stream[at + 4] << 3 | stream[at + 5] >> 5
        at += max(size, 7)
        count += 1
    if not count:
        raise BrokenStreamError("empty sound packet")
    kind = (stream[2] >> 6) + 1
    rate = _ADTS_RATES[stream[2] >> 2 & 0xF]
    return f"mp4a.40.{kind}", count, count * 1024 / rate


_ADTS_RATES = dict(
    enumerate(
        (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
    )
)
