"""Corrections of remotes: what waits, what holds, what holds again."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import ConflictError
from county import remotes
from county.box_tables import KeyCorrection
from county.boxes import PairedBox
from county.tables import Box
from tests.factories import make_box, make_county, paired
from tests.fakes import START

KEYMAPS = Path(__file__).resolve().parents[2] / "stb_app/src/30-keymaps.js"
MODEL = "EC6108V9"


@pytest.fixture
def box(session: Session) -> PairedBox:
    county = make_county(session)
    return paired(make_box(session, county.village)[0], county.village)


@pytest.fixture
def other(session: Session, box: PairedBox) -> PairedBox:
    place = session.get_one(Box, box.id).place
    return paired(make_box(session, place, name="别家")[0], place)


def sent(session: Session, box: PairedBox, code: int) -> KeyCorrection:
    keys: Any = {"back": [code]}
    return remotes.propose(session, box, model=MODEL, profile="ctc", keys=keys, now=START)


def decided(session: Session, one: KeyCorrection, decision: remotes.Decision) -> str:
    now = START + timedelta(hours=1)
    return remotes.decide(session, one.id, decision, by="admin", now=now).state


def test_functions_are_those_of_the_app() -> None:
    named = set(re.findall(r"(\w+): \[", KEYMAPS.read_text()))
    digits = {f"digit{digit}" for digit in range(10)}
    assert set(remotes.FUNCTIONS) == (named | digits) - {"event"}


def test_a_newer_one_of_the_box_takes_the_place_of_the_one_that_waits(
    session: Session, box: PairedBox
) -> None:
    old, new = sent(session, box, 8), sent(session, box, 461)
    assert [one.id for one in remotes.list_corrections(session)] == [new.id]
    with pytest.raises(ConflictError):
        decided(session, old, "approve")


def test_the_approval_before_holds_again(
    session: Session, box: PairedBox, other: PairedBox
) -> None:
    first, second = sent(session, box, 8), sent(session, other, 461)
    decided(session, first, "approve")
    decided(session, second, "approve")
    assert remotes.approved_keys(session, MODEL) == {"back": [461]}
    assert decided(session, second, "take back") == "waiting"
    assert remotes.approved_keys(session, MODEL) == {"back": [8]}
    assert decided(session, first, "take back") == "waiting"
    assert remotes.approved_keys(session, MODEL) is None
    with pytest.raises(ConflictError):
        decided(session, first, "take back")


def test_what_is_taken_back_does_not_wait_beside_a_newer_one(
    session: Session, box: PairedBox
) -> None:
    old = sent(session, box, 8)
    decided(session, old, "approve")
    new = sent(session, box, 461)
    assert decided(session, old, "take back") == "replaced"
    assert [one.id for one in remotes.list_corrections(session)] == [new.id]


def test_the_database_refuses_two_that_wait_or_hold(
    session: Session, box: PairedBox, other: PairedBox
) -> None:
    first, second = sent(session, box, 8), sent(session, other, 461)
    decided(session, first, "approve")
    sent(session, box, 9)
    both = update(KeyCorrection).where(KeyCorrection.id == second.id)
    for values in (
        {"state": "approved", "waits": None, "holds": True},
        {"box_id": box.id},
        {"holds": True},
        {"waits": None},
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(both.values(**values))
    states = session.scalars(select(KeyCorrection.state).order_by(KeyCorrection.id)).all()
    assert states == ["approved", "waiting", "waiting"]


def test_what_a_correction_drops_is_told() -> None:
    old = {"ok": [13], "back": [8], "up": [38]}
    new = {"back": [8, 461], "up": [38], "red": [403]}
    assert remotes.difference(new, old) == ["确定：13 → 没有", "返回：8 → 8、461", "红：403"]
