"""遥控器修正: what households taught their boxes, approved for every box of the model."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.db import read_scope, session_scope
from core.errors import NotFoundError
from county import audit
from county.box_tables import KeyCorrection
from county.remotes import Decision, approved_keys, decide, difference, list_corrections
from county.tables import Box
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.box_sight import box_tabs, place_words
from vod_server.web.admin.layout import Undo, notice

#: What the families of remotes are called (`county.remotes.PROFILES`).
PROFILE_NAMES = {
    "hbbtv": "HbbTV 电视",
    "tizen": "三星电视",
    "webos": "LG 电视",
    "android": "安卓机顶盒",
    "ctc": "电信、联通机顶盒",
    "ipanel": "iPanel 机顶盒",
    "advance": "advance 机顶盒",
    "desktop": "电脑键盘",
}


@dataclass(frozen=True, slots=True)
class _Step:
    """What a button does: the decision, the audit entry, and the sentence afterwards."""

    decision: Decision
    action: str
    told: str
    undone_by: str | None = None


#: By the last word of the address.
STEPS = {
    "approve": _Step(
        "approve",
        "keys.approve",
        "已采用，所有“{}”一分钟内就会按它认键。",
        undone_by="take-back",
    ),
    "refuse": _Step("refuse", "keys.refuse", "没有采用这条“{}”的修正，那一户自己的电视不受影响。"),
    "take-back": _Step(
        "take back",
        "keys.take_back",
        "“{}”的修正已收回，恢复成采用以前的样子。",
        undone_by="approve",
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A correction as the page shows it.

    Args:
        row: the correction.
        changes: what it changes, in words; for an approved one all that it says.
        place: of the box that sent it, "柳河镇 · 柳湾村".
        boxes: how many boxes have the model.
    """

    row: KeyCorrection
    changes: list[str]
    place: str
    boxes: int


@admin.get("/remotes")
@requires("box.manage")
def remotes() -> str:
    """Show what waits and what is approved."""
    authorise("box.manage", None)
    with read_scope(house().sessions) as session:
        shown = _shown(session)
        return render_template(
            "admin/remotes.html",
            waiting=[one for one in shown if one.row.state == "waiting"],
            approved=[one for one in shown if one.row.state == "approved"],
            profiles=PROFILE_NAMES,
            tabs=box_tabs(session),
        )


def _shown(session: Session) -> list[Shown]:
    rows = list_corrections(session)
    places = place_words(session, {row.box.place.path for row in rows})
    models = {row.model for row in rows}
    counts = _count_boxes(session, models)
    held = {model: approved_keys(session, model) for model in models}
    return [
        Shown(
            row,
            difference(row.keys, held[row.model] if row.state == "waiting" else None),
            places[row.box.place.path],
            counts.get(row.model, 0),
        )
        for row in rows
    ]


def _count_boxes(session: Session, models: set[str]) -> dict[str, int]:
    statement = (
        select(Box.model, func.count())
        .where(Box.model.in_(models), Box.revoked_at.is_(None))
        .group_by(Box.model)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


@admin.post("/remotes/<int:correction_id>/<step>")
@requires("box.manage")
def decide_keys(correction_id: int, step: str) -> Response:
    """Approve or refuse what waits, or take an approval back."""
    authorise("box.manage", None)
    chosen = STEPS.get(step)
    if chosen is None:
        raise NotFoundError("没有这个地址。")
    with session_scope(house().sessions) as session:
        by, now = visitor().login, house().clock.now()
        found = decide(session, correction_id, chosen.decision, by=by, now=now)
        _record(session, found, chosen.action)
        told, again = chosen.told.format(found.model), chosen.undone_by
        if step == "take-back" and found.state != "waiting":
            again = None  # its box has sent a newer one, which is what waits now
    undo = None
    if again:
        address = url_for("admin.decide_keys", correction_id=correction_id, step=again)
        undo = Undo(address, {})
    notice(told, undo_form=undo)
    return redirect(url_for("admin.remotes"), 303)


def _record(session: Session, found: KeyCorrection, action: str) -> None:
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action=action,
        subject=f"keys:{found.id}",
        place_id=found.box.place_id,
        detail={"model": found.model, "profile": found.profile, "keys": found.keys},
    )
