"""The demo's channels as data: numbers of the county's plan, what they show, what is said of it.

Nothing here is a lie: a guide's block says what the files of the loop are, not a programme that
does not come.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

from vod_server.demo import icons_life
from vod_server.demo.cards import Slide
from vod_server.demo.model import DemoTitle
from vod_server.demo.music import Tune
from vod_server.demo.paint import Palette
from vod_server.demo.palettes import AUTUMN, NIGHT, SPRING, SUMMER, WINTER

COUNTY_GROUP, TOWN_GROUP = "青禾县", "乡镇"
LIUHE_CODE = "990000101"


@dataclasses.dataclass(frozen=True, slots=True)
class DemoChannel:
    """One channel.

    Args:
        number: its place on the remote control.
        name: what it is called.
        names: how a guide may call it.
        logo: two characters, the palette and the ground of its logo.
        source: kind and address of a live channel's source; None: a loop channel.
        films: file names, of what a `file` source plays or of the titles of a loop, in order.
        place: code of the place whose subtree may see it; empty: everybody.
        block: title and summary of the guide's blocks; None where the guide is computed.
    """

    number: int
    name: str
    names: tuple[str, ...]
    logo: tuple[str, Palette, str]
    source: tuple[Literal["file", "card"], str] | None = None
    films: tuple[str, ...] = ()
    place: str = ""
    block: tuple[str, str] | None = None

    @property
    def kind(self) -> Literal["live", "loop"]:
        """Return what kind of channel it is."""
        return "live" if self.source else "loop"

    @property
    def tvg_id(self) -> str:
        """Return the id guides know it by; it also tells that the channel is the demo's."""
        return f"qinghe-{self.number}"


#: A film of a channel alone: it is no title on demand.
PARTY_FILM = DemoTitle(
    "64-party",
    "三会一课怎么开",
    ("三会一课", "怎么开"),
    "党课",
    "党员大会、支委会、党小组会和党课：多久一次，谁来参加。",
    "青禾宣讲团",
    AUTUMN,
    icons_life.primer,
    (
        Slide(
            "党员大会",
            ("一般每季度一次", "全体党员参加", "大事一起讨论表决"),
            icons_life.question,
        ),
        Slide("支委会", ("一般每月一次", "支部委员参加", "商量支部的工作"), icons_life.scales),
        Slide("党小组会", ("一般每月一次", "小组党员参加", "谈思想谈工作"), icons_life.neighbours),
        Slide("党课", ("定期上课", "书记带头讲", "结合村里的事讲"), icons_life.primer),
    ),
    Tune(113, 246.94, 0.6),
)

#: Films that everybody may see and that fit as they are, so that nothing need be encoded.
_SHORTS = ("01-spring.mp4", "02-summer.mp4", "03-autumn.mp4", "04-remote.mp4", "05-fraud.mp4")

CHANNELS = (
    DemoChannel(
        51,
        "县新闻综合",
        ("青禾新闻综合", "青禾县新闻综合"),
        ("新闻", SUMMER, "#0d5f86"),
        source=("file", "demo/51"),
        films=_SHORTS,
        block=("青禾短片展播", "节气、生活和防骗短片循环播出（演示频道）。"),
    ),
    DemoChannel(
        64,
        "县党建频道",
        ("青禾党建", "青禾县党建频道"),
        ("党建", AUTUMN, "#a3231d"),
        source=("file", "demo/64"),
        films=("07-nightschool.mp4", PARTY_FILM.file_name),
        block=("党课短片展播", "《夜校的一盏灯》《三会一课怎么开》循环播出（演示频道）。"),
    ),
    DemoChannel(
        65,
        "农技轮播",
        ("青禾农技",),
        ("农技", SPRING, "#1d6b41"),
        films=(
            "01-spring.mp4",
            "02-summer.mp4",
            "03-autumn.mp4",
            "06-rice.mp4",
            "08-pressure.mp4",
        ),
    ),
    DemoChannel(
        91,
        "柳河镇",
        ("柳河镇频道",),
        ("柳河", WINTER, "#5b4a86"),
        films=("05-fraud.mp4", "09-neighbours.mpg", "08-pressure.mp4", "04-remote.mp4"),
        place=LIUHE_CODE,
    ),
    DemoChannel(
        100,
        "标准时间",
        ("青禾标准时间",),
        ("时间", NIGHT, "#13244a"),
        source=("card", "clock?title=青禾标准时间"),
        block=("标准时间", "画面上的时钟走的是服务器的时间，可用来核对回看（演示频道）。"),
    ),
)
