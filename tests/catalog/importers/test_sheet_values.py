"""Cells of the catalog sheet: yes and no, dates, orders, hours."""

from __future__ import annotations

from datetime import date

import pytest

from catalog.importers.sheet import read_sheet


def sheet_of(*lines: str, header: str) -> bytes:
    return "\n".join([header, *lines]).encode()


@pytest.mark.parametrize("text", ["必学", "必修", "是", "YES", "y", "1", "True", "√", "１"])
def test_yes(text: str) -> None:
    assert read_sheet(sheet_of(f"a,b,{text}", header="file,title,必学")).rows[0].required


@pytest.mark.parametrize("text", ["选学", "选修", "否", "no", "N", "0", "false", "", " "])
def test_no(text: str) -> None:
    assert not read_sheet(sheet_of(f"a,b,{text}", header="file,title,必学")).rows[0].required


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("2026/12/31", date(2026, 12, 31)),
        ("2026年12月31日", date(2026, 12, 31)),
        ("2026年1月5日", date(2026, 1, 5)),
        ("2026.1.5", date(2026, 1, 5)),
        ("２０２６-０１-０５", date(2026, 1, 5)),
        ("2026/1/5 0:00", date(2026, 1, 5)),
        ("2028-02-29", date(2028, 2, 29)),
        ("", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    assert read_sheet(sheet_of(f"a,b,{text}", header="file,title,expires")).rows[0].expires == day


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2027-02-29", "12/31/2026", "明年", "20261", "0000-1-1"]
)
def test_what_is_no_date(text: str) -> None:
    errors = read_sheet(sheet_of(f"a,b,{text}", header="file,title,expires")).errors
    assert [(e.row, e.column) for e in errors] == [(2, "expires")]
    assert text in errors[0].message


@pytest.mark.parametrize(
    ("text", "order"),
    [("3", 3), ("3.0", 3), ("第3集", 3), ("第 12 讲", 12), ("０７", 7), ("", None)],
)
def test_orders(text: str, order: int | None) -> None:
    assert read_sheet(sheet_of(f"a,b,{text}", header="file,title,order")).rows[0].order == order


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "三", "1e3", "9999999"])
def test_what_is_no_order(text: str) -> None:
    errors = read_sheet(sheet_of(f"a,b,{text}", header="file,title,order")).errors
    assert [(e.row, e.column) for e in errors] == [(2, "order")]


@pytest.mark.parametrize(
    ("text", "hours"), [("2", 2.0), ("0.5", 0.5), (".5", 0.5), ("1.5学时", 1.5), ("1000", 1000.0)]
)
def test_study_hours(text: str, hours: float) -> None:
    row = read_sheet(sheet_of(f"a,b,{text}", header="file,title,学时")).rows[0]
    assert row.study_hours == hours


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1000.5", "两", "1e9"])
def test_what_are_no_study_hours(text: str) -> None:
    errors = read_sheet(sheet_of(f"a,b,{text}", header="file,title,学时")).errors
    assert [(e.row, e.column) for e in errors] == [(2, "study_hours")]
