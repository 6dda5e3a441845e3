"""The form of a programme: the county's clock to instants, each fault at its field. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from catalog.titles.reading import COUNTY_ZONE
from epg.guide.model import Entry
from vod_server.web.admin.channel_forms import Form, clean

LONGEST = {"title": 200, "sub_title": 200, "category": 80}
LONGEST_SUMMARY = 4000
LABELS = {"title": "名称", "sub_title": "副标题", "category": "类别"}


def programme_form(entry: Entry) -> Form:
    """Return the form of a programme as it stands."""
    start, stop = _here(entry.start_s), _here(entry.stop_s)
    values = {name: str(getattr(entry, name)) for name in (*LONGEST, "summary")}
    return Form(
        values | {"on": f"{start:%Y-%m-%d}", "start": f"{start:%H:%M}", "stop": f"{stop:%H:%M}"}
    )


def blank_programme(day: date, listed: Sequence[Entry]) -> Form:
    """Return the form of a new programme, beginning where the day's last one ends."""
    last = _here(listed[-1].stop_s) if listed else None
    begins = last if last and last.date() == day else datetime.combine(day, time(19), COUNTY_ZONE)
    values = dict.fromkeys((*LONGEST, "summary", "stop"), "")
    return Form(values | {"on": day.isoformat(), "start": f"{begins:%H:%M}"})


def entry_facts(entry: Entry) -> dict[str, Any]:
    """Return what the form of a programme shows."""
    names = ("start_s", "stop_s", *LONGEST, "summary")
    return {name: getattr(entry, name) for name in names}


def read_programme(typed: Mapping[str, str]) -> Form:
    """Read what was typed; an end before the start is the next day's."""
    form = Form({name: clean(typed.get(name, "")) for name in (*LONGEST, "on", "start", "stop")})
    form.values["summary"] = (
        typed.get("summary", "").replace("\r\n", "\n").replace("\0", "").strip()
    )
    for name, longest in LONGEST.items():
        form.fields[name] = form.values[name]
        if len(form.values[name]) > longest:
            form.errors[name] = f"{LABELS[name]}最多 {longest} 个字。"
    if not form.values["title"]:
        form.errors["title"] = "请填写名称。"
    form.fields["summary"] = form.values["summary"]
    if len(form.values["summary"]) > LONGEST_SUMMARY:
        form.errors["summary"] = f"简介最多 {LONGEST_SUMMARY} 个字。"
    _read_span(form)
    return form


def _read_span(form: Form) -> None:
    try:
        day = date.fromisoformat(form.values["on"])
    except ValueError:
        form.errors["on"] = "日期请写成 2026-03-31 的样子。"
        return
    start, stop = (_clock(form, name) for name in ("start", "stop"))
    if start is None or stop is None:
        return
    if start == stop:
        form.errors["stop"] = "结束要晚于开始。"
        return
    begins = datetime.combine(day, start, COUNTY_ZONE)
    ends = datetime.combine(day, stop, COUNTY_ZONE)
    if ends < begins:
        ends += timedelta(days=1)
    form.fields["start_s"], form.fields["stop_s"] = int(begins.timestamp()), int(ends.timestamp())


def _clock(form: Form, name: str) -> time | None:
    text = unicodedata.normalize("NFKC", form.values[name])
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?", text)
    if found is None:
        form.errors[name] = "时间请写成 19:30 的样子。"
        return None
    return time(int(found[1]), int(found[2]), int(found[3] or 0))


def _here(instant_s: int) -> datetime:
    return datetime.fromtimestamp(instant_s, COUNTY_ZONE)
