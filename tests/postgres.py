"""A PostgreSQL of the test run's own: started from Debian's binaries, thrown away at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

#: Root may not run PostgreSQL; Debian's package makes this account.
ACCOUNT = "postgres"
START_TIMEOUT_S = 60.0

#: Nothing of a test needs to outlive a power cut.
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=200",
    "shared_buffers=64MB",
    "autovacuum=off",
    "jit=off",
    "listen_addresses=127.0.0.1",
    "timezone=Asia/Shanghai",  # not UTC, so that a zone that is left out shows
)


def find_binaries() -> Path | None:
    """Return the folder of the newest installed server, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    found = [folder for folder in folders if (folder / "initdb").exists()]
    if found:
        return found[-1]
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def why_not() -> str | None:
    """Return why no server can be started here, in a word for the skip; None when one can."""
    if find_binaries() is None:
        return "PostgreSQL is not installed (apt install postgresql)"
    if os.geteuid() == 0 and not _has_account():
        return f"root may not run PostgreSQL, and there is no account {ACCOUNT}"
    return None


def _has_account() -> bool:
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return False
    return True


@dataclass(frozen=True)
class Cluster:
    """A running server; databases are made from templates in milliseconds."""

    port: int

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database."""
        return f"postgresql+psycopg://{ACCOUNT}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database as a copy of another, and return its address."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(statement.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected."""
        statement = sql.SQL("DROP DATABASE {} WITH (FORCE)")
        self._run(statement.format(sql.Identifier(database)))

    def _run(self, statement: sql.Composed) -> None:
        with _connect(self.port) as connection:
            connection.execute(statement)


def _connect(port: int) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host="127.0.0.1", port=port, user=ACCOUNT, dbname="postgres", autocommit=True
    )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a server on a free loopback port; stop it and remove its files at the end."""
    binaries = find_binaries()
    assert binaries is not None
    # Not below pytest's folder: its parents are closed to the account, and a socket's path is short
    home = Path(tempfile.mkdtemp(prefix="cuntai-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, ACCOUNT, ACCOUNT)
        _initdb(binaries, home)
        server, port = _start(binaries, home)
        try:
            yield Cluster(port)
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: connections are closed
            server.wait(timeout=START_TIMEOUT_S)
    finally:
        shutil.rmtree(home)


def _initdb(binaries: Path, home: Path) -> None:
    command = [
        *_as_account(),
        str(binaries / "initdb"),
        "--no-sync",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        f"--username={ACCOUNT}",
        f"--pgdata={home / 'data'}",
    ]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _as_account() -> list[str]:
    """Return the words that give up root, and end the server with a killed test run."""
    if shutil.which("setpriv") is None:
        return ["runuser", "-u", ACCOUNT, "--"] if os.geteuid() == 0 else []
    words = ["setpriv", "--pdeathsig=INT"]
    if os.geteuid() == 0:
        words += [f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups"]
    return words


def _start(binaries: Path, home: Path) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(3):
        port = _free_port()
        options = [word for setting in FAST for word in ("-c", setting)]
        command = [
            *_as_account(),
            str(binaries / "postgres"),
            *("-D", str(home / "data"), "-k", str(home), "-p", str(port)),
            *options,
        ]
        with (home / "log").open("ab") as log:
            server = subprocess.Popen(command, cwd=home, stdout=log, stderr=log)
        if _answers(server, port):
            return server, port
    raise AssertionError((home / "log").read_text(errors="replace"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server answers; False when it has ended (another took the port)."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while server.poll() is None:
        try:
            _connect(port).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                server.kill()
                server.wait()
                return False
            time.sleep(0.05)
        else:
            return True
    return False
