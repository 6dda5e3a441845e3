"""The catalog sheet: encodings, headings, values, and all faults at once."""

from __future__ import annotations

import codecs
import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.importers.columns import COLUMNS, MAX_LENGTH, find_column, label
from catalog.importers.sheet import SheetRow, read_sheet
from catalog.titles.tables import Category, Series, Title
from county.tables import Place

HEADER = (
    "file,title,series,order,category,summary,lecturer,source,licence,place,"
    "required,study_hours,audience,expires,subtitle,poster"
)
LINE = (
    "果树/剪枝.mp4,冬季剪枝,果树管理,3,农技,“四看”剪枝法,李师傅,县农业农村局,CC BY 4.0,"
    "990000101201,必学,1.5,果农,2026-12-31,剪枝.srt,剪枝.jpg"
)
ROW = SheetRow(
    row=2,
    file="果树/剪枝.mp4",
    title="冬季剪枝",
    series="果树管理",
    order=3,
    category="农技",
    summary="“四看”剪枝法",
    lecturer="李师傅",
    source="县农业农村局",
    licence="CC BY 4.0",
    place="990000101201",
    required=True,
    study_hours=1.5,
    audience="果农",
    expires=date(2026, 12, 31),
    subtitle="剪枝.srt",
    poster="剪枝.jpg",
)


def sheet_of(*lines: str, header: str = "file,title") -> bytes:
    return "\n".join([header, *lines]).encode()


def said(raw: bytes) -> list[str]:
    return [str(error) for error in read_sheet(raw).errors]


def test_the_header_is_the_one_of_the_design() -> None:
    assert ",".join(COLUMNS) == HEADER


def test_cells_are_at_most_as_long_as_the_database_takes() -> None:
    columns = {
        "file": Title.__table__.c.file_name,
        "title": Title.__table__.c.name,
        "series": Series.__table__.c.name,
        "category": Category.__table__.c.name,
        "place": Place.__table__.c.code,
        **{name: Title.__table__.c[name] for name in ("lecturer", "source", "licence", "audience")},
    }
    assert {name: column.type.length for name, column in columns.items()} == {  # type: ignore[attr-defined]
        name: limit
        for name, limit in MAX_LENGTH.items()
        if name not in {"summary", "subtitle", "poster"}
    }


@pytest.mark.parametrize(
    "encoded",
    [
        f"{HEADER}\n{LINE}\n".encode(),
        codecs.BOM_UTF8 + f"{HEADER}\r\n{LINE}\r\n".encode(),
        f"{HEADER}\n{LINE}".encode("gb18030"),
        f"{HEADER}\n{LINE}\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + f"{HEADER}\n{LINE}\n".encode("utf-16-be"),
        f"{HEADER}\n{LINE}\n".encode("utf-16-le"),
        f"{HEADER}\n{LINE}\n".encode("utf-16-be"),
        f"{HEADER}\n{LINE}\n".replace(",", ";").encode(),
        f"{HEADER}\n{LINE}\n".replace(",", "\t").encode("utf-16"),
        f"{HEADER}\r{LINE}\r".encode(),
    ],
    ids=["utf8", "bom", "gb18030", "utf16", "be", "bare-le", "bare-be", ";", "excel-txt", "cr"],
)
def test_every_office_program_is_read_alike(encoded: bytes) -> None:
    sheet = read_sheet(encoded)
    assert sheet.errors == sheet.warnings == ()
    assert sheet.rows == (ROW,)
    assert sheet.columns == tuple(COLUMNS)


def test_a_header_in_chinese_means_the_same() -> None:
    header = ",".join(words[0] for words in COLUMNS.values())
    for encoding in ("utf-8-sig", "gb18030", "utf-16-le"):
        assert read_sheet(f"{header}\n{LINE}".encode(encoding)).rows == (ROW,)


def test_every_heading_names_one_column() -> None:
    words = [word for names in COLUMNS.values() for word in names]
    assert len(words) == len(set(words))
    for column, names in COLUMNS.items():
        assert {find_column(word) for word in (column, *names)} == {column}


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        (" Title ", "title"),
        ("ＦＩＬＥ", "file"),
        ("Study Hours", "study_hours"),
        ("必学/选学", "required"),
        ("标题（title）*", None),
        ("[集数]", "order"),
        ("备注", None),
        ("", None),
    ],
)
def test_headings_are_found_as_people_write_them(heading: str, column: str | None) -> None:
    assert find_column(heading) == column


def test_unknown_columns_are_named_and_left_out() -> None:
    sheet = read_sheet(sheet_of("a.mp4,甲,某", header="file,title,备注"))
    assert [row.title for row in sheet.rows] == ["甲"]
    assert [str(w) for w in sheet.warnings] == ["第 1 行：第 3 列“备注”不认识，没有导入。"]


def test_doubled_columns_are_named_and_used_only_where_they_agree() -> None:
    sheet = read_sheet(
        sheet_of("a.mp4,甲,", "b.mp4,乙,乙", "c.mp4,丙,丁", header="file,title,标题")
    )
    assert [row.title for row in sheet.rows] == ["甲", "乙"]
    assert [(e.row, e.column) for e in sheet.errors] == [(1, "title"), (4, "title")]
    assert "第 2 列、第 3 列重复" in sheet.errors[0].message


