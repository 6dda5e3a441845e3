"""Starts the shipped nginx and gunicorn configurations on free loopback ports (tests, benches)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DEPLOY = CHECKOUT / "deploy"
START_S = 15.0

# What nginx's build puts below /var, which only root may write.
_TEMP_PATHS = "\n".join(
    f"{name}_temp_path {name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)


def free_port() -> int:
    """Return a TCP port of the loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def local_conf(
    *, port: int, key: str, blobs: Path, web_port: int, recordings: Path | None = None
) -> str:
    """Return a nginx-local.conf, the one file that differs between sites."""
    recordings = recordings or blobs.parent / "recordings"
    return f"""
        map "" $cuntai_media_key {{ default "{key}"; }}
        map "" $cuntai_blobs {{ default "{blobs}"; }}
        map "" $cuntai_recordings {{ default "{recordings}"; }}
        upstream cuntai_web {{ server 127.0.0.1:{web_port}; keepalive 32; }}
        server {{ listen 127.0.0.1:{port} backlog=4096; include nginx-site.conf; }}
        access_log access.log cuntai buffer=64k flush=1s;
        {_TEMP_PATHS}
    """


def edge_local_conf(*, port: int, key: str, county_port: int) -> str:
    """Return a nginx-edge-local.conf."""
    return f"""
        map "" $cuntai_media_key {{ default "{key}"; }}
        proxy_cache_path cache keys_zone=cuntai_edge:1m max_size=100m use_temp_path=off;
        upstream cuntai_county {{ server 127.0.0.1:{county_port}; keepalive 32; }}
        server {{ listen 127.0.0.1:{port}; include nginx-edge-site.conf; }}
        access_log access.log cuntai;
        {_TEMP_PATHS}
    """


@contextmanager
def shipped_nginx(
    folder: Path, local: str, *, port: int, main: str = "nginx.conf"
) -> Iterator[int]:
    """Run nginx by the shipped files, with `local` as the site's own include.

    Args:
        folder: an empty folder, readable to everybody (the shipped user is www-data).
        local: the text of the include file.
        port: where it listens, to wait for.
        main: `nginx.conf` or `nginx-edge.conf`.

    Yields:
        The process that the workers are children of.
    """
    for file in DEPLOY.glob("nginx*.conf"):
        shutil.copy(file, folder / file.name)
    (folder / main.replace(".conf", "-local.conf")).write_text(local)
    with nginx(folder, folder / main, port=port) as pid:
        yield pid


@contextmanager
def nginx(folder: Path, conf: Path, *, port: int) -> Iterator[int]:
    """Run nginx with a configuration file and a folder of its own."""
    command = ["nginx", "-p", f"{folder}/", "-c", str(conf), "-e", f"{folder}/error.log"]
    command += ["-g", f"daemon off; pid {folder}/nginx.pid;"]
    with _running(command, folder, os.environ, port) as pid:
        yield pid


@contextmanager
def shipped_gunicorn(
    folder: Path, app: str, *, port: int, env: dict[str, str], options: Sequence[str] = ()
) -> Iterator[int]:
    """Run gunicorn by the shipped deploy/gunicorn.conf.py.

    Args:
        folder: where its log goes, and a folder of modules the application may lie in.
        app: `module:callable`.
        env: further variables of its environment.
    """
    command = [sys.executable, "-m", "gunicorn", "-c", str(DEPLOY / "gunicorn.conf.py")]
    command += ["--pythonpath", f"{CHECKOUT},{folder}", *options, app]
    variables = {**os.environ, **env, "CUNTAI_HOST": "127.0.0.1", "CUNTAI_PORT": str(port)}
    with _running(command, folder, variables, port) as pid:
        yield pid


@contextmanager
def _running(
    command: Sequence[str], folder: Path, env: os._Environ[str] | dict[str, str], port: int
) -> Iterator[int]:
    log = folder / "output.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(port, process, log)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended: {log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not listen: {log.read_text()}")
