"""Save the edit form of a title."""

from __future__ import annotations

from flask import Response, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from catalog.titles import listing
from catalog.titles.service import edit_title, series_named
from catalog.titles.tables import Title
from core.db import session_scope
from core.errors import ConflictError, InvalidInputError
from county import audit
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.forms import TitleForm, changed_fields, read_form, version_of
from vod_server.web.admin.layout import notice
from vod_server.web.admin.sight import authorise_title, known_title
from vod_server.web.admin.title_page import choosable_places, render_title_page
from vod_server.web.errors import status_of

STALE = "您打开页面以后，别人改过这个节目。您填的内容还在下面，请对照后再保存。"


@admin.post("/titles/<int:title_id>/edit")
@requires("title.edit")
def edit(title_id: int) -> AnyResponse:
    """Save the form; faults are told at their fields, and what was typed stays."""
    form: TitleForm | None = None
    try:
        with session_scope(house().sessions) as session:
            title = known_title(session, title_id)
            authorise_title(title, "title.edit")
            form = _read(session, title)
            if not form.errors:
                _save(session, title, form)
    except ConflictError as error:
        return make_response(render_title_page(title_id, form=form, fault=error), status_of(error))
    except InvalidInputError as error:
        if form is None:
            raise
        form.errors[error.field or "name"] = error.message
    if form.errors:
        return _refused(title_id, form)
    notice("已保存。")
    return redirect(url_for("admin.title_page", title_id=title_id), 303)


def _refused(title_id: int, form: TitleForm) -> Response:
    fault = InvalidInputError(f"没有保存：有 {len(form.errors)} 处需要改正。")
    return make_response(render_title_page(title_id, form=form, fault=fault), 400)


def _read(session: Session, title: Title) -> TitleForm:
    return read_form(
        request.form,
        categories=[category.id for category in listing.categories(session)],
        places=[place.id if place else None for place, _ in choosable_places(session, title)],
    )


def _save(session: Session, title: Title, form: TitleForm) -> None:
    # Locked, so that of two who save at once the second sees what the first has written.
    session.refresh(title, with_for_update={"of": Title})
    if request.form.get("version") != version_of(title):
        raise ConflictError(STALE)
    fields = dict(form.fields)
    series = fields.pop("series")
    fields["series_id"] = series_named(session, series).id if series else None
    changed = changed_fields(title, fields)
    if not changed:
        return
    now = house().clock.now()
    edit_title(session, title, now=now, **{name: fields[name] for name in changed})
    audit.record(
        session,
        at=now,
        actor=visitor().login,
        action="title.edit",
        subject=f"title:{title.id}",
        place_id=title.place_id,
        detail={"fields": changed},
    )
