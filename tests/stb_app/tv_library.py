"""What the fake county says of categories, long lists, favourites and history."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.stb_app.tv_county import County

Body = dict[str, Any]
LABELS = {"zh-CN": "中文", "en": "English", "ug": "维吾尔文"}


class Library:
    """Lists of a county's titles by page, and what one paired box keeps of them."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.favourites: list[tuple[str, int]] = []
        self.history: list[tuple[int, float, bool]] = []  # title, position in s, finished
        self.extra: dict[str, int] = {}  # category -> so many titles more, made when asked

    def grow(self, category: str, count: int) -> None:
        """Let a category hold ``count`` more titles, ``第 1 号`` and on."""
        self.extra[category] = count

    def get(self, path: str, args: dict[str, str], *, paired: bool) -> Body | None:
        """Answer a GET below /api/v1/, or None where it is another's."""
        if path == "home":
            return {"version": "1", "rows": self.county.rows}
        if path == "titles":
            return self._page(args["category"], int(args["limit"]), int(args.get("cursor", 0)))
        lists = {
            "categories": [self._category(row) for row in self.county.rows],
            "resume": self.county.resume_items() if paired else [],
            "favourites": [self._favourite(*key) for key in self.favourites] if paired else [],
            "history": [self._seen(*entry) for entry in self.history] if paired else [],
        }
        return {"items": lists[path], "next": None} if path in lists else None

    def change(self, method: str, path: str) -> bool:
        """Take a PUT or DELETE of a paired box below /api/v1/; False where it is another's."""
        found = re.fullmatch(r"favourites/(title|series|channel)/(\d+)", path)
        if found:
            key = found[1], int(found[2])
            self.favourites = [other for other in self.favourites if other != key]
            if method == "PUT":
                self.favourites.insert(0, key)
            return True
        gone = re.fullmatch(r"history(?:/(\d+))?", path) if method == "DELETE" else None
        if gone:
            self.history = [e for e in self.history if gone[1] and e[0] != int(gone[1])]
        return gone is not None

    def captions(self, number: int) -> list[Body]:
        """Return what DETAIL says of a title's captions."""
        where = f"/vod/{number}/captions"
        return [
            {"language": code, "label": LABELS[code], "url": f"{where}/{code}.vtt?s=1"}
            for code in self.county.captions.get(number, {})
        ]

    def _category(self, row: Body) -> Body:
        code = row["category"]
        count = len(row["items"]) + self.extra.get(code, 0)
        return {"slug": code, "name": row["name"], "count": count}

    def _page(self, category: str, limit: int, start: int) -> Body:
        row = next(row for row in self.county.rows if row["category"] == category)
        own, more = row["items"], self.extra.get(category, 0)
        end = min(start + limit, len(own) + more)
        items = [
            own[n] if n < len(own) else self._extra(own[n % len(own)], n - len(own) + 1)
            for n in range(start, end)
        ]
        return {"items": items, "next": str(end) if end < len(own) + more else None}

    def _extra(self, like: Body, n: int) -> Body:
        return {**like, "id": 100_000 + n, "title": f"第 {n} 号", "poster": None}

    def _favourite(self, kind: str, number: int) -> Body:
        if kind == "title":
            return {"kind": kind, "id": number, "title": self.county.card(number)}
        if kind == "series":
            title = self.county.series[number]["title"]
            return {"kind": kind, "id": number, "series": {"id": number, "title": title}}
        return {"kind": kind, "id": number, "channel": number}

    def _seen(self, number: int, position_s: float, finished: bool) -> Body:
        at = "2026-11-20T01:00:00Z"
        return {
            "title": self.county.card(number),
            "position_s": position_s,
            "finished": finished,
            "updated_at": at,
        }
