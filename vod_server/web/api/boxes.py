"""What a box asks about itself: who it is, pairing, its remote, its faults, its favourites."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import segno
from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.notices.reading import count_notices
from catalog.titles import reading
from core.db import read_scope, session_scope
from core.errors import InvalidInputError, NotFoundError, UnauthenticatedError
from county import favourites, pairing, place_settings, remotes
from county.box_faults import Told, note_fault
from county.boxes import MODEL_MAX, PairedBox, note_box
from county.questions import count_unread
from county.tables import Box, Favourite, Place
from epg.channels.reading import visible_channel, visible_channels
from vod_server.web.access import find_box, house, requires

boxes_api = Blueprint("boxes_api", __name__)

BOX_MAX_AGE_S = 60
#: Dots of a module: a telephone reads it from the sofa.
QR_SCALE = 12


@boxes_api.get("/box")
@requires("box")
def own_box() -> Response:
    """Return who the box is and what is set for it."""
    here, box = house(), find_box()
    model = request.args.get("model", "")[:MODEL_MAX]
    now = here.clock.now()
    if box is not None:
        with session_scope(here.sessions) as session:
            note_box(session, box.id, model=model, now=now)
    with read_scope(here.sessions) as session:
        path = box.place_path if box else None
        value = {
            **_who(session, box),
            "boot": place_settings.effective(session, path, "boot"),
            "keys": remotes.approved_keys(session, model),
            "unread": count_unread(session, box.id) if box else 0,
            "notices": count_notices(session, path, now=now),
        }
    return _tagged(value)


def _who(session: Session, box: PairedBox | None) -> dict[str, Any]:
    if box is None:
        return {"id": None, "name": "", "place": ""}
    return {
        "id": box.id,
        "name": session.get_one(Box, box.id).name,
        "place": _place_words(session, box.place_path),
    }


def _place_words(session: Session, path: str) -> str:
    """Return "柳河镇 · 前柳村": the place and those above it, without the county."""
    ids = [int(part) for part in path.split("/") if part][1:]
    names = {
        place.id: place.name for place in session.scalars(select(Place).where(Place.id.in_(ids)))
    }
    return " · ".join(names[place_id] for place_id in ids if place_id in names)


def _tagged(value: dict[str, Any]) -> Response:
    body = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    tag = hashlib.sha256(body).hexdigest()[:24]
    headers = {
        "ETag": f'W/"{tag}"',
        "Cache-Control": f"private, max-age={BOX_MAX_AGE_S}",
        "Vary": "Authorization",
    }
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    return Response(body, mimetype="application/json", headers=headers)


@boxes_api.post("/pairing")
@requires("public")
def offer_pairing() -> tuple[Response, int]:
    """Give a box a code to show and a secret to keep."""
    here = house()
    model = _text(_body(), "model", MODEL_MAX)
    with session_scope(here.sessions) as session:
        offer = pairing.offer_pairing(
            session, model=model, address=request.remote_addr or "", now=here.clock.now()
        )
    value = {
        "code": offer.code,
        "secret": offer.secret,
        "expires_s": offer.expires_s,
        "url": _pair_url(offer.code),
        "qr": url_for("boxes_api.qr_code", code=offer.code),
    }
    return _own(value), 201


@boxes_api.get("/pairing/<secret>")
@requires("public")
def pairing_standing(secret: str) -> Response:
    """Say how a pairing stands."""
    with read_scope(house().sessions) as session:
        found = pairing.standing(session, secret[:100], now=house().clock.now())
        value: dict[str, Any] = {"state": found.state}
        if found.box is not None:
            value |= {"token": secret, "place": _place_words(session, found.box.place.path)}
    return _own(value)


@boxes_api.get("/pairing/<code>/qr.png")
@requires("public")
def qr_code(code: str) -> Response:
    """Return the code as a picture that leads a telephone to the admin's page."""
    if not (len(code) == 6 and code.isascii() and code.isdecimal()):
        raise NotFoundError("没有这个配对码。")
    out = io.BytesIO()
    segno.make(_pair_url(code), error="m").save(out, kind="png", scale=QR_SCALE, border=4)
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(out.getvalue(), mimetype="image/png", headers=headers)


def _pair_url(code: str) -> str:
    return f"{request.host_url}admin/boxes/pair?code={code}"


