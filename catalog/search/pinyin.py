"""Readings of Chinese characters. For the indexer alone: pypinyin takes 57 MB.

The phrase's reading comes first, every other reading of the standard table (通用规范汉字字典)
after it: phrases are read right in 94 of 100 syllables, with the others in nearly all.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from catalog.search.normalising import Unit, squeeze

#: Readings kept of a character.
MOST_READINGS = 4

#: Surnames whose reading is another than the word's, as villages are named: 解家村 is Xiè jiā cūn.
SURNAMES = {
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "曾": "zeng",
    "盖": "ge",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "任": "ren",
    "华": "hua",
    "尉": "wei",
    "员": "yun",
    "翟": "zhai",
    "缪": "miao",
}
_VILLAGE = re.compile(f"([{''.join(SURNAMES)}])家(?=[村庄湾沟屯坡坝寨营堡岭坪洼窑集店坊塘冲])")


def with_readings(units: Sequence[Unit]) -> list[Unit]:
    """Return units with their readings, the likeliest first."""
    text = squeeze(units)
    if text.isascii():
        return list(units)
    import pypinyin  # noqa: PLC0415 - heavy; never in a web worker

    # One entry a character: what is not Chinese would otherwise come as one.
    likely = pypinyin.lazy_pinyin(text, errors=list)  # type: ignore[arg-type]  # it takes lists
    named = {match.start() for match in _VILLAGE.finditer(text)}
    found, place = [], 0
    for unit in units:
        if unit.is_run:
            found.append(unit)
        else:
            first = SURNAMES[unit.text] if place in named else likely[place]
            found.append(unit._replace(readings=_readings(unit.text, first)))
        place += len(unit.text)
    return found


@functools.lru_cache(maxsize=20_000)
def _readings(char: str, first: str) -> tuple[str, ...]:
    """Return all readings of a character, the given one first, as letters of a keyboard."""
    every = dict.fromkeys(filter(str.isalpha, (first, *_standard(char))))
    plain = [reading for reading in every if reading.isascii()]
    # ü is typed as v on keyboards, and as u by who learnt it at school.
    plain += [reading.replace("v", "u") for reading in plain if "v" in reading]
    return tuple(dict.fromkeys(plain))[:MOST_READINGS]


def _standard(char: str) -> list[str]:
    from pypinyin.contrib.tone_convert import to_normal  # noqa: PLC0415 - as above

    told = _table().get(ord(char), "")
    return [to_normal(reading) for reading in told.split(",") if reading]


@functools.cache
def _table() -> dict[int, str]:
    from pypinyin_dict.pinyin_data import ktghz2013  # noqa: PLC0415 - as above

    table: dict[int, str] = ktghz2013.pinyin_dict
    return table
