"""A title's page: player, renditions, jobs, pictures, form, states, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from catalog.titles import listing, wants
from catalog.titles.reading import picture_url
from catalog.titles.renditions import Measured
from catalog.titles.service import is_playable
from catalog.titles.tables import Rendition, Title
from core.db import read_scope
from core.errors import CuntaiError
from core.jobs.reading import any_active, jobs_about
from county import audit, places
from county.tables import AuditEntry, Person, Place
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.caption_sight import caption_facts
from vod_server.web.admin.forms import TitleForm, form_of, version_of
from vod_server.web.admin.sight import allowed_moves, known_title, may_with, sight_of
from vod_server.web.admin.words import concerns_editors
from vod_server.web.errors import status_of


@dataclass(frozen=True, slots=True)
class RenditionRow:
    """A rendition as the table shows it; `measured` is None until it is finished."""

    name: str
    mode: str
    state: str
    current: bool
    measured: Measured | None


@admin.get("/titles/<int:title_id>")
@requires("title.view")
def title_page(title_id: int) -> str:
    """Show everything of a title."""
    return render_title_page(title_id)


@admin.get("/titles/<int:title_id>/live")
@requires("title.view")
def live_title(title_id: int) -> str:
    """Return the parts of the page that work in progress changes.

    The player and the pictures are sent only when they are not what the page has: a playing
    picture is not to be torn down.
    """
    return render_live_title(title_id)


def render_live_title(title_id: int) -> str:
    """Return what `live_title` says; the request tells what the page has in each part's word."""
    captions = caption_facts(title_id, seen=request.values.get("captions"))
    with read_scope(house().sessions) as session:
        title = known_title(session, title_id)
        facts = _live_facts(session, title)
        return render_template(
            "admin/_live_title.html",
            title=title,
            new_player=request.values.get("player") != facts["player_word"],
            new_pictures=request.values.get("pictures") != facts["pictures_word"],
            **captions,
            **facts,
        )


def render_title_page(
    title_id: int, *, form: TitleForm | None = None, fault: CuntaiError | None = None
) -> str:
    """Return the page, with a form that was refused or a fault to tell of.

    Raises:
        NotFoundError: there is no such title, or the visitor may not know of it.
    """
    captions = caption_facts(title_id)
    with read_scope(house().sessions) as session:
        title = known_title(session, title_id)
        return render_template(
            "admin/title.html",
            title=title,
            form=form or form_of(title),
            version=request.form.get("version") if form else version_of(title),
            fault=fault,
            categories=listing.categories(session),
            series_names=listing.series_names(session),
            places=choosable_places(session, title),
            history=_history(session, title),
            **captions,
            **_live_facts(session, title),
        )


def title_page_with_fault(title_id: int, fault: CuntaiError) -> Response:
    """Return the page as it stands now, with what went wrong at its top."""
    return make_response(render_title_page(title_id, fault=fault), status_of(fault))


def choosable_places(session: Session, title: Title) -> list[tuple[Place | None, int]]:
    """Return where the visitor may let a title be seen, with its depth in the tree.

    None stands for everybody. Where the title belongs already stays on the list.
    """
    me = visitor()
    root = places.county(session)
    everybody: list[tuple[Place | None, int]] = []
    if me.may("title.edit") or title.place_id is None:
        everybody = [(None, 0)]
    return everybody + [
        (place, place.path.count("/") - 1)
        for place in places.subtree(session, root.path)
        if me.may("title.edit", place.path) or place.id == title.place_id
    ]


def _live_facts(session: Session, title: Title) -> dict[str, Any]:
    jobs = list(filter(concerns_editors, jobs_about(session, f"title:{title.id}")))
    pictures = title.pictures
    names = pictures.get("posters", ())
    renditions = _renditions(session, title)
    playable = is_playable(session, title)
    return {
        "jobs": jobs,
        "active": any_active(jobs),
        "renditions": renditions,
        "playable": playable,
        "moves": allowed_moves(title),
        "may_control": may_with(title, "job.control"),
        "may_edit": may_with(title, "title.edit"),
        "posters": [(name, picture_url(title, name)) for name in title.pictures.get("posters", ())],
        "poster": picture_url(title, pictures.get("poster")),
        "chosen_poster": pictures.get("poster"),
        "player_word": f"{playable:d}",
        "pictures_word": f"{pictures.get('gen', '')}-{len(names)}",
        **_twin_facts(session, title, jobs, renditions),
    }


def _twin_facts(
    session: Session, title: Title, jobs: Sequence[Any], renditions: Sequence[RenditionRow]
) -> dict[str, Any]:
    """Say which titles come from the same file, and whether this one has no renditions."""
    twins = wants.twins(session, title)
    known = listing.titles_by_id(session, sight_of(visitor()), (twin.id for twin in twins))
    wanted = any(
        job.kind == "transcode" and job.state in {"queued", "running", "failed"} for job in jobs
    )
    return {
        "twins": known,
        "hidden_twins": len(twins) - len(known),
        "transcode_offered": title.source_file_id is not None and not renditions and not wanted,
    }


def _renditions(session: Session, title: Title) -> list[RenditionRow]:
    statement = (
        select(Rendition)
        .where(Rendition.title_id == title.id)
        .order_by(Rendition.gen != (title.media_gen or ""), Rendition.position, Rendition.id)
        .options(undefer(Rendition.measured))
    )
    return [
        RenditionRow(
            row.name,
            row.mode,
            row.state,
            row.gen == title.media_gen,
            Measured.from_json(row.measured) if row.measured else None,
        )
        for row in session.scalars(statement)
    ]


def _history(session: Session, title: Title) -> list[tuple[AuditEntry, str]]:
    """Return the entries about a title with the names of who made them."""
    entries = audit.history(session, f"title:{title.id}", limit=50)
    statement = select(Person.login, Person.name).where(
        Person.login.in_({entry.actor for entry in entries})
    )
    names = dict(session.execute(statement).all())
    return [(entry, names.get(entry.actor, entry.actor)) for entry in entries]
