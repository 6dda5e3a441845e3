"""Playlists a second, live and of two hours of the past, against a constant Flask view.

Both sides run under the shipped gunicorn configuration, in turn within each round, and send as
many bytes; the control is the constant view against itself. A recorder adds a segment every two
seconds meanwhile, so a live playlist stays good no longer than it does in earnest.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.front_door import free_port, shipped_gunicorn
from bench.processes import tree_cpu_s
from bench.wrk import wrk
from core.db import session_scope
from core.settings import Settings
from epg.channels import service
from epg.channels.model import SourceSpec
from vod_server.bootstrap import House
from vod_server.installing import prepare
from vod_server.recordings.writer import ChannelWriter

ROUNDS = 5
SECONDS = 1
CONNECTIONS = 16
SEGMENT_S = 2
RECORDED_S = 3 * 3600
SPAN_S = 2 * 3600
#: As boxes and browsers ask.
GZIP = "Accept-Encoding: gzip"

CONSTANT_APP = """
from flask import Flask, Response
application = Flask(__name__)
SIZES = {sizes}
BODIES = {{name: b"x" * size for name, size in SIZES.items()}}

@application.get("/<name>")
def constant(name):
    return Response(BODIES[name], mimetype="application/vnd.apple.mpegurl")
"""

#: Asks for a span of its own with every request, so that no answer is kept from before.
OWN_SPANS = """
local n = 0
request = function()
  n = n + 1
  local start = {first} + n % {count}
  return wrk.format("GET", "{path}&start=" .. start .. "&end=" .. (start + {span}))
end
"""


class Case(NamedTuple):
    """One kind of playlist that is asked for."""

    what: str
    path: str
    goal: float
    gzip: bool
    script: Path | None = None


class Server(NamedTuple):
    """A gunicorn that answers."""

    base: str
    pid: int


class Run(NamedTuple):
    """One measurement."""

    requests_per_s: float
    cpu_us: float  #: processor time of the server a request
    errors: int


def run() -> dict[str, Any]:
    """Measure and return the bench's rows."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        house, channel_id = _make_house(folder / "var")
        first_s = stack.enter_context(_recorded(house, channel_id))
        # One process each, for the reason bench.api tells.
        env = {"CUNTAI_HOME": str(folder / "var"), "CUNTAI_WEB_WORKERS": "1"}
        env["CUNTAI_LOG_LEVEL"] = "error"
        ours = _serve(stack, folder / "ours", "vod_server.web.wsgi", env)
        cases = _cases(folder, f"/live/{channel_id}/index.m3u8?v=1", first_s)
        sizes = {str(n): _size(ours.base + case.path, case.gzip) for n, case in enumerate(cases)}
        (folder / "constant").mkdir()
        app = CONSTANT_APP.format(sizes=sizes)
        (folder / "constant" / "constant_app.py").write_text(app)
        constant = _serve(stack, folder / "constant", "constant_app", env)
        rows: list[dict[str, Any]] = []
        for number, case in enumerate(cases):
            control = Case("constant", f"/{number}", 0, gzip=False)
            rows += _compare(case, ours, control, constant, sizes[str(number)])
    return {"name": "windows", "rows": rows}


def _serve(stack: ExitStack, folder: Path, app: str, env: dict[str, str]) -> Server:
    folder.mkdir(exist_ok=True)
    port = free_port()
    pid = stack.enter_context(shipped_gunicorn(folder, app, port=port, env=env))
    return Server(f"http://127.0.0.1:{port}", pid)


def _cases(folder: Path, path: str, first_s: int) -> list[Case]:
    past = f"{path}&start={first_s + 600}&end={first_s + 600 + SPAN_S}"
    script = folder / "own.lua"
    count = RECORDED_S - SPAN_S - 700
    script.write_text(OWN_SPANS.format(first=first_s + 600, count=count, path=path, span=SPAN_S))
    return [
        Case("live", path, 0.7, gzip=True),
        Case("2 h of the past, packed", past, 0.4, gzip=True),
        Case("2 h of the past, plain", past, 0.4, gzip=False),
        Case("2 h, every time another", past, 0.4, gzip=False, script=script),
    ]


