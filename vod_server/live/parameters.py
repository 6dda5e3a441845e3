"""A word for a segment's codec parameters, from its first packets: it changes when they do. Pure.

ISO/IEC 13818-1 §2.4 (packets, PAT, PMT); H.264 Annex B (SPS); ISO/IEC 13818-7 (ADTS header).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

PACKET = 188
#: So much of a segment is looked at; tables, SPS and the first sound lie well within.
HEAD_BYTES = 64 * 1024
_SPS = 7
#: PES bytes of a stream that are looked at.
_ENOUGH = 2048


def parameters_of(head: bytes) -> str:
    """Return a word for what a segment's first bytes say of its streams.

    Args:
        head: the first `HEAD_BYTES` of a segment, beginning with a packet.
    """
    types: dict[int, int] = {}
    started: dict[int, bytearray] = {}
    pmt_pid = -1
    for pid, starts, payload in _packets(head):
        if pid == 0 and starts:
            pmt_pid = _pmt_pid(payload)
        elif pid == pmt_pid and starts and not types:
            types = _stream_types(payload)
        elif pid in types:
            if starts and pid not in started:
                started[pid] = bytearray()
            if pid in started and len(started[pid]) < _ENOUGH:
                started[pid] += payload
    facts = [(kind, _essence(kind, bytes(started.get(pid, b"")))) for pid, kind in types.items()]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _packets(head: bytes) -> Iterator[tuple[int, bool, bytes]]:
    """Yield pid, whether a unit starts, and payload of each whole packet."""
    for at in range(0, len(head) - PACKET + 1, PACKET):
        packet = head[at : at + PACKET]
        if packet[0] != 0x47 or not packet[3] & 0x10:
            continue
        skip = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
        yield (packet[1] & 0x1F) << 8 | packet[2], bool(packet[1] & 0x40), packet[skip:]


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


def _essence(stream_type: int, pes: bytes) -> str:
    """Return what of a stream's first bytes decoders are set up with."""
    if len(pes) < 9:
        return ""
    data = pes[9 + pes[8] :]
    if stream_type == 0x1B:
        return _first_sps(data).hex()
    if stream_type == 0x0F and len(data) >= 4 and data[0] == 0xFF:
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
