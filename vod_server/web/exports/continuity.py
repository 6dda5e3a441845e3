"""Make one transport stream of many: packet counters go on where the last segment's ended.

Each segment was written by a multiplexer of its own, which counts from 0; sent one after the other
they would look like packets lost (ISO/IEC 13818-1 §2.4.3.3, continuity_counter).
"""

from __future__ import annotations

PACKET = 188
_SYNC = 0x47


class Continuity:
    """Counts the packets of one stream as they pass."""

    def __init__(self) -> None:
        self._counters: dict[int, int] = {}
        self._marked: set[int] | None = None
        self._rest = b""

    def begin_segment(self, *, opens: bool) -> None:
        """Tell that a segment begins.

        Args:
            opens: its time does not go on from the last one's: that is said in its packets
                (discontinuity_indicator, §2.4.3.5).
        """
        self._marked = set() if opens and self._counters else None
        self._rest = b""

    def pass_on(self, piece: bytes) -> bytes:
        """Return whole packets of a piece, counted; the rest comes with the next piece."""
        piece = self._rest + piece
        whole = len(piece) - len(piece) % PACKET
        self._rest = piece[whole:]
        packets = bytearray(piece[:whole])
        for at in range(0, whole, PACKET):
            if packets[at] == _SYNC:
                self._count(packets, at)
        return bytes(packets)

    def end_segment(self) -> bytes:
        """Return what is left of a segment that is no whole number of packets."""
        rest, self._rest = self._rest, b""
        return rest

    def _count(self, packets: bytearray, at: int) -> None:
        pid = (packets[at + 1] & 0x1F) << 8 | packets[at + 2]
        if pid == 0x1FFF:
            return  # null packets do not count
        control = packets[at + 3]
        before = self._counters.get(pid, control - 1 if control & 0x10 else control)
        counter = (before + 1 if control & 0x10 else before) & 0x0F
        packets[at + 3] = control & 0xF0 | counter
        self._counters[pid] = counter
        if self._marked is not None and pid not in self._marked:
            self._mark(packets, at, pid)

    def _mark(self, packets: bytearray, at: int, pid: int) -> None:
        """Set the discontinuity_indicator of a PID's first packet that has room for it."""
        has_adaptation = packets[at + 3] & 0x20 and packets[at + 4]
        if has_adaptation and self._marked is not None:
            packets[at + 5] |= 0x80
            self._marked.add(pid)
