from __future__ import annotations

from collections.abc import Sequence

import pytest

from vod_server.web.exports.continuity import PACKET, Continuity


def packet(pid: int, counter: int, *, payload: bool = True, adaptation: int = -1) -> bytes:
    """Return a packet; `adaptation` is the length of its adaptation field, -1 for none."""
    control = (0x10 if payload else 0) | (0x20 if adaptation >= 0 else 0) | counter
    head = bytes([0x47, pid >> 8, pid & 0xFF, control])
    field = bytes([adaptation]) + b"\x40" * adaptation if adaptation >= 0 else b""
    return (head + field).ljust(PACKET, b"\xff")


def counters(stream: bytes, pid: int) -> list[int]:
    packets = [stream[at : at + PACKET] for at in range(0, len(stream), PACKET)]
    return [p[3] & 0x0F for p in packets if (p[1] & 0x1F) << 8 | p[2] == pid]


def marks(stream: bytes) -> list[bool]:
    packets = [stream[at : at + PACKET] for at in range(0, len(stream), PACKET)]
    return [bool(p[3] & 0x20 and p[4] and p[5] & 0x80) for p in packets]


def joined(segments: Sequence[bytes], *, opens: bool = False, piece: int = 1000) -> bytes:
    continuity, found = Continuity(), b""
    for segment in segments:
        continuity.begin_segment(opens=opens)
        for at in range(0, len(segment), piece):
            found += continuity.pass_on(segment[at : at + piece])
        found += continuity.end_segment()
    return found


@pytest.mark.parametrize("piece", [1, 187, 188, 189, 10_000])
def test_counters_go_on_over_segments_for_each_pid(piece: int) -> None:
    segments = [
        b"".join(packet(0x100, n % 16) + packet(0x101, (n + 5) % 16) for n in range(20)),
        b"".join(packet(0x100, n) + packet(0x101, n) for n in range(3)),
    ]
    found = joined(segments, piece=piece)
    assert counters(found, 0x100) == [n % 16 for n in range(23)]
    assert counters(found, 0x101) == [(n + 5) % 16 for n in range(23)]
    assert len(found) == sum(map(len, segments))


def test_packets_without_payload_do_not_count_and_null_packets_stay() -> None:
    segments = [
        packet(0x100, 3) + packet(0x100, 3, payload=False, adaptation=10) + packet(0x1FFF, 9),
        packet(0x100, 0),
    ]
    found = joined(segments)
    assert counters(found, 0x100) == [3, 3, 4]
    assert counters(found, 0x1FFF) == [9]


def test_a_first_segment_is_passed_on_as_it_is() -> None:
    segment = b"".join(packet(0x100, n % 16, adaptation=7) for n in range(40))
    assert joined([segment], opens=True) == segment


def test_a_break_is_marked_once_where_there_is_room() -> None:
    first = packet(0x100, 0, adaptation=7)
    second = packet(0x100, 0) + packet(0x100, 1, adaptation=7) + packet(0x100, 2, adaptation=7)
    assert marks(joined([first, second], opens=True)) == [False, False, True, False]
    assert marks(joined([first, second], opens=False)) == [False] * 4


def test_what_is_no_transport_stream_is_passed_on_whole() -> None:
    junk = [b"junk" * 100, b"x" * 7]
    assert joined(junk) == b"".join(junk)