def test_columns_that_are_needed_are_asked_for() -> None:
    assert said(b"title,category\nx,y\n") == ["第 1 行：表头缺少必需的列：文件（file）。"]
    assert said("随便,什么\nx,y\n".encode()) == [
        "第 1 行：表头缺少必需的列：文件（file）、标题（title）。"
    ]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "空的"),
        (b"\n \n", "空的"),
        (b"file,title\n", "除了表头没有内容"),
        (b"PK\x03\x04rest of a workbook", "xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00\xd8\x00", "不是文本表格"),
        (b"file,title\n,\n , \n", ""),
    ],
)
def test_what_is_no_table_is_told(raw: bytes, sentence: str) -> None:
    sheet = read_sheet(raw)
    assert sheet.rows == ()
    assert sentence in " ".join(map(str, sheet.errors))


def test_all_faults_of_a_sheet_are_told_at_once() -> None:
    header = "file,title,order,required,study_hours,expires"
    sheet = read_sheet(
        sheet_of(
            "好.mp4,好的,1,必学,2,2026/1/5",
            ",没有文件,零,也许,很多,2026-02-30",
            "c.mp4,,,,,",
            "d.mp4,长" + "长" * 200 + ",,,,明年",
            "e.mp4,末行也好,,,,",
            header=header,
        )
    )
    assert [row.title for row in sheet.rows] == ["好的", "末行也好"]
    assert [(e.row, e.column) for e in sheet.errors] == [
        (3, "file"),
        (3, "order"),
        (3, "required"),
        (3, "study_hours"),
        (3, "expires"),
        (4, "title"),
        (5, "title"),
        (5, "expires"),
    ]
    assert str(sheet.errors[4]) == "第 3 行，有效期（expires）：日历上没有“2026-02-30”这一天。"


def test_cells_with_line_breaks_and_delimiters_count_as_one_row() -> None:
    raw = sheet_of('a.mp4,"甲,\n""乙"""', "", "b.mp4,丙,多出来的", header="file,title")
    sheet = read_sheet(raw)
    assert sheet.rows[0].title == '甲,\n"乙"'
    assert [str(e)[:5] for e in sheet.errors] == ["第 4 行"]
    assert "多出" in sheet.errors[0].message


def test_a_quote_that_is_never_closed_costs_its_row_alone() -> None:
    sheet = read_sheet(sheet_of("a.mp4,甲", 'b.mp4,"乙', "c.mp4,丙", 'd.mp4,"丁"', 'e.mp4,"戊'))
    assert [row.title for row in sheet.rows] == ["甲", "丙", "丁"]
    assert [e.row for e in sheet.errors] == [3, 6]
    assert "引号" in sheet.errors[0].message


def test_bytes_that_no_encoding_explains_cost_their_row_alone() -> None:
    raw = sheet_of("a.mp4,甲", "b.mp4,?", "c.mp4,丙").replace(b"?", b"\xff\xfe\xff")
    sheet = read_sheet(raw)
    assert [row.title for row in sheet.rows] == ["甲", "丙"]
    assert [(e.row, e.column) for e in sheet.errors] == [(3, "title")] * len(sheet.errors)
    assert "编码" in sheet.errors[0].message


def test_signs_that_no_database_keeps_are_refused() -> None:
    assert "U+0007" in said(sheet_of("a.mp4,甲\x07乙"))[0]
    raw = "file,title\na.mp4,甲\0乙\n".encode("utf-16")
    assert "U+0000" in said(raw)[0]


def test_the_same_row_twice_is_told_with_the_first() -> None:
    sheet = read_sheet(sheet_of("a.mp4,甲", "b.mp4,甲", "a.mp4,甲"))
    assert [row.row for row in sheet.rows] == [2, 3]
    assert [str(e) for e in sheet.errors] == ["第 4 行：与第 2 行的文件和标题相同。"]


_CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd"),
    max_size=30,
)


@given(st.lists(st.tuples(_CELL, _CELL, _CELL), max_size=8), st.sampled_from(["utf-8", "gb18030"]))
def test_what_a_table_program_writes_is_read_back(
    cells: list[tuple[str, str, str]], encoding: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([("文件", "标题", "简介"), *cells])
    sheet = read_sheet(codecs.BOM_UTF8 * (encoding == "utf-8") + text.getvalue().encode(encoding))
    whole = {
        n: tuple(map(str.strip, c))
        for n, c in enumerate(cells, start=2)
        if c[0].strip() and c[1].strip()
    }
    first = {whole[n][:2]: n for n in sorted(whole, reverse=True)}
    assert {row.row: (row.file, row.title, row.summary) for row in sheet.rows} == {
        n: whole[n] for n in first.values()
    }


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    sheet = read_sheet(b"file,title\n" + raw)
    read = {row.row for row in sheet.rows}
    assert all(error.row not in read for error in sheet.errors if error.row > 1)


def test_a_label_names_the_column_in_both_languages() -> None:
    assert label("expires") == "有效期（expires）"
