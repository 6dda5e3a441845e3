"""What an editor or a sheet may set of a title, and which values fit. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.errors import InvalidInputError

#: Longest texts, in characters; the schema's limits (`catalog.titles.tables.Title`).
MAX_LENGTH = {
    "name": 200,
    "summary": 5000,
    "lecturer": 80,
    "source": 120,
    "licence": 80,
    "audience": 80,
}

#: Fields of a title that may be set.
EDITABLE = frozenset(MAX_LENGTH) | {
    "category_id",
    "series_id",
    "episode",
    "required",
    "study_hours",
    "expires_on",
    "place_id",
}

MAX_STUDY_HOURS = 1000
MAX_EPISODE = 999_999

#: Control characters and halves of pairs: PostgreSQL refuses to store them, screens to show them.
_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def clean_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as they are stored: texts without the spaces around them.

    Raises:
        InvalidInputError: a value does not fit; `field` names it.
    """
    cleaned = {field: _clean(field, value) for field, value in fields.items()}
    if not cleaned.get("name", "unchanged"):
        raise InvalidInputError("名称不能空着。", field="name")
    hours, episode = cleaned.get("study_hours"), cleaned.get("episode")
    if hours is not None and not 0 <= hours <= MAX_STUDY_HOURS:
        raise InvalidInputError(f"学时要在 0 到 {MAX_STUDY_HOURS} 之间。", field="study_hours")
    if episode is not None and not 1 <= episode <= MAX_EPISODE:
        raise InvalidInputError(f"集数要在 1 到 {MAX_EPISODE} 之间。", field="episode")
    return cleaned


def _clean(field: str, value: Any) -> Any:
    if field not in EDITABLE:
        raise InvalidInputError(f"没有 {field} 这个字段。", field=field)
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").strip()
    if len(text) > MAX_LENGTH.get(field, 0):
        raise InvalidInputError(f"太长，最多 {MAX_LENGTH.get(field, 0)} 个字。", field=field)
    if _STRANGE.search(text):
        raise InvalidInputError("含有不能使用的字符。", field=field)
    return text
