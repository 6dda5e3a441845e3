"""A word for a segment's codec parameters, from its first packets: it changes when they do.

H.264 Annex B (SPS); ISO/IEC 13818-7 (ADTS header).
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from vod_server.live.transport import PACKET, Packet, Tables, packets

H264 = 0x1B
ADTS = 0x0F
#: A segment is read in such pieces until everything is seen; mostly one is enough.
PIECE_BYTES = 128 * PACKET
#: PES bytes of a stream that are looked at.
_ENOUGH = 2048
_SPS = 7


def parameters_of_file(path: Path) -> str:
    """Return a word for what a segment's streams are set up with.

    Args:
        path: the segment, beginning with a packet.

    Raises:
        FileNotFoundError: there is none.
    """
    with path.open("rb", buffering=0) as file:
        return _word(file)


def parameters_of(segment: bytes) -> str:
    """Return the word for a segment's bytes. Pure."""
    return _word(BytesIO(segment))


def _word(file: BinaryIO) -> str:
    seen = _Seen()
    # After a large keyframe the first sound comes late: read on until all streams have spoken.
    while not seen.is_whole and (piece := file.read(PIECE_BYTES)):
        for packet in packets(piece):
            if seen.take(packet):
                break
    return hashlib.sha256(repr(seen.facts()).encode()).hexdigest()[:16]


class _Seen:
    """What was seen of a segment so far."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._open: dict[int, bytearray] = {}
        self._essence: dict[int, str] = {}
        self.is_whole = False

    def take(self, packet: Packet) -> bool:
        """Take a packet; return whether everything is seen now."""
        if self._tables.read(packet) or packet.pid not in self._tables.types:
            return False
        if packet.pid in self._essence:
            return False
        if packet.starts:
            self._close(packet.pid)
            self._open.setdefault(packet.pid, bytearray())
        if packet.pid in self._open:
            self._open[packet.pid] += packet.payload
            kind = self._tables.types[packet.pid]
            if kind == ADTS or len(self._open[packet.pid]) >= _ENOUGH:
                self._close(packet.pid)
        self.is_whole = self._essence.keys() >= {
            pid for pid, kind in self._tables.types.items() if kind in {H264, ADTS}
        }
        return self.is_whole

    def _close(self, pid: int) -> None:
        """Read what has come of a stream's first unit."""
        if pid in self._open:
            pes = bytes(self._open.pop(pid))
            if essence := _essence(self._tables.types[pid], pes):
                self._essence[pid] = essence

    def facts(self) -> list[tuple[int, int, str]]:
        """Return PID, stream type and essence of all streams."""
        for pid in list(self._open):
            self._close(pid)
        types = self._tables.types
        return [(pid, kind, self._essence.get(pid, "")) for pid, kind in sorted(types.items())]


def _essence(stream_type: int, pes: bytes) -> str:
    """Return what of a stream's first bytes decoders are set up with."""
    if len(pes) < 9:
        return ""
    data = pes[9 + pes[8] :]
    if stream_type == H264:
        return _first_sps(data).hex()
    if stream_type == ADTS and len(data) >= 4 and data[0] == 0xFF:
        return f"{data[1] & 0xFE:02x}{data[2]:02x}{data[3] & 0xC0:02x}"  # no CRC bit, no length
    return ""


def _first_sps(data: bytes) -> bytes:
    at = data.find(b"\0\0\1")
    while at >= 0 and at + 3 < len(data):
        after = data.find(b"\0\0\1", at + 3)
        if data[at + 3] & 0x1F == _SPS:
            return data[at + 3 : after if after >= 0 else len(data)].rstrip(b"\0")
        at = after
    return b""
