"""Addresses of blob stores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.blobs.local import LocalBlobs
from core.blobs.opening import open_blobs
from core.blobs.s3 import S3Blobs
from core.errors import SettingsError, StorageFullError


def test_a_folder_is_opened_by_its_address(tmp_path: Path) -> None:
    folder = tmp_path / "文件 库"
    blobs = open_blobs(folder.as_uri())
    assert isinstance(blobs, LocalBlobs)
    blobs.put_bytes("a", b"x")
    assert (folder / "a").read_bytes() == b"x"


def test_the_reserve_reaches_the_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageFullError):
        open_blobs(tmp_path.as_uri(), reserve_bytes=2**62).put_bytes("a", b"x")


def test_a_bucket_is_opened_by_its_address(blob_s3_endpoint: str, blob_s3_bucket: str) -> None:
    address = f"s3://{blob_s3_bucket}/county/a?endpoint={blob_s3_endpoint}&region=eu-central-1"
    blobs = open_blobs(address)
    assert isinstance(blobs, S3Blobs)
    blobs.put_bytes("x", b"y")
    whole = open_blobs(f"s3://{blob_s3_bucket}?endpoint={blob_s3_endpoint}")
    assert list(whole.keys("")) == ["county/a/x"]
    assert whole.local_path("county/a/x") is None


def test_a_missing_bucket_is_named(blob_s3_endpoint: str, tmp_path: Path) -> None:
    blobs = open_blobs(f"s3://no-such-bucket?endpoint={blob_s3_endpoint}")
    source = tmp_path / "source"
    source.write_bytes(b"x")
    with pytest.raises(SettingsError, match="no-such-bucket"):
        blobs.put_bytes("a", b"x")
    with pytest.raises(SettingsError, match="no-such-bucket"):
        blobs.put_file("a", source, move=True)
    assert source.exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/var/blobs",
        "ftp://host/x",
        "file://host/x",
        "file:///",
        "file:relative",
        "s3:///prefix",
        "s3://bucket/..",
        "s3://bucket/a?endpont=http://x",
    ],
)
def test_an_unusable_address_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_blobs(url)
    assert caught.value.field == "CUNTAI_BLOB_URL"


def test_without_boto3_a_folder_works_and_a_bucket_says_what_to_install(tmp_path: Path) -> None:
    script = """
import sys
sys.modules["boto3"] = None
from core.blobs.opening import open_blobs
from core.errors import SettingsError
open_blobs(sys.argv[1]).put_bytes("a", b"x")
try:
    open_blobs("s3://bucket")
except SettingsError as error:
    print(error.message)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert "cuntai[s3]" in done.stdout
