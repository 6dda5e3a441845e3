"""A whole upload becomes a draft and a wish to ingest it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles import wants
from catalog.titles.service import create_title
from county import audit
from county.rights import ROLE_ACTIONS, RoleKind
from county.tables import Person, Place, Role
from vod_server.bootstrap import House
from vod_server.media.uploads.tables import Upload


def take_in(house: House) -> Callable[[Session, Upload], None]:
    """Return what is done with an upload when its last byte has come."""

    def on_complete(session: Session, upload: Upload) -> None:
        now = house.clock.now()
        title = create_title(
            session,
            name=name_of(upload.file_name),
            now=now,
            owner_id=upload.owner_id,
            file_name=upload.file_name,
            place_id=_home_place_id(session, upload.owner_id),
        )
        upload.title_id = title.id
        audit.record(
            session,
            at=now,
            actor=session.get_one(Person, upload.owner_id).login,
            action="title.create",
            subject=f"title:{title.id}",
            place_id=title.place_id,
            detail={"file": upload.file_name},
        )
        wants.want_ingest(session, title, {"upload": upload.id}, now=now)

    return on_complete


def name_of(file_name: str) -> str:
    """Return a first name for a title: the file's, without its ending and with spaces."""
    stem = PurePath(file_name).stem or file_name
    return " ".join(stem.replace("_", " ").split())[:200] or "未命名"


def _home_place_id(session: Session, person_id: int) -> int | None:
    """Return the place a draft belongs to: None where its owner edits for the whole county."""
    statement = (
        select(Role.kind, Place.id, Place.kind)
        .join(Place)
        .where(Role.person_id == person_id)
        .order_by(Place.path)
    )
    editing: tuple[RoleKind, ...] = tuple(
        kind for kind, actions in ROLE_ACTIONS.items() if "title.edit" in actions
    )
    for role, place_id, place_kind in session.execute(statement):
        if role in editing:
            return None if place_kind == "county" else int(place_id)
    return None
