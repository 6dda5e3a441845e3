"""The demo's notices, and questions answered; every step may be done again."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.notices.service import add_page, create_notice, move_notice
from catalog.notices.tables import Notice
from core.blobs import BlobStore
from core.db import SessionFactory, session_scope
from county.boxes import PairedBox
from county.places import find_place
from county.question_tables import Question
from county.questions import PHRASES, About, answer_question, ask_question
from county.tables import Box, Place
from vod_server.demo.papers import AccountSheet, Entry, draw_sheet
from vod_server.demo.places import COUNTY_CODE, PILOT_VILLAGE_CODE
from vod_server.media.scans import Scan, read_scans, store_scan

TOWN_CODE = PILOT_VILLAGE_CODE[:9]


class DemoNotice(NamedTuple):
    """A notice as data; `days_ago` says how long before the demo's start it was published."""

    place: str
    title: str
    body: str
    important: bool
    days_ago: int
    sheets: Sequence[AccountSheet] = ()


_ACCOUNTS = (
    AccountSheet(
        "村级财务收支公示表",
        "柳湾村",
        "第 1 页，共 2 页",
        (
            Entry("1日", "上月结余", "86,420.50", "", ""),
            Entry("3日", "机动地承包费（三组）", "12,600.00", "", "收001"),
            Entry("5日", "路灯电费", "", "1,284.60", "付001"),
            Entry("8日", "保洁员工资（4 人）", "", "4,800.00", "付002"),
            Entry("9日", "上级拨付：水渠维修补助", "38,000.00", "", "收002"),
            Entry("11日", "水泵两台（二组抗旱）", "", "6,960.00", "付003"),
            Entry("12日", "重阳节慰问（82 人）", "", "8,200.00", "付004"),
            Entry("14日", "办公用纸、墨盒", "", "356.00", "付005"),
            Entry("15日", "文化广场音响修理", "", "780.00", "付006"),
            Entry("16日", "大棚租金（合作社）", "15,000.00", "", "收003"),
            Entry("18日", "水渠维修：水泥 20 吨", "", "9,400.00", "付007"),
            Entry("19日", "水渠维修：沙石", "", "5,150.00", "付008"),
        ),
        (("本页收入", "65,600.00"), ("本页支出", "36,930.60")),
    ),
    AccountSheet(
        "村级财务收支公示表",
        "柳湾村",
        "第 2 页，共 2 页",
        (
            Entry("20日", "承前页结余", "115,089.90", "", ""),
            Entry("21日", "水渠维修：人工 46 工", "", "8,280.00", "付009"),
            Entry("23日", "幸福院米面油", "", "2,415.00", "付010"),
            Entry("24日", "废旧物资变卖", "640.00", "", "收004"),
            Entry("26日", "防火宣传横幅", "", "420.00", "付011"),
            Entry("28日", "误工补贴（村民代表会）", "", "1,500.00", "付012"),
            Entry("30日", "存款利息", "52.30", "", "收005"),
        ),
        (
            ("本月收入合计", "66,292.30"),
            ("本月支出合计", "49,545.60"),
            ("期末结余", "103,167.20"),
        ),
    ),
)

NOTICES = (
    DemoNotice(
        COUNTY_CODE,
        "明年的城乡居民医保开始缴费了",
        "全县城乡居民明年的基本医疗保险，从本月起集中缴费，到 12 月 31 日截止。\n"
        "缴费办法有三种：到村委会由村文书帮您办；到镇便民服务中心窗口办；让家里年轻人在手机上办。\n"
        "特困人员、低保对象、返贫监测对象由财政全额或部分资助，不用自己先垫钱。\n"
        "缴费时请带上户口簿或身份证。有人打电话要您转账、要验证码的，都是骗子，请挂断。",
        important=False,
        days_ago=6,
    ),
    DemoNotice(
        TOWN_CODE,
        "冬季森林防火：这几件事千万不能做",
        "入冬以来天气干燥，全镇已进入森林防火期，时间到明年 4 月 30 日。"
        "请每家每户互相转告，照看好老人和孩子。\n"
        "一、不在田边地头烧秸秆、烧荒草、烧田埂。"
        "秸秆由合作社上门收，每亩补助 20 元，打村里的大喇叭电话就来拉。\n"
        "二、上坟不烧纸、不放鞭炮，可以用鲜花代替。确实要用火的，到指定地点，等火灭透了再走。\n"
        "三、进山不带火种，不在林子里抽烟。放羊、采药的乡亲请到护林员那里登记。\n"
        "四、家里的烟囱要装防火帽，灶膛里的灰要浇透水再倒。电热毯、烤火炉人走要断电。\n"
        "五、发现火情，马上打 12119，讲清楚在哪座山、哪一面、火有多大。"
        "不要自己往火场跑，更不要让老人、妇女和孩子去扑火。\n"
        "违反规定野外用火的，依照《森林防火条例》处罚；造成火灾的，依法追究责任。\n"
        "镇里每天有巡查，护林员戴红袖章。请大家支持他们的工作，平平安安过冬。",
        important=True,
        days_ago=1,
    ),
    DemoNotice(
        PILOT_VILLAGE_CODE,
        "柳湾村上月财务收支公示",
        "上月收入 66292.30 元，支出 49545.60 元，期末结余 103167.20 元。\n"
        "最大的一笔支出是二组水渠维修，水泥、沙石和人工合计 22830.00 元，用的是上级补助款。\n"
        "后面两页是逐笔的账，每一笔都有凭证，可以到村委会查看。对账目有疑问的，用遥控器提问，七天之内答复。",
        important=False,
        days_ago=0,
        sheets=_ACCOUNTS,
    ),
)

