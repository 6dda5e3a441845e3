"""States of a notice and the moves between them; what may be published. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from catalog.notices.privacy import find_private, sentence_of
from core.errors import ConflictError, InvalidInputError

State = Literal["draft", "published", "withdrawn"]
Move = Literal["publish", "withdraw"]

STATE_NAMES: dict[State, str] = {"draft": "草稿", "published": "已发布", "withdrawn": "已撤回"}

#: Longest texts, in characters.
MAX_LENGTH = {"title": 80, "body": 8000}
#: Most scanned pages of one notice.
MAX_PAGES = 40
#: So many finds are told at once.
TOLD = 3

EDITABLE = frozenset(MAX_LENGTH) | {"place_id", "important", "expires_on"}

#: Control characters and halves of pairs: PostgreSQL refuses to store them, screens to show them.
_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Transition:
    """A move: where from, where to, what the button says."""

    move: Move
    before: frozenset[State]
    after: State
    label: str


TRANSITIONS: dict[Move, Transition] = {
    "publish": Transition("publish", frozenset({"draft", "withdrawn"}), "published", "发布"),
    "withdraw": Transition("withdraw", frozenset({"published"}), "withdrawn", "撤回"),
}


def transition_from(move: Move, state: State) -> Transition:
    """Return the transition of a move out of a state.

    Raises:
        ConflictError: the move does not start there.
    """
    transition = TRANSITIONS[move]
    if state not in transition.before:
        raise ConflictError(
            f"当前状态是“{STATE_NAMES[state]}”，不能“{transition.label}”。请刷新页面。",
            field="state",
        )
    return transition


def check_editable(state: State) -> None:
    """Check that a notice may be changed: what is published is never silently changed.

    Raises:
        ConflictError: it is published.
    """
    if state == "published":
        raise ConflictError("这条通知已发布，要修改请先撤回。", field="state")


def clean_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as they are stored: texts without the spaces around them.

    Raises:
        InvalidInputError: a value does not fit; `field` names it.
    """
    cleaned = {field: _clean(field, value) for field, value in fields.items()}
    if not cleaned.get("title", "unchanged"):
        raise InvalidInputError("标题不能空着。", field="title")
    return cleaned


def _clean(field: str, value: Any) -> Any:
    if field not in EDITABLE:
        raise InvalidInputError(f"没有 {field} 这个字段。", field=field)
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").strip()
    if len(text) > MAX_LENGTH.get(field, 0):
        raise InvalidInputError(f"太长，最多 {MAX_LENGTH.get(field, 0)} 个字。", field=field)
    if _STRANGE.search(text) or (field == "title" and "\n" in text):
        raise InvalidInputError("含有不能使用的字符。", field=field)
    return text


def check_publishable(title: str, body: str, pages: int) -> None:
    """Check that a notice says something and tells nothing private (DOMAIN.md, Privacy).

    Raises:
        InvalidInputError: it is empty, or holds personal data; the place in the text is named.
    """
    if not body and not pages:
        raise InvalidInputError("通知还是空的：请写正文，或上传扫描件。", field="body")
    for field, name, text in (("title", "标题", title), ("body", "正文", body)):
        found = find_private(text)
        if not found:
            continue
        several = sum(1 for line in text.split("\n") if line.strip()) > 1
        told = [
            sentence_of(one, f"{name}第 {one.paragraph} 段" if several else name)
            for one in found[:TOLD]
        ]
        more = f"等 {len(found)} 处" if len(found) > TOLD else ""
        raise InvalidInputError(
            f"没有发布：{'；'.join(told)}{more}。请删去，或把中间几位改成星号。", field=field
        )
