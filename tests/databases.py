"""A fresh database for each test, on both kinds, copied from a template made once a run."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.db import make_engine
from tests.postgres import Cluster
from vod_server.migrations import migrate

KINDS = ("sqlite", "postgresql")

#: Limits the run: `CUNTAI_TEST_DATABASES=sqlite`.
CHOICE = "CUNTAI_TEST_DATABASES"

_numbers = itertools.count(1)


def chosen_kinds(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the kinds of database this run is for; all of them unless the choice says less.

    Raises:
        ValueError: the choice names something else.
    """
    words = tuple(word for word in environ.get(CHOICE, "").replace(",", " ").split() if word)
    unknown = set(words) - set(KINDS)
    if unknown:
        msg = f"{CHOICE} names {sorted(unknown)}; it may name {', '.join(KINDS)}"
        raise ValueError(msg)
    return words or KINDS


def migrate_at(url: str) -> None:
    """Bring the database of an address up to head, and leave no connection open."""
    engine = make_engine(url)
    try:
        migrate(engine)
    finally:
        engine.dispose()


def sqlite_url(path: Path) -> str:
    """Return the address of a SQLite file."""
    return f"sqlite:///{path}"


def make_sqlite_template(folder: Path) -> Path:
    """Return a migrated SQLite file (whole in one file: the last connection folds the WAL in)."""
    path = folder / "template.db"
    migrate_at(sqlite_url(path))
    return path


def copy_sqlite(template: Path, target: Path) -> str:
    """Return the address of a new copy of the template."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, target)
    return sqlite_url(target)


@contextmanager
def postgres_database(cluster: Cluster, template: str = "template0") -> Iterator[str]:
    """Give the address of a new database of the cluster; drop it afterwards."""
    name = f"cuntai_{os.getpid()}_{next(_numbers)}"
    yield cluster.create(name, template)
    cluster.drop(name)
