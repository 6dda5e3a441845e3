"""Verbs on titles: create, edit, move through review, attach media."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from catalog.search import outbox
from catalog.titles.fields import EDITABLE as EDITABLE  # noqa: PLC0414 - part of this module
from catalog.titles.fields import clean_fields
from catalog.titles.model import Move, State, transition_from
from catalog.titles.renditions import Measured, Mode
from catalog.titles.tables import CatalogVersion, Category, Rendition, Series, Title
from catalog.titles.wants import want_hidden_pictures
from core.db import changed_rows, expect_one_row, is_row_id
from core.errors import ConflictError, InvalidInputError, NotFoundError
from county import audit


def get_title(session: Session, title_id: int) -> Title:
    """Return a title.

    Raises:
        NotFoundError: there is none.
    """
    title = session.get(Title, title_id) if is_row_id(title_id) else None
    if title is None:
        raise NotFoundError("没有这个节目，可能已被删除。")
    return title


def create_title(
    session: Session, *, name: str, now: datetime, owner_id: int | None = None, **fields: Any
) -> Title:
    """Add a draft.

    Args:
        session: the unit of work.
        name: what it is called, 1 to 200 characters.
        now: the present instant.
        owner_id: the person whose draft it is.
        fields: others of `catalog.titles.fields.EDITABLE`, and `file_name`.

    Raises:
        InvalidInputError: a value does not fit; `field` names it.
    """
    file_name = fields.pop("file_name", "")
    title = Title(name="", owner_id=owner_id, file_name=file_name, created_at=now, updated_at=now)
    _apply(title, {"name": name, **fields})
    session.add(title)
    session.flush()
    return title


def edit_title(session: Session, title: Title, *, now: datetime, **fields: Any) -> None:
    """Change fields of a title.

    Raises:
        InvalidInputError: a value does not fit; `field` names it.
    """
    series_before, place_before = title.series_id, title.place_id
    _apply(title, fields)
    title.updated_at = now
    session.flush()
    if title.place_id != place_before:
        outbox.hide(session, "title", title.id)
    _to_be_indexed(session, title, series_before, now=now)
    touch_catalog(session)


def _apply(title: Title, fields: dict[str, Any]) -> None:
    for field, value in clean_fields(fields).items():
        setattr(title, field, value)


def move_title(
    session: Session, title: Title, move: Move, *, actor: str, now: datetime, remark: str = ""
) -> None:
    """Take a title one step through its states, and write it down.

    Raises:
        ConflictError: it is not in the state the move starts from, or has nothing to play.
        InvalidInputError: it is sent back without a reason.
    """
    transition = transition_from(move, cast(State, title.state))
    if move == "send_back" and not remark.strip():
        raise InvalidInputError("退回时请写明原因。", field="remark")
    if move == "publish" and not is_playable(session, title):
        raise ConflictError("还没有可以播放的画面，转码完成后才能发布。", field="state")
    values: dict[str, Any] = {"state": transition.after, "updated_at": now}
    if move == "publish":
        values["published_at"] = now
    moved = changed_rows(
        session,
        update(Title)
        .where(Title.id == title.id, Title.state == transition.before)
        .values(**values)
        .execution_options(synchronize_session=False),
    )
    expect_one_row(moved, "状态已被别人改变，请刷新页面。")
    session.refresh(title)
    if move == "withdraw":
        outbox.hide(session, "title", title.id)
        want_hidden_pictures(session, title, now=now)
    if "published" in (transition.before, transition.after):
        _to_be_indexed(session, title, now=now)
    audit.record(
        session,
        at=now,
        actor=actor,
        action=f"title.{move}",
        subject=f"title:{title.id}",
        place_id=title.place_id,
        remark=remark.strip(),
    )
    touch_catalog(session)


def is_playable(session: Session, title: Title) -> bool:
    """Say whether at least one rendition of the current generation is complete."""
    statement = select(Rendition.id).where(
        Rendition.title_id == title.id,
        Rendition.gen == title.media_gen,
        Rendition.state == "ready",
    )
    return title.media_gen is not None and session.scalars(statement).first() is not None


def want_renditions(
    session: Session, title: Title, wanted: Iterable[tuple[str, Mode]], *, gen: str
) -> None:
    """Write down which renditions a new generation shall have, best first.

    The old generation goes on playing until `use_generation` switches over.
    """
    for position, (name, mode) in enumerate(wanted):
        session.add(Rendition(title_id=title.id, gen=gen, name=name, mode=mode, position=position))
    session.flush()


def rendition_ready(
    session: Session, title: Title, measured: Measured, *, gen: str, now: datetime
) -> None:
    """Record a finished rendition; the first of a generation makes that generation current.

    Raises:
        NotFoundError: no such rendition is wanted.
    """
    done = changed_rows(
        session,
        update(Rendition)
        .where(
            Rendition.title_id == title.id,
            Rendition.gen == gen,
            Rendition.name == measured.name,
        )
        .values(state="ready", mode=measured.mode, measured=measured.to_json())
        .execution_options(synchronize_session=False),
    )
    if not done:
        raise NotFoundError(f"没有等待中的 {measured.name} 版本。")
    title.media_gen = gen
    title.duration_s = measured.duration_s
    title.updated_at = now
    session.flush()
    session.expire(title, ["renditions"])
    _to_be_indexed(session, title, now=now)
    touch_catalog(session)


def _to_be_indexed(
    session: Session, title: Title, series_before: int | None = None, *, now: datetime
) -> None:
    """Have search look at a title anew, and at its series, for these live by their titles."""
    if title.state in ("draft", "review"):
        return  # nobody finds it, before or after
    outbox.note(session, "title", [title.id], now=now)
    series = {title.series_id, series_before} - {None}
    outbox.note(session, "series", sorted(cast("set[int]", series)), now=now)


def drop_old_generations(session: Session, title: Title) -> list[str]:
    """Delete rendition rows of generations before the current one; return those generations."""
    old = Rendition.gen != title.media_gen
    statement = select(Rendition.gen).where(Rendition.title_id == title.id, old).distinct()
    gens = list(session.scalars(statement))
    session.execute(delete(Rendition).where(Rendition.title_id == title.id, old))
    return gens


def new_generation() -> str:
    """Return a word nobody can guess, for the blob keys of new renditions or pictures."""
    return secrets.token_hex(8)


def set_pictures(
    session: Session, title: Title, pictures: dict[str, Any], *, now: datetime
) -> None:
    """Replace the pictures' description (see `Title.pictures`)."""
    title.pictures = pictures
    title.updated_at = now
    session.flush()
    touch_catalog(session)


