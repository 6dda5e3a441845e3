"""A worker of the tests, run as a real process: `worker_process.py DATABASE_URL QUEUE_FILE LOG`.

It writes what it does to LOG, a line each: `start <job> <attempt>`, `end <job>`, `stop <job>`.
Kind `long` works until it is told to stop, `short` is done at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from core.clock import SystemClock
from core.db import make_engine, make_session_factory
from core.jobs.runner import JobContext, Runner
from core.jobs.wake import Waker, Worker, make_queue

LEASE_S = 2.0


def main(url: str, queue_file: str, log: str) -> None:
    """Work until SIGTERM."""

    def tell(*words: object) -> None:
        with Path(log).open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")

    def short(context: JobContext) -> None:
        tell("start", context.job_id, context.attempt)
        tell("end", context.job_id)

    def long(context: JobContext) -> None:
        tell("start", context.job_id, context.attempt)
        for step in range(10_000):
            if context.should_stop():
                tell("stop", context.job_id)
                context.check()
            context.progress(step / 10_000, message="在做")
            time.sleep(0.02)

    engine = make_engine(url)
    sessions = make_session_factory(engine)
    clock = SystemClock()
    waker = Waker(make_queue(url, Path(queue_file)))
    runner = Runner(sessions, clock, {"short": short, "long": long}, lease_s=LEASE_S)
    worker = Worker(waker, runner, sessions, clock, threads=2, sweep_s=0.5)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    tell("ready", os.getpid())
    worker.run(stop)
    engine.dispose()
    tell("bye", os.getpid())


if __name__ == "__main__":
    main(*sys.argv[1:])
