"""States of a title and the moves between them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.errors import ConflictError
from county.rights import Action

State = Literal["draft", "review", "published", "withdrawn"]
Move = Literal["submit", "send_back", "publish", "withdraw", "reopen"]

STATE_NAMES: dict[State, str] = {
    "draft": "草稿",
    "review": "待审核",
    "published": "已发布",
    "withdrawn": "已撤回",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """A move: where from, where to, who may, what the button says."""

    move: Move
    before: State
    after: State
    action: Action
    label: str


TRANSITIONS: dict[Move, Transition] = {
    transition.move: transition
    for transition in (
        Transition("submit", "draft", "review", "title.edit", "提交审核"),
        Transition("send_back", "review", "draft", "title.review", "退回修改"),
        Transition("publish", "review", "published", "title.publish", "发布"),
        Transition("withdraw", "published", "withdrawn", "title.publish", "撤回"),
        Transition("reopen", "withdrawn", "draft", "title.edit", "重新编辑"),
    )
}

#: Posters that people gave begin so; pictures made anew leave them alone.
OWN_POSTER = "poster-own"

#: A box that got within this share of the end has finished watching.
FINISHED_SHARE = 0.95
#: Nor is it worth remembering that somebody looked in for a moment.
RESUME_FROM_S = 5.0


def transition_from(move: Move, state: State) -> Transition:
    """Return the transition of a move out of a state.

    Raises:
        ConflictError: the move does not start there.
    """
    transition = TRANSITIONS[move]
    if transition.before != state:
        raise ConflictError(
            f"当前状态是“{STATE_NAMES[state]}”，不能“{transition.label}”。请刷新页面。",
            field="state",
        )
    return transition


def moves_from(state: State) -> tuple[Transition, ...]:
    """Return the transitions that start in a state, in the order of the table."""
    return tuple(t for t in TRANSITIONS.values() if t.before == state)


def is_finished(position_s: float, duration_s: float | None) -> bool:
    """Say whether a title was watched to its end, but for the last moments."""
    return bool(duration_s) and position_s >= (duration_s or 0) * FINISHED_SHARE


def worth_resuming(position_s: float, duration_s: float | None) -> bool:
    """Say whether a position belongs under 继续观看."""
    return position_s >= RESUME_FROM_S and not is_finished(position_s, duration_s)
