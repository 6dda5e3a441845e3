"""The edit form of a title: from what was typed to fields, every fault at its field. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.titles.fields import EDITABLE, MAX_LENGTH, MAX_STUDY_HOURS
from catalog.titles.tables import Title

#: What the texts are called.
TEXTS = {
    "name": "名称",
    "summary": "简介",
    "lecturer": "主讲人",
    "source": "来源",
    "licence": "授权",
    "audience": "适合人群",
    "series": "系列",
}

#: Longest texts in characters; the form names a series by its name.
LONGEST = {**MAX_LENGTH, "series": 200}

#: What a changed field is called in the history.
LABELS = TEXTS | {
    "category_id": "栏目",
    "series_id": "系列",
    "place_id": "播放范围",
    "episode": "集数",
    "required": "学习要求",
    "study_hours": "学时",
    "expires_on": "有效期",
}

FIELDS = (*TEXTS, "category", "episode", "required", "study_hours", "expires_on", "place")


@dataclass(slots=True)
class TitleForm:
    """A form as it was filled in.

    Args:
        values: what was typed, by field, to be shown again.
        fields: what it means, ready for `edit_title`; the series still by its name.
        errors: a sentence by field.
    """

    values: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def form_of(title: Title) -> TitleForm:
    """Return the form of a title as it stands."""
    values = {name: str(getattr(title, name)) for name in TEXTS if name != "series"}
    hours = title.study_hours
    values |= {
        "series": title.series.name if title.series else "",
        "category": str(title.category_id or ""),
        "episode": str(title.episode or ""),
        "required": "1" if title.required else "",
        "study_hours": "" if hours is None else f"{hours:g}",
        "expires_on": title.expires_on.isoformat() if title.expires_on else "",
        "place": str(title.place_id or ""),
    }
    return TitleForm(values)


def read_form(
    typed: Mapping[str, str], *, categories: Collection[int], places: Collection[int | None]
) -> TitleForm:
    """Read what was typed.

    Args:
        typed: the request's form.
        categories: ids that may be chosen.
        places: ids of places that may be chosen; None stands for everybody.
    """
    form = TitleForm({name: _clean(name, typed.get(name, "")) for name in FIELDS})
    _read_texts(form)
    _read_choice(form, "category", {None, *categories}, "请从列表里选一个栏目。")
    _read_choice(form, "place", places, "请选择您负责的地区。")
    _read_numbers(form)
    _read_day(form)
    form.fields["required"] = form.values["required"] == "1"
    return form


def version_of(title: Title) -> str:
    """Return a word that changes with what the form shows, and not with a job's progress."""
    facts = {name: getattr(title, name) for name in sorted(EDITABLE)}
    text = json.dumps(facts, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def changed_fields(title: Title, fields: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that would change, in order."""
    return sorted(name for name, value in fields.items() if getattr(title, name) != value)


def _clean(name: str, text: str) -> str:
    """Drop what no database keeps and no screen shows; lines stay in the summary only."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        sign for sign in text if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"}
    )
    return kept.strip() if name == "summary" else " ".join(kept.split())


def _read_texts(form: TitleForm) -> None:
    for name, label in TEXTS.items():
        text, longest = form.values[name], LONGEST[name]
        if len(text) > longest:
            form.errors[name] = f"{label}最多 {longest} 个字，现在有 {len(text)} 个。"
        form.fields[name] = text
    if not form.values["name"]:
        form.errors["name"] = "请填写名称。"


def _read_choice(form: TitleForm, name: str, allowed: Collection[int | None], message: str) -> None:
    text = form.values[name]
    chosen = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
    if (text and chosen is None) or chosen not in allowed:
        form.errors[name] = message
    form.fields[f"{name}_id"] = chosen


def _read_numbers(form: TitleForm) -> None:
    # Chinese input methods leave full-width digits behind.
    episode = unicodedata.normalize("NFKC", form.values["episode"])
    hours = unicodedata.normalize("NFKC", form.values["study_hours"])
    form.fields["episode"] = form.fields["study_hours"] = None
    if re.fullmatch(r"[0-9]{1,4}", episode) and int(episode) > 0:
        form.fields["episode"] = int(episode)
    elif episode:
        form.errors["episode"] = "集数请填 1 到 9999 的整数。"
    if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,2})?", hours) and float(hours) <= MAX_STUDY_HOURS:
        form.fields["study_hours"] = float(hours)
    elif hours:
        form.errors["study_hours"] = "学时请填 0 到 1000 的数，例如 0.5。"


def _read_day(form: TitleForm) -> None:
    form.fields["expires_on"] = None
    if not form.values["expires_on"]:
        return
    try:
        form.fields["expires_on"] = date.fromisoformat(form.values["expires_on"])
    except ValueError:
        form.errors["expires_on"] = "日期请写成 2026-03-31 的样子。"
