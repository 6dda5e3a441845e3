"""Rules of uploads: states, and the request headers of tus 1.0. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from core.errors import InvalidInputError, TooLargeError
from vod_server.media.uploads.names import recover_text, safe_file_name

State = Literal["receiving", "complete", "ingesting", "done", "failed", "cancelled"]

#: The part file of an upload in such a state is still wanted.
KEEPS_FILE: frozenset[str] = frozenset({"receiving", "complete", "ingesting", "failed"})

#: States in which every byte has arrived.
WHOLE: frozenset[str] = frozenset({"complete", "ingesting", "done", "failed"})

#: States in which an upload can be cancelled; later the title it became is the thing to remove.
CANCELLABLE: frozenset[str] = frozenset({"receiving", "failed"})

CHECKSUM_ALGORITHMS = ("sha1", "sha256")

_ID = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_METADATA_KEY = re.compile(r"[!-+\--~]+")
METADATA_MAX_LENGTH = 8000
FINGERPRINT_MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What is allowed: largest file in bytes, and how long an unfinished one is kept."""

    max_bytes: int
    ttl_s: int


@dataclass(frozen=True, slots=True)
class UploadMetadata:
    """What a client said of its file (tus `Upload-Metadata`)."""

    file_name: str = "未命名"  #: made safe to show; never a path
    fingerprint: str | None = None  #: the client's own mark of the file, to find it again
    header: str = ""  #: as it came, because HEAD has to give it back


@dataclass(frozen=True, slots=True)
class Checksum:
    """The checksum of one chunk."""

    algorithm: str
    digest: bytes


def is_upload_id(text: str) -> bool:
    """Say whether `text` has the form of an upload's id: 32 lower-case hex digits."""
    return _ID.fullmatch(text) is not None


def parse_offset(header: str | None) -> int:
    """Read `Upload-Offset`: bytes, 0 or more.

    Raises:
        InvalidInputError: it is missing or no such number.
    """
    return _parse_number(header, "Upload-Offset")


def parse_length(header: str | None, limits: UploadLimits) -> int:
    """Read `Upload-Length`: the size of the whole file in bytes.

    Raises:
        InvalidInputError: it is missing, no number, or zero (`field` is then `file`).
        TooLargeError: the file is larger than the limit.
    """
    length = _parse_number(header, "Upload-Length")
    if length == 0:
        raise InvalidInputError("文件是空的（0 字节），没有可上传的内容。", field="file")
    if length > limits.max_bytes:
        raise TooLargeError(
            f"文件太大：{length} 字节，最多 {limits.max_bytes} 字节。", field="file"
        )
    return length


def _parse_number(header: str | None, field: str) -> int:
    if header is None:
        raise InvalidInputError(f"请求缺少 {field}。", field=field)
    if not _NUMBER.fullmatch(header):
        raise InvalidInputError(f"{field} 的值 {header[:40]!r} 不是字节数。", field=field)
    return int(header)


def parse_checksum(header: str | None) -> Checksum | None:
    """Read `Upload-Checksum`: an algorithm, a space and the digest in Base64.

    Raises:
        InvalidInputError: the algorithm is unknown or the digest is none of it.
    """
    if header is None:
        return None
    field = "Upload-Checksum"
    algorithm, _, text = header.partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        raise InvalidInputError(f"不支持校验算法 {algorithm[:20]!r}。", field=field)
    digest = _decode(text, field)
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise InvalidInputError(f"校验值的长度不是 {algorithm} 的长度。", field=field)
    return Checksum(algorithm, digest)


def parse_metadata(header: str | None) -> UploadMetadata:
    """Read `Upload-Metadata`: `key base64` pairs, with commas between them.

    Known keys are `filename` (or `name`) and `fingerprint`; others are kept in the header only.

    Raises:
        InvalidInputError: a key is empty, not ASCII or there twice, or a value is not Base64.
    """
    if not header:
        return UploadMetadata()
    pairs = _parse_pairs(header)
    name = pairs.get("filename") or pairs.get("name") or b""
    fingerprint = recover_text(pairs.get("fingerprint", b""))[:FINGERPRINT_MAX_LENGTH]
    return UploadMetadata(safe_file_name(name), fingerprint or None, header)


def _parse_pairs(header: str) -> dict[str, bytes]:
    field = "Upload-Metadata"
    if len(header) > METADATA_MAX_LENGTH:
        raise InvalidInputError(f"{field} 太长。", field=field)
    pairs: dict[str, bytes] = {}
    for pair in header.split(","):
        key, _, value = pair.strip(" ").partition(" ")
        if not _METADATA_KEY.fullmatch(key):
            raise InvalidInputError(f"{field} 里有空的或不可用的键。", field=field)
        if key in pairs:
            raise InvalidInputError(f"{field} 里的键 {key!r} 重复。", field=field)
        pairs[key] = _decode(value, field)
    return pairs


def _decode(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInputError(f"{field} 里有不是 Base64 的值。", field=field) from None
