"""The demo's scanned pages: a village's accounts of a month, drawn as a sheet that was scanned."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageFilter

from vod_server.demo.paint import Canvas

#: A4 at 150 dpi, in pixels.
WIDTH, HEIGHT = 1240, 1754
_LEFT, _RIGHT, _TOP = 100, 1140, 330
_ROW = 62
_INK, _RULE, _STAMP, _SHEET = "#20201e", "#55554f", "#b8332a", (247, 245, 238)


class Entry(NamedTuple):
    """A line of the accounts; amounts in yuan as they are written, empty where there is none."""

    date: str
    purpose: str
    income: str
    expense: str
    voucher: str


class AccountSheet(NamedTuple):
    """A page of accounts."""

    title: str
    village: str
    page: str
    entries: Sequence[Entry]
    #: Words and amount of the lines below the table, such as 期末结余.
    sums: Sequence[tuple[str, str]]


#: Heading, left edge and how it is set (Pillow's anchor) of each column.
_COLUMNS = (
    ("日期", _LEFT, "lm"),
    ("用途", 240, "lm"),
    ("收入（元）", 850, "rm"),
    ("支出（元）", 1020, "rm"),
    ("凭证", _RIGHT, "rm"),
)
_EDGES = (_LEFT - 14, 226, 690, 866, 1036, _RIGHT + 14)


def draw_sheet(sheet: AccountSheet) -> Image.Image:
    """Return the page as a scanner saw it: not quite straight, with a paper's grain."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.text(WIDTH / 2, 130, sheet.title, 52, _INK, face="serif", anchor="mm")
    canvas.text(_LEFT, 230, f"编制单位：{sheet.village}", 30, _INK, anchor="lm")
    canvas.text(_RIGHT, 230, sheet.page, 30, _INK, anchor="rm")
    _draw_table(canvas, sheet.entries)
    foot = _TOP + _ROW * (len(sheet.entries) + 1)
    for number, (words, amount) in enumerate(sheet.sums):
        level = foot + 60 + number * 56
        canvas.text(690, level, words, 32, _INK, face="serif", anchor="lm")
        canvas.text(_RIGHT, level, amount, 32, _INK, face="serif", anchor="rm")
    _draw_signatures(canvas, sheet.village)
    return _scanned(canvas.finish())


def _draw_table(canvas: Canvas, entries: Sequence[Entry]) -> None:
    headings = [(words, left, anchor) for words, left, anchor in _COLUMNS]
    for words, left, anchor in headings:
        canvas.text(left, _TOP - _ROW / 2, words, 30, _INK, face="serif", anchor=anchor)
    for number, entry in enumerate(entries):
        level = _TOP + _ROW * (number + 0.5)
        for words, (_, left, anchor) in zip(entry, headings, strict=True):
            canvas.text(left, level, words, 28, _INK, anchor=anchor)
    bottom = _TOP + _ROW * len(entries)
    for number in range(-1, len(entries) + 1):
        level = _TOP + _ROW * number
        canvas.line([(_EDGES[0], level), (_EDGES[-1], level)], _RULE, 2)
    for edge in _EDGES:
        canvas.line([(edge, _TOP - _ROW), (edge, bottom)], _RULE, 2)


def _draw_signatures(canvas: Canvas, village: str) -> None:
    level = HEIGHT - 150
    for number, role in enumerate(("村会计", "民主理财小组", "村监委会")):
        canvas.text(_LEFT + number * 350, level, f"{role}：已审核", 30, _INK, anchor="lm")
    x, y = WIDTH - 250, HEIGHT - 330
    canvas.disc(x, y, 116, _STAMP)
    canvas.disc(x, y, 109, "#f7f5ee")
    canvas.text(x, y - 44, village, 34, _STAMP, face="serif", anchor="mm")
    canvas.text(x, y + 6, "民主理财", 34, _STAMP, face="serif", anchor="mm")
    canvas.text(x, y + 54, "（演示用）", 26, _STAMP, face="serif", anchor="mm")


def _scanned(drawing: Image.Image) -> Image.Image:
    page = Image.new("RGB", drawing.size, _SHEET)
    page.paste(drawing, mask=drawing.getchannel("A"))
    page = page.rotate(0.35, Image.Resampling.BICUBIC, fillcolor=_SHEET)
    grain = Image.frombytes("L", page.size, random.Random(11).randbytes(page.width * page.height))  # noqa: S311  # a texture, no secret
    return Image.blend(page.filter(ImageFilter.GaussianBlur(0.6)), grain.convert("RGB"), 0.03)
