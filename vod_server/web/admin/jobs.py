"""Cancel, retry and ask for work on a title."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from catalog.titles import wants
from catalog.titles.tables import Title
from core.db import session_scope
from core.errors import ConflictError, NotFoundError
from core.jobs import service
from core.jobs.reading import get_job, jobs_about
from core.jobs.tables import Job
from county import audit
from vod_server.web.access import house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.layout import notice
from vod_server.web.admin.sight import authorise_title, known_title
from vod_server.web.admin.title_page import render_live_title
from vod_server.web.admin.titles import render_live_rows


@admin.post("/jobs/<int:job_id>/cancel")
@requires("job.control")
def cancel_job(job_id: int) -> AnyResponse:
    """Cancel a waiting job at once, ask a running one to stop."""
    with session_scope(house().sessions) as session:
        job, title = _job_of_title(session, job_id)
        service.cancel(session, job.id, now=house().clock.now())
        _record(session, title, "job.cancel", job.kind)
    return _back(title.id)


@admin.post("/jobs/<int:job_id>/retry")
@requires("job.control")
def retry_job(job_id: int) -> AnyResponse:
    """Queue a failed or cancelled job again."""
    with session_scope(house().sessions) as session:
        job, title = _job_of_title(session, job_id)
        service.retry(session, job.id, now=house().clock.now())
        _record(session, title, "job.retry", job.kind)
    house().waker.wake()
    return _back(title.id)


@admin.post("/titles/<int:title_id>/transcode")
@requires("job.control")
def transcode(title_id: int) -> AnyResponse:
    """Want renditions of a title that was left without, because its file was known already."""
    with session_scope(house().sessions) as session:
        title = known_title(session, title_id)
        authorise_title(title, "job.control")
        # Locked, so that a double click asks once.
        session.refresh(title, with_for_update={"of": Title})
        _check_idle(session, title)
        wants.want_transcode(session, title, {}, now=house().clock.now())
        _record(session, title, "title.transcode", "transcode")
    house().waker.wake()
    notice("已开始转码。第一个版本完成后就可以发布。")
    return redirect(url_for("admin.title_page", title_id=title_id), 303)


def _check_idle(session: Session, title: Title) -> None:
    if title.source_file_id is None:
        raise ConflictError("还没有收到可用的文件，不能转码。")
    jobs = jobs_about(session, f"title:{title.id}")
    if any(job.kind == "transcode" and job.state in {"queued", "running"} for job in jobs):
        raise ConflictError("这个节目已经在转码了。")


def _job_of_title(session: Session, job_id: int) -> tuple[Job, Title]:
    """Return a job and its title, when the visitor may control it.

    Raises:
        NotFoundError: there is none, it is about something else, or its title is not theirs to see.
    """
    job = get_job(session, job_id)
    kind, _, number = job.subject.partition(":")
    if kind != "title" or not number.isdecimal():
        raise NotFoundError("没有这个任务。")
    title = known_title(session, int(number))
    authorise_title(title, "job.control")
    return job, title


def _record(session: Session, title: Title, action: str, kind: str) -> None:
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action=action,
        subject=f"title:{title.id}",
        place_id=title.place_id,
        detail={"kind": kind},
    )


def _back(title_id: int) -> AnyResponse:
    """Return what changed on the page for htmx, else lead back to the title."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("admin.title_page", title_id=title_id), 303)
    if request.form.get("on_page"):
        return make_response(render_live_title(title_id))
    return make_response(render_live_rows([title_id], go_on=True))
