"""家庭密钥: keys for players other than the box; issued, shown once, revoked."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog.titles.reading import COUNTY_ZONE
from core.db import is_row_id, read_scope, session_scope
from core.errors import CuntaiError, InvalidInputError, NotFoundError
from county import audit, places
from county.key_streams import IN_USE
from county.keys import NAME_MAX, issue_key, list_keys, revoke_key
from county.tables import HouseholdKey, Place, StreamUse
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_forms import Form, clean
from vod_server.web.admin.layout import notice
from vod_server.web.errors import status_of


@admin.get("/keys")
@requires("key.manage")
def keys() -> str:
    """Show the keys of the visitor's places, and the form that issues one."""
    return _render()


def _render(form: Form | None = None, fault: CuntaiError | None = None, **shown: Any) -> str:
    now = house().clock.now()
    with read_scope(house().sessions) as session:
        known = [one for one in list_keys(session) if _is_mine(one)]
        blank = {"place": "", "name": "", "streams": "3", "expires": ""}
        return render_template(
            "admin/keys.html",
            keys=known,
            states={one.id: key_state(one, now) for one in known},
            in_use=_in_use(session, now),
            places=_choosable(session),
            form=form or Form(blank),
            fault=fault,
            **shown,
        )


def key_state(key: HouseholdKey, now: datetime) -> str:
    """Return `good`, `revoked` or `expired`. Pure."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "good"


def _is_mine(key: HouseholdKey) -> bool:
    return visitor().may("key.manage", key.place.path)


def _in_use(session: Session, now: datetime) -> Counter[int]:
    statement = (
        select(StreamUse.key_id, func.count())
        .where(StreamUse.seen_at > now - IN_USE)
        .group_by(StreamUse.key_id)
    )
    return Counter({row[0]: row[1] for row in session.execute(statement)})


def _choosable(session: Session) -> Sequence[Place]:
    root = places.county(session)
    me = visitor()
    return [one for one in places.subtree(session, root.path) if me.may("key.manage", one.path)]


@admin.post("/keys")
@requires("key.manage")
def add_key() -> Response:
    """Issue a key and show it, this once, with the addresses players need."""
    form = _read_form()
    try:
        form.check()
        key_id, token = _issue(form)
    except InvalidInputError as error:
        form.note(error, {"max_streams": "streams", "expires_at": "expires"})
        return make_response(_render(form, error), status_of(error))
    return make_response(_render(issued=_addresses(key_id, token), issued_to=form.values["name"]))


def _issue(form: Form) -> tuple[int, str]:
    now = house().clock.now()
    with session_scope(house().sessions) as session:
        number = form.fields["place"]
        place = session.get(Place, number) if is_row_id(number) else None
        if place is None:
            raise InvalidInputError("请选择地区。", field="place")
        authorise("key.manage", place.path)
        key, token = issue_key(
            session,
            place=place,
            name=form.values["name"],
            max_streams=form.fields["streams"],
            now=now,
            expires_at=form.fields["expires_at"],
        )
        _record(session, key, "key.issue")
        return key.id, token


def _addresses(key_id: int, token: str) -> list[tuple[str, str, str]]:
    """Return what a player is given: a name for the line, an id on the page, the value."""
    base = request.url_root.rstrip("/")
    return [
        ("频道表（M3U）", "m3u", f"{base}/playlist.m3u?key={token}"),
        ("频道表（国内播放器）", "m3u-cn", f"{base}/playlist.m3u?key={token}&format=cn"),
        ("节目单（XMLTV）", "epg", f"{base}/xmltv.xml.gz?key={token}"),
        ("Xtream 服务器", "xt-server", base),
        ("Xtream 用户名", "xt-user", f"h{key_id}"),
        ("Xtream 密码", "xt-password", token),
    ]


@admin.post("/keys/<int:key_id>/revoke")
@requires("key.manage")
def revoke(key_id: int) -> Response:
    """Revoke a key; asked before, as nobody can bring it back."""
    with session_scope(house().sessions) as session:
        key = session.get(HouseholdKey, key_id) if is_row_id(key_id) else None
        if key is None or not _is_mine(key):
            raise NotFoundError("没有这个密钥。")
        if key.revoked_at is None:
            revoke_key(session, key_id, now=house().clock.now())
            _record(session, key, "key.revoke")
        name = key.name
    notice(f"“{name}”的密钥已作废，用它的播放器马上就不能看了。")
    return redirect(url_for("admin.keys"), 303)


def _record(session: Session, key: HouseholdKey, action: str) -> None:
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action=action,
        subject=f"key:{key.id}",
        place_id=key.place_id,
        detail={"name": key.name, "max_streams": key.max_streams},
    )


def _read_form() -> Form:
    form = Form({name: clean(request.form.get(name, "")) for name in ("place", "name", "streams")})
    form.values["expires"] = clean(request.form.get("expires", ""))
    if not form.values["name"]:
        form.errors["name"] = "请填写户主或用途，以后好认。"
    elif len(form.values["name"]) > NAME_MAX:
        form.errors["name"] = f"名称最多 {NAME_MAX} 个字。"
    place = form.values["place"]
    form.fields["place"] = int(place) if place.isdecimal() and len(place) < 10 else 0
    if not form.fields["place"]:
        form.errors["place"] = "请选择地区。"
    streams = unicodedata.normalize("NFKC", form.values["streams"])
    form.fields["streams"] = int(streams) if re.fullmatch(r"[0-9]{1,3}", streams) else 0
    if not 1 <= form.fields["streams"] <= 100:
        form.errors["streams"] = "同时观看的路数请填 1 到 100 的整数。"
    _read_expiry(form)
    return form


def _read_expiry(form: Form) -> None:
    """Read the last day the key shall be good; the day itself still counts."""
    form.fields["expires_at"] = None
    if not form.values["expires"]:
        return
    try:
        day = datetime.fromisoformat(form.values["expires"]).date()
    except ValueError:
        form.errors["expires"] = "日期请写成 2026-03-31 的样子。"
        return
    ends = datetime.combine(day + timedelta(days=1), time(), COUNTY_ZONE)
    form.fields["expires_at"] = ends
    if ends <= house().clock.now():
        form.errors["expires"] = "这一天已经过了。"
