"""`cuntai live`: record the channels that are wanted on air."""

from __future__ import annotations

import signal
import threading

import click

from core.settings import Settings
from vod_server.bootstrap import open_house
from vod_server.cli.serving import require_current
from vod_server.live.supervisor import Supervisor


@click.command()
@click.pass_obj
def live(settings: Settings) -> None:
    """只启动直播录制：每个要播出的频道一个 ffmpeg；可以在两台机器上各启动一个。"""
    house = open_house(settings)
    require_current(house)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    Supervisor(house.sessions, house.clock, settings).run(stop)
