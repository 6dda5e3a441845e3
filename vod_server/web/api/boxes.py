"""What a box asks about itself: who it is, pairing, its remote, its faults, its favourites."""

from __future__ import annotations

import io
from typing import Any

import segno
import structlog
from flask import Blueprint, Response, request, url_for
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from catalog.notices.reading import count_notices
from catalog.titles import reading
from core.db import hurried_scope, read_scope, session_scope
from core.errors import InvalidInputError, NotFoundError, UnauthenticatedError
from county import favourites, pairing, place_settings, remotes
from county.box_faults import Told, note_fault, source_of, told_lately
from county.boxes import MODEL_MAX, VERSION_MAX, PairedBox, is_news, note_box
from county.questions import count_unread
from county.tables import Box, Place
from epg.channels.reading import visible_channel
from vod_server.web.access import find_box, house, requires
from vod_server.web.api.bodies import (
    BODY_MAX_BYTES,
    clean,
    json_body,
    own_reply,
    tagged_reply,
    text_of,
)
from vod_server.web.api.favourite_items import shown
from vod_server.web.exports.replies import base_url

boxes_api = Blueprint("boxes_api", __name__)
log = structlog.get_logger()

#: Dots of a module: a telephone reads it from the sofa.
QR_SCALE = 12


@boxes_api.get("/box")
@requires("box")
def own_box() -> Response:
    """Return who the box is and what is set for it."""
    here, box = house(), find_box()
    model = clean(request.args.get("model", ""))[:MODEL_MAX]
    version = clean(request.args.get("version", ""))[:VERSION_MAX]
    now = here.clock.now()
    if box is not None:
        _note(box, model=model, version=version)
    with read_scope(here.sessions) as session:
        path = box.place_path if box else None
        value = {
            **_who(session, box),
            "boot": place_settings.effective(session, path, "boot"),
            "keys": remotes.approved_keys(session, model),
            "unread": count_unread(session, box.id) if box else 0,
            "notices": count_notices(session, path, now=now),
        }
    return tagged_reply(value)


def _note(box: PairedBox, *, model: str, version: str) -> None:
    """Remember that the box was heard of; only looks where nothing changes."""
    here = house()
    now = here.clock.now()
    with read_scope(here.sessions) as session:
        row = session.get_one(Box, box.id)
        if not is_news(row, model=model, version=version, now=now):
            return
    try:
        with hurried_scope(here.sessions) as session:
            note_box(session, box.id, model=model, version=version, now=now)
    except OperationalError as error:
        # Somebody else is writing: the box asks again in a minute, and has its answer now.
        log.info("box.not_noted", box=box.id, error=str(error.orig))


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


@boxes_api.post("/pairing")
@requires("public")
def offer_pairing() -> tuple[Response, int]:
    """Give a box a code to show and a secret to keep."""
    here = house()
    model = text_of(json_body(), "model", MODEL_MAX)
    with session_scope(here.sessions) as session:
        offer = pairing.offer_pairing(
            session,
            model=model,
            address=request.remote_addr or "",
            key=here.pairing_key,
            now=here.clock.now(),
        )
    value = {
        "code": offer.code,
        "secret": offer.secret,
        "expires_s": offer.expires_s,
        "url": _pair_url(offer.code),
        "qr": url_for("boxes_api.qr_code", code=offer.code),
    }
    return own_reply(value), 201


@boxes_api.get("/pairing/<secret>")
@requires("public")
def pairing_standing(secret: str) -> Response:
    """Say how a pairing stands."""
    here = house()
    key, now = here.pairing_key, here.clock.now()
    with read_scope(here.sessions) as session:
        found = pairing.standing(session, secret[:100], key=key, now=now)
        value: dict[str, Any] = {"state": found.state}
        if found.box is not None:
            value["place"] = _place_words(session, found.box.place.path)
        if found.token is not None:
            value["token"] = found.token
    return own_reply(value)


@boxes_api.get("/pairing/<code>/qr.png")
@requires("public")
def qr_code(code: str) -> Response:
    """Return the code as a picture that leads a telephone to the admin's page."""
    if not (len(code) == 6 and code.isascii() and code.isdecimal()):
        raise NotFoundError("没有这个配对码。")
    out = io.BytesIO()
    segno.make(_pair_url(code), error="m").save(out, kind="png", scale=QR_SCALE, border=4)
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(out.getvalue(), mimetype="image/png", headers=headers)


def _pair_url(code: str) -> str:
    return f"{base_url()}/admin/boxes/pair?code={code}"


@boxes_api.put("/box/keys")
@requires("box")
def propose_keys() -> tuple[Response, int]:
    """Keep a correction of the box's remote until an admin decides."""
    here, box, body = house(), _paired(), json_body()
    with session_scope(here.sessions) as session:
        correction = remotes.propose(
            session,
            box,
            model=text_of(body, "model", MODEL_MAX),
            profile=text_of(body, "profile", 20),
            keys=body.get("keys"),
            now=here.clock.now(),
        )
        state = correction.state
    return own_reply({"state": state}), 202


@boxes_api.post("/box/faults")
@requires("box")
def tell_faults() -> Response:
    """Keep what fell in the app; more than once an hour is heard and dropped."""
    here, box, body = house(), find_box(), json_body()
    count = body.get("count")
    if type(count) is not int or count < 1:
        raise InvalidInputError("count 要是正整数。", field="count")
    told = Told(
        model=text_of(body, "model", MODEL_MAX),
        version=text_of(body, "version", VERSION_MAX),
        count=count,
        last=text_of(body, "last", BODY_MAX_BYTES),
        screen=text_of(body, "screen", BODY_MAX_BYTES),
    )
    if box is not None:
        _note(box, model=told.model, version=told.version)
    now = here.clock.now()
    address = request.remote_addr or ""
    source = source_of(box.id if box else None, address, key=here.pairing_key)
    with read_scope(here.sessions) as session:
        lately = told_lately(session, source, now=now)
    if not lately:
        with session_scope(here.sessions) as session:
            note_fault(session, told, source, now=now)
    return Response(status=204)


@boxes_api.get("/favourites")
@requires("box")
def list_favourites() -> Response:
    """Return what the box wants to find again, newest first; what is gone is left out."""
    here, box = house(), find_box()
    if box is None:
        return own_reply({"items": []})
    with read_scope(here.sessions) as session:
        rows = favourites.list_favourites(session, box.id)
        items = shown(session, box, rows, now=here.clock.now())
    return own_reply({"items": items})


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
