"""The form of a channel: from what was typed to fields, every fault at its field. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import ConflictError, CuntaiError, InvalidInputError
from epg.channels.tables import Channel
from vod_server.web.admin.channel_words import KIND_NAMES, LEVEL_NAMES

#: What the fields are called, in the form and in the history.
LABELS = {
    "number": "频道号",
    "name": "名称",
    "names": "别名",
    "logo": "台标地址",
    "group_title": "分组",
    "level": "级别",
    "kind": "类型",
    "tvg_id": "节目单标识",
    "radio": "广播",
    "retention_days": "保留天数",
    "place_ids": "收看范围",
    "sources": "信号源",
    "loop": "轮播表",
}

LONGEST = {"name": 120, "logo": 500, "group_title": 200, "tvg_id": 200}
MOST_NAMES = 40


STALE = "您打开页面以后，别人改过这里。您填的内容还在下面，请对照后再保存。"


@dataclass(slots=True)
class Form:
    """A form as it was filled in.

    Args:
        values: what was typed, by field, to be shown again.
        fields: what it means, ready for the service.
        errors: a sentence by field.
    """

    values: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Let only a form without faults go on.

        Raises:
            InvalidInputError: it has faults.
        """
        if self.errors:
            raise InvalidInputError(f"没有保存：有 {len(self.errors)} 处需要改正。")

    def note(self, fault: CuntaiError, names: Mapping[str, str] | None = None) -> None:
        """Show at its field what a service says; `names` are those the form calls otherwise."""
        if fault.field:
            self.errors[(names or {}).get(fault.field, fault.field)] = fault.message


def form_of(channel: Channel) -> Form:
    """Return the form of a channel as it stands."""
    plain = ("number", "name", "logo", "group_title", "level", "kind", "tvg_id", "retention_days")
    values = {name: str(getattr(channel, name)) for name in plain}
    values["names"] = "，".join(channel.names)
    values["radio"] = "1" if channel.radio else ""
    return Form(values)


def blank_form(number: int) -> Form:
    """Return the form of a channel that is not there yet."""
    values = dict.fromkeys(("name", "names", "logo", "group_title", "tvg_id", "radio"), "")
    defaults = {"number": str(number), "level": "county", "kind": "live", "retention_days": "7"}
    return Form(values | defaults)


def read_form(typed: Mapping[str, str]) -> Form:
    """Read what was typed; fields that the page does not have are left alone."""
    form = Form({name: clean(text) for name, text in typed.items() if name in LABELS})
    form.values.setdefault("radio", "")
    for name in LONGEST.keys() & form.values.keys():
        _read_text(form, name)
    if not form.values.get("name"):
        form.errors["name"] = "请填写名称。"
    _read_number(form, "number", 1, 9999)
    _read_number(form, "retention_days", 0, 366)
    _read_choice(form, "level", LEVEL_NAMES)
    _read_choice(form, "kind", KIND_NAMES)
    _read_names(form)
    form.fields["radio"] = form.values["radio"] == "1"
    return form


def clean(text: str) -> str:
    """Drop what no database keeps and no screen shows, and spaces at the ends."""
    kept = "".join(
        " " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in text
    )
    return " ".join(kept.split())


def _read_text(form: Form, name: str) -> None:
    text, longest = form.values[name], LONGEST[name]
    if len(text) > longest:
        form.errors[name] = f"{LABELS[name]}最多 {longest} 个字，现在有 {len(text)} 个。"
    if name == "logo" and text and not re.match(r"(https?://|/)\S+$", text):
        form.errors[name] = "台标地址要以 http://、https:// 或 / 开头，中间没有空格。"
    form.fields[name] = text


def _read_number(form: Form, name: str, least: int, most: int) -> None:
    # Chinese input methods leave full-width digits behind.
    text = unicodedata.normalize("NFKC", form.values.get(name, ""))
    if re.fullmatch(r"[0-9]{1,5}", text) and least <= int(text) <= most:
        form.fields[name] = int(text)
    else:
        form.errors[name] = f"{LABELS[name]}请填 {least} 到 {most} 的整数。"


def _read_choice(form: Form, name: str, allowed: Collection[str]) -> None:
    if form.values.get(name) in allowed:
        form.fields[name] = form.values[name]
    else:
        form.errors[name] = f"请从列表里选择{LABELS[name]}。"


def _read_names(form: Form) -> None:
    names = [name.strip() for name in re.split(r"[,，、;；]", form.values.get("names", ""))]
    kept = list(dict.fromkeys(name for name in names if name))
    if len(kept) > MOST_NAMES or any(len(name) > LONGEST["name"] for name in kept):
        form.errors["names"] = f"别名最多 {MOST_NAMES} 个，每个最多 {LONGEST['name']} 个字。"
    form.fields["names"] = kept


def field_facts(channel: Channel) -> dict[str, Any]:
    """Return what the form of a channel shows, places included."""
    facts = {name: getattr(channel, name) for name in LABELS if hasattr(channel, name)}
    facts.pop("sources"), facts.pop("loop")
    return facts | {"place_ids": sorted(place.id for place in channel.places)}


def source_facts(channel: Channel) -> list[list[str]]:
    """Return the sources of a channel in their order."""
    return [[source.kind, source.url, source.mode] for source in channel.sources]


def loop_facts(channel: Channel) -> list[int]:
    """Return the titles of a loop channel in their order."""
    return [item.title_id for item in channel.loop]


def word_of(facts: object) -> str:
    """Return a word that changes with the facts: a form sends it back to tell it is stale."""
    text = json.dumps(facts, default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check_version(given: str | None, facts: object) -> None:
    """Let only a form go on that was opened on what still is.

    Args:
        given: the word the form sends back.
        facts: what is there now.

    Raises:
        ConflictError: somebody else has changed it meanwhile.
    """
    if given != word_of(facts):
        raise ConflictError(STALE)


def outermost(paths: Mapping[int, str], chosen: Collection[int]) -> list[int]:
    """Return the chosen places without those that lie below another chosen one.

    Args:
        paths: of the places, by id.
        chosen: ids; all of them are in `paths`.
    """
    return sorted(
        one
        for one in chosen
        if not any(other != one and paths[one].startswith(paths[other]) for other in chosen)
    )


def ids_of(texts: Sequence[str], *, most: int) -> list[int]:
    """Return the ids among texts from outside, in order, once each, at most so many."""
    ids = [int(text) for text in texts[:most] if text.isascii() and text.isdigit()]
    return [one for one in dict.fromkeys(ids) if 0 < one < 2**31]
