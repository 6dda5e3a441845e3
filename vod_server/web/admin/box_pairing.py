"""绑定机顶盒: a person reads a code from a television and says whose it is."""

from __future__ import annotations

import re
import unicodedata

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.db import read_scope, session_scope
from core.errors import (
    ConflictError,
    CuntaiError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
)
from county.boxes import NAME_MAX
from county.pairing import accept_offer, find_offer, forgive_guess, note_guess
from county.tables import Place
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.box_sight import chosen_place, record_box
from vod_server.web.admin.boxes import read_household
from vod_server.web.admin.channel_forms import Form, clean
from vod_server.web.admin.layout import notice
from vod_server.web.admin.notice_sight import choosable
from vod_server.web.errors import status_of


@admin.get("/boxes/pair")
@requires("box.manage")
def pair_form() -> str:
    """Show the form; the QR code on a television leads here with its `code`."""
    code = read_code(request.args.get("code", ""))
    return _render(Form({"code": code or "", "name": "", "place": ""}))


def read_code(typed: str) -> str | None:
    """Return the six digits of what was typed, None where it is no code. Pure."""
    # Chinese input methods leave full-width digits behind; people write 482 913.
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed))
    return code if re.fullmatch(r"[0-9]{6}", code) else None


def _render(form: Form, fault: CuntaiError | None = None) -> str:
    with read_scope(house().sessions) as session:
        places = choosable(session, "box.manage")
        if len(places) == 1:
            form.values["place"] = str(places[0].id)
        return render_template(
            "admin/boxes_pair.html", form=form, places=places, name_max=NAME_MAX, fault=fault
        )


@admin.post("/boxes/pair")
@requires("box.manage")
def pair() -> Response:
    """Say whose the box is that shows a code."""
    form = read_household()
    form.values["code"] = clean(request.form.get("code", ""))[:20]
    code = read_code(form.values["code"])
    if code is None:
        form.errors["code"] = "配对码是电视上显示的 6 位数字。"
    try:
        form.check()
        _accept(form, code or "")
    except (NotFoundError, ConflictError, InvalidInputError, RateLimitedError) as error:
        return _refused(form, error)
    notice(f"已绑定“{form.values['name']}”的机顶盒，电视上马上就会显示。")
    return redirect(url_for("admin.boxes"), 303)


def _accept(form: Form, code: str) -> None:
    now, actor = house().clock.now(), visitor().login
    with session_scope(house().sessions) as session:
        place_id = chosen_place(session, form.fields["place"]).id
        guess = note_guess(session, actor, request.remote_addr or "", now=now)
    try:
        with session_scope(house().sessions) as session:
            offer = find_offer(session, code, actor=actor, now=now)
            place = session.get_one(Place, place_id)
            box = accept_offer(session, offer, place=place, name=form.values["name"], now=now)
            record_box(session, box, "box.pair", model=box.model)
            forgive_guess(session, guess)
    except (ConflictError, InvalidInputError, RateLimitedError):
        with session_scope(house().sessions) as session:
            forgive_guess(session, guess)
        raise


def _refused(form: Form, error: CuntaiError) -> Response:
    form.note(error)
    if isinstance(error, RateLimitedError):
        form.errors["code"] = error.message
    reply = make_response(_render(form, error), status_of(error))
    if isinstance(error, RateLimitedError):
        reply.headers["Retry-After"] = str(error.retry_after_s)
    return reply
