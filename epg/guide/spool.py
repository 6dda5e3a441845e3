"""Programmes of a whole feed laid aside by channel, in a temporary file: memory stays constant."""

from __future__ import annotations

import marshal
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from epg.guide.schedule import DAY_S, LAST_LENGTH_S, Row, widen
from epg.guide.xmltv import FeedChannel, FeedProgramme, Item, Junk

#: Rows kept in memory before they are written out, some 15 MB: a county's guide is never.
BUFFERED_ROWS = 30_000

#: More programmes of one channel are no guide; a channel's are put in order in memory. Looked at
#: once a buffer, so a buffer more may come in.
MAX_ROWS_PER_CHANNEL = 100_000

#: More channels than this are no guide either.
MAX_CHANNELS = 50_000

#: Before each block: offset of the channel's block before it (-1: none), bytes of this one.
_HEAD = struct.Struct("<qq")


class Spool:
    """Programmes by channel, written as they come and read back a channel at a time.

    A channel's blocks are chained backwards, so memory holds one number a channel. A feed that
    is no larger than the buffer is not written out at all.

    Args:
        folder: where the temporary file is made; it has no name and goes with this object.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `__exit__`
        self._rows: dict[str, list[Any]] = {}
        self._last: dict[str, int] = {}
        #: Programmes of each channel; those in the buffer are counted when it is written or closed.
        self.counts: dict[str, int] = {}
        #: Number of a day to first start and last end of what begins on it, epoch seconds.
        self.days: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def fill(
        self,
        items: Iterable[Item],
        *,
        on_channel: Callable[[FeedChannel], None],
        on_junk: Callable[[Junk], None],
        only: str | None = None,
    ) -> None:
        """Lay aside what a feed holds.

        Args:
            items: of `epg.guide.xmltv.read_guide`.
            on_channel: given each channel.
            on_junk: given what cannot be used; programmes beyond a channel's limit too.
            only: the one channel whose programmes are wanted.
        """
        days, buffered = self.days, 0
        for item in items:
            # One import may hold millions of these: the loop calls nothing it need not.
            if type(item) is FeedProgramme:
                if only is not None and item[0] != only:
                    continue
                start_s, stop_s = item[1], item[2]
                if stop_s is None or stop_s <= start_s:
                    stop_s = start_s + LAST_LENGTH_S
                known = days.get(start_s // DAY_S)
                if known is None or start_s < known[0] or stop_s > known[1]:
                    widen(days, start_s, stop_s)
                rows = self._rows.get(item[0])
                if rows is None:
                    rows = self._open(item[0])
                if rows is None:
                    on_junk(Junk(0, f"频道 {item[0]} 的节目多得不像节目单，后面的不再导入"))
                    continue
                rows.append(item[1:])
                buffered += 1
                if buffered >= BUFFERED_ROWS:
                    self._flush()
                    buffered = 0
            elif isinstance(item, FeedChannel):
                on_channel(item)
            elif isinstance(item, Junk):
                on_junk(item)

    def _open(self, ref: str) -> list[Any] | None:
        """Return where a channel's next rows go; None when there are too many."""
        count = self.counts.get(ref)
        if (len(self.counts) >= MAX_CHANNELS) if count is None else (count >= MAX_ROWS_PER_CHANNEL):
            return None
        self.counts[ref] = count or 0
        rows: list[Any] = []
        self._rows[ref] = rows
        return rows

    def close(self) -> None:
        """Say that this is all; counts are whole from now on."""
        if self._last:
            self._flush()
        for ref, rows in self._rows.items():
            self.counts[ref] += len(rows)

    def rows(self, ref: str) -> Iterable[Row]:
        """Return a channel's programmes in the order they came, after `close`."""
        if not self._last:
            return self._rows.get(ref, ())
        return [row for block in reversed([*self._blocks(ref)]) for row in block]

    def _flush(self) -> None:
        self._file.seek(0, 2)
        at = self._file.tell()
        for ref, rows in self._rows.items():
            block = marshal.dumps(rows)
            self._file.write(_HEAD.pack(self._last.get(ref, -1), len(block)))
            self._file.write(block)
            self._last[ref] = at
            self.counts[ref] += len(rows)
            at += _HEAD.size + len(block)
        self._rows = {}

    def _blocks(self, ref: str) -> Iterator[list[Any]]:
        at = self._last.get(ref, -1)
        while at >= 0:
            self._file.seek(at)
            at, size = _HEAD.unpack(self._file.read(_HEAD.size))
            # Nobody else has ever held this file: it has no name.
            yield marshal.loads(self._file.read(size))  # noqa: S302
