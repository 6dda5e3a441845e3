"""The fictional county 青禾县 as data: places parents first, with codes that exist nowhere.

Codes follow the shape of the national ones (county 6 digits, town 9, village 12), below 99,
which no real place has; streets are 0xx, towns 1xx, townships 2xx, departments 9xx.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

Kind = Literal["county", "town", "village", "department"]

COUNTY_CODE = "990000"


@dataclasses.dataclass(frozen=True, slots=True)
class DemoPlace:
    """A place to be made; `parent_code` is None for the county alone."""

    code: str
    name: str
    kind: Kind
    parent_code: str | None


_TOWNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("001", "城关街道", ("东门村", "南关村", "莲塘村", "北苑村", "小河桥村")),
    (
        "101",
        "柳河镇",
        ("柳湾村", "上河村", "下河村", "杨树沟村", "桃园村", "磨盘村", "青石岗村"),
    ),
    ("102", "石桥镇", ("石桥村", "赵家畈村", "古井村", "竹林村", "双桥村")),
    ("103", "云岭镇", ("云上村", "茶山村", "松坪村", "雾溪村", "梯田村")),
    ("104", "双溪镇", ("大溪村", "小溪村", "溪口村", "稻香村", "荷花村")),
    ("201", "东坪乡", ("东坪村", "李家坳村", "核桃坪村", "红岩村", "羊角村")),
)

_DEPARTMENTS = ("县委组织部", "县融媒体中心", "县农业农村局", "县民政局", "县司法局", "县卫健局")


def _town_and_villages(suffix: str, name: str, villages: tuple[str, ...]) -> list[DemoPlace]:
    town = DemoPlace(COUNTY_CODE + suffix, name, "town", COUNTY_CODE)
    return [
        town,
        *(
            DemoPlace(f"{town.code}{number}", village, "village", town.code)
            for number, village in enumerate(villages, start=201)
        ),
    ]


def _all_places() -> tuple[DemoPlace, ...]:
    county = DemoPlace(COUNTY_CODE, "青禾县", "county", None)
    departments = [
        DemoPlace(f"{COUNTY_CODE}{number}", name, "department", COUNTY_CODE)
        for number, name in enumerate(_DEPARTMENTS, start=901)
    ]
    towns = [place for town in _TOWNS for place in _town_and_villages(*town)]
    return (county, *towns, *departments)


#: The county, its 6 towns, 32 villages and 6 departments, every parent before its own.
PLACES = _all_places()

#: The village that sees the one title meant for it alone: 柳河镇柳湾村.
PILOT_VILLAGE_CODE = "990000101201"