@boxes_api.put("/box/keys")
@requires("box")
def propose_keys() -> tuple[Response, int]:
    """Keep a correction of the box's remote until an admin decides."""
    here, box, body = house(), _paired(), _body()
    with session_scope(here.sessions) as session:
        correction = remotes.propose(
            session,
            box,
            model=_text(body, "model", MODEL_MAX),
            profile=_text(body, "profile", 20),
            keys=body.get("keys"),
            now=here.clock.now(),
        )
        state = correction.state
    return _own({"state": state}), 202


@boxes_api.post("/box/faults")
@requires("box")
def tell_faults() -> Response:
    """Keep what fell in the app; more than once an hour is heard and dropped."""
    here, box, body = house(), find_box(), _body()
    count = body.get("count")
    if type(count) is not int or count < 1:
        raise InvalidInputError("count 要是正整数。", field="count")
    told = Told(
        model=_text(body, "model", 80),
        version=_text(body, "version", 40),
        count=count,
        last=_text(body, "last", 2000),
        screen=_text(body, "screen", 40),
    )
    with session_scope(here.sessions) as session:
        address = request.remote_addr or ""
        box_id = box.id if box else None
        note_fault(session, told, box_id=box_id, address=address, now=here.clock.now())
    return Response(status=204)


@boxes_api.get("/favourites")
@requires("box")
def list_favourites() -> Response:
    """Return what the box wants to find again, newest first; what is gone is left out."""
    box = find_box()
    if box is None:
        return _own({"items": []})
    with read_scope(house().sessions) as session:
        rows = favourites.list_favourites(session, box.id)
        items = [item for item in _shown(session, box, rows) if item is not None]
    return _own({"items": items})


def _shown(session: Session, box: PairedBox, rows: Any) -> list[dict[str, Any] | None]:
    now = house().clock.now()
    titles = {
        title.id: title
        for title in reading.visible_titles(
            session, [row.ref_id for row in rows if row.kind == "title"], box.place_path, now=now
        )
    }
    seen = {channel.id for channel in visible_channels(session, box.place_path)}

    def item(row: Favourite) -> dict[str, Any] | None:
        own = {"kind": row.kind, "id": row.ref_id}
        if row.kind == "title":
            title = titles.get(row.ref_id)
            return own | {"title": reading.card(title)} if title else None
        if row.kind == "channel":
            return own | {"channel": row.ref_id} if row.ref_id in seen else None
        series = _series(session, box, row.ref_id)
        return own | {"series": series} if series else None

    return [item(row) for row in rows]


def _series(session: Session, box: PairedBox, series_id: int) -> dict[str, Any] | None:
    now = house().clock.now()
    try:
        found, members = reading.series_with_titles(session, series_id, box.place_path, now=now)
    except NotFoundError:
        return None
    poster = next((card["poster"] for card in map(reading.card, members) if card["poster"]), None)
    return {"id": found.id, "title": found.name, "poster": poster, "count": len(members)}


@boxes_api.put("/favourites/<any(title, series, channel):kind>/<int:ref_id>")
@requires("box")
def put_favourite(kind: str, ref_id: int) -> Response:
    """Keep something that the box sees."""
    here, box = house(), _paired()
    now = here.clock.now()
    with session_scope(here.sessions) as session:
        if kind == "title":
            reading.visible_title(session, ref_id, box.place_path, now=now)
        elif kind == "series":
            reading.series_with_titles(session, ref_id, box.place_path, now=now)
        else:
            visible_channel(session, ref_id, box.place_path)
        favourites.add_favourite(session, box.id, kind, ref_id, now=now)
    return Response(status=204)


@boxes_api.delete("/favourites/<any(title, series, channel):kind>/<int:ref_id>")
@requires("box")
def delete_favourite(kind: str, ref_id: int) -> Response:
    """Keep something no longer."""
    box = _paired()
    with session_scope(house().sessions) as session:
        favourites.drop_favourite(session, box.id, kind, ref_id)
    return Response(status=204)


def _paired() -> PairedBox:
    box = find_box()
    if box is None:
        raise UnauthenticatedError("机顶盒还没有绑定，只记在盒子里。")
    return box


def _body() -> dict[str, Any]:
    value = request.get_json(silent=True)
    if not isinstance(value, dict):
        raise InvalidInputError("请求的内容要是 JSON 对象。")
    return value


def _text(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} 要是文字。", field=name)
    return value[:longest]


def _own(value: dict[str, Any]) -> Response:
    """Return what is one box's alone."""
    reply = jsonify(value)
    reply.headers["Cache-Control"] = "no-store"
    return reply
