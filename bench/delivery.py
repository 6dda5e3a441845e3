"""How fast a signed 1 MB segment leaves, by nginx and by gunicorn alone, against a bare nginx.

    python -m bench.delivery [rounds]

Every round runs all servers one after the other in a new order, so that what else the machine does
falls on all of them alike; bare nginx runs twice, and how far it is from itself is the noise. The
processor time a request costs its server is told beside: it suffers less from what else runs.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from bench.front_door import free_port, local_conf, nginx, shipped_gunicorn, shipped_nginx
from core.blobs.local import LocalBlobs
from vod_server.streams.signing import media_key, media_prefix

SEGMENT_BYTES = 1_000_000
CONNECTIONS = 64
ROUND_S = 1  # short, so that a round is over before the machine's mood changes
ROUNDS = 25
#: With bare nginx further from itself than this, nothing can be said of the others.
NOISE = 0.05
GOALS = {"nginx": 0.95, "gunicorn": 0.5}
WORDS = {
    "nginx": "signed 1 MB segment, shipped nginx ÷ bare nginx",
    "gunicorn": "signed 1 MB segment, gunicorn alone ÷ bare nginx",
    "bare again": "control: bare nginx ÷ bare nginx",
}
KEY = media_key("the delivery bench's own secret key")
SCOPE = "vod/1/bench"
FAR = 4_102_441_200

BARE_CONF = """
user www-data;
worker_processes auto;
events {{ worker_connections 4096; }}
http {{
    sendfile on;
    tcp_nopush on;
    access_log off;
    keepalive_requests 1000000;
    types {{ video/mp2t ts; }}
    server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }}
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
}}
"""

WSGI_MODULE = """
import os
from pathlib import Path

from core.blobs.local import LocalBlobs
from core.clock import SystemClock
from vod_server.streams.delivery import SegmentApp, in_front_of

def site(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

segments = SegmentApp(
    LocalBlobs(Path(os.environ["BENCH_BLOBS"])), os.environ["BENCH_KEY"], SystemClock()
)
app = in_front_of(segments, site)
"""


class Server(NamedTuple):
    """A server that is measured."""

    url: str  #: of the segment
    pid: int  #: the process that the workers are children of


class Run(NamedTuple):
    """One measurement."""

    requests_per_s: float
    cpu_us: float  #: processor time of the server a request


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure and return the bench's rows.

    Args:
        rounds: how often each server is measured.
    """
    folder = Path(tempfile.mkdtemp(prefix="cuntai-bench-"))
    folder.chmod(0o755)
    try:
        with ExitStack() as stack:
            servers = _start(stack, folder)
            for server in servers.values():
                _wrk(server.url, 1)
            measured = _rounds(servers, rounds)
    finally:
        shutil.rmtree(folder)
    return {"name": "delivery", "rows": [_row(name, measured) for name in WORDS]}


def _start(stack: ExitStack, folder: Path) -> dict[str, Server]:
    """Start all servers; the same segment lies at each."""
    blobs = folder / "blobs"
    store = LocalBlobs(blobs)
    store.put_bytes(f"{SCOPE}/720p/s00000.ts", random.Random(1).randbytes(SEGMENT_BYTES))
    ports = {name: free_port() for name in ("bare", "nginx", "gunicorn")}
    for name in ports:
        (folder / name).mkdir()
    conf = folder / "bare" / "nginx.conf"
    conf.write_text(BARE_CONF.format(port=ports["bare"], root=blobs))
    (folder / "gunicorn" / "bench_site.py").write_text(WSGI_MODULE)
    local = local_conf(port=ports["nginx"], key=KEY, blobs=blobs, web_port=ports["gunicorn"])
    gunicorn = shipped_gunicorn(
        folder / "gunicorn",
        "bench_site:app",
        port=ports["gunicorn"],
        env={"BENCH_BLOBS": str(blobs), "BENCH_KEY": KEY},
    )
    signed = f"{media_prefix(KEY, SCOPE, FAR)}720p/s00000.ts"
    base = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    bare = Server(
        f"{base['bare']}/{SCOPE}/720p/s00000.ts",
        stack.enter_context(nginx(folder / "bare", conf, port=ports["bare"])),
    )
    shipped = stack.enter_context(shipped_nginx(folder / "nginx", local, port=ports["nginx"]))
    return {
        "bare": bare,
        "bare again": bare,
        "nginx": Server(base["nginx"] + signed, shipped),
        "gunicorn": Server(base["gunicorn"] + signed, stack.enter_context(gunicorn)),
    }


def _rounds(servers: dict[str, Server], rounds: int) -> dict[str, list[Run]]:
    order = list(servers)
    shuffle = random.Random(2).shuffle
    measured: dict[str, list[Run]] = {name: [] for name in servers}
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            server = servers[name]
            before = _cpu_s(server.pid)
            rate = _wrk(server.url, ROUND_S)
            cost_us = (_cpu_s(server.pid) - before) / (rate * ROUND_S) * 1e6
            measured[name].append(Run(rate, cost_us))
    return measured


def _cpu_s(pid: int) -> float:
    """Return the processor time that a server's workers have used."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for child in children:
        fields = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _wrk(url: str, seconds: int) -> float:
    """Return requests a second; every reply must be the whole segment."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{url} answered with errors:\n{done.stdout}")
    requests = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    total = re.search(r"(\d+) requests in [\d.]+s, ([\d.]+)(MB|GB) read", done.stdout)
    if requests is None or total is None:
        raise RuntimeError(f"wrk said:\n{done.stdout}")
    read = float(total[2]) * (1024**2 if total[3] == "MB" else 1024**3)
    if read < 0.95 * SEGMENT_BYTES * int(total[1]):
        raise RuntimeError(f"{url} answered with less than the segment:\n{done.stdout}")
    return float(requests[1])


def _row(name: str, measured: dict[str, list[Run]]) -> dict[str, Any]:
    """Return a row: the median over rounds of ours ÷ the two runs of bare nginx in the round."""
    ratios = _ratios(name, measured)
    rate, cpu = _medians(measured[name])
    bare_rate, bare_cpu = _medians(measured["bare"] + measured["bare again"])
    row: dict[str, Any] = {
        "what": WORDS[name],
        "ratio": round(statistics.median(ratios), 3),
        "min": round(min(ratios), 3),
        "max": round(max(ratios), 3),
        "unit": "×",
        "note": f"{rate:.0f} against {bare_rate:.0f} requests/s; "
        f"{cpu:.0f} against {bare_cpu:.0f} µs of processor a request",
    }
    if name in GOALS:
        row |= {"goal": f"≥ {GOALS[name]} ×", "met": row["ratio"] >= GOALS[name]}
        off = abs(statistics.median(_ratios("bare again", measured)) - 1)
        if off > NOISE:
            row["note"] += f"; the machine is too busy to tell: control off by {off:.0%}"
    return row


def _ratios(name: str, measured: dict[str, list[Run]]) -> list[float]:
    """Return, round by round, ours ÷ bare nginx: its two runs' mean, or for itself the other."""
    ours, bare, again = measured[name], measured["bare"], measured["bare again"]
    if name == "bare again":
        again = bare
    return [
        run.requests_per_s * 2 / (one.requests_per_s + two.requests_per_s)
        for run, one, two in zip(ours, bare, again, strict=True)
    ]


def _medians(runs: list[Run]) -> tuple[float, float]:
    """Return the medians of requests a second and of processor time a request in µs."""
    return (
        statistics.median(run.requests_per_s for run in runs),
        statistics.median(run.cpu_us for run in runs),
    )


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:2])), indent=2, ensure_ascii=False))