def _compare(
    case: Case, ours: Server, control: Case, constant: Server, size: int
) -> list[dict[str, Any]]:
    _load(case, ours)  # warm
    _load(control, constant)
    rounds = [
        (_load(case, ours), _load(control, constant), _load(control, constant))
        for _ in range(ROUNDS)
    ]
    errors = sum(measured.errors for runs in rounds for measured in runs)
    if errors:
        raise RuntimeError(f"{case.what}: {errors} requests failed")
    ratios = [
        mine.requests_per_s * 2 / (one.requests_per_s + two.requests_per_s)
        for mine, one, two in rounds
    ]
    row = _row(f"{case.what}: playlists/s ÷ constant view", ratios)
    row |= {"goal": f"≥ {case.goal} ×", "met": row["ratio"] >= case.goal}
    speed = statistics.median(mine.requests_per_s for mine, _, _ in rounds)
    cpu, least = (statistics.median(runs[n].cpu_us for runs in rounds) for n in (0, 1))
    row["note"] = f"{speed:.0f}/s, {size} bytes; {cpu:.0f} against {least:.0f} µs of processor"
    noise = _row(
        f"{case.what}: control, constant ÷ constant",
        [one.requests_per_s / two.requests_per_s for _, one, two in rounds],
    )
    noise |= {"goal": "about 1 ×", "met": 0.9 <= noise["ratio"] <= 1.1}
    return [row, noise | {"note": "the noise of this machine"}]


def _row(what: str, ratios: list[float]) -> dict[str, Any]:
    middle = statistics.median(ratios)
    spread = {"median": middle, "min": min(ratios), "max": max(ratios)}
    return {"what": what, "ratio": middle, "unit": "×", **spread}


def _load(case: Case, server: Server) -> Run:
    before_s = tree_cpu_s(server.pid)
    load = wrk(
        server.base + case.path,
        connections=CONNECTIONS,
        seconds=SECONDS,
        headers=(GZIP,) if case.gzip else (),
        script=case.script,
    )
    cpu_us = (tree_cpu_s(server.pid) - before_s) / (load.requests_per_s * SECONDS) * 1e6
    return Run(load.requests_per_s, cpu_us, load.errors)


def _size(url: str, packed: bool) -> int:
    """Return how many bytes the reply has as it is sent."""
    name, _, value = GZIP.partition(": ")
    request = urllib.request.Request(url, headers={name: value} if packed else {})
    with urllib.request.urlopen(request) as reply:
        return len(reply.read())


def _make_house(home: Path) -> tuple[House, int]:
    house, _ = prepare(Settings(home=home), admin="admin", password="not-secret-here")
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        channel = service.create_channel(session, name="时钟", now=now)
        service.set_sources(session, channel, [SourceSpec("card", "clock")], now=now)
        session.flush()
        channel_id = channel.id
    house.engine.dispose()
    return house, channel_id


@contextmanager
def _recorded(house: House, channel_id: int) -> Iterator[int]:
    """Record the last hours at once, and go on recording; the files hold next to nothing.

    Yields:
        Epoch second the recording begins at.
    """
    count = RECORDED_S // SEGMENT_S
    first_s = int(time.time()) - count * SEGMENT_S
    stop = threading.Event()
    root = house.settings.effective_recordings_dir
    with closing(ChannelWriter(root, channel_id)) as writer:
        folder = writer.begin_run("bench")
        for number in range(count):
            _commit(writer, folder, number, first_s)

        def go_on() -> None:
            number = count
            while not stop.wait(max(0.0, first_s + (number + 1) * SEGMENT_S - time.time())):
                _commit(writer, folder, number, first_s)
                number += 1

        recorder = threading.Thread(target=go_on)
        recorder.start()
        try:
            yield first_s
        finally:
            stop.set()
            recorder.join()


def _commit(writer: ChannelWriter, folder: Path, number: int, first_s: int) -> None:
    file = folder / f"{number}.ts"
    file.write_bytes(b"\x47")
    begin_s = number * SEGMENT_S
    writer.commit(
        file,
        begin_s=begin_s,
        end_s=begin_s + SEGMENT_S,
        written_ms=(first_s + begin_s + SEGMENT_S) * 1000,
        parameters="bench",
    )
