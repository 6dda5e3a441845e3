"""Packed guides: told by their first bytes, bounded, clear when broken."""

from __future__ import annotations

import gzip
import io
import lzma
from collections.abc import Callable

import pytest

from core.errors import InvalidInputError, TooLargeError
from epg.guide.unpacking import GuideFile

TEXT = "节目单\n".encode() * 50_000


def unpack(content: bytes, **limits: int) -> bytes:
    file, parts = GuideFile(io.BytesIO(content), **limits), []  # type: ignore[arg-type]
    while part := file.read(10_000):
        parts.append(part)
    return b"".join(parts)


def two(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda text: pack(text[:1000]) + pack(text[1000:])


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, lzma.compress, two(gzip.compress), two(lzma.compress)],
    ids=["plain", "gz", "xz", "two gz", "two xz"],
)
def test_what_was_packed_comes_out(pack: Callable[[bytes], bytes]) -> None:
    assert unpack(pack(TEXT)) == TEXT


def test_xz_padding_is_no_content() -> None:
    assert unpack(lzma.compress(TEXT) + b"\0" * 8) == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress], ids=["gz", "xz"])
def test_a_broken_or_cut_file_is_refused(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    with pytest.raises(InvalidInputError, match="不完整"):
        unpack(packed[: len(packed) // 2])
    broken = bytearray(packed)
    broken[len(broken) // 2] ^= 0xFF
    with pytest.raises(InvalidInputError, match=r"损坏|不完整"):
        unpack(bytes(broken))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress], ids=["plain", "gz", "xz"])
def test_a_bomb_stops_at_the_limit(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TooLargeError, match="1 MB"):
        unpack(pack(b"\0" * 2 * 1024**2), max_bytes=1024**2)


def test_an_xz_file_may_not_ask_for_all_memory() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1024**3}]
    with pytest.raises(InvalidInputError):
        unpack(lzma.compress(b"x", filters=filters))
