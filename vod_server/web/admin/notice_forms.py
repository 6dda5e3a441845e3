"""The form of a notice: from what was typed to fields, every fault at its field. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date

from catalog.notices.model import EDITABLE, MAX_LENGTH
from catalog.notices.tables import Notice
from vod_server.web.admin.channel_forms import Form

#: What the fields are called, in the form and in the history.
LABELS = {
    "title": "标题",
    "body": "正文",
    "place_id": "发给谁看",
    "important": "重要",
    "expires_on": "有效期",
}

FIELDS = ("title", "body", "place", "important", "expires_on")


def form_of(notice: Notice) -> Form:
    """Return the form of a notice as it stands."""
    return Form(
        {
            "title": notice.title,
            "body": notice.body,
            "place": str(notice.place_id),
            "important": "1" if notice.important else "",
            "expires_on": notice.expires_on.isoformat() if notice.expires_on else "",
        }
    )


def blank_form(place_id: int) -> Form:
    """Return the form of a notice that is not there yet."""
    return Form(dict.fromkeys(FIELDS, "") | {"place": str(place_id)})


def read_form(typed: Mapping[str, str], *, places: Collection[int]) -> Form:
    """Read what was typed.

    Args:
        typed: the request's form.
        places: ids of places that may be chosen.
    """
    form = Form({name: _clean(name, typed.get(name, "")) for name in FIELDS})
    for name, longest in MAX_LENGTH.items():
        text = form.values[name]
        if len(text) > longest:
            form.errors[name] = f"{LABELS[name]}最多 {longest} 个字，现在有 {len(text)} 个。"
        form.fields[name] = text
    if not form.values["title"]:
        form.errors["title"] = "请填写标题。"
    chosen = form.values["place"]
    form.fields["place_id"] = int(chosen) if chosen.isascii() and chosen.isdecimal() else 0
    if form.fields["place_id"] not in places:
        form.errors["place"] = "请选择您负责的地区。"
    form.fields["important"] = form.values["important"] == "1"
    form.fields["expires_on"] = _day(form)
    return form


def _day(form: Form) -> date | None:
    text = form.values["expires_on"]
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        form.errors["expires_on"] = "日期请写成 2026-03-31 的样子。"
        return None


def _clean(name: str, text: str) -> str:
    """Drop what no database keeps and no screen shows; lines stay in the body only."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        sign for sign in text if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"}
    )
    return kept.strip() if name == "body" else " ".join(kept.split())


def version_of(notice: Notice) -> str:
    """Return a word that changes with what the form shows."""
    facts = {name: getattr(notice, name) for name in sorted(EDITABLE)}
    text = json.dumps(facts, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
