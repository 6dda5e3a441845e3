"""A server that speaks tus and nothing else: what gunicorn imports, and how a test starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, request
from sqlalchemy import select

from core.clock import SystemClock
from core.db import Base, SessionFactory, make_engine, make_session_factory, session_scope
from core.errors import UnauthenticatedError
from county.tables import Person
from tests.fakes import START
from vod_server.media.uploads.model import UploadLimits
from vod_server.media.uploads.store import UploadStore
from vod_server.web.errors import register_errors
from vod_server.web.tus import TusParts, make_tus_blueprint

PREFIX = "/api/v1/uploads"
CHECKOUT = Path(__file__).resolve().parents[3]


def add_people(sessions: SessionFactory) -> None:
    """Add the people 1 and 2, unless they are there."""
    with session_scope(sessions) as session:
        known = set(session.scalars(select(Person.id)))
        for number in {1, 2} - known:
            login = f"editor{number}"
            session.add(
                Person(id=number, login=login, name=login, password_hash="", created_at=START)
            )


def current_owner() -> int:
    """Return the person a test's request names; 1 when it says nothing."""
    person = request.headers.get("X-Person", "1")
    if person == "nobody":
        raise UnauthenticatedError("请先登录。")
    return int(person)


def make_app(parts: Callable[[Callable[[], int]], TusParts]) -> Flask:
    """Return an application with the house's errors, a limit of forms, and uploads."""
    app = Flask("uploads-under-test")
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    register_errors(app)

    @app.before_request
    def look_for_a_form() -> None:
        # The CSRF check of the real application asks every form for its token.
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            request.form.get("csrf_token")

    app.register_blueprint(make_tus_blueprint(parts(current_owner)), url_prefix=PREFIX)
    return app


def make_application(home: Path, environ: Mapping[str, str]) -> Flask:
    """Return what gunicorn serves, on a database and part files below `home`."""
    engine = make_engine(f"sqlite:///{home / 'cuntai.db'}")
    Base.metadata.create_all(engine)
    sessions = make_session_factory(engine)
    add_people(sessions)
    return make_app(
        lambda owner: TusParts(
            sessions=sessions,
            store=UploadStore(Path(environ.get("UP_FOLDER", home / "uploads"))),
            clock=SystemClock(),
            limits=UploadLimits(max_bytes=20 * 1000**3, ttl_s=3600),
            current_owner=owner,
            on_complete=lambda _session, _upload: None,
            stall_timeout_s=float(environ.get("UP_STALL_S", "30")),
        )
    )


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path

    @property
    def url(self) -> str:
        """Return the address of creation."""
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    def worker_pids(self) -> list[int]:
        """Return the pids of gunicorn's workers."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def kill(self) -> None:
        """Kill master and workers at once, as a power cut would."""
        pids = [self.process.pid, *self.worker_pids()]
        for pid in pids:
            os.kill(pid, 9)
        self.process.wait()
        for pid in pids[1:]:
            while Path(f"/proc/{pid}/task").exists() and not _is_zombie(pid):
                time.sleep(0.01)


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


@contextmanager
def running_server(home: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    """Run gunicorn as it is run for real (gthread), on a free port of loopback."""
    home.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-k gthread --threads 8 -w 1 -b 127.0.0.1:{port} --log-level warning"
    app = "tests.vod_server.uploads.up_wsgi:application"
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options.split(), app],
            env={**os.environ, **environ, "UP_HOME": str(home)},
            cwd=CHECKOUT,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(process, port, home / "server.log")
        yield Server(process, port, home)
    finally:
        # A quick end; a graceful one waits for idle connections.
        process.send_signal(signal.SIGQUIT)
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 40
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())
