"""Wait for jobs of titles, doing them here when no worker runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence

import click
from sqlalchemy import select

from core.db import read_scope
from core.jobs.model import FINAL
from core.jobs.runner import Runner
from core.jobs.tables import Job
from vod_server.bootstrap import House
from vod_server.worker.handlers import make_handlers

POLL_S = 0.5

#: Kinds of jobs somebody waits for; `tidy` comes hours later.
AWAITED = ("ingest", "transcode", "pictures")


def wait_for_titles(house: House, title_ids: Collection[int], *, quiet: bool = False) -> list[str]:
    """Wait until the jobs of titles are over; this process takes jobs like any worker.

    Returns:
        a sentence for each job that failed.
    """
    runner = Runner(
        house.sessions,
        house.clock,
        make_handlers(house),
        lease_s=house.settings.job_lease_s,
    )
    working = threading.Thread(target=_work, args=(runner,), daemon=True)
    working.start()
    try:
        with click.progressbar(length=1000, label="转码", hidden=quiet) as bar:
            while True:
                jobs = _jobs(house, title_ids)
                done = sum(1.0 if job.state in FINAL else job.progress for job in jobs)
                bar.update(int(1000 * done / max(len(jobs), 1)) - bar.pos)
                if all(job.state in FINAL for job in jobs):
                    return [
                        f"{job.subject}：{job.message}" for job in jobs if job.state == "failed"
                    ]
                time.sleep(POLL_S)
    finally:
        runner.stopping.set()
        working.join()


def _work(runner: Runner) -> None:
    while not runner.stopping.is_set():
        if not runner.run_due():
            time.sleep(POLL_S)


def _jobs(house: House, title_ids: Collection[int]) -> Sequence[Job]:
    subjects = [f"title:{title_id}" for title_id in title_ids]
    with read_scope(house.sessions) as session:
        statement = select(Job).where(Job.subject.in_(subjects), Job.kind.in_(AWAITED))
        return session.scalars(statement).all()
