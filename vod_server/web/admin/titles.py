"""节目: the list of titles with what is being made of them, and the uploads above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from flask import render_template, request
from sqlalchemy.orm import Session

from catalog.titles import listing
from catalog.titles.listing import Filter
from catalog.titles.model import State
from catalog.titles.reading import picture_url
from catalog.titles.tables import Title
from core.db import read_scope
from core.jobs.reading import any_active, latest_jobs, worth_telling
from core.jobs.tables import Job
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.sight import allowed_moves, may_with, sight_of
from vod_server.web.admin.words import concerns_editors

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A title as the list shows it.

    Args:
        title: with its category, place, owner and series loaded.
        jobs: those that are not done.
        playable: something can be watched.
        poster: address of the picture, None without one.
        may_control: the visitor may cancel and retry its jobs.
        moves: names of the moves the visitor may make.
    """

    title: Title
    jobs: list[Job]
    playable: bool
    poster: str | None
    may_control: bool
    moves: frozenset[str]

    @property
    def active(self) -> bool:
        """Say whether it will change by itself."""
        return any_active(self.jobs)


@admin.get("/")
@requires("title.view")
def titles() -> str:
    """Show a page of the list, filtered by state, category and text."""
    wanted, page = _filter(), _page_number()
    sight = sight_of(visitor())
    with read_scope(house().sessions) as session:
        counts = listing.count_by_state(session, sight, wanted)
        matching = counts.get(wanted.state, 0) if wanted.state else sum(counts.values())  # type: ignore[call-overload]  # a State or empty
        pages = max(1, -(-matching // PAGE_SIZE))
        page = min(page, pages)
        found = listing.list_for_staff(
            session, sight, wanted, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )
        rows = _rows(session, found)
        return render_template(
            "admin/titles.html",
            rows=rows,
            live=any(row.active for row in rows),
            counts=counts,
            wanted=wanted,
            page=page,
            pages=pages,
            matching=matching,
            categories=listing.categories(session),
            may_upload=visitor().may_anywhere("upload.create"),
            upload_max_bytes=house().settings.upload_max_bytes,
        )


@admin.get("/titles/live")
@requires("title.view")
def live_rows() -> str:
    """Return the rows of titles with work in progress, to be put in place of the old ones."""
    ids = [int(text) for text in request.args.getlist("id")[:PAGE_SIZE] if text.isdecimal()]
    return render_live_rows(ids)


def render_live_rows(ids: Sequence[int], *, go_on: bool = False) -> str:
    """Return rows that take the place of those on the page.

    Args:
        ids: of titles; those the visitor may not know of are left out.
        go_on: ask again even if nothing of these is under way.
    """
    with read_scope(house().sessions) as session:
        rows = _rows(session, listing.titles_by_id(session, sight_of(visitor()), ids))
        live = go_on or any(row.active for row in rows)
        return render_template("admin/_live_rows.html", rows=rows, live=live)


def _rows(session: Session, found: Sequence[Title]) -> list[Row]:
    jobs = latest_jobs(session, (f"title:{title.id}" for title in found))
    playable = listing.playable_ids(session, (title.id for title in found))
    return [
        Row(
            title,
            worth_telling(filter(concerns_editors, jobs[f"title:{title.id}"])),
            title.id in playable,
            picture_url(title, title.pictures.get("poster")),
            may_with(title, "job.control"),
            frozenset(move.move for move in allowed_moves(title)),
        )
        for title in found
    ]


def _filter() -> Filter:
    state, category = request.args.get("state", ""), request.args.get("category", "")
    return Filter(
        state=state if state in get_args(State) else "",
        category_id=int(category) if category.isdecimal() and len(category) < 10 else None,
        text=request.args.get("q", "").replace("\0", "").strip()[:80],
    )


def _page_number() -> int:
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1
