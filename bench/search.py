"""Suggestions on 20,800 titles: how fast, and whether the first keys find what they should.

Titles are made by rule of the shared news headlines where the shared folder is there, else of words
of our own; they are put into the index by the indexer itself. A bare lookup by primary key in
the same database and session is the control.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text

from catalog.search import outbox
from catalog.search.keys import initials, t9
from catalog.search.model import Question
from catalog.search.normalising import squeeze, units_of
from catalog.search.pinyin import with_readings
from catalog.search.tables import SearchKey
from catalog.titles.tables import Category, Title
from core.db import read_scope, session_scope
from core.settings import Settings
from vod_server.bootstrap import House
from vod_server.installing import prepare
from vod_server.searching import make_indexer, open_index

TITLES = 20_800
ASKED = 400
GOAL_MS = 5.0
GOAL_FOUND = 0.95
NOW = datetime(2026, 5, 1, tzinfo=UTC)

#: Who does what about which, and how: names are put together of one of each.
_PARTS = (
    "县农技站 柳河镇 石桥镇 上河村 古井村 合作社 妇联 卫生院 农机局 司法所 供销社 老年大学",
    "讲解 示范 发布 推广 开展 举办 组织 解读 演示 公开 介绍 提醒",
    "水稻育秧 玉米追肥 果树修剪 养猪防疫 大棚蔬菜 农机检修 低保申请 医保缴费 防汛值守 森林防火 "
    "土地流转 危房改造 广场舞 长江禁渔 银行防骗 法律援助 电商直播 乡村旅游 茶叶加工 沼气利用",
    "入门 要点 问答 现场 经验 政策 办法 实例 全过程 三步法 注意事项 视频课",
)


def run() -> dict[str, Any]:
    """Measure and return the bench's rows."""
    with tempfile.TemporaryDirectory() as folder:
        house, _ = prepare(
            Settings(home=Path(folder) / "var"), admin="admin", password="not-secret-here"
        )
        try:
            names = _fill(house)
            return {"name": "search", "rows": list(_measure(house, names))}
        finally:
            house.engine.dispose()


def _fill(house: House) -> list[str]:
    names = _names()
    with session_scope(house.sessions) as session:
        category = session.scalars(select(Category.id)).first()
        rows = [
            {
                "name": name,
                "summary": "",
                "state": "published",
                "category_id": category,
                "media_gen": "g",
                "created_at": NOW,
                "updated_at": NOW,
                "published_at": NOW - timedelta(hours=number),
            }
            for number, name in enumerate(names)
        ]
        session.execute(insert(Title), rows)
        outbox.note(session, "title", session.scalars(select(Title.id)), now=NOW)
    return names


def _names() -> list[str]:
    """Return names of titles, none twice: headlines, then combinations of our own words."""
    random_ = random.Random(4)
    found = dict.fromkeys(_headlines())
    while len(found) < TITLES:
        parts = (random_.choice(words.split()) for words in _PARTS)
        found[f"{''.join(parts)}（{random_.randrange(1, 60)}）"] = None
    names = list(found)
    random_.shuffle(names)
    return names[:TITLES]


def _headlines() -> Iterator[str]:
    shared = Path(os.environ.get("CUNTAI_SHARED", Path(__file__).parents[2] / "shared"))
    path = shared / "text" / "news.jsonl.gz"
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["title"][:200]


def _measure(house: House, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    indexer = make_indexer(house)
    started = time.process_time()
    indexer.drain()
    cpu_s = time.process_time() - started
    with read_scope(house.sessions) as session:
        keys = session.execute(select(text("COUNT(*)")).select_from(SearchKey)).scalar_one()
        size = session.execute(
            text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        ).scalar_one()
    yield {
        "what": "index 20,800 titles",
        "value": cpu_s,
        "unit": "CPU s",
        "note": f"{keys:,} keys, {size / 1e6:.0f} MB with the titles",
    }
    random_ = random.Random(7)
    asked = random_.sample(list(names), ASKED)
    spelled = ["".join(initials(u)[0] for u in with_readings(units_of(name))) for name in asked]
    questions: dict[str, list[tuple[str, str]]] = {
        f"{count} letters": [(letters[:count], "initials") for letters in spelled]
        for count in (1, 2, 3, 6)
    }
    questions["6 keys of T9"] = [(t9(letters[:6]), "t9") for letters in spelled]
    questions["4 characters inside"] = [(name[3:7], "initials") for name in asked]
    yield from _speed(house, questions)
    yield _found(house, asked, spelled)


def _speed(house: House, questions: dict[str, list[tuple[str, str]]]) -> Iterator[dict[str, Any]]:
    index = open_index()
    with read_scope(house.sessions) as session:

        def control() -> None:
            session.execute(select(Title.name).where(Title.id == 7)).scalar_one()

        bare = sorted(_ms(control) for _ in range(ASKED))
        yield _row("control: one row by its key", bare, None)
        for what, few in questions.items():
            times = []
            for typed, form in few:
                question = Question(typed, "1/4/17/", NOW, form)  # type: ignore[arg-type]
                times.append(_ms(lambda q=question: index.suggest(session, q)))  # type: ignore[misc]
            yield _row(f"suggest, {what}: p95", sorted(times), GOAL_MS)


def _ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _row(what: str, times: Sequence[float], goal: float | None) -> dict[str, Any]:
    p95 = times[int(len(times) * 0.95)]
    row: dict[str, Any] = {"what": what, "value": p95, "unit": "ms", "min": times[0]}
    row |= {"max": times[-1], "note": f"p50 {statistics.median(times):.2f} ms"}
    return row | ({"goal": f"≤ {goal:g} ms", "met": p95 <= goal} if goal else {})


def _found(house: House, asked: Sequence[str], spelled: Sequence[str]) -> dict[str, Any]:
    """Ask for each title by the first six of its initials.

    Headlines begin alike by the hundred: where more than ten begin with the same characters, those
    ten are as right as the one that was meant, and the plain share is told beside.
    """
    index, right, plain = open_index(), 0, 0
    with read_scope(house.sessions) as session:
        for name, letters in zip(asked, spelled, strict=True):
            found = index.suggest(session, Question(letters[:6], None, NOW, limit=10))
            names = [hit.name for hit in found.hits]
            plain += name in names
            start = squeeze(units_of(name))[:3]
            alike = len(names) == 10 and all(squeeze(units_of(n))[:3] == start for n in names)
            right += name in names or alike
    share = right / len(asked)
    return {
        "what": "six initials find the title or ten that begin alike, h@10",
        "value": share,
        "unit": "",
        "goal": f"≥ {GOAL_FOUND}",
        "met": share >= GOAL_FOUND,
        "note": f"the very title: {plain / len(asked):.3f}",
    }
