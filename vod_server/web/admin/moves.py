"""Take titles through their states: one from its page, many from the list."""

from __future__ import annotations

from typing import Any, Literal, cast, get_args

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog.titles.model import TRANSITIONS, Move, State
from catalog.titles.service import move_title
from catalog.titles.tables import Title
from core.db import session_scope
from core.errors import CuntaiError, InvalidInputError, NotFoundError
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.layout import notice
from vod_server.web.admin.sight import known_title, place_path
from vod_server.web.admin.title_page import title_page_with_fault

#: What a button may ask for: a single move, or the way to the screen in one click.
Wish = Move | Literal["submit_and_publish"]

DONE = {
    "submit": "已提交审核",
    "send_back": "已退回修改",
    "publish": "已发布",
    "submit_and_publish": "已发布",
    "withdraw": "已撤回",
    "reopen": "已改为草稿，可以重新编辑",
}

BULK: tuple[Wish, ...] = ("submit", "publish", "withdraw")
MOST_AT_ONCE = 100


def steps(wish: Wish, state: State) -> tuple[Move, ...]:
    """Return the moves that fulfil a wish from a state. Pure."""
    if wish == "submit_and_publish":
        return ("submit", "publish")
    if wish == "publish" and state == "draft":
        return ("submit", "publish")
    return (wish,)


def _fulfil(session: Session, title: Title, wish: Wish, remark: str = "") -> None:
    """Make the moves, all or none; each needs its own right at the title's place."""
    moves = steps(wish, cast(State, title.state))
    for move in moves:
        authorise(TRANSITIONS[move].action, place_path(title))
    with session.begin_nested():
        for move in moves:
            move_title(
                session,
                title,
                move,
                actor=visitor().login,
                now=house().clock.now(),
                remark=remark,
            )


@admin.post("/titles/<int:title_id>/move")
@requires("title.view")
def move(title_id: int) -> Response:
    """Make the move of a button on the title's page."""
    wish = _wish((*get_args(Move), "submit_and_publish"))
    try:
        with session_scope(house().sessions) as session:
            title = known_title(session, title_id)
            _fulfil(session, title, wish, request.form.get("remark", "")[:1000])
            name = title.name
    except NotFoundError:
        raise
    except CuntaiError as error:
        return title_page_with_fault(title_id, error)
    undo = [title_id] if wish in {"publish", "submit_and_publish"} else []
    notice(f"《{name}》{DONE[wish]}。", undo=undo)
    return redirect(url_for("admin.title_page", title_id=title_id), 303)


@admin.post("/titles/move")
@requires("title.view")
def move_many() -> Response:
    """Make one move with each of the chosen titles; one that cannot follow stops no other."""
    wish = _wish(BULK)
    chosen = request.form.getlist("id")[:MOST_AT_ONCE]
    moved: list[int] = []
    faults: list[str] = []
    with session_scope(house().sessions) as session:
        for title_id in (int(text) for text in chosen if text.isdecimal()):
            try:
                title = known_title(session, title_id)
            except NotFoundError as error:
                faults.append(error.message)
                continue
            try:
                _fulfil(session, title, wish)
                moved.append(title_id)
            except CuntaiError as error:
                faults.append(f"《{title.name}》：{error.message}")
    _tell(wish, moved, faults)
    return redirect(_back(), 303)


def _tell(wish: Wish, moved: list[int], faults: list[str]) -> None:
    undo = moved if wish == "publish" else []
    if moved:
        text = f"{DONE[wish]} {len(moved)} 个节目。"
        if faults:
            text += f"另有 {len(faults)} 个没有变动："
        notice(text, kind="warn" if faults else "ok", details=faults, undo=undo)
    elif faults:
        notice("没有节目变动：", kind="bad", details=faults)
    else:
        notice("请先选择节目。", kind="bad")


def _wish(allowed: tuple[str, ...]) -> Wish:
    text = request.form.get("move", "")
    if text not in allowed:
        raise InvalidInputError("没有这个操作。", field="move")
    return cast(Wish, text)


def _back() -> str:
    """Return the list as it was filtered."""
    names = ("state", "category", "q", "page")
    kept: dict[str, Any] = {name: request.form[name] for name in names if request.form.get(name)}
    return url_for("admin.titles", **kept)
