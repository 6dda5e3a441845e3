"""What every admin template has at hand, and notices that survive a redirect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, flash, request

from catalog.titles.model import STATE_NAMES
from catalog.titles.reading import COUNTY_ZONE
from county.rights import ROLE_NAMES, Action
from vod_server.web.access import find_visitor, house
from vod_server.web.admin import admin, channel_words, words
from vod_server.web.admin.channel_forms import LABELS as CHANNEL_LABELS
from vod_server.web.admin.forms import LABELS

MOST_DETAILS = 12


@admin.app_template_filter()
def job_line(job: Any) -> str:
    """Return what a job is doing, in one line."""
    return words.job_line(job, house().clock.now())


@admin.app_template_filter()
def when(at: Any) -> str:
    """Return an instant in the county's words."""
    return words.when_words(at, house().clock.now())


@admin.app_template_filter()
def field_name(name: str) -> str:
    """Return what a field of a title is called."""
    return LABELS.get(name, name)


@admin.app_template_filter()
def channel_field(name: str) -> str:
    """Return what a field of a channel is called."""
    return CHANNEL_LABELS.get(name, name)


@admin.app_template_filter()
def when_ms(instant_ms: int) -> str:
    """Return an instant given in epoch milliseconds in the county's words."""
    return words.when_words(datetime.fromtimestamp(instant_ms / 1000, UTC), house().clock.now())


@admin.app_template_filter()
def hour_ms(instant_ms: int) -> str:
    """Return the county's clock at an instant in epoch milliseconds, `19:30`."""
    return f"{datetime.fromtimestamp(instant_ms // 1000, COUNTY_ZONE):%H:%M}"


@admin.app_template_filter()
def hour_s(instant_s: int) -> str:
    """Return the county's clock at an instant in epoch seconds, `19:30`."""
    return hour_ms(instant_s * 1000)


@admin.app_template_filter()
def last_day(ends_at: datetime) -> str:
    """Return the last day before an end, `2026年3月1日`."""
    return words.day_words((ends_at - timedelta(seconds=1)).astimezone(COUNTY_ZONE).date())


for _name in ("span", "ago"):
    admin.add_app_template_filter(getattr(channel_words, f"{_name}_words"), f"{_name}_words")
for _name in ("size", "rate", "clock", "day"):
    admin.add_app_template_filter(getattr(words, f"{_name}_words"), f"{_name}_words")
admin.add_app_template_filter(words.percent, "percent")


@admin.context_processor
def _names() -> dict[str, Any]:
    return {
        "me": find_visitor(),
        "state_names": STATE_NAMES,
        "job_names": words.JOB_NAMES,
        "job_states": words.JOB_STATES,
        "mode_names": words.MODE_NAMES,
        "action_names": words.ACTION_NAMES,
        "role_names": ROLE_NAMES,
        "level_names": channel_words.LEVEL_NAMES,
        "kind_names": channel_words.KIND_NAMES,
        "kind_hints": channel_words.KIND_HINTS,
        "live_names": channel_words.LIVE_NAMES,
        "source_kinds": channel_words.SOURCE_KINDS,
        "source_modes": channel_words.SOURCE_MODES,
        "rooms": rooms,
        "today": house().clock.now().astimezone(COUNTY_ZONE).date(),
    }


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the admin, as the navigation shows it."""

    name: str
    endpoint: str
    here: bool


#: Name, first page, the right it needs somewhere, and the modules its pages live in.
ROOMS: tuple[tuple[str, str, Action, frozenset[str]], ...] = (
    ("节目", "admin.titles", "title.view", frozenset({"titles", "title_page", "editing", "moves"})),
    (
        "频道",
        "admin.channels",
        "channel.view",
        frozenset({"channels", "channel_page", "channel_editing", "channel_sources"})
        | {"channel_loop", "channel_transfer", "channel_air"},
    ),
    ("录像", "admin.recordings", "channel.view", frozenset({"recordings"})),
    ("节目单", "admin.guide", "channel.view", frozenset({"guide", "feeds", "matching"})),
    ("通知", "admin.notices", "notice.edit", frozenset({"notices", "notice_pages"})),
    ("提问", "admin.questions", "question.answer", frozenset({"questions"})),
    (
        "机顶盒",
        "admin.boxes",
        "box.manage",
        frozenset({"boxes", "box_pairing", "box_boot", "remotes"}),
    ),
    ("家庭密钥", "admin.keys", "key.manage", frozenset({"keys"})),
)


def rooms() -> list[Room]:
    """Return the parts of the admin the visitor may enter."""
    me = find_visitor()
    view = current_app.view_functions.get(request.endpoint or "")
    module = getattr(view, "__module__", "").rpartition(".")[2]
    return [
        Room(name, endpoint, module in modules)
        for name, endpoint, right, modules in ROOMS
        if me is not None and me.may_anywhere(right) and endpoint in current_app.view_functions
    ]


@dataclass(frozen=True, slots=True)
class Undo:
    """A button in a notice that takes back what was just done.

    Args:
        address: where its form is posted to.
        fields: of the form; a list is a field given several times.
        label: what the button says.
    """

    address: str
    fields: Mapping[str, str | Sequence[str]]
    label: str = "撤销"

    def pairs(self) -> list[tuple[str, str]]:
        """Return the fields one by one."""
        return [
            (name, text)
            for name, value in self.fields.items()
            for text in ([value] if isinstance(value, str) else value)
        ]


def notice(
    text: str,
    *,
    kind: str = "ok",
    details: Sequence[str] = (),
    undo: Sequence[int] = (),
    undo_form: Undo | None = None,
) -> None:
    """Show a notice on the next page.

    Args:
        text: a sentence.
        kind: `ok`, `warn` or `bad`.
        details: further sentences, one a line.
        undo: titles that a button in the notice withdraws again.
        undo_form: a button that takes back something else.
    """
    # Notices travel in the session's cookie, of which browsers keep 4 KB.
    told = list(details[:MOST_DETAILS])
    if len(details) > MOST_DETAILS:
        told.append(f"……另有 {len(details) - MOST_DETAILS} 条。")
    note: dict[str, Any] = {"text": text, "details": told, "undo": list(undo)}
    if undo_form is not None:
        note["undo_form"] = [undo_form.address, undo_form.pairs(), undo_form.label]
    flash(note, kind)  # type: ignore[arg-type]  # JSON-ready, and get_flashed_messages gives it back
