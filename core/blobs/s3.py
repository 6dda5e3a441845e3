"""Blobs in an S3-compatible store, through boto3 (the optional extra `s3`)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from core.blobs.keys import check_key, check_prefix, check_range
from core.blobs.ranges import open_window
from core.blobs.space import full_disk_told
from core.errors import InvalidInputError, NotFoundError, SettingsError, StorageFullError

#: One part of a multi-part transfer; memory of a transfer is this times its threads.
PART_BYTES = 16 * 1024 * 1024
TRANSFER_THREADS = 2

_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_FULL = frozenset({"507", "QuotaExceeded", "XMinioStorageFull"})


class S3Blobs:
    """A `BlobStore` in a bucket; credentials are found by boto3's own rules (`AWS_*`, files, role).

    Args:
        bucket: must exist.
        endpoint_url: address of a store that is not Amazon's.
        prefix: folder of the bucket that is used, without slashes at its ends.
        region: name of the region; most other stores take any.

    Raises:
        SettingsError: boto3 is not installed.
    """

    def __init__(
        self,
        bucket: str,
        *,
        endpoint_url: str | None = None,
        prefix: str = "",
        region: str = "us-east-1",
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{check_prefix(prefix)}/" if prefix else ""
        self._client, self._transfer, self._errors = _connect(endpoint_url, region)

    def put_file(self, key: str, source: Path, *, move: bool = False) -> None:
        """Store the file `source` under `key`, in parts when it is large; with `move` unlink it."""
        name = self._name(key)
        with self._told(key):
            self._client.upload_file(str(source), self._bucket, name, Config=self._transfer)
        if move:
            source.unlink(missing_ok=True)

    def put_bytes(self, key: str, content: bytes) -> None:
        """Store `content` under `key`."""
        name = self._name(key)
        with self._told(key):
            self._client.put_object(Bucket=self._bucket, Key=name, Body=content)

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """Open for reading from byte `start`, at most `length` bytes (None: to the end)."""
        check_range(start, length)
        if start >= self.size_bytes(key) or length == 0:
            # A range that holds no byte is an error in HTTP (RFC 9110 §14.1.2).
            return io.BytesIO()
        last = "" if length is None else str(start + length - 1)
        with self._told(key):
            reply = self._client.get_object(
                Bucket=self._bucket, Key=self._name(key), Range=f"bytes={start}-{last}"
            )
        return open_window(reply["Body"].read, reply["Body"].close)

    def fetch(self, key: str, target: Path) -> None:
        """Copy the blob to the local file `target`, which appears whole or not at all."""
        name = self._name(key)
        with self._told(key), full_disk_told():
            self._client.download_file(self._bucket, name, str(target), Config=self._transfer)

    def size_bytes(self, key: str) -> int:
        """Return the size in bytes."""
        name = self._name(key)
        with self._told(key):
            return int(self._client.head_object(Bucket=self._bucket, Key=name)["ContentLength"])

    def exists(self, key: str) -> bool:
        """Say whether the key is there."""
        try:
            self.size_bytes(key)
        except NotFoundError:
            return False
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below the folder `prefix`, in order of their bytes."""
        folder = check_prefix(prefix)
        for page in self._pages(folder):
            yield from (name.removeprefix(self._prefix) for name in page)

    def delete(self, key: str) -> None:
        """Remove the blob; a missing one is no error."""
        name = self._name(key)
        with self._told(key):
            self._client.delete_object(Bucket=self._bucket, Key=name)

    def delete_prefix(self, prefix: str) -> None:
        """Remove everything below the folder `prefix`.

        Raises:
            InvalidInputError: the prefix is empty; a whole store is not wiped by accident.
        """
        folder = check_prefix(prefix)
        if not folder:
            raise InvalidInputError("不能清空整个文件库。", field="prefix")
        for page in self._pages(folder):
            doomed = [{"Key": name} for name in page]
            with self._told(folder):
                reply = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": doomed, "Quiet": True}
                )
            if reply.get("Errors"):
                raise OSError(f"object store kept {reply['Errors'][0]['Key']}")

    def local_path(self, key: str) -> Path | None:
        """Return None: nothing of this store lies in a local folder."""
        check_key(key)
        return None

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _pages(self, folder: str) -> Iterator[list[str]]:
        """Yield the objects' names below `folder`, up to 1000 at a time."""
        prefix = f"{self._prefix}{folder}/" if folder else self._prefix
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        with self._told(folder):
            for page in pages:
                names = [item["Key"] for item in page.get("Contents", ())]
                if names:
                    yield names

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """Turn the store's answers into the errors of `BlobStore`."""
        try:
            yield
        except self._errors as error:
            code = _code(error)
            if code == "NoSuchBucket":
                raise SettingsError(
                    f"对象存储里没有名为 {self._bucket} 的存储桶。", field="CUNTAI_BLOB_URL"
                ) from error
            if code in _MISSING:
                raise NotFoundError(f"文件库里没有 {key}。", field="key") from error
            if code in _FULL:
                raise StorageFullError("对象存储的空间或配额已用完。") from error
            raise


def _code(error: BaseException) -> str:
    """Return the store's error code; a failed multi-part upload carries it in its context."""
    reply = getattr(error, "response", None) or getattr(error.__context__, "response", {})
    return str(reply.get("Error", {}).get("Code", ""))


def _connect(endpoint_url: str | None, region: str) -> tuple[Any, Any, tuple[type[Exception], ...]]:
    """Return boto3's client, its transfer settings and its errors."""
    try:
        import boto3  # noqa: PLC0415 - an optional extra: only stores of this kind need it
        from boto3.exceptions import S3UploadFailedError  # noqa: PLC0415
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import ClientError  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(
            "使用 s3:// 文件库需要 boto3：请安装可选部分，pip install 'cuntai[s3]'。",
            field="CUNTAI_BLOB_URL",
        ) from error
    config = Config(
        retries={"mode": "standard", "max_attempts": 5},
        s3={"addressing_style": "path" if endpoint_url else "auto"},
        # Checksums newer than the protocol are refused by many compatible stores.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client = boto3.client("s3", endpoint_url=endpoint_url, region_name=region, config=config)
    transfer = TransferConfig(
        multipart_threshold=PART_BYTES,
        multipart_chunksize=PART_BYTES,
        max_concurrency=TRANSFER_THREADS,
    )
    return client, transfer, (ClientError, S3UploadFailedError)
