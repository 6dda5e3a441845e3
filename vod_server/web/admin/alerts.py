"""What needs a person, in a banner on top of every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for

from core.db import read_scope
from county.alerts import open_alerts
from county.tables import Alert
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_sight import channels_in_sight

#: So many are told in the banner itself; the others by their number.
TOLD = 3

KIND_NAMES = {
    "channel": "频道",
    "feed": "节目单",
    "guide": "节目单",
    "disk": "磁盘",
}


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert, and the address of the page about it (empty for none)."""

    alert: Alert
    address: str
    kind: str


@admin.get("/alerts")
@requires("channel.view")
def alerts() -> str:
    """Show every open alert."""
    return render_template("admin/alerts.html", rows=alert_rows())


@admin.get("/alerts/banner")
@requires("channel.view")
def alert_banner() -> str:
    """Return the banner anew."""
    return render_template("admin/_alerts.html", banner=alert_rows(), told=TOLD)


def alert_rows() -> Sequence[AlertRow]:
    """Return the open alerts the visitor may know of, newest first."""
    me = visitor()
    if not me.may_anywhere("channel.view"):
        return []
    with read_scope(house().sessions) as session:
        found = open_alerts(session)
        if not found:
            return []
        known = {f"channel:{channel.id}" for channel in channels_in_sight(session)}
        return [
            AlertRow(alert, _address(alert.subject), _kind_name(alert))
            for alert in found
            if alert.subject in known
            or (not alert.subject.startswith("channel:") and me.may("channel.view"))
        ]


@admin.context_processor
def _banner() -> dict[str, object]:
    # Asked only by whole pages: fragments have no banner.
    return {"alert_rows": alert_rows, "alerts_told": TOLD}


def _kind_name(alert: Alert) -> str:
    return KIND_NAMES.get(alert.kind.partition(".")[0], "系统")


def _address(subject: str) -> str:
    kind, _, number = subject.partition(":")
    if kind == "channel" and number.isdecimal():
        return url_for("admin.channel_page", channel_id=int(number))
    if kind == "feed":
        return url_for("admin.feeds")
    if kind in {"disk", "recordings"}:
        return url_for("admin.recordings")
    return ""
