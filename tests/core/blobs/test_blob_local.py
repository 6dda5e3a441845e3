"""The local store: killed writers, full disks, places and permissions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.blobs.local
from core.blobs.local import TEMP_FOLDER, LocalBlobs
from core.errors import InvalidInputError, NotFoundError, StorageFullError

#: Writes a file of 4 MiB whose second half comes from a pipe that nobody ever fills.
SLOW_PUT = """
import os, sys
from pathlib import Path
from core.blobs.local import LocalBlobs
blobs = LocalBlobs(Path(sys.argv[1]))
print("started", flush=True)
blobs.put_file("vod/7/s00000.ts", Path(sys.argv[2]))
"""


def unfinished(root: Path) -> list[Path]:
    return list((root / TEMP_FOLDER).iterdir())


def wait_for(condition: object, seconds: float = 20.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def half_written(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A child in the middle of a put: two megabytes are on the disk, the rest never comes."""
    root, pipe = tmp_path / "blobs", tmp_path / "pipe"
    os.mkfifo(pipe)
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW_PUT, str(root), str(pipe)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout is not None
    child.stdout.readline()
    writer = os.open(pipe, os.O_WRONLY)
    os.write(writer, b"x" * 65536)
    for _ in range(31):
        os.write(writer, b"x" * 65536)
    wait_for(lambda: [p for p in unfinished(root) if p.stat().st_size >= 1024 * 1024])
    yield root, child
    child.kill()
    child.wait()
    child.stdout.close()
    os.close(writer)


def test_a_writer_killed_half_way_leaves_no_key(
    half_written: tuple[Path, subprocess.Popen[str]],
) -> None:
    root, child = half_written
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert len(unfinished(root)) == 1
    blobs = LocalBlobs(root)
    assert list(blobs.keys("")) == []
    assert not blobs.exists("vod/7/s00000.ts")
    assert unfinished(root) == []


def test_a_living_writer_is_not_swept(
    half_written: tuple[Path, subprocess.Popen[str]],
) -> None:
    root, _child = half_written
    blobs = LocalBlobs(root)
    assert len(unfinished(root)) == 1
    assert list(blobs.keys("")) == []


def test_a_full_disk_is_told_and_leaves_no_rest(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a tiny disk needs root")
    disk, source = tmp_path / "disk", tmp_path / "source"
    disk.mkdir()
    source.write_bytes(b"x" * 3_000_000)
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount a tmpfs")
    try:
        blobs = LocalBlobs(disk / "blobs")
        blobs.put_bytes("kept", b"complete")
        with pytest.raises(StorageFullError, match="磁盘已满"):
            blobs.put_file("large", source)
        with pytest.raises(StorageFullError):
            blobs.put_bytes("large", source.read_bytes())
        # Another file system: a move has to copy, and a failed one keeps its source.
        with pytest.raises(StorageFullError):
            blobs.put_file("large", source, move=True)
        assert source.stat().st_size == 3_000_000
        assert list(blobs.keys("")) == ["kept"]
        assert unfinished(disk / "blobs") == []
        small = tmp_path / "small"
        small.write_bytes(b"y" * 100_000)
        blobs.put_file("moved", small, move=True)
        assert blobs.size_bytes("moved") == 100_000
        assert not small.exists()
        blobs.put_bytes("big-enough", b"z" * 1_000_000)
        assert list(blobs.keys("")) == ["big-enough", "kept", "moved"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_reserve_is_left_alone(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    blobs = LocalBlobs(tmp_path / "blobs", reserve_bytes=free * 2)
    with pytest.raises(StorageFullError, match="保留"):
        blobs.put_bytes("a", b"x")
    assert list(blobs.keys("")) == []
    assert LocalBlobs(tmp_path / "blobs", reserve_bytes=1).put_bytes("a", b"x") is None


def test_moving_inside_one_disk_copies_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    source.chmod(0o600)
    inode = source.stat().st_ino
    blobs = LocalBlobs(tmp_path / "blobs")
    blobs.put_file("sources/aa", source, move=True)
    path = blobs.local_path("sources/aa")
    assert path is not None
    assert path.stat().st_ino == inode
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_copy_does_not_share_bytes_with_its_source(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"before")
    blobs = LocalBlobs(tmp_path / "blobs")
    blobs.put_file("a", source)
    source.write_bytes(b"after!")
    with blobs.open("a") as file:
        assert file.read() == b"before"


def test_local_path_is_the_file(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    blobs.put_bytes("a/b", b"x")
    assert blobs.local_path("a/b") == (tmp_path / "blobs/a/b").resolve()
    with pytest.raises(NotFoundError):
        blobs.local_path("a")


def test_a_file_and_a_folder_of_one_name_are_refused(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    blobs.put_bytes("a/b", b"x")
    for key in ("a", "a/b/c", "a/b/c/d"):
        with pytest.raises(InvalidInputError, match="同名"):
            blobs.put_bytes(key, b"y")
    assert list(blobs.keys("")) == ["a/b"]
    assert unfinished(tmp_path / "blobs") == []


def test_foreign_files_are_not_listed(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    (tmp_path / "blobs" / "备注.txt").write_text("x")
    (tmp_path / "blobs" / "draft~").write_text("x")
    blobs.put_bytes("a", b"x")
    assert list(blobs.keys("")) == ["a"]


def test_empty_folders_go_with_their_last_blob(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    blobs.put_bytes("vod/7/a/s1", b"x")
    blobs.delete("vod/7/a/s1")
    assert [path.name for path in (tmp_path / "blobs").iterdir()] == [TEMP_FOLDER]


def test_puts_and_pruning_deletes_do_not_harm_each_other(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    stop = threading.Event()

    def delete_again_and_again() -> None:
        while not stop.is_set():
            blobs.delete("vod/7/other")

    thread = threading.Thread(target=delete_again_and_again)
    thread.start()
    try:
        for number in range(150):
            blobs.put_bytes("vod/7/other", b"x")
            blobs.put_bytes(f"vod/7/{number}", b"x")
            blobs.delete(f"vod/7/{number}")
    finally:
        stop.set()
        thread.join()
    blobs.delete("vod/7/other")
    assert list(blobs.keys("")) == []


def test_a_reader_of_a_deleted_blob_reads_on(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    blobs.put_bytes("vod/7/s1", b"0123456789" * 100_000)
    with blobs.open("vod/7/s1") as file:
        assert file.read(5) == b"01234"
        blobs.delete_prefix("vod/7")
        assert len(file.read()) == 999_995


def test_a_put_is_durable_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    seen: list[bool] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        seen.append(blobs.exists("a/b"))
        real(descriptor)

    monkeypatch.setattr(core.blobs.local.os, "fsync", fsync)
    blobs.put_bytes("a/b", b"x")
    # First the bytes, while the key is not there; then the folder that names it.
    assert seen == [False, True]
