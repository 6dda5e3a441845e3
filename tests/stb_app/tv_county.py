"""The county the TV app's fake server speaks of: titles, rows, positions, and planted faults."""

import re
from pathlib import Path
from typing import Any

from tests.stb_app import tv_pictures
from tests.stb_app.tv_library import Library
from tests.stb_app.tv_live import Air

# Per row: its code, its name, its titles.
ROWS = (
    """
agri 农技 水稻直播栽培技术要点 大棚番茄越冬管理 玉米密植高产示范田 柑橘冬季修剪
 生猪养殖防疫常识 油菜机械化移栽 茶园绿色防控 稻虾共作一年两收
party 党课 学习党章：入党为什么 一面党旗下的柳河故事 新时代支部工作条例解读 红色青禾
law 法治 反诈课堂：陌生电话别轻信 民法典进万家：邻里纠纷怎么办 土地承包合同怎么签
health 健康 高血压日常管理 冬季防一氧化碳中毒 心肺复苏四步法 老年人防跌倒
policy 政策 二〇二六年种粮补贴怎么领 城乡居民医保缴费指南
""".strip()
    .replace("\n ", " ")
    .splitlines()
)
SUMMARY = (
    "县农业农村局技术员下到田间，手把手讲清每一步怎么做、为什么这样做，"
    "并答复乡亲们问得最多的几个问题。看完可以对照自家地里的情况试一试。"
)
CARD = ("id", "title", "duration_s", "category", "poster", "category_name", "series_id", "order",
        "updated_at")  # fmt: skip
EPISODES = ["第一讲 选种与育秧", "第二讲 整地与施肥", "第三讲 水层管理", "第四讲 病虫害识别",
            "第五讲 收割与晾晒", "第六讲 储粮防霉"]  # fmt: skip


class County:
    """What the server says: titles, rows, positions, and the faults a test plants."""

    def __init__(self, film: Path) -> None:
        self.film = film
        self.live: Air | None = None
        self.library = Library(self)
        self.titles: dict[int, dict[str, Any]] = {}
        self.rows: list[dict[str, Any]] = []
        self.series: dict[int, dict[str, Any]] = {}
        self.resume: dict[int, tuple[float, str]] = {}
        self.faults: list[tuple[str, str]] = []
        self.log: list[tuple[str, str, str]] = []
        self.signature = 1
        self.captions: dict[int, dict[str, str]] = {}  # title -> language -> WebVTT
        self._fill()

    def _fill(self) -> None:
        for line in ROWS:
            code, name, *titles = line.split()
            items = [self.add(title, code, name) for title in titles]
            self.rows.append({"id": f"cat-{code}", "name": name, "category": code, "items": items})
        lessons = [self.add(title, "agri", "农技", series=1, order=n) for n, title in
                   enumerate(EPISODES, 1)]  # fmt: skip
        self.series[1] = {"id": 1, "title": "水稻种植十二讲", "summary": "", "items": lessons}
        self.rows[0]["items"].insert(0, lessons[1])

    def add(
        self, title: str, code: str, name: str, series: int | None = None, order: int | None = None
    ) -> dict[str, Any]:
        """Add a title; returns its CARD of docs/architecture.md."""
        number = len(self.titles) + 1
        card = {
            "id": number, "title": title, "duration_s": float(tv_pictures.FILM_S), "category": code,
            "poster": f"/img/{number}/g/poster.jpg" if number % 7 != 4 else None,
            "category_name": name, "series_id": series, "order": order,
            "updated_at": "2026-11-01T08:00:00Z",
        }  # fmt: skip
        sheets = [f"/img/{number}/g/sprite-{n}.jpg" for n in range(2)]
        self.titles[number] = {
            **card,
            "summary": SUMMARY,
            "lecturer": "王建国",
            "source": "县融媒体中心",
            "licence": "",
            "required": code == "party",
            "study_hours": 0.5 if code == "party" else None,
            "series": {"id": 1, "title": ""} if series else None,
            "sprite": {
                **tv_pictures.SPRITE,
                "urls": sheets,
                "interval_s": tv_pictures.SPRITE_INTERVAL_S,
            },
        }
        return card

    def card(self, number: int) -> dict[str, Any]:
        return {key: self.titles[number][key] for key in CARD}

    def detail(self, number: int) -> dict[str, Any]:
        url = f"/vod/{number}/index.m3u8?s={self.signature}"
        captions = self.library.captions(number)
        return {"playback_url": url, "captions": captions, **self.titles[number]}

    def known(self, kind: str, number: int) -> dict[str, Any] | None:
        """Return the DETAIL of a title or a series, or None where there is no such one."""
        if kind == "titles":
            return self.detail(number) if number in self.titles else None
        return self.series.get(number)

    def resume_items(self) -> list[dict[str, Any]]:
        newest = sorted(self.resume.items(), key=lambda entry: entry[1][1], reverse=True)
        return [
            {
                "title": self.card(number),
                "position_s": position,
                "duration_s": 60.0,
                "updated_at": at,
            }
            for number, (position, at) in newest
        ]

    def fault(self, path: str) -> str | None:
        """Return the fault planted for a path, if any; a fault counts once and is then gone,
        unless its name ends in ``!``."""
        for entry in self.faults:
            if re.search(entry[0], path):
                if not entry[1].endswith("!"):
                    self.faults.remove(entry)
                return entry[1].rstrip("!")
        return None
