"""What the walked county holds beside titles, channels and guide."""

from __future__ import annotations

from bench.tv_county import add_village
from catalog.notices.service import create_notice, move_notice
from core.db import session_scope
from county.boxes import PairedBox, pair_box
from county.places import county
from county.questions import answer_question, ask_question
from vod_server.bootstrap import House

BODY = "十月份的账目已经公布，请大家到村务公开栏核对，有疑问请向村监委反映。\n" * 12


def add_content(house: House) -> str:
    """Add a paired box, three notices and a question with its answer; return the box's token."""
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        village = add_village(session)
        box, token = pair_box(session, place=village, name="李大爷家", now=now)
        for title in ("十月村级账目公示", "医保缴费提醒", "冬季防火通知"):
            notice = create_notice(session, place=county(session), title=title, body=BODY, now=now)
            move_notice(session, notice, "publish", actor="admin", now=now)
        question = ask_question(
            session, PairedBox(box.id, village.path), "医保什么时候交？", about=None, now=now
        )
        answer_question(
            session,
            question,
            "十二月底前都可以交，可以在手机上交。",
            before=None,
            name="李会计",
            actor="admin",
            now=now,
        )
    return token
