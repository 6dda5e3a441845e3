"""The columns of a catalog sheet: their names in English and Chinese, and their longest cells."""

from __future__ import annotations

import re
import unicodedata

#: English name → what people call it; the first Chinese word is the one messages use.
COLUMNS: dict[str, tuple[str, ...]] = {
    "file": ("文件", "文件名", "视频", "视频文件", "文件路径", "路径", "filename", "path"),
    "title": ("标题", "名称", "片名", "题目", "题名", "节目", "节目名称", "name"),
    "series": ("系列", "课程", "系列名称", "课程名称", "专辑", "course"),
    "order": ("序号", "顺序", "集数", "集", "第几集", "排序", "episode"),
    "category": ("类别", "分类", "栏目", "类型"),
    "summary": ("简介", "摘要", "内容简介", "说明", "介绍", "description"),
    "lecturer": ("主讲人", "主讲", "讲师", "授课人", "主讲老师", "speaker"),
    "source": ("来源", "出处", "制作单位", "供稿单位"),
    "licence": ("许可", "授权", "版权", "许可证", "使用许可", "license"),
    "place": ("地区", "地区代码", "可见范围", "范围", "可见地区", "place_code"),
    "required": ("必学", "是否必学", "必学选学", "必修", "必修选修", "mandatory"),
    "study_hours": ("学时", "学时数", "课时", "hours"),
    "audience": ("对象", "学习对象", "适用对象", "受众", "适用人群"),
    "expires": (
        "有效期",
        "有效期至",
        "到期",
        "到期日",
        "到期日期",
        "截止日期",
        "下架日期",
        "expiry",
    ),
    "subtitle": ("字幕", "字幕文件", "subtitles"),
    "poster": ("海报", "封面", "封面图", "海报文件", "cover"),
}

#: Without these a row says nothing that could be imported.
NEEDED = ("file", "title")

#: Longest cell, in characters; the schema's limits (`catalog.titles.tables`).
MAX_LENGTH: dict[str, int] = {
    "file": 255,
    "title": 200,
    "series": 200,
    "category": 40,
    "summary": 5000,
    "lecturer": 80,
    "source": 120,
    "licence": 80,
    "place": 32,
    "audience": 80,
    "subtitle": 255,
    "poster": 255,
}


def label(column: str) -> str:
    """Return what messages call a column, `标题（title）`."""
    return f"{COLUMNS[column][0]}（{column}）"


def find_column(heading: str) -> str | None:
    """Return the English name of a heading as people write it, or None when it is unknown.

    Case, width, spaces, brackets and connecting signs make no difference: `Study Hours`,
    `ＦＩＬＥ` and `必学/选学` are found.
    """
    return _BY_HEADING.get(_plain(heading))


def _plain(heading: str) -> str:
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s_/·、*:()\[\]-]+", "", folded)


_BY_HEADING = {
    _plain(word): column for column, words in COLUMNS.items() for word in (column, *words)
}