#: What is asked (about the first notice of the village, or nothing), and the answer.
QUESTIONS = (
    (
        PHRASES[1],
        True,
        "您问的水渠维修款，买水泥 9400 元、沙石 5150 元、人工 8280 元，一共 22830 元，"
        "全部来自上级的水渠维修补助，没有动用村里的积累。凭证是付 007 到付 009，欢迎到村委会翻看。",
    ),
    (
        PHRASES[3],
        False,
        "办老年证请带身份证和一张两寸照片，每周一、三、五上午到村委会找文书小周。"
        "腿脚不便的，跟我们说一声，我们上门来办。",
    ),
)


def add_demo_notices(sessions: SessionFactory, blobs: BlobStore, *, now: datetime) -> int:
    """Publish the notices that their places have not; the places are there.

    Args:
        sessions: maker of sessions; pages are drawn and stored outside any transaction.
        blobs: where the pages go.
        now: the present instant.

    Returns:
        How many were published.
    """
    return sum(_publish(sessions, blobs, demo, now) for demo in NOTICES)


def _publish(sessions: SessionFactory, blobs: BlobStore, demo: DemoNotice, now: datetime) -> bool:
    at = now - timedelta(days=demo.days_ago, hours=1)
    with session_scope(sessions) as session:
        place = find_place(session, demo.place)
        if place is None:
            return False
        notice = _find(session, place, demo.title) or create_notice(
            session, place=place, title=demo.title, body=demo.body, important=demo.important, now=at
        )
        if notice.state != "draft":
            return False
    with tempfile.TemporaryDirectory() as folder:
        scans = _draw(demo, Path(folder))
        for scan in scans:
            store_scan(blobs, notice.id, scan)
    with session_scope(sessions) as session:
        notice = session.get_one(Notice, notice.id)
        for scan in scans:
            size = {"width": scan.width, "height": scan.height}
            add_page(session, notice, sha256=scan.sha256, now=at, **size)
        move_notice(session, notice, "publish", actor="system", now=at)
    return True


def _draw(demo: DemoNotice, folder: Path) -> list[Scan]:
    scans: list[Scan] = []
    for number, sheet in enumerate(demo.sheets):
        drawn = folder / f"{number}.png"
        draw_sheet(sheet).save(drawn)
        scans += read_scans(drawn, folder)
    return scans


def _find(session: Session, place: Place, title: str) -> Notice | None:
    statement = select(Notice).where(Notice.place_id == place.id, Notice.title == title)
    return session.scalars(statement).first()


def add_demo_questions(session: Session, *, now: datetime) -> int:
    """Let the pilot village's first box have asked, if there is one that never did.

    Returns:
        How many questions were added, all answered.
    """
    village = find_place(session, PILOT_VILLAGE_CODE)
    if village is None:
        return 0
    here = Place.path.startswith(village.path, autoescape=True)
    statement = select(Box, Place.path).join(Place).where(here, Box.revoked_at.is_(None))
    row = session.execute(statement.order_by(Box.id).limit(1)).one_or_none()
    if row is None or session.scalars(select(Question).where(Question.box_id == row[0].id)).first():
        return 0
    notice = _find(session, village, NOTICES[-1].title)
    for number, (words, of_accounts, answer) in enumerate(QUESTIONS):
        asked_at = now - timedelta(days=4 - 2 * number)
        about = About("notice", notice.id, notice.title) if of_accounts and notice else None
        question = ask_question(
            session, PairedBox(row[0].id, row[1]), words, about=about, now=asked_at
        )
        answer_question(
            session,
            question,
            answer,
            before=None,
            name="柳湾村村委会",
            actor="system",
            now=asked_at + timedelta(days=1),
        )
    return len(QUESTIONS)
