"""kill -9 of a recorder, wherever it is; two recorders of one channel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import ConflictError
from tests.conftest import CHECKOUT
from tests.vod_server.recordings import killing
from tests.vod_server.recordings.recorded import CHANNEL, MIDNIGHT, Recorder, contents
from vod_server.recordings.writer import ChannelWriter

ENVIRON = {**os.environ, "PYTHONPATH": str(CHECKOUT)}

HOLDER = """
import sys
from pathlib import Path
from vod_server.recordings.writer import ChannelWriter
writer = ChannelWriter(Path(sys.argv[1]), 7)
print("writing", flush=True)
sys.stdin.read()
"""


def test_nothing_finished_is_lost_wherever_the_recorder_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, killing.__file__, str(tmp_path)]
    done = subprocess.run(
        command, env=ENVIRON, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["faults"] == {}
    # Fewer would mean that the lines were not seen, and nothing was killed.
    assert report["lines"] > 200


def test_a_second_recorder_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, env=ENVIRON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "writing\n"
        with pytest.raises(ConflictError, match="另一个进程"):
            ChannelWriter(tmp_path, CHANNEL)
        ChannelWriter(tmp_path, CHANNEL + 1).close()
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    writer = ChannelWriter(tmp_path, CHANNEL)
    Recorder(writer, MIDNIGHT).record(1)
    writer.close()
    assert contents(tmp_path) == ["run-1/0"]
