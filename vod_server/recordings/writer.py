"""The one writer of a channel's recording: finished files go in, each whole and at once.

Segments are not flushed to the disk one by one: a supervisor of two hundred channels would ask for
a hundred flushes a second, more than a disk with platters can do. What is renamed survives the end
of any process; a power cut costs the seconds the kernel had not written yet, and `mending` removes
their empty or short files.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.blobs.space import full_disk_told
from core.errors import ConflictError, InvalidInputError, NotFoundError
from epg.timeline.clock import LiveClock, Placed
from epg.timeline.index import Stored, count_after, first_count, format_head, format_line, head_of
from epg.timeline.model import Segment
from epg.timeline.names import hour_folder, hour_of, segment_name
from vod_server.recordings.folders import INCOMING, INDEX, LOCK, channel_folder
from vod_server.recordings.leftovers import (
    Leftover,
    drop_run,
    leftovers,
    note_parameters,
    noted_parameters,
    runs_of,
    written_ms,
)
from vod_server.recordings.mending import mend

_RUN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", re.ASCII)


class ChannelWriter:
    """Writes a channel's segments; one at a time on a machine.

    Args:
        root: folder of all recordings.
        channel_id: whose.
        parameters_of: tells the codec parameters of a file a killed supervisor left behind; without
            it they are taken to be those of the segment before.
        written_ms: tells when a file was written, epoch milliseconds; a test steps this clock.

    Raises:
        ConflictError: another process on this machine writes this channel.
        StorageFullError: there is no room even for the folder.
    """

    def __init__(
        self,
        root: Path,
        channel_id: int,
        *,
        parameters_of: Callable[[Path], str] | None = None,
        written_ms: Callable[[Path], int] = written_ms,
    ) -> None:
        self.channel_id = channel_id
        self.written_ms = written_ms
        self.folder = channel_folder(root, channel_id)
        self._parameters_of = parameters_of
        self._parameters = ""
        self._run: Path | None = None
        self._pending: dict[Path, bytes] = {}  # index lines that a full disk has not taken yet
        #: How far the timeline's end lies ahead of the clock: much after that was set back.
        self.ahead_ms = 0
        with full_disk_told():
            (self.folder / INCOMING).mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder / LOCK, channel_id)
        try:
            with full_disk_told():
                self.last = mend(self.folder, channel_id)
                self._clock = LiveClock(self.last.end_ms if self.last else None)
                self._take_leftovers()
        except BaseException:
            self.close()
            raise

    def begin_run(self, run: str) -> Path:
        """Make the folder of a new run of the recorder; its first segment opens with a gap.

        The ffmpeg of an earlier run has ended: what it finished is committed, its folder removed.

        Args:
            run: a word of letters, digits, `.`, `_` and `-` that no run had before.

        Returns:
            Where ffmpeg shall write `<n>.ts` and `list.csv`.

        Raises:
            InvalidInputError: the word is none.
            ConflictError: there is such a run.
        """
        if not _RUN.fullmatch(run):
            raise InvalidInputError(f"运行名 {run!r} 不能用。", field="run")
        folder = self.folder / INCOMING / run
        with full_disk_told():
            self._take_leftovers()
            try:
                folder.mkdir()
            except FileExistsError:
                raise ConflictError(f"运行 {run} 已经有了。", field="run") from None
        self._run = folder
        self._clock = self._clock.new_run()
        return folder

    def commit(
        self, file: Path, *, begin_s: float, end_s: float, written_ms: int, parameters: str
    ) -> Segment:
        """Put a finished file on the timeline; when this returns, no kill can lose it.

        Args:
            file: in the folder of the run; it is renamed away.
            begin_s: media time of its first picture, seconds, from `list.csv`.
            end_s: media time after its last picture.
            written_ms: when its last byte was written, epoch milliseconds.
            parameters: a word that changes with the codec parameters; where it does, it opens.

        Raises:
            NotFoundError: there is no such file.
            InvalidInputError: the file is empty, or ends before it begins.
            StorageFullError: no room for the new folder; the file stays, give it again.
        """
        if end_s < begin_s:
            raise InvalidInputError(f"分片 {file.name} 的结束早于开始。", field="end_s")
        clock = self._clock
        if self._parameters and parameters != self._parameters:
            clock = clock.break_()
        placed, clock = clock.place(begin_s, end_s, written_ms)
        segment = self._append(file, placed)
        self._clock, self.last, self.ahead_ms = clock, segment, placed.ahead_ms
        if parameters != self._parameters:
            self._parameters = parameters
            note_parameters(file.parent, parameters)
        return segment

    def close(self) -> None:
        """Let another process write; closing twice changes nothing."""
        if self._lock >= 0:
            self._write_pending()
            os.close(self._lock)
            self._lock = -1

    def _append(self, file: Path, placed: Placed) -> Segment:
        try:
            size_bytes = file.stat().st_size
        except FileNotFoundError:
            raise NotFoundError(f"没有分片 {file.name}。", field="file") from None
        if not size_bytes:
            raise InvalidInputError(f"分片 {file.name} 是空的。", field="file")
        stored = Stored(placed.start_ms, placed.duration_ms, size_bytes)
        count = count_after(self.last) if self.last else first_count(placed.start_ms)
        segment = count.take(self.channel_id, stored)
        hour_ms = hour_of(segment.start_ms)
        path = self.folder / hour_folder(hour_ms)
        with full_disk_told():
            _rename_into(file, path, segment_name(segment.start_ms, segment.duration_ms))
        # The name is the truth: from here on the segment is kept, whatever becomes of the index.
        self._note(path / INDEX, segment)
        return segment

    def _note(self, index: Path, segment: Segment) -> None:
        is_first = self.last is None or hour_of(self.last.start_ms) != hour_of(segment.start_ms)
        lines = (format_head(head_of(segment)) if is_first else b"") + format_line(segment)
        self._pending[index] = self._pending.get(index, b"") + lines
        self._write_pending()

    def _write_pending(self) -> None:
        """Append what is pending; what a full disk refuses stays for the next time."""
        for index, lines in list(self._pending.items()):
            with suppress(OSError):
                if _appended(index, lines):
                    del self._pending[index]

    def _take_leftovers(self) -> None:
        """Commit what earlier runs finished and nobody committed, then drop their folders."""
        for run in runs_of(self.folder / INCOMING):
            for number, left in enumerate(leftovers(run, self.last)):
                self._take(left, first=number == 0)
            drop_run(run)

    def _take(self, left: Leftover, *, first: bool) -> None:
        if first:
            follows_s = left.follows_s
            self._clock = (
                self._clock.new_run() if follows_s is None else self._clock.resume(follows_s)
            )
            self._parameters = noted_parameters(left.file.parent)
        parameters = self._parameters_of(left.file) if self._parameters_of else self._parameters
        self.commit(
            left.file,
            begin_s=left.begin_s,
            end_s=left.end_s,
            written_ms=self.written_ms(left.file),
            parameters=parameters,
        )


def _locked(path: Path, channel_id: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ConflictError(f"频道 {channel_id} 正由本机另一个进程录制。") from None
    return descriptor


def _appended(index: Path, lines: bytes) -> bool:
    """Append lines to an index, all or none; say whether there was room."""
    descriptor = os.open(index, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        whole = os.fstat(descriptor).st_size
        if os.write(descriptor, lines) == len(lines):
            return True
        os.ftruncate(descriptor, whole)
        return False
    finally:
        os.close(descriptor)


def _rename_into(file: Path, folder: Path, name: str) -> None:
    """Rename a file into a folder that expiry may prune away at the same moment."""
    # Whoever made it may have kept it private; nginx reads recordings under a user of its own.
    file.chmod(0o644)
    for _ in range(10):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.rename(folder / name)
        except (FileNotFoundError, FileExistsError):
            # `mkdir` says that there is one when it is taken away while it looks.
            if not file.exists():
                raise NotFoundError(f"没有分片 {file.name}。", field="file") from None
        else:
            return
    raise NotFoundError(f"文件夹 {folder} 一再消失。", field="file")
