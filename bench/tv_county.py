"""A county as large as wanted, to measure and walk the TV app with; nothing in it plays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from catalog.titles.service import touch_catalog
from catalog.titles.tables import Category, Series, Title
from core.db import session_scope
from core.settings import Settings
from county import places
from county.tables import Place
from epg.channels.service import create_channel
from epg.channels.tables import Channel
from epg.channels.version import touch_epg
from epg.guide.tables import Programme
from vod_server.bootstrap import House, open_house
from vod_server.installing import prepare
from vod_server.web.app import make_wsgi

SUBJECTS = (
    "水稻",
    "果树",
    "养猪",
    "养鸡",
    "大棚",
    "玉米",
    "党章",
    "党史",
    "医保",
    "养老",
    "反诈",
    "急救",
)
ACTIONS = ("种植", "管理", "防病", "政策", "讲座", "问答", "案例", "入门", "提高", "实录")
SHOWS = (
    "新闻联播",
    "县里新闻",
    "农技课堂",
    "戏曲时间",
    "健康之路",
    "电视剧：山乡",
    "天气预报",
    "法治在线",
)
GROUPS = ("中央", "省级", "市县", "乡镇")
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything.

    Args:
        titles: published ones, over all categories.
        channels: wanted ones; none is on air.
        days: of guide on both sides of today, a programme every half hour.
    """

    titles: int = 60
    channels: int = 12
    days: int = 1


def name_of(number: int) -> str:
    """Return the name of title `number`, counted from 0: no two are alike."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    action = ACTIONS[number // len(SUBJECTS) % len(ACTIONS)]
    return f"{subject}{action}第{number // (len(SUBJECTS) * len(ACTIONS)) + 1}讲"


def make_county(home: Path, size: Size) -> House:
    """Make an installation of that size and open it."""
    settings = Settings(home=home)
    house, _ = prepare(settings, admin="admin", password="not-secret-here")
    house.engine.dispose()
    house = open_house(settings)
    with session_scope(house.sessions) as session:
        _add_titles(session, house, size.titles)
        _add_channels(session, house, size)
        touch_catalog(session)
        touch_epg(session)
    return house


def _add_titles(session: Session, house: House, count: int) -> None:
    now = house.clock.now()
    shelves = session.scalars(select(Category.id).order_by(Category.position)).all()
    series = Series(name="青禾果树十二讲", summary="从剪枝到卖果，一年四季怎么做。")
    session.add(series)
    session.flush()
    rows = [
        {
            "name": name_of(number),
            "summary": "请本村的老把式讲一讲，该怎么做、不该怎么做。" * 3,
            "category_id": shelves[number % len(shelves)],
            "series_id": series.id if number < 12 else None,
            "episode": number + 1 if number < 12 else None,
            "duration_s": 600.0 + number % 1800,
            "state": "published",
            "media_gen": "g",
            "created_at": now,
            "updated_at": now,
            "published_at": now - timedelta(minutes=count - number),
        }
        for number in range(count)
    ]
    for first in range(0, count, BATCH):
        session.execute(insert(Title), rows[first : first + BATCH])


def _add_channels(session: Session, house: House, size: Size) -> None:
    now = house.clock.now()
    for number in range(1, size.channels + 1):
        group = GROUPS[number * len(GROUPS) // (size.channels + 1)]
        create_channel(session, name=f"频道{number}", number=number, group_title=group, now=now)
    first_s = int(now.timestamp()) // 86400 * 86400 - size.days * 86400
    slots = range(first_s, first_s + (2 * size.days + 1) * 86400, 1800)
    for channel_id in session.scalars(select(Channel.id)).all():
        rows = [
            {
                "channel_id": channel_id,
                "start_s": start_s,
                "stop_s": start_s + 1800,
                "title": SHOWS[(start_s // 1800 + channel_id) % len(SHOWS)],
                "sub_title": "",
                "summary": "",
                "category": "",
            }
            for start_s in slots
        ]
        if rows and size.days:
            session.execute(insert(Programme), rows)


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object, **__: object) -> None:
        """Say nothing: a walk makes thousands of requests."""


@contextmanager
def served(house: House) -> Iterator[str]:
    """Serve an installation from this process; yield its address."""
    server = make_server("127.0.0.1", 0, make_wsgi(house), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def add_village(session: Session) -> Place:
    """Add a town with a village to the county; return the village."""
    root = places.county(session)
    town = places.add_place(session, kind="town", code="990102", name="柳河镇", parent=root)
    return places.add_place(session, kind="village", code="990102001", name="前柳村", parent=town)
