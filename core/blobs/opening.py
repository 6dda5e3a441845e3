"""From the setting `CUNTAI_BLOB_URL` to a blob store."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from core.blobs import BlobStore
from core.blobs.local import LocalBlobs
from core.blobs.s3 import S3Blobs
from core.errors import InvalidInputError, SettingsError

_FIELD = "CUNTAI_BLOB_URL"


def open_blobs(url: str, *, reserve_bytes: int = 0) -> BlobStore:
    """Open the store at `url`.

    Args:
        url: `file:///folder` or `s3://bucket/prefix?endpoint=http://…&region=…`.
        reserve_bytes: free disk that a local store leaves alone.

    Raises:
        SettingsError: the address cannot be used, or what it needs is not installed.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _open_local(parts, reserve_bytes)
    if parts.scheme == "s3":
        return _open_s3(parts)
    raise SettingsError(
        f"文件库地址的开头 {parts.scheme!r} 不可用，只能是 file:// 或 s3://。", field=_FIELD
    )


def _open_local(parts: SplitResult, reserve_bytes: int) -> LocalBlobs:
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/") or parts.path == "/":
        raise SettingsError("本地文件库须写成 file:///绝对路径（三条斜线）。", field=_FIELD)
    return LocalBlobs(Path(unquote(parts.path)), reserve_bytes=reserve_bytes)


def _open_s3(parts: SplitResult) -> S3Blobs:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(options.keys() - {"endpoint", "region"})
    if unknown:
        raise SettingsError(f"文件库地址里有不认识的参数 {unknown[0]!r}。", field=_FIELD)
    if not parts.netloc:
        raise SettingsError("对象存储的地址里没有存储桶：s3://存储桶/前缀。", field=_FIELD)
    try:
        return S3Blobs(
            parts.netloc,
            endpoint_url=options.get("endpoint") or None,
            prefix=unquote(parts.path).strip("/"),
            region=options.get("region") or "us-east-1",
        )
    except InvalidInputError as error:
        raise SettingsError(f"对象存储的前缀不可用：{error.message}", field=_FIELD) from error
