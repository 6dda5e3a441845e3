"""Scratch folders of jobs, and originals as local files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.titles.tables import SourceFile, Title
from core.errors import JobError
from core.jobs.runner import JobContext
from vod_server.bootstrap import House


def title_id_of(context: JobContext) -> int:
    """Return the id in a job's subject `title:<id>`."""
    return int(context.subject.removeprefix("title:"))


@contextmanager
def scratch_folder(house: House, context: JobContext) -> Iterator[Path]:
    """Give a job an empty folder `work/<job>` and remove it at the end.

    A killed worker's rest is removed when the job is taken up again.
    """
    folder = house.settings.path("work", str(context.job_id))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_title(title: Title | None) -> Title:
    """Return the title of a job.

    Raises:
        JobError: it was deleted meanwhile.
    """
    if title is None:
        raise JobError("节目已被删除。", permanent=True)
    return title


def require_source(title: Title) -> SourceFile:
    """Return the original of a title.

    Raises:
        JobError: it has none.
    """
    if title.source_file is None:
        raise JobError("节目还没有片源。", permanent=True)
    return title.source_file


def local_blob(house: House, key: str, folder: Path) -> Path:
    """Return a blob as a local file: in place, or fetched into the job's folder."""
    path = house.blobs.local_path(key)
    if path is None:
        path = folder / "source"
        house.blobs.fetch(key, path)
    return path
