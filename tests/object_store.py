"""An S3-compatible store on loopback: moto's server, one bucket a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

_bucket_numbers = itertools.count()


@pytest.fixture(scope="session")
def blob_s3_endpoint() -> Iterator[str]:
    server_module = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("AWS_ACCESS_KEY_ID", "testing")
        environ.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environ.setenv("NO_PROXY", "127.0.0.1")
        server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture
def blob_s3_bucket(blob_s3_endpoint: str) -> str:
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
    name = f"cuntai-{next(_bucket_numbers)}"
    client = boto3.client("s3", endpoint_url=blob_s3_endpoint, region_name="us-east-1")
    client.create_bucket(Bucket=name)
    client.close()
    return name