def choose_poster(session: Session, title: Title, name: str, *, now: datetime) -> None:
    """Make one of the candidates the poster.

    Raises:
        InvalidInputError: it is none of them.
    """
    if name not in title.pictures.get("posters", ()):
        raise InvalidInputError("没有这张海报。", field="poster")
    set_pictures(session, title, {**title.pictures, "poster": name}, now=now)


def category_named(session: Session, name: str) -> Category:
    """Return the category of a name or slug, made at the end of the shelf when it is new."""
    known = Category.slug == name
    found = session.scalars(select(Category).where(known | (Category.name == name))).first()
    if found is None:
        last = session.scalars(select(Category.position).order_by(Category.position.desc())).first()
        found = Category(slug=f"c-{secrets.token_hex(4)}", name=name, position=(last or 0) + 1)
        session.add(found)
        session.flush()
    return found


def series_named(session: Session, name: str) -> Series:
    """Return the series of a name, made when it is new."""
    found = session.scalars(select(Series).where(Series.name == name)).one_or_none()
    if found is None:
        found = Series(name=name)
        session.add(found)
        session.flush()
    return found


def touch_catalog(session: Session) -> None:
    """Raise the catalogue's version, in the transaction of what changed."""
    raised = changed_rows(
        session,
        update(CatalogVersion)
        .where(CatalogVersion.id == 1)
        .values(version=CatalogVersion.version + 1)
        .execution_options(synchronize_session=False),
    )
    if not raised:
        session.add(CatalogVersion(id=1, version=1))
        session.flush()


def catalog_version(session: Session) -> int:
    """Return the catalogue's version; 0 when nothing was ever changed."""
    return session.scalars(select(CatalogVersion.version)).one_or_none() or 0
