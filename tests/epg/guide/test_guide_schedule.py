"""A channel's programmes put right, and the stretches of time a feed speaks of."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from epg.guide.model import LONGEST_S
from epg.guide.schedule import DAY_S, Row, close_rows, spans, widen

H = 3600


def row(start_s: int, stop_s: int | None, title: str = "x") -> Row:
    return (start_s, stop_s, title, "", "", "", None)


def shown(*rows: Row) -> list[tuple[int, int | None, str]]:
    return [closed[:3] for closed in close_rows(rows).rows]


def test_a_missing_end_is_the_next_start_and_the_last_one_takes_an_hour() -> None:
    assert shown(row(9 * H, None, "乙"), row(8 * H, None, "甲")) == [
        (8 * H, 9 * H, "甲"),
        (9 * H, 10 * H, "乙"),
    ]


def test_an_open_end_does_not_fill_days_of_silence() -> None:
    assert shown(row(0, None), row(9 * DAY_S, 9 * DAY_S + H))[0][1] == DAY_S


def test_an_end_before_its_start_is_the_next_days() -> None:
    assert shown(row(23 * H, 1 * H)) == [(23 * H, 25 * H, "x")]
    assert shown(row(23 * H, 0), row(24 * H, 25 * H))[0][1] == 24 * H


def test_an_end_that_makes_no_sense_is_no_end() -> None:
    assert shown(row(10 * H, 9 * H), row(11 * H, 12 * H))[0][1] == 11 * H
    assert shown(row(10 * H, 10 * H), row(11 * H, 12 * H))[0][1] == 11 * H
    assert shown(row(0, 400 * DAY_S))[0][1] == H


def test_a_later_start_cuts_the_earlier() -> None:
    assert shown(row(0, 3 * H, "甲"), row(2 * H, 4 * H, "乙")) == [
        (0, 2 * H, "甲"),
        (2 * H, 4 * H, "乙"),
    ]


def test_doubles_and_corrections_are_not_doubled() -> None:
    closed = close_rows([row(0, H, "旧"), row(H, 2 * H), row(H, 2 * H), row(0, H, "新")])
    assert [r[2] for r in closed.rows] == ["新", "x"]
    assert closed.doubles == 2


@given(
    st.lists(
        st.tuples(st.integers(0, 20 * DAY_S), st.none() | st.integers(-5 * DAY_S, 30 * DAY_S)).map(
            lambda pair: row(*pair)
        ),
        max_size=30,
    )
)
def test_whatever_comes_the_result_is_in_order_without_overlaps(rows: list[Row]) -> None:
    closed = close_rows(rows).rows
    assert {r[0] for r in closed} == {r[0] for r in rows}
    for one, following in itertools.pairwise(closed):
        assert one[1] is not None
        assert one[1] <= following[0]
    for one in closed:
        assert one[1] is not None
        assert 0 < one[1] - one[0] <= LONGEST_S
    assert close_rows(closed).rows == closed


def test_one_slip_does_not_make_a_feed_speak_of_decades() -> None:
    days: dict[int, tuple[int, int]] = {}
    for start_s in (0, 20_000 * DAY_S + H, 20_001 * DAY_S, 20_003 * DAY_S):
        widen(days, start_s, start_s + 2 * H)
    assert spans(days) == [(0, 2 * H), (20_000 * DAY_S + H, 20_003 * DAY_S + 2 * H)]
