"""Drive wrk and read what it says."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """One run of wrk."""

    requests_per_s: float
    p99_ms: float
    errors: int  #: socket errors and replies other than 2xx and 3xx


def wrk(
    url: str,
    *,
    connections: int,
    seconds: int,
    headers: tuple[str, ...] = (),
    script: Path | None = None,
) -> Load:
    """Send requests to a loopback address as fast as it answers.

    Args:
        url: of the server, and of what is asked where no script says otherwise.
        connections: kept open at once.
        seconds: for how long.
        headers: `Name: value` each.
        script: of wrk, in Lua, where every request asks for something else.

    Raises:
        RuntimeError: wrk fails or its words are not understood.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header]
    if script is not None:
        command += ["-s", str(script)]
    done = subprocess.run([*command, url], capture_output=True, text=True, check=False)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    if done.returncode or rate is None or p99 is None:
        raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    sockets = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", done.stdout)
    errors = int(bad[1]) if bad else 0
    errors += sum(map(int, sockets.groups())) if sockets else 0
    return Load(float(rate[1]), float(p99[1]) * _UNITS_MS[p99[2]], errors)
