"""`/metrics`: channels, jobs, alerts and disk, as Prometheus reads them.

All values come from the database and the disk at the moment of the question, so it does not matter
which of many web processes answers.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.search import failures, outbox
from core.blobs.space import free_bytes
from core.db import read_scope
from core.errors import ForbiddenError
from core.jobs.tables import Job
from core.settings import Settings
from county.alerts import open_alerts
from epg.channels.tables import Channel, ChannelRun
from vod_server.web.access import house, requires

metrics = Blueprint("metrics", __name__)

LOOPBACK = frozenset({"127.0.0.1", "::1"})


@metrics.get("/metrics")
@requires("public")
def read_metrics() -> Response:
    """Return the metrics; to who has the token, or without one to this machine alone."""
    here = house()
    _check_reader(here.settings)
    collectors = CollectorRegistry(auto_describe=False)
    with read_scope(here.sessions) as session:
        collectors.register(
            _Values(
                [*_house(session, here.settings), *_channels(session, _now()), *_search(session)]
            )
        )
    return Response(generate_latest(collectors), content_type=CONTENT_TYPE_LATEST)


class _Values(Collector):
    """What was read, handed to the library's writer."""

    def __init__(self, values: Iterable[Metric]) -> None:
        self._values = list(values)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        return iter(self._values)


def _now() -> datetime:
    return house().clock.now()


def _check_reader(settings: Settings) -> None:
    if settings.metrics_token:
        given = request.headers.get("Authorization", "")
        wanted = f"Bearer {settings.metrics_token}"
        if hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode()):
            return
    # Behind a proxy that is not declared, everybody seems to come from this machine.
    elif request.remote_addr in LOOPBACK and (
        settings.behind_proxy or "X-Forwarded-For" not in request.headers
    ):
        return
    raise ForbiddenError("这里只给监控系统读取。")


def _house(session: Session, settings: Settings) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("cuntai_jobs", "Jobs by kind and state.", labels=["kind", "state"])
    counted = select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)
    for kind, state, count in session.execute(counted):
        jobs.add_metric([kind, state], count)
    yield jobs
    alerts = GaugeMetricFamily("cuntai_alerts_open", "Open alerts by kind.", labels=["kind"])
    kinds = [alert.kind for alert in open_alerts(session)]
    for kind in sorted(set(kinds)):
        alerts.add_metric([kind], kinds.count(kind))
    yield alerts
    disk = GaugeMetricFamily("cuntai_disk_free_bytes", "Free room for files.", labels=["folder"])
    for name, folder in (
        ("home", settings.path()),
        ("recordings", settings.effective_recordings_dir),
    ):
        disk.add_metric([name], free_bytes(_existing(folder)))
    yield disk


def _search(session: Session) -> Iterator[Metric]:
    lag = GaugeMetricFamily("cuntai_search_lag_seconds", "Since the oldest change not indexed.")
    lag.add_metric([], outbox.lag_s(session, _now()))
    yield lag
    waiting = GaugeMetricFamily("cuntai_search_waiting", "Changes not indexed yet.")
    waiting.add_metric([], outbox.waiting(session))
    yield waiting
    failing = GaugeMetricFamily("cuntai_search_failing", "Things that could not be indexed.")
    failing.add_metric([], failures.count(session))
    yield failing


def _existing(folder: Path) -> Path:
    """Return the folder, or what it will be made in: the disk is the same."""
    return folder if folder.exists() else _existing(folder.parent)


def _channels(session: Session, now: datetime) -> Iterator[Metric]:
    """Yield the state of every wanted channel that is recorded; labels are number and name."""
    labels = ["channel", "name"]
    on_air = GaugeMetricFamily("cuntai_channel_on_air", "1 while segments come.", labels=labels)
    age = GaugeMetricFamily(
        "cuntai_channel_last_segment_age_seconds", "Since the newest segment.", labels=labels
    )
    uptime = GaugeMetricFamily("cuntai_channel_uptime_seconds", "On air for.", labels=labels)
    bitrate = GaugeMetricFamily(
        "cuntai_channel_bitrate_bps", "Of the last half minute.", labels=labels
    )
    restarts = GaugeMetricFamily(
        "cuntai_channel_restarts", "Of the recorder's ffmpeg.", labels=labels
    )
    statement = (
        select(Channel.number, Channel.name, ChannelRun)
        .outerjoin(ChannelRun, ChannelRun.channel_id == Channel.id)
        .where(Channel.wanted, Channel.kind == "live")
        .order_by(Channel.number)
    )
    for number, name, row in session.execute(statement):
        run = cast("ChannelRun | None", row)  # none before a supervisor has seen the channel
        named = [str(number), name]
        # A dead supervisor cannot take its word back.
        held = run is not None and run.lease_until is not None and run.lease_until > now
        airing = held and run is not None and run.state == "on_air"
        on_air.add_metric(named, 1 if airing else 0)
        if run is None:
            continue
        bitrate.add_metric(named, run.bitrate_bps if airing else 0)
        restarts.add_metric(named, run.restarts)
        if run.last_segment_at:
            age.add_metric(named, (now - run.last_segment_at).total_seconds())
        if airing and run.on_air_since:
            uptime.add_metric(named, (now - run.on_air_since).total_seconds())
    yield from (on_air, age, uptime, bitrate, restarts)
