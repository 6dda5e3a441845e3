"""What every blob store must do; run against a local folder and an S3 server."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from core.blobs import BlobStore
from core.errors import InvalidInputError, NotFoundError

BAD_KEYS = [
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/..",
    "../a",
    "a/./b",
    "a b",
    "a\\b",
    "a\x00b",
    "a\n",
    "~a",
    "视频",
    "a?b",
    "x" * 256,
    "/".join(["x" * 200] * 6),
]


def read(blobs: BlobStore, key: str, start: int = 0, length: int | None = None) -> bytes:
    with blobs.open(key, start=start, length=length) as file:
        return file.read()


def test_bytes_come_back_as_they_were_put(blobs: BlobStore) -> None:
    content = bytes(range(256)) * 100
    blobs.put_bytes("vod/7/ab/s00000.ts", content)
    assert read(blobs, "vod/7/ab/s00000.ts") == content
    assert blobs.size_bytes("vod/7/ab/s00000.ts") == len(content)
    assert blobs.exists("vod/7/ab/s00000.ts")


def test_an_empty_blob_is_a_blob(blobs: BlobStore) -> None:
    blobs.put_bytes("empty", b"")
    assert blobs.exists("empty")
    assert blobs.size_bytes("empty") == 0
    assert read(blobs, "empty") == b""
    assert read(blobs, "empty", 0, 10) == b""


@pytest.mark.parametrize("move", [False, True])
def test_a_file_is_stored(blobs: BlobStore, tmp_path: Path, move: bool) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(b"moving picture")
    blobs.put_file("sources/aa/aabb", source, move=move)
    assert read(blobs, "sources/aa/aabb") == b"moving picture"
    assert source.exists() is not move


def test_a_large_file_goes_and_comes_in_parts(blobs: BlobStore, tmp_path: Path) -> None:
    source, target = tmp_path / "large", tmp_path / "back"
    piece = os.urandom(1024 * 1024)
    with source.open("wb") as file:
        for number in range(35):
            file.write(number.to_bytes(4, "big") + piece)
    blobs.put_file("large", source)
    blobs.fetch("large", target)
    digests = [hashlib.sha256(path.read_bytes()).digest() for path in (source, target)]
    assert digests[0] == digests[1]


def test_putting_again_replaces(blobs: BlobStore) -> None:
    blobs.put_bytes("a/b", b"old and longer")
    blobs.put_bytes("a/b", b"new")
    assert read(blobs, "a/b") == b"new"


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (3, 4, b"3456"),
        (0, 1, b"0"),
        (9, 1, b"9"),
        (8, 100, b"89"),
        (10, None, b""),
        (50, 5, b""),
        (4, 0, b""),
    ],
)
def test_a_range_is_read(blobs: BlobStore, start: int, length: int | None, expected: bytes) -> None:
    blobs.put_bytes("digits", b"0123456789")
    assert read(blobs, "digits", start, length) == expected


def test_a_range_is_read_in_small_steps(blobs: BlobStore) -> None:
    blobs.put_bytes("digits", b"0123456789")
    with blobs.open("digits", start=2, length=6) as file:
        assert [file.read(4), file.read(4), file.read(4)] == [b"2345", b"67", b""]


@pytest.mark.parametrize(("start", "length"), [(-1, None), (0, -1)])
def test_a_negative_range_is_refused(blobs: BlobStore, start: int, length: int | None) -> None:
    blobs.put_bytes("digits", b"0123456789")
    with pytest.raises(InvalidInputError):
        blobs.open("digits", start=start, length=length)


def test_a_missing_key_is_told(blobs: BlobStore, tmp_path: Path) -> None:
    blobs.put_bytes("there/file", b"x")
    for key in ("gone", "there", "there/other", "there/file/deeper"):
        assert not blobs.exists(key)
        with pytest.raises(NotFoundError, match=key):
            blobs.open(key)
        with pytest.raises(NotFoundError):
            blobs.open(key, start=3, length=0)
        with pytest.raises(NotFoundError):
            blobs.size_bytes(key)
        with pytest.raises(NotFoundError):
            blobs.fetch(key, tmp_path / "target")
    assert list(tmp_path.glob("*target*")) == []


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_bad_key_is_refused_everywhere(blobs: BlobStore, tmp_path: Path, key: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    with pytest.raises(InvalidInputError):
        blobs.put_bytes(key, b"x")
    with pytest.raises(InvalidInputError):
        blobs.put_file(key, source, move=True)
    for ask in (blobs.open, blobs.size_bytes, blobs.exists, blobs.delete, blobs.local_path):
        with pytest.raises(InvalidInputError):
            ask(key)
    assert source.exists()
    assert list(blobs.keys("")) == []


def test_keys_come_in_order_and_below_the_folder_only(blobs: BlobStore) -> None:
    names = ["vod/7/a/s1.ts", "vod/7/a-b", "vod/7/a.b", "vod/7/B", "vod/70/x", "vod/7x", "image"]
    for name in names:
        blobs.put_bytes(name, b"x")
    expected = sorted(name for name in names if name.startswith("vod/7/"))
    assert list(blobs.keys("vod/7")) == expected
    assert list(blobs.keys("vod/7/")) == expected
    assert list(blobs.keys("")) == sorted(names)
    assert list(blobs.keys("nothing")) == []
    assert list(blobs.keys("image")) == []


def test_keys_of_many_pages_are_all_listed(blobs: BlobStore) -> None:
    names = [f"many/{number:04d}" for number in range(1005)]
    for name in names:
        blobs.put_bytes(name, b"")
    assert list(blobs.keys("many")) == names
    blobs.delete_prefix("many")
    assert list(blobs.keys("many")) == []


def test_a_prefix_that_climbs_is_refused(blobs: BlobStore) -> None:
    with pytest.raises(InvalidInputError):
        list(blobs.keys("../"))
    with pytest.raises(InvalidInputError):
        blobs.delete_prefix("a/../..")


def test_delete_removes_one_and_a_missing_one_is_no_error(blobs: BlobStore) -> None:
    blobs.put_bytes("a/b", b"x")
    blobs.put_bytes("a/c", b"x")
    blobs.delete("a/b")
    blobs.delete("a/b")
    blobs.delete("never/there")
    assert list(blobs.keys("")) == ["a/c"]


def test_delete_of_a_folder_is_not_a_delete_of_what_is_below(blobs: BlobStore) -> None:
    blobs.put_bytes("a/b", b"x")
    blobs.delete("a")
    assert blobs.exists("a/b")


def test_delete_prefix_removes_the_folder_and_no_neighbour(blobs: BlobStore) -> None:
    for key in ("vod/7/a/1", "vod/7/b", "vod/70/a", "vod/7.txt"):
        blobs.put_bytes(key, b"x")
    blobs.delete_prefix("vod/7")
    blobs.delete_prefix("vod/7/")
    assert list(blobs.keys("")) == ["vod/7.txt", "vod/70/a"]


@pytest.mark.parametrize("prefix", ["", "/"])
def test_a_whole_store_is_not_wiped(blobs: BlobStore, prefix: str) -> None:
    blobs.put_bytes("a", b"x")
    with pytest.raises(InvalidInputError):
        blobs.delete_prefix(prefix)
    assert blobs.exists("a")


def test_fetch_replaces_the_target(blobs: BlobStore, tmp_path: Path) -> None:
    target = tmp_path / "视频.mp4"
    target.write_bytes(b"old")
    blobs.put_bytes("a", b"new")
    blobs.fetch("a", target)
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["视频.mp4"]


def test_racing_puts_leave_one_whole_content(blobs: BlobStore) -> None:
    contents = [bytes([number]) * 200_000 for number in range(6)]
    threads = [
        threading.Thread(target=blobs.put_bytes, args=("race/key", content)) for content in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(blobs, "race/key") in contents
    assert list(blobs.keys("")) == ["race/key"]
