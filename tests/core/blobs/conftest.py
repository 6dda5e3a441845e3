"""Stores for the conformance suite: a local folder, and S3 as moto's server on loopback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.blobs import BlobStore
from core.blobs.local import LocalBlobs
from core.blobs.s3 import S3Blobs
from tests.object_store import blob_s3_bucket, blob_s3_endpoint

__all__ = ["blob_s3_bucket", "blob_s3_endpoint"]  # fixtures of this folder's tests


@pytest.fixture(params=["local", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    makers: dict[str, Callable[[], BlobStore]] = {
        "local": lambda: LocalBlobs(tmp_path / "blobs"),
        "s3": lambda: S3Blobs(
            request.getfixturevalue("blob_s3_bucket"),
            endpoint_url=request.getfixturevalue("blob_s3_endpoint"),
            prefix="county/files",
        ),
    }
    return makers[request.param]()
