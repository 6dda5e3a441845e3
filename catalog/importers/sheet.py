"""The catalog sheet: a CSV of one row per title becomes rows and faults. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

from catalog.importers.columns import COLUMNS, MAX_LENGTH, NEEDED, find_column, label
from catalog.importers.decoding import UNREADABLE, decode_sheet
from catalog.importers.values import read_date, read_flag, read_hours, read_order, read_text
from core.errors import InvalidInputError

_T = TypeVar("_T")

_DELIMITERS = ",;\t，；"


@dataclass(frozen=True, slots=True)
class SheetFault:
    """Something wrong in a sheet, or worth knowing (a warning).

    Args:
        row: as a spreadsheet counts: the header is row 1.
        column: English name of the column, or empty when the whole row is meant.
        message: a sentence in Chinese, without the place.
    """

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"，{label(self.column)}" if self.column else ""
        return f"第 {self.row} 行{where}：{self.message}"

    def to_json(self) -> dict[str, str | int]:
        """Return a JSON-ready dictionary."""
        return {"row": self.row, "column": self.column, "message": self.message}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One title as the sheet says it; a column that the sheet lacks has its empty value."""

    row: int
    file: str
    title: str
    series: str = ""
    order: int | None = None
    category: str = ""
    summary: str = ""
    lecturer: str = ""
    source: str = ""
    licence: str = ""
    place: str = ""
    required: bool = False
    study_hours: float | None = None
    audience: str = ""
    expires: date | None = None
    subtitle: str = ""
    poster: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was read: what can be used, and all that cannot."""

    columns: tuple[str, ...] = ()  #: those the sheet has; others say nothing about a title
    rows: tuple[SheetRow, ...] = ()
    errors: tuple[SheetFault, ...] = ()
    warnings: tuple[SheetFault, ...] = ()


def read_sheet(raw: bytes) -> Sheet:
    """Read a catalog sheet; every fault is told at once, and rows without fault are kept.

    Args:
        raw: the file's bytes; UTF-8, UTF-16 or GB18030; comma, semicolon or tab.
    """
    try:
        text = decode_sheet(raw)
    except InvalidInputError as error:
        return Sheet(errors=(SheetFault(1, "", error.message),))
    lines = list(io.StringIO(text, newline=""))
    delimiter = _find_delimiter(lines[0])
    records = _records(lines, delimiter)
    number, headings = next(records, (1, None))
    reader = _Reader(headings or [])
    if not reader.usable:
        return reader.sheet()
    for number, cells in records:
        reader.read(number, cells)
    if number == 1:
        reader.errors.append(SheetFault(1, "", "表格里除了表头没有内容。"))
    return reader.sheet()


def _find_delimiter(first_line: str) -> str:
    """Return the sign that makes most known columns of the first line."""

    def known(delimiter: str) -> int:
        _, headings = next(_records([first_line], delimiter), (1, None))
        return len({find_column(heading) for heading in headings or []} - {None})

    return max(_DELIMITERS, key=known)


def _records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the number and the cells of each record; None for a line that cannot be split.

    A quote that is never closed would swallow the rest of the sheet: that line alone is given up.
    """
    start = number = 0
    while start < len(lines):
        reader = csv.reader(lines[start:], delimiter=delimiter, strict=True)
        before = 0
        try:
            for cells in reader:
                number += 1
                before = reader.line_num
                yield number, cells
        except csv.Error:
            number += 1
            yield number, None
            start += before + 1
        else:
            return


class _Reader:
    """Reads record after record; keeps rows, and faults of all of them."""

    def __init__(self, headings: Sequence[str]) -> None:
        self.width = len(headings)
        #: Where a column's cells stand: at several places when its heading is doubled.
        self.places: dict[str, list[int]] = {}
        self.rows: list[SheetRow] = []
        self.errors: list[SheetFault] = []
        self.warnings: list[SheetFault] = []
        self._seen: dict[tuple[str, str], int] = {}
        self._read_header(headings)

    @property
    def usable(self) -> bool:
        """Say whether the columns are there without which no row can be read."""
        return all(column in self.places for column in NEEDED)

    def sheet(self) -> Sheet:
        """Return what was read."""
        return Sheet(tuple(self.places), tuple(self.rows), tuple(self.errors), tuple(self.warnings))

    def _read_header(self, headings: Sequence[str]) -> None:
        for position, heading in enumerate(headings):
            column = find_column(heading)
            if column is not None:
                self.places.setdefault(column, []).append(position)
            elif heading.strip():
                message = f"第 {position + 1} 列“{heading.strip()[:40]}”不认识，没有导入。"
                self.warnings.append(SheetFault(1, "", message))
        for column, places in self.places.items():
            if len(places) > 1:
                said = "、".join(f"第 {place + 1} 列" for place in places)
                self._fault(1, column, f"{said}重复，只能有一列。")
        missing = "、".join(label(column) for column in NEEDED if column not in self.places)
        if missing:
            self._fault(1, "", f"表头缺少必需的列：{missing}。")

    def read(self, number: int, cells: list[str] | None) -> None:
        """Read one record; an empty one is passed over."""
        before = len(self.errors)
        if cells is None:
            self._fault(number, "", "引号没有成对，这一行无法读取。")
            return
        if not any(cell.strip() for cell in cells):
            return
        if any(cell.strip() for cell in cells[self.width :]):
            self._fault(number, "", "比表头多出几格；内容里有分隔符时，请用引号把那一格括起来。")
        row = self._read_row(number, {c: self._cell(number, c, cells) for c in COLUMNS})
        first = self._seen.setdefault((row.file, row.title), number)
        if first != number and row.file and row.title:
            self._fault(number, "", f"与第 {first} 行的文件和标题相同。")
        if len(self.errors) == before:
            self.rows.append(row)

    def _cell(self, number: int, column: str, cells: Sequence[str]) -> str:
        """Return a column's text; of doubled columns the one that says something."""
        places = self.places.get(column, [])
        said = [cells[place] for place in places if place < len(cells)]
        words = {cell.strip(): cell for cell in said if cell.strip()}
        if len(words) > 1:
            self._fault(number, column, "重复的列里内容不同，不知道该用哪一个。")
        if not words and column in NEEDED:
            self._fault(number, column, "不能空着。")
        cell = next(iter(words.values()), "")
        if UNREADABLE in cell:
            self._fault(number, column, "有无法识别的字符，请用 UTF-8 或 GB18030 编码另存。")
            return ""
        return cell

    def _read_row(self, number: int, cells: dict[str, str]) -> SheetRow:
        def value(column: str, read: Callable[[str], _T], otherwise: _T) -> _T:
            try:
                return read(cells[column])
            except InvalidInputError as error:
                self._fault(number, column, error.message)
                return otherwise

        texts = {
            column: value(column, partial(read_text, limit=limit), "")
            for column, limit in MAX_LENGTH.items()
        }
        return SheetRow(
            row=number,
            order=value("order", read_order, None),
            required=value("required", read_flag, False),
            study_hours=value("study_hours", read_hours, None),
            expires=value("expires", read_date, None),
            **texts,
        )

    def _fault(self, row: int, column: str, message: str) -> None:
        self.errors.append(SheetFault(row, column, message))
