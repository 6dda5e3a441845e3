"""What a channel may be, which addresses its sources may have, what its values look like. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from core.errors import InvalidInputError

LEVELS = ("central", "province", "city", "county", "town")
KINDS = ("live", "loop", "reference")
SOURCE_KINDS = ("hls", "http", "udp", "rtp", "srt", "rtmp", "push", "file", "card")
MODES = ("auto", "copy", "encode")

MAX_NUMBER = 9999
MAX_NAMES = 40
MAX_SOURCES = 20
MAX_URL = 2000

#: Longest texts, in characters; the schema's limits (`epg.channels.tables.Channel`).
MAX_LENGTH = {"name": 120, "logo": 500, "group_title": 200, "tvg_id": 200}

#: What fields are called where an error speaks of them.
LABELS = {
    "name": "名称",
    "logo": "台标地址",
    "group_title": "分组",
    "tvg_id": "节目单标识",
    "level": "级别",
    "kind": "类型",
    "number": "频道号",
    "retention_days": "保留天数",
    "target_duration_s": "分片时长",
}

_CHOICES = {"level": LEVELS, "kind": KINDS}
_RANGES = {
    "number": (1, MAX_NUMBER),
    "retention_days": (0, 366),
    "target_duration_s": (1, 20),
}
_FLAGS = ("radio", "wanted")

#: Which schemes an address of a kind may have.
_SCHEMES = {
    "hls": ("http", "https"),
    "http": ("http", "https"),
    "udp": ("udp",),
    "rtp": ("rtp",),
    "srt": ("srt",),
    "rtmp": ("rtmp", "rtmps"),
}
_NEEDS_PORT = frozenset({"udp", "rtp", "srt"})
_CARDS = ("clock", "bars")

# Control characters and halves of pairs: no database keeps them, no address has them.
_STRANGE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SECRETS = re.compile(
    r"(?i)([?&](?:[\w.-]*(?:pass|pwd|token|key|secret|auth|sign|streamid)[\w.-]*)=)[^&#|]*"
)


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """Where a signal comes from.

    Args:
        kind: one of `SOURCE_KINDS`.
        url: see `check_source`.
        mode: `auto`, `copy` or `encode`.
    """

    kind: str
    url: str = ""
    mode: str = "auto"


def check_source(kind: str, url: str) -> str:
    """Return a source's address as it is stored.

    Args:
        kind: one of `SOURCE_KINDS`.
        url: `hls` and `http`: http(s). `udp`, `rtp`, `srt`: `udp://[@]host:port[?…]`. `rtmp`:
            rtmp(s). `push`: empty. `file`: a path, relative or absolute. `card`: `clock` or
            `bars`, with a query; empty is `clock`.

    Raises:
        InvalidInputError: it cannot be one; `field` is `kind` or `url`.
    """
    url = url.strip()
    if kind not in SOURCE_KINDS:
        raise InvalidInputError(f"没有“{kind[:20]}”这种信号源。", field="kind")
    if _STRANGE.search(url):
        raise InvalidInputError("地址里有不能使用的字符。", field="url")
    if len(url) > MAX_URL:
        raise InvalidInputError(f"地址太长，最多 {MAX_URL} 个字。", field="url")
    if kind == "push":
        if url:
            raise InvalidInputError("推流由编码器送来，不用填地址。", field="url")
        return ""
    if kind == "card":
        return _check_card(url)
    if not url:
        raise InvalidInputError("请填写地址。", field="url")
    return _check_file(url) if kind == "file" else _check_address(kind, url)


def _check_card(url: str) -> str:
    url = url or _CARDS[0]
    if url.partition("?")[0] not in _CARDS:
        raise InvalidInputError("测试图只有 clock（时钟）和 bars（彩条）。", field="url")
    return url


def _check_file(path: str) -> str:
    # A name before a colon would be taken for a protocol of ffmpeg's, such as concat: or data:.
    if _SCHEME.match(path):
        raise InvalidInputError("这里要填服务器上的文件或文件夹，不是网址。", field="url")
    if ".." in PurePosixPath(path.replace("\\", "/")).parts:
        raise InvalidInputError("文件路径里不能有“..”。", field="url")
    return path


def _check_address(kind: str, url: str) -> str:
    schemes = _SCHEMES[kind]
    if re.search(r"\s", url.partition("|")[0]):
        raise InvalidInputError("地址里不能有空格。", field="url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInputError("地址的主机或端口不对。", field="url") from None
    if parts.scheme not in schemes:
        begins = "或 ".join(f"{scheme}://" for scheme in schemes)
        raise InvalidInputError(f"地址要以 {begins} 开头。", field="url")
    if not parts.hostname and not (kind in {"udp", "srt"} and port):
        raise InvalidInputError("地址里没有主机名。", field="url")
    if kind in _NEEDS_PORT and not port:
        raise InvalidInputError("地址要写明端口，例如 udp://239.1.1.1:5000。", field="url")
    return url


def guess_kind(url: str) -> str:
    """Return the kind of source an address from a playlist means.

    Raises:
        InvalidInputError: it is of no kind this house can take in; `field` is `url`.
    """
    scheme = url.partition(":")[0].lower()
    if scheme in {"http", "https"}:
        path = _path_of(url).lower()
        return "hls" if path.endswith((".m3u8", ".m3u")) else "http"
    kind = {"rtmps": "rtmp"}.get(scheme, scheme)
    if kind not in _SCHEMES or "://" not in url:
        raise InvalidInputError(f"不支持 {url[:30]} 这样的地址。", field="url")
    return kind


def _path_of(url: str) -> str:
    try:
        return urlsplit(url.partition("|")[0]).path
    except ValueError:
        return ""


def masked_url(url: str) -> str:
    """Return an address as it may be shown: without passwords, tokens and keys."""
    head, scheme, rest = url.partition("://")
    authority, slash, tail = rest.partition("/")
    if scheme and "@" in authority:
        login, _, host = authority.rpartition("@")
        # `udp://@239.1.1.1` has an empty one: no secret, and people look for it.
        rest = f"{'***@' if login else '@'}{host}{slash}{tail}"
    return _SECRETS.sub(r"\1***", f"{head}{scheme}{rest}")


def clean_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of a channel's fields as they are stored.

    Raises:
        InvalidInputError: a value does not fit, or there is no such field; `field` names it.
    """
    return {field: _clean(field, value) for field, value in fields.items()}


