"""Makers of rows, through the services where there are any; nothing is shared between tests."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from catalog.titles import service
from catalog.titles.model import Move, State
from catalog.titles.renditions import IFrame, Measured, Segment
from catalog.titles.tables import Title
from county.boxes import PairedBox, pair_box
from county.people import give_role
from county.places import add_place
from county.rights import RoleKind
from county.tables import Box, Person, Place
from epg.channels.tables import Channel
from epg.channels.version import touch_epg
from tests.fakes import START

#: Of everybody the factories make, unless a test says otherwise.
PASSWORD = "correct horse battery"

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class County:
    """A small county: two towns; in the first two villages, in the second one."""

    root: Place
    town: Place
    village: Place
    sister: Place  #: the other village of the same town
    other_town: Place
    far: Place  #: a village of the other town


def make_county(session: Session) -> County:
    """Add 青禾县 with 柳河镇 (柳湾村, 上河村) and 石桥镇 (古井村)."""
    root = add_place(session, kind="county", code="990000", name="青禾县")
    town = add_place(session, kind="town", code="990000101", name="柳河镇", parent=root)
    other = add_place(session, kind="town", code="990000102", name="石桥镇", parent=root)
    return County(
        root=root,
        town=town,
        village=_village(session, town, "990000101201", "柳湾村"),
        sister=_village(session, town, "990000101202", "上河村"),
        other_town=other,
        far=_village(session, other, "990000102201", "古井村"),
    )


def make_channel(
    session: Session,
    *,
    number: int | None = None,
    name: str = "",
    places: Sequence[Place] = (),
    now: datetime = START,
    **fields: Any,
) -> Channel:
    """Add a wanted channel, public unless places are given."""
    number = number or next(_numbers)
    channel = Channel(
        number=number, name=name or f"频道{number}", created_at=now, updated_at=now, **fields
    )
    channel.places = list(places)
    session.add(channel)
    touch_epg(session)
    session.flush()
    return channel


def _village(session: Session, town: Place, code: str, name: str) -> Place:
    return add_place(session, kind="village", code=code, name=name, parent=town)


def make_person(
    session: Session,
    role: RoleKind | None = None,
    place: Place | None = None,
    *,
    login: str = "",
    password: str = PASSWORD,
    now: datetime = START,
) -> Person:
    """Add somebody, with a role at a place where both are given."""
    login = login or f"person{next(_numbers)}"
    person = Person(login=login, name=login, password_hash=_hashed(password), created_at=now)
    session.add(person)
    session.flush()
    if role is not None and place is not None:
        give_role(session, person, role, place)
    return person


@functools.cache
def _hashed(password: str) -> str:
    # A real hash, made once: the hash is slow by design, and a run needs hundreds of people.
    return PasswordHasher().hash(password)


def make_box(
    session: Session, place: Place, *, name: str = "堂屋", now: datetime = START
) -> tuple[Box, str]:
    """Pair a box at a place; return it and its token."""
    return pair_box(session, place=place, name=name, now=now)


def paired(box: Box, place: Place) -> PairedBox:
    """Return what a request knows of a box."""
    return PairedBox(box.id, place.path)


def make_measured(
    name: str = "480p", *, segments: int = 3, duration_s: float = 6.0, width: int = 854
) -> Measured:
    """Return a finished rendition as it would have been measured; no bytes lie behind it."""
    return Measured(
        name=name,
        mode="encode",
        width=width,
        height=width * 9 // 16,
        frame_rate=25.0,
        codecs="avc1.4d401f,mp4a.40.2",
        bandwidth_bps=1_400_000,
        average_bandwidth_bps=1_100_000,
        segments=tuple(
            Segment(
                name=f"s{number:05}.ts",
                duration_s=duration_s,
                size_bytes=800_000,
                init_bytes=564,
                iframes=tuple(
                    IFrame(number * duration_s + k * 2.0, 564 + k * 90_000, 30_000)
                    for k in range(3)
                ),
            )
            for number in range(segments)
        ),
    )


#: The moves that take a draft to a state.
_WAYS: dict[State, tuple[Move, ...]] = {
    "draft": (),
    "review": ("submit",),
    "published": ("submit", "publish"),
    "withdrawn": ("submit", "publish", "withdraw"),
}


def make_title(
    session: Session,
    *,
    name: str = "",
    state: State = "draft",
    place: Place | None = None,
    owner: Person | None = None,
    category: str = "农技",
    series: str = "",
    renditions: tuple[Measured, ...] | None = None,
    now: datetime = START,
    **fields: Any,
) -> Title:
    """Add a title and take it to a state.

    Args:
        session: the unit of work.
        name: what it is called; numbered when empty.
        state: where it shall be; beyond `draft` it gets a ready rendition unless told otherwise.
        place: whose subtree may see it; None is everybody.
        owner: whose draft it is.
        category: name of its category, made when new; empty for none.
        series: likewise its series.
        renditions: what is ready to play; None for one, or for none where it stays a draft.
        now: of every step.
        fields: others of a title.
    """
    if category:
        fields["category_id"] = service.category_named(session, category).id
    if series:
        fields["series_id"] = service.series_named(session, series).id
    title = service.create_title(
        session,
        name=name or f"节目{next(_numbers)}",
        now=now,
        owner_id=owner.id if owner else None,
        place_id=place.id if place else None,
        **fields,
    )
    if renditions is None:
        renditions = () if state == "draft" else (make_measured(),)
    make_ready(session, title, renditions, now=now)
    for move in _WAYS[state]:
        service.move_title(session, title, move, actor="factory", now=now)
    return title


def make_ready(
    session: Session, title: Title, renditions: tuple[Measured, ...], *, now: datetime = START
) -> str:
    """Record finished renditions as a new generation of a title; return the generation."""
    gen = service.new_generation()
    wanted = [(measured.name, measured.mode) for measured in renditions]
    service.want_renditions(session, title, wanted, gen=gen)
    for measured in renditions:
        service.rendition_ready(session, title, measured, gen=gen, now=now)
    return gen
