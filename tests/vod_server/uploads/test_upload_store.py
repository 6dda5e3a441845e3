"""Part files: pieces, marks, locks, full disks."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import (
    GoneError,
    JobCancelledError,
    NotFoundError,
    StorageFullError,
    TooLargeError,
)
from vod_server.media.uploads.errors import (
    BrokenConnectionError,
    ChecksumMismatchError,
    OffsetMismatchError,
    UploadBusyError,
)
from vod_server.media.uploads.hashing import hash_file
from vod_server.media.uploads.model import Checksum
from vod_server.media.uploads.receiving import PIECE_BYTES, gather
from vod_server.media.uploads.store import UploadStore

ID = "0123456789abcdef" * 2


def broken_after(content: bytes) -> Callable[[int], bytes]:
    source = io.BytesIO(content)

    def read(size: int) -> bytes:
        block = source.read(size)
        if not block:
            raise BrokenConnectionError("断了")
        return block

    return read


def sha1(content: bytes) -> Checksum:
    return Checksum("sha1", hashlib.sha1(content).digest())


def append(store: UploadStore, content: bytes, offset: int = 0, length: int = 10_000_000) -> int:
    read = io.BytesIO(content).read
    return store.append(ID, read, offset_bytes=offset, length_bytes=length)


def test_pieces_are_written_as_they_fill() -> None:
    content = os.urandom(PIECE_BYTES * 2 + 100_000)
    pieces = list(gather(io.BytesIO(content).read))
    assert b"".join(pieces) == content
    assert len(pieces) == 3


def test_a_slow_sender_is_written_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(100))
    monkeypatch.setattr("vod_server.media.uploads.receiving.time.monotonic", lambda: next(now))
    blocks = iter([b"a", b"b", b""])
    assert list(gather(lambda _size: next(blocks))) == [b"a", b"b"]


def test_what_came_before_the_break_is_kept(up_store: UploadStore) -> None:
    content = os.urandom(1_500_000)
    with pytest.raises(BrokenConnectionError):
        up_store.append(ID, broken_after(content), offset_bytes=0, length_bytes=9_000_000)
    assert up_store.path(ID).read_bytes() == content
    assert append(up_store, b"end", len(content)) == len(content) + 3


def test_under_a_checksum_nothing_of_a_broken_chunk_is_kept(up_store: UploadStore) -> None:
    append(up_store, b"abc")
    with pytest.raises(BrokenConnectionError):
        up_store.append(
            ID,
            broken_after(b"x" * 2_000_000),
            offset_bytes=3,
            length_bytes=9_000_000,
            checksum=sha1(b"never"),
        )
    assert up_store.offset_bytes(ID) == 3
    assert up_store.path(ID).read_bytes() == b"abc"


def test_a_chunk_is_not_counted_before_it_is_verified(up_store: UploadStore) -> None:
    append(up_store, b"abc")
    content, seen = b"x" * (2 * PIECE_BYTES), []
    source = io.BytesIO(content)

    def read(size: int) -> bytes:
        seen.append((up_store.offset_bytes(ID), up_store.path(ID).stat().st_size))
        return source.read(size)

    end = up_store.append(ID, read, offset_bytes=3, length_bytes=9_000_000, checksum=sha1(content))
    assert {offset for offset, _size in seen} == {3}
    assert max(size for _offset, size in seen) > PIECE_BYTES
    assert end == up_store.offset_bytes(ID) == 3 + len(content)


def test_a_server_killed_in_an_unverified_chunk_goes_back_to_its_start(
    up_store: UploadStore,
) -> None:
    # What a killed process leaves: the bytes of the chunk, and the mark where it began.
    up_store.path(ID).write_bytes(b"abc" + b"unverified")
    up_store.path(ID).with_suffix(".mark").write_text("3\n")
    assert up_store.offset_bytes(ID) == 3
    assert not up_store.is_whole(ID, 13)
    assert append(up_store, b"def", 3) == 6
    assert up_store.path(ID).read_bytes() == b"abcdef"
    assert up_store.offset_bytes(ID) == 6


def test_a_mark_cut_off_by_the_crash_counts_for_nothing(up_store: UploadStore) -> None:
    up_store.path(ID).write_bytes(b"abcdef")
    up_store.path(ID).with_suffix(".mark").write_text("")
    assert up_store.offset_bytes(ID) == 6
    assert append(up_store, b"g", 6) == 7


def test_a_wrong_checksum_leaves_no_byte_and_no_mark(up_store: UploadStore, tmp_path: Path) -> None:
    append(up_store, b"abc")
    with pytest.raises(ChecksumMismatchError):
        up_store.append(
            ID, io.BytesIO(b"def").read, offset_bytes=3, length_bytes=9, checksum=sha1(b"DEF")
        )
    assert up_store.path(ID).read_bytes() == b"abc"
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == [f"{ID}.part"]


def test_a_chunk_elsewhere_is_refused(up_store: UploadStore) -> None:
    append(up_store, b"abc")
    with pytest.raises(OffsetMismatchError) as caught:
        append(up_store, b"x", 2)
    assert caught.value.offset_bytes == 3


def test_a_chunk_beyond_the_end_is_refused_whole(up_store: UploadStore) -> None:
    append(up_store, b"abc")
    with pytest.raises(TooLargeError):
        append(up_store, b"x" * (PIECE_BYTES * 2), 3, length=PIECE_BYTES + 1000)
    assert up_store.path(ID).read_bytes() == b"abc"


def test_one_writes_at_a_time(up_store: UploadStore) -> None:
    def read(size: int) -> bytes:
        del size
        with pytest.raises(UploadBusyError):
            append(up_store, b"x")
        assert up_store.is_busy(ID)
        assert not up_store.is_whole(ID, 0)
        return b""

    up_store.append(ID, read, offset_bytes=0, length_bytes=9)
    assert not up_store.is_busy(ID)


def test_a_chunk_waits_for_one_that_is_just_ending(up_store: UploadStore) -> None:
    append(up_store, b"abc")
    with up_store.path(ID).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        timer = threading.Timer(0.15, fcntl.flock, (other, fcntl.LOCK_UN))
        timer.start()
        assert append(up_store, b"d", 3) == 4
        timer.join()


def test_the_sender_of_a_cancelled_upload_is_stopped(up_store: UploadStore) -> None:
    blocks = 0

    def endless(size: int) -> bytes:
        nonlocal blocks
        blocks += 1
        if blocks == 20:
            up_store.remove(ID)
        assert blocks < 1000
        return b"x" * size

    with pytest.raises(GoneError):
        up_store.append(ID, endless, offset_bytes=0, length_bytes=10**9)
    assert up_store.ids() == set()


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "x" * 32, "A" * 32, f"{ID}\n"])
def test_only_an_id_is_a_path(up_store: UploadStore, name: str) -> None:
    with pytest.raises(NotFoundError):
        up_store.path(name)


def test_the_reserve_of_the_disk_is_left_alone(tmp_path: Path) -> None:
    free = 3 * PIECE_BYTES
    store = UploadStore(
        tmp_path / "up",
        reserve_bytes=PIECE_BYTES,
        measure_free=lambda folder: free - sum(p.stat().st_size for p in folder.iterdir()),
    )
    with pytest.raises(StorageFullError) as caught:
        append(store, b"x" * (4 * PIECE_BYTES))
    assert caught.value.field == "file"
    assert store.offset_bytes(ID) == 2 * PIECE_BYTES


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 4 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a tiny disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount a tmpfs")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_keeps_what_found_room_and_goes_on_when_there_is_more(
    tiny_disk: Path,
) -> None:
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(b"x" * 2_000_000)
    store = UploadStore(tiny_disk / "uploads", measure_free=lambda _folder: 10**9)
    content = os.urandom(3_000_000)
    with pytest.raises(StorageFullError, match="磁盘已满"):
        append(store, content, length=len(content))
    kept = store.offset_bytes(ID)
    assert PIECE_BYTES <= kept < len(content)
    assert store.path(ID).read_bytes() == content[:kept]
    ballast.unlink()
    assert append(store, content[kept:], kept, len(content)) == len(content)
    assert store.path(ID).read_bytes() == content


def test_a_full_disk_under_a_checksum_keeps_nothing_of_the_chunk(tiny_disk: Path) -> None:
    store = UploadStore(tiny_disk / "uploads", measure_free=lambda _folder: 10**9)
    content = os.urandom(6_000_000)
    with pytest.raises(StorageFullError):
        store.append(
            ID,
            io.BytesIO(content).read,
            offset_bytes=0,
            length_bytes=len(content),
            checksum=sha1(content),
        )
    assert store.offset_bytes(ID) == 0
    assert [path.name for path in (tiny_disk / "uploads").iterdir()] == [f"{ID}.part"]


def test_a_real_disk_says_what_is_free(tiny_disk: Path) -> None:
    store = UploadStore(tiny_disk / "uploads", reserve_bytes=1_000_000)
    store.check_room(3_000_000)
    with pytest.raises(StorageFullError):
        store.check_room(3_500_000)


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    path, content = tmp_path / "file", os.urandom(2_500_000)
    path.write_bytes(content)
    steps: list[int] = []
    assert hash_file(path, on_progress=steps.append) == hashlib.sha256(content).hexdigest()
    assert steps == [1048576, 2097152, 2500000]


def test_hashing_stops_when_asked(tmp_path: Path) -> None:
    path, steps = tmp_path / "file", list[int]()
    path.write_bytes(bytes(5_000_000))
    with pytest.raises(JobCancelledError):
        hash_file(path, should_stop=lambda: len(steps) == 2, on_progress=steps.append)
    assert len(steps) == 2