def _clean(field: str, value: Any) -> Any:
    if field in MAX_LENGTH:
        return _clean_text(field, value)
    if field in _RANGES:
        return _clean_number(field, value)
    if field in _CHOICES:
        if value not in _CHOICES[field]:
            raise InvalidInputError(f"请从列表里选择{LABELS[field]}。", field=field)
        return value
    if field in _FLAGS:
        if not isinstance(value, bool):
            raise InvalidInputError(f"{field} 只能是或否。", field=field)
        return value
    if field == "names":
        return _clean_names(value)
    if field == "attributes" and isinstance(value, Mapping):
        return dict(value)
    raise InvalidInputError(f"没有 {field} 这个字段。", field=field)


def _clean_text(field: str, value: Any) -> str:
    text = value.strip() if isinstance(value, str) else None
    if text is None or _STRANGE.search(text):
        raise InvalidInputError(f"{LABELS[field]}里有不能使用的字符。", field=field)
    if len(text) > MAX_LENGTH[field]:
        raise InvalidInputError(f"{LABELS[field]}最多 {MAX_LENGTH[field]} 个字。", field=field)
    if field == "name" and not text:
        raise InvalidInputError("名称不能空着。", field=field)
    return text


def _clean_number(field: str, value: Any) -> int:
    least, most = _RANGES[field]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInputError(f"{LABELS[field]}要在 {least} 到 {most} 之间。", field=field)
    return value


def _clean_names(value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidInputError("别名要是一列名称。", field="names")
    names = list(dict.fromkeys(str(name).strip() for name in value if str(name).strip()))
    longest = MAX_LENGTH["name"]
    if len(names) > MAX_NAMES or any(len(n) > longest or _STRANGE.search(n) for n in names):
        raise InvalidInputError(
            f"别名最多 {MAX_NAMES} 个，每个最多 {longest} 个字。", field="names"
        )
    return names
