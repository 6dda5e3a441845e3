"""Serving commands: run (everything on one machine), web, worker."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path

import click

from core.db import read_scope
from core.errors import ConflictError
from core.jobs.runner import Runner
from core.jobs.wake import Worker
from core.settings import Settings, parse_settings
from county import places
from vod_server.bootstrap import House, open_house
from vod_server.cli.children import Child, tend_all
from vod_server.cli.content import demo_is_loaded
from vod_server.installing import prepare
from vod_server.migrations import is_current
from vod_server.worker.chores import make_chores
from vod_server.worker.handlers import make_handlers
from vod_server.worker.search import indexing

GUNICORN_CONF = Path(__file__).parents[2] / "deploy" / "gunicorn.conf.py"

port_option = click.option(
    "--port", type=click.IntRange(1, 65535), help="端口；默认 CUNTAI_PORT、PORT 或 8000。"
)


@click.command()
@port_option
@click.option("--demo/--no-demo", default=True, help="第一次运行时是否载入演示县。")
@click.pass_obj
def run(settings: Settings, port: int | None, demo: bool) -> None:
    """在一台机器上启动全部：网页与接口、后台任务；第一次运行时建库并载入演示县。"""
    settings = _with_port(settings, port)
    check_port_free(settings.host, settings.port)
    # On a terminal the addresses and the password shall not drown in what goes well.
    os.environ.setdefault("CUNTAI_LOG_LEVEL", "warning")
    house, password = prepare(settings, admin="admin", password=None)
    me = [sys.executable, "-m", "vod_server"]
    parts = [Child(name, [*me, name]) for name in ("web", "worker", "live")]
    if demo and not demo_is_loaded(house):
        parts.append(Child("demo", [*me, "demo"], once=True))
    if password:
        click.secho(f"管理员 admin 的密码（只显示这一次）：{password}", bold=True)
    click.echo("正在启动……")
    ready = threading.Thread(target=_announce_when_ready, args=(house,), daemon=True)
    ready.start()
    tend_all(parts)
    click.echo("已停止。")


def _announce_when_ready(house: House) -> None:
    """Print the addresses once they answer."""
    url = f"http://127.0.0.1:{house.settings.port}/readyz"
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                break
        except OSError:
            time.sleep(0.2)
    _announce(house)


def _announce(house: House) -> None:
    settings = house.settings
    with read_scope(house.sessions) as session:
        name = places.county(session).name
    base = settings.public_url.rstrip("/") or f"http://127.0.0.1:{settings.port}"
    click.echo(f"{name} 村台  文件在 {settings.home.resolve()}")
    click.echo(f"  电视    {base}/tv/")
    click.echo(f"  管理    {base}/admin/")
    for address in _own_addresses() if settings.host == "0.0.0.0" else ():  # noqa: S104
        click.echo(f"  同网段  http://{address}:{settings.port}/tv/")
    click.echo("按 Ctrl-C 停止。")


def _own_addresses() -> list[str]:
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except socket.gaierror:
        return []
    return sorted({str(row[4][0]) for row in found} - {"127.0.0.1", "127.0.1.1"})


def _with_port(settings: Settings, port: int | None) -> Settings:
    if port is None:
        return settings
    # The children read their environment.
    os.environ["CUNTAI_PORT"] = str(port)
    return parse_settings(os.environ)


def check_port_free(host: str, port: int) -> None:
    """Refuse a port that somebody listens on, before anything is started.

    Raises:
        ConflictError: it is taken, or may not be used.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConflictError(
                f"端口 {port} 用不了（{error.strerror}）。可能已有一个村台在运行；"
                f"请先停止它，或换一个端口：PORT={port + 1} make run",
                field="port",
            ) from error


@click.command()
@port_option
@click.pass_obj
def web(settings: Settings, port: int | None) -> None:
    """只启动网页与接口（gunicorn）。"""
    settings = _with_port(settings, port)
    check_port_free(settings.host, settings.port)
    require_current(open_house(settings))
    conf = ["-c", str(GUNICORN_CONF), "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *conf, "vod_server.web.wsgi:application"]
    # This process becomes gunicorn's master, so that signals reach it directly.
    os.execv(sys.executable, command)  # noqa: S606


def require_current(house: House) -> None:
    """Refuse a database that `cuntai init` has not brought up to date.

    Raises:
        ConflictError: it is not.
    """
    if not is_current(house.engine):
        raise ConflictError("数据库还没有建好或不是最新：请先运行 cuntai init。")
    house.engine.dispose()


@click.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """只启动后台任务（转码、海报……）；可以在多台机器上各启动几个。"""
    house = open_house(settings)
    require_current(house)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with indexing(house, stop):
        make_worker(house).run(stop)


def make_worker(house: House) -> Worker:
    """Return the worker of an installation."""
    settings = house.settings
    runner = Runner(house.sessions, house.clock, make_handlers(house), lease_s=settings.job_lease_s)
    return Worker(
        house.waker,
        runner,
        house.sessions,
        house.clock,
        threads=settings.worker_threads,
        sweep_s=settings.job_sweep_s,
        chores=make_chores(house),
    )
