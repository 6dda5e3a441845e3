"""States and moves, values of fields, measured renditions: pure rules."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.titles import fields
from catalog.titles.fields import clean_fields
from catalog.titles.model import (
    STATE_NAMES,
    TRANSITIONS,
    Move,
    State,
    moves_from,
    transition_from,
    worth_resuming,
)
from catalog.titles.renditions import IFrame, Measured, Segment
from catalog.titles.tables import Title
from core.errors import ConflictError, InvalidInputError
from tests.factories import make_measured

#: The whole table: (move, from, to, right).
TABLE = {
    ("submit", "draft", "review", "title.edit"),
    ("send_back", "review", "draft", "title.review"),
    ("publish", "review", "published", "title.publish"),
    ("withdraw", "published", "withdrawn", "title.publish"),
    ("reopen", "withdrawn", "draft", "title.edit"),
}


def test_the_table_of_moves() -> None:
    said = {(t.move, t.before, t.after, t.action) for t in TRANSITIONS.values()}
    assert said == TABLE
    assert set(STATE_NAMES) == set(get_args(State))
    assert set(TRANSITIONS) == set(get_args(Move))


@pytest.mark.parametrize("move", get_args(Move))
@pytest.mark.parametrize("state", get_args(State))
def test_a_move_starts_in_its_state_alone(move: Move, state: State) -> None:
    if TRANSITIONS[move].before == state:
        assert transition_from(move, state) is TRANSITIONS[move]
        assert TRANSITIONS[move] in moves_from(state)
        return
    assert TRANSITIONS[move] not in moves_from(state)
    with pytest.raises(ConflictError, match=STATE_NAMES[state]) as caught:
        transition_from(move, state)
    assert caught.value.field == "state"


def test_nothing_is_published_without_review() -> None:
    assert {t.before for t in TRANSITIONS.values() if t.after == "published"} == {"review"}


@pytest.mark.parametrize(
    ("position_s", "duration_s", "worth"),
    [
        (4.9, 100, False),
        (5.0, 100, True),
        (94.9, 100, True),
        (95.0, 100, False),
        (150, 100, False),
        (30, None, True),
        (30, 0, True),
        (1, None, False),
    ],
)
def test_what_is_worth_resuming(position_s: float, duration_s: float | None, worth: bool) -> None:
    assert worth_resuming(position_s, duration_s) is worth


def test_texts_are_at_most_as_long_as_the_database_takes() -> None:
    columns = {name: Title.__table__.c[name].type for name in fields.MAX_LENGTH}
    lengths = {name: getattr(kind, "length", None) for name, kind in columns.items()}
    assert {name: n for name, n in lengths.items() if n} == {
        name: n for name, n in fields.MAX_LENGTH.items() if name != "summary"
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "  "),
        ("name", "长" * 201),
        ("lecturer", "长" * 81),
        ("summary", "有\0零"),
        ("source", "响铃\x07"),
        ("licence", "半\ud800个"),
        ("study_hours", -0.1),
        ("study_hours", 1000.1),
        ("study_hours", float("nan")),
        ("episode", 0),
        ("episode", 10**9),
        ("state", "published"),
        ("published_at", None),
        ("nonsense", 1),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        clean_fields({"name": "剪枝", field: value})
    assert caught.value.field == field


def test_texts_lose_the_spaces_around_them_and_keep_their_lines() -> None:
    cleaned = clean_fields({"name": " 剪枝\t", "summary": "一\r\n二\n\t三 ", "episode": None})
    assert cleaned == {"name": "剪枝", "summary": "一\n二\n\t三", "episode": None}


_FLOATS = st.floats(0, 1e6, allow_nan=False)
_SIZES = st.integers(0, 2**40)
_SEGMENTS = st.builds(
    Segment,
    name=st.from_regex(r"s\d{5}\.ts", fullmatch=True),
    duration_s=_FLOATS,
    size_bytes=_SIZES,
    init_bytes=_SIZES,
    iframes=st.lists(st.builds(IFrame, _FLOATS, _SIZES, _SIZES), max_size=3).map(tuple),
)
_MEASURED = st.builds(
    Measured,
    name=st.sampled_from(["720p", "480p", "360p", "audio"]),
    mode=st.sampled_from(["copy", "encode"]),
    width=st.none() | st.integers(2, 8192),
    height=st.none() | st.integers(2, 8192),
    frame_rate=st.none() | _FLOATS,
    codecs=st.just("avc1.4d401f,mp4a.40.2"),
    bandwidth_bps=_SIZES,
    average_bandwidth_bps=_SIZES,
    segments=st.lists(_SEGMENTS, max_size=4).map(tuple),
)


@given(_MEASURED)
def test_what_was_measured_survives_json(measured: Measured) -> None:
    assert Measured.from_json(json.loads(json.dumps(measured.to_json()))) == measured


def test_sums_of_a_rendition() -> None:
    measured = make_measured(segments=3, duration_s=6.0)
    assert (measured.duration_s, measured.size_bytes) == (18.0, 2_400_000)


@pytest.mark.parametrize("broken", [{}, {"name": "480p"}, {"segments": [], "colour": "red"}])
def test_what_is_no_rendition_is_told(broken: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError)):
        Measured.from_json(broken)
