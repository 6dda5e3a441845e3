"""What falls on boxes: without secrets, once an hour, not without end; and where it came from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import box_faults
from county.box_tables import BoxFault
from county.boxes import hash_address
from tests.fakes import START

KEY = "k" * 64


def told(last: str = "x") -> box_faults.Told:
    return box_faults.Told("B700", "1", 1, last, "home")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("GET /api?token=abc-DEF_1&x=2 failed", "GET /api?token=…&x=2 failed"),
        ("/media/AbC_d-9/17/x.ts gone", "/media/…/17/x.ts gone"),
        ("/vod/3.m3u8?e=17&s=QQ-_x", "/vod/3.m3u8?e=17&s=…"),
        ("/playlist.m3u?key=a1b2-c3d4", "/playlist.m3u?key=…"),
        ('{"token":"abc","a":1}', '{"token":"…","a":1}'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("keys=3 is plain", "keys=3 is plain"),
    ],
)
def test_secrets_are_not_kept(said: str, kept: str) -> None:
    assert box_faults.redact(said) == kept


def test_a_secret_at_the_cut_is_not_kept(session: Session) -> None:
    start = "y" * (box_faults.LAST_MAX - 20)
    box_faults.note_fault(session, told(f"{start} token={'z' * 80}"), "box:1", now=START)
    assert session.scalars(select(BoxFault.last)).one() == f"{start} token=…"


def test_two_at_once_are_one(session: Session) -> None:
    assert box_faults.note_fault(session, told(), "box:1", now=START)
    assert not box_faults.note_fault(session, told(), "box:1", now=START + timedelta(minutes=9))
    hour = session.scalars(select(BoxFault.hour)).one()
    twin = {"source": "box:1", "hour": hour, "at": START, "count": 1, "last": ""}
    twin |= {"model": "", "version": "", "screen": ""}
    with pytest.raises(IntegrityError):
        session.execute(insert(BoxFault).values(**twin))


def test_boxes_without_a_name_do_not_fill_the_disk(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box_faults, "MOST_UNPAIRED", 3)
    box_faults.note_fault(session, told(), "box:1", now=START)
    for number in range(6):
        address = f"10.0.0.{number}"
        source = box_faults.source_of(None, address, key=KEY)
        box_faults.note_fault(session, told(address), source, now=START)
    kept = session.scalars(select(BoxFault.last).order_by(BoxFault.id)).all()
    assert kept == ["x", "10.0.0.3", "10.0.0.4", "10.0.0.5"]
    assert session.scalar(select(func.count(BoxFault.id))) == 4


def test_addresses_are_hashed_with_a_key_by_household() -> None:
    def one(address: str, key: str = KEY) -> str:
        return hash_address(address, key=key)

    assert one("2001:db8:1:2::1") == one("2001:db8:1:2:ffff::9")
    assert one("2001:db8:1:2::1") != one("2001:db8:1:3::1")
    assert one("::ffff:10.0.0.1") == one("10.0.0.1") != one("10.0.0.2")
    assert one("10.0.0.1") != one("10.0.0.1", "other")
    assert len(one("")) == 64
