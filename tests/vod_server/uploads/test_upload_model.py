"""Headers and names of uploads; no I/O."""

from __future__ import annotations

import base64
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError, TooLargeError
from vod_server.media.uploads.model import (
    UploadLimits,
    parse_checksum,
    parse_length,
    parse_metadata,
    parse_offset,
)
from vod_server.media.uploads.names import NAME_MAX_LENGTH, safe_file_name

LIMITS = UploadLimits(max_bytes=1000, ttl_s=60)


def b64(raw: bytes | str) -> str:
    return base64.b64encode(raw.encode() if isinstance(raw, str) else raw).decode()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("农技课 01.mp4", "农技课 01.mp4"),
        ("村务公开.mp4".encode(), "村务公开.mp4"),
        ("村务公开.mp4".encode("gb18030"), "村务公开.mp4"),
        ("㐀𠀀.mp4".encode("gb18030"), "㐀𠀀.mp4"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("C:\\视频\\春耕.mp4", "春耕.mp4"),
        ("/etc/", "未命名"),
        ("..", "未命名"),
        (" . ", "未命名"),
        ("", "未命名"),
        (b"", "未命名"),
        ("a\x00b\r\nSet-Cookie: x.mp4", "abSet-Cookie: x.mp4"),
        ("春\u202e4pm.exe", "春4pm.exe"),
        ("a\u200b\ufeffb.mp4", "ab.mp4"),
        ("e\u0301.mp4", "\u00e9.mp4"),
        ("  a   b .mp4 ", "a b .mp4"),
        ("<script>.mp4", "<script>.mp4"),
        (b"\xff\xff\xff.mp4", "\ufffd\ufffd\ufffd.mp4"),
    ],
)
def test_a_name_is_made_fit_to_be_shown(raw: bytes | str, shown: str) -> None:
    assert safe_file_name(raw) == shown


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_file_name("长" * 500 + ".mp4")
    assert len(name) == NAME_MAX_LENGTH
    assert name.endswith("….mp4")
    assert len(safe_file_name("长" * 500)) == NAME_MAX_LENGTH
    assert len(safe_file_name("." + "x" * 500)) == NAME_MAX_LENGTH


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_no_name_climbs_is_empty_or_hides_a_sign(raw: bytes | str) -> None:
    name = safe_file_name(raw)
    assert 1 <= len(name) <= NAME_MAX_LENGTH
    assert not set(name) & set("/\\\x00")
    assert name not in {".", ".."}
    assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in name)
    assert safe_file_name(name) == name


def test_metadata_is_read() -> None:
    header = (
        f"filename {b64('春耕.mp4')},filetype {b64('video/mp4')}, fingerprint {b64('abc')},flag"
    )
    metadata = parse_metadata(header)
    assert metadata.file_name == "春耕.mp4"
    assert metadata.fingerprint == "abc"
    assert metadata.header == header


@pytest.mark.parametrize("header", [None, "", "filetype dmlkZW8=", "filename", "filename "])
def test_metadata_may_say_no_name(header: str | None) -> None:
    assert parse_metadata(header).file_name == "未命名"


def test_the_name_may_be_called_name() -> None:
    assert parse_metadata(f"name {b64('a.mp4')}").file_name == "a.mp4"


@pytest.mark.parametrize(
    "header",
    [
        "filename YQ==,filename YQ==",
        "filename YQ==,,x YQ==",
        "filename not-base64!",
        "filename YQ",
        "filename YQ== YQ==",
        "文件 YQ==",
        " ",
        ",",
        "x " + "A" * 9000,
    ],
)
def test_unusable_metadata_is_named(header: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_metadata(header)
    assert caught.value.field == "Upload-Metadata"


def test_a_length_is_read() -> None:
    assert parse_length("1000", LIMITS) == 1000


@pytest.mark.parametrize("header", [None, "", "-1", "+1", "1.5", "1 ", "٣", "0x1", "9" * 19])
def test_an_unusable_number_names_its_header(header: str | None) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_length(header, LIMITS)
    assert caught.value.field == "Upload-Length"
    with pytest.raises(InvalidInputError) as caught:
        parse_offset(header)
    assert caught.value.field == "Upload-Offset"


def test_an_empty_file_and_one_too_large_speak_of_the_file() -> None:
    with pytest.raises(InvalidInputError, match="空的") as empty:
        parse_length("0", LIMITS)
    with pytest.raises(TooLargeError, match="1001") as large:
        parse_length("1001", LIMITS)
    assert (empty.value.field, large.value.field) == ("file", "file")


def test_an_offset_of_zero_is_one() -> None:
    assert parse_offset("0") == 0


def test_a_checksum_is_read() -> None:
    checksum = parse_checksum(f"sha1 {b64(bytes(20))}")
    assert checksum is not None
    assert (checksum.algorithm, checksum.digest) == ("sha1", bytes(20))
    assert parse_checksum(None) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha1",
        "md5 " + b64(bytes(16)),
        "sha1 " + b64(bytes(19)),
        "sha256 !!",
        "SHA1 x",
        "shake_128 AA==",
    ],
)
def test_an_unusable_checksum_is_named(header: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_checksum(header)
    assert caught.value.field == "Upload-Checksum"
