"""What every admin template has at hand, and notices that survive a redirect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash

from catalog.titles.model import STATE_NAMES
from catalog.titles.reading import COUNTY_ZONE
from county.rights import ROLE_NAMES
from vod_server.web.access import find_visitor, house
from vod_server.web.admin import admin, words
from vod_server.web.admin.forms import LABELS


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
        "today": house().clock.now().astimezone(COUNTY_ZONE).date(),
    }


def notice(
    text: str, *, kind: str = "ok", details: Sequence[str] = (), undo: Sequence[int] = ()
) -> None:
    """Show a notice on the next page.

    Args:
        text: a sentence.
        kind: `ok`, `warn` or `bad`.
        details: further sentences, one a line.
        undo: titles that a button in the notice withdraws again.
    """
    flash({"text": text, "details": list(details), "undo": list(undo)}, kind)  # type: ignore[arg-type]  # JSON-ready, and get_flashed_messages gives it back
