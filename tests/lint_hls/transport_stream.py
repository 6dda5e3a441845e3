"""A minimal reader of MPEG-TS (ISO/IEC 13818-1), independent of what wrote the segments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

PACKET_BYTES = 188
CLOCK_HZ = 90_000
AAC_SAMPLES = 1024
H264, AAC_ADTS = 0x1B, 0x0F
IDR, SPS, PPS = 5, 7, 8
SAMPLE_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
_START_CODE = re.compile(rb"\x00\x00\x01(.)", re.DOTALL)


class NotATransportStreamError(Exception):
    """The bytes are no whole transport packets."""


@dataclass(slots=True)
class Unit:
    """One PES packet: of H.264 as it is written for HLS, one access unit."""

    pts: int | None  #: in 1/90000 s, 33 bits
    dts: int | None
    offset: int  #: of its first transport packet
    payload: bytearray = field(default_factory=bytearray)

    @property
    def nal_types(self) -> list[int]:
        """Return the types of its NAL units in order (H.264 §7.4.1)."""
        return [match[1][0] & 0x1F for match in _START_CODE.finditer(self.payload)]

    @property
    def is_idr(self) -> bool:
        """Say whether it is an IDR picture."""
        return IDR in self.nal_types


@dataclass(slots=True)
class TransportStream:
    """What a segment holds."""

    types: dict[int, int] = field(default_factory=dict)  #: stream type by PID, from the PMT
    units: dict[int, list[Unit]] = field(default_factory=dict)  #: PES packets by PID
    first_counter: dict[int, int] = field(default_factory=dict)
    last_counter: dict[int, int] = field(default_factory=dict)
    counter_errors: list[str] = field(default_factory=list)

    @property
    def video(self) -> list[Unit]:
        """Return the access units of the pictures, none without pictures."""
        return self._units_of(H264)

    @property
    def audio(self) -> list[Unit]:
        """Return the PES packets of the sound, none without sound."""
        return self._units_of(AAC_ADTS)

    def _units_of(self, stream_type: int) -> list[Unit]:
        return next(
            (self.units.get(pid, []) for pid, found in self.types.items() if found == stream_type),
            [],
        )


def read_transport_stream(data: bytes) -> TransportStream:
    """Read a segment.

    Raises:
        NotATransportStreamError: a packet does not begin with the sync byte, or the last is cut.
    """
    stream = TransportStream()
    pmt_pids: set[int] = set()
    for offset in range(0, len(data), PACKET_BYTES):
        packet = data[offset : offset + PACKET_BYTES]
        if len(packet) < PACKET_BYTES or packet[0] != 0x47:
            raise NotATransportStreamError(f"no transport packet at byte {offset}")
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        starts = bool(packet[1] & 0x40)
        payload = _payload(stream, packet, pid, offset)
        if pid == 0 and starts:
            pmt_pids.update(_programs(payload))
        elif pid in pmt_pids and starts:
            stream.types.update(_streams(payload))
        elif pid in stream.types:
            _take(stream, pid, payload, starts, offset)
    return stream


def _payload(stream: TransportStream, packet: bytes, pid: int, offset: int) -> bytes:
    """Return what the packet carries, having counted it (§2.4.3.3)."""
    has_adaptation, has_payload = packet[3] & 0x20, packet[3] & 0x10
    start, announced = 4, False
    if has_adaptation:
        start += 1 + packet[4]
        announced = bool(packet[4] and packet[5] & 0x80)
    if not has_payload or pid == 0x1FFF:
        return b""
    counter, last = packet[3] & 0x0F, stream.last_counter.get(pid)
    if last is not None and counter != (last + 1) & 0x0F and not announced:
        stream.counter_errors.append(f"PID {pid} at byte {offset}: {counter} after {last}")
    stream.first_counter.setdefault(pid, counter)
    stream.last_counter[pid] = counter
    return packet[start:]


def _section(payload: bytes) -> bytes:
    section = payload[1 + payload[0] :]
    length = (section[1] & 0x0F) << 8 | section[2]
    return section[: 3 + length - 4]  # without the checksum


def _programs(payload: bytes) -> Iterator[int]:
    section = _section(payload)
    for at in range(8, len(section) - 3, 4):
        if section[at] or section[at + 1]:
            yield (section[at + 2] & 0x1F) << 8 | section[at + 3]


def _streams(payload: bytes) -> Iterator[tuple[int, int]]:
    section = _section(payload)
    at = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while at + 5 <= len(section):
        yield (section[at + 1] & 0x1F) << 8 | section[at + 2], section[at]
        at += 5 + ((section[at + 3] & 0x0F) << 8 | section[at + 4])


def _take(stream: TransportStream, pid: int, payload: bytes, starts: bool, offset: int) -> None:
    units = stream.units.setdefault(pid, [])
    if starts:
        pts = _timestamp(payload[9:14]) if payload[7] & 0x80 else None
        dts = _timestamp(payload[14:19]) if payload[7] & 0x40 else pts
        units.append(Unit(pts, dts, offset, bytearray(payload[9 + payload[8] :])))
    elif units:
        units[-1].payload += payload


def _timestamp(raw: bytes) -> int:
    """Read 33 bits spread over five bytes (§2.4.3.7)."""
    high, middle, low = raw[0] >> 1 & 0x07, (raw[1] << 8 | raw[2]) >> 1, (raw[3] << 8 | raw[4]) >> 1
    return high << 30 | middle << 15 | low


@dataclass(frozen=True, slots=True)
class AdtsFrame:
    """The header of one AAC frame (ISO/IEC 14496-3 §1.A.2.2)."""

    object_type: int  #: 2 is AAC-LC
    sample_rate: int
    channels: int


def adts_frames(payload: bytes) -> list[AdtsFrame]:
    """Read the ADTS headers in a PES packet of sound."""
    frames, at = [], 0
    while at + 7 <= len(payload) and payload[at] == 0xFF and payload[at + 1] & 0xF0 == 0xF0:
        rate = payload[at + 2] >> 2 & 0x0F
        channels = (payload[at + 2] & 1) << 2 | payload[at + 3] >> 6
        length = (payload[at + 3] & 3) << 11 | payload[at + 4] << 3 | payload[at + 5] >> 5
        if length < 7 or rate >= len(SAMPLE_RATES):
            break
        frames.append(AdtsFrame((payload[at + 2] >> 6) + 1, SAMPLE_RATES[rate], channels))
        at += length
    return frames
