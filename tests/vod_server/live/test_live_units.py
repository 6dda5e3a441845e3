"""The unit files of the recorders say what they must."""

from __future__ import annotations

import configparser
from pathlib import Path

from tests.conftest import CHECKOUT

UNITS = CHECKOUT / "deploy" / "systemd"


def unit(name: str) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNITS / name)
    return dict(parser["Service"])


def test_the_recorder_runs_as_the_worker_does_but_before_it() -> None:
    live, worker = unit("cuntai-live.service"), unit("cuntai-worker.service")
    assert live["ExecStart"].endswith("cuntai live")
    assert live["Restart"] == "always"
    assert "Nice" not in live
    assert int(live["CPUWeight"]) > 100 > int(worker["CPUWeight"])
    shared = set(live) & set(worker) - {"ExecStart", "CPUWeight", "IOWeight"}
    differing = {name for name in shared if live[name] != worker[name]}
    assert differing <= {"Restart", "RestartSec", "TimeoutStopSec", "RestrictAddressFamilies"}
    assert set(worker) - set(live) == {"Nice"}


def test_the_front_door_of_pushes_is_there() -> None:
    assert "nginx-rtmp.conf" in unit("cuntai-rtmp.service")["ExecStart"]
    conf = (Path(UNITS).parent / "nginx-rtmp.conf").read_text()
    assert "hls on" not in conf
    assert "worker_processes 1;" in conf, "a stream lives in one process"
