"""A house whose jobs run in the test's own process, and clips made by ffmpeg."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.titles import service, wants
from core.clock import SystemClock
from core.db import read_scope, session_scope
from core.jobs.runner import Runner
from core.jobs.tables import Job
from tests.factories import make_person
from tests.object_store import blob_s3_bucket, blob_s3_endpoint
from vod_server.bootstrap import House
from vod_server.media.uploads.tables import Upload
from vod_server.taking_in import take_in
from vod_server.worker.handlers import make_handlers

__all__ = ["blob_s3_bucket", "blob_s3_endpoint"]  # fixtures of this folder's tests


@pytest.fixture
def clock() -> SystemClock:
    """Real time: the leases of real work run on it."""
    return SystemClock()


@pytest.fixture
def runner(house: House) -> Runner:
    """Return what a worker runs jobs with."""
    return Runner(house.sessions, house.clock, make_handlers(house), lease_s=30)


@pytest.fixture
def jobs(house: House) -> Callable[[], dict[str, Job]]:
    """Return a look at the newest job of each kind."""

    def look() -> dict[str, Job]:
        with read_scope(house.sessions) as session:
            return {job.kind: job for job in session.query(Job).order_by(Job.id)}

    return look


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a maker of clips; the same clip is made once."""
    folder = tmp_path_factory.mktemp("clips")

    def make(seconds: float = 3, size: str = "640x360", gop: int = 50) -> Path:
        path = folder / f"{seconds}-{size}-{gop}.mp4"
        if not path.exists():
            source = f"testsrc2=size={size}:rate=25:duration={seconds}"
            tone = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
            command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source]
            command += ["-f", "lavfi", "-i", tone, "-c:v", "libx264", "-preset", "veryfast"]
            command += ["-pix_fmt", "yuv420p", "-b:v", "600k", "-g", str(gop), "-c:a", "aac"]
            subprocess.run([*command, "-ac", "2", str(path)], check=True)
        return path

    return make


@pytest.fixture
def import_file(house: House) -> Callable[..., int]:
    """Return what wants a file ingested as a new draft, as an import does."""

    def want(path: Path, **payload: Any) -> int:
        with session_scope(house.sessions) as session:
            now = house.clock.now()
            title = service.create_title(session, name=path.stem or "x", now=now)
            wants.want_ingest(session, title, {"path": str(path), **payload}, now=now)
            return title.id

    return want


@pytest.fixture
def upload_file(house: House) -> Callable[[bytes, str], str]:
    """Return what puts an upload whose last byte has come, as the tus server leaves it."""

    def put(content: bytes, name: str) -> str:
        with session_scope(house.sessions) as session:
            now = house.clock.now()
            owner = make_person(session)
            upload = Upload(
                owner_id=owner.id,
                file_name=name,
                length_bytes=max(len(content), 1),
                created_at=now,
                expires_at=now,
                state="complete",
            )
            session.add(upload)
            session.flush()
            house.uploads.path(upload.id).write_bytes(content)
            take_in(house)(session, upload)
            return upload.id

    return put
