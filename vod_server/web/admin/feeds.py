"""节目源: where guides come from: addresses fetched on a schedule, files handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from core.db import read_scope, session_scope
from core.errors import ConflictError, CuntaiError, InvalidInputError, TooLargeError
from core.jobs.reading import any_active, latest_jobs, worth_telling
from core.jobs.tables import Job
from county import audit
from epg.guide import feeds as service
from epg.guide.files import GuideFiles
from epg.guide.importing import import_xmltv
from epg.guide.matching import guide_channels
from epg.guide.report import ImportReport
from epg.guide.tables import GuideFeed
from vod_server.web.access import authorise, house, requires, visitor
from vod_server.web.admin import admin
from vod_server.web.admin.channel_forms import Form, clean
from vod_server.web.admin.feed_words import EVERY, report_words
from vod_server.web.admin.layout import notice
from vod_server.web.errors import status_of

FIELDS = ("name", "url", "zone", "every_s", "enabled")


@admin.get("/guide/feeds")
@requires("guide.edit")
def feeds() -> str:
    """Show the feeds, with what was last made of each."""
    authorise("guide.edit", None)
    return _render()


@admin.get("/guide/feeds/live")
@requires("guide.edit")
def live_feeds() -> str:
    """Return what changes of the feeds by itself."""
    authorise("guide.edit", None)
    with read_scope(house().sessions) as session:
        return render_template("admin/_feed_states.html", oob=True, **_facts(session))


def _render(
    *, form: Form | None = None, feed_id: int | None = None, fault: CuntaiError | None = None
) -> str:
    """Return the page; a refused form is shown again at its feed (None: at the new one's)."""
    with read_scope(house().sessions) as session:
        facts = _facts(session)
        forms = {feed.id: _form_of(feed) for feed in facts["feeds"]}
        blank = Form({"name": "", "url": "", "zone": "Asia/Shanghai", "every_s": "21600"})
        if form is not None and feed_id is not None:
            forms[feed_id] = form
        return render_template(
            "admin/feeds.html",
            forms=forms,
            new=form if form is not None and feed_id is None else blank,
            refused=feed_id if form is not None else None,
            every=EVERY,
            fault=fault,
            **facts,
        )


def _facts(session: Session) -> dict[str, Any]:
    listed = service.list_feeds(session)
    jobs = latest_jobs(session, (service.subject(feed.id) for feed in listed))
    by_feed: dict[int, list[Job]] = {
        feed.id: worth_telling(jobs[service.subject(feed.id)]) for feed in listed
    }
    channels = guide_channels(session)
    return {
        "feeds": listed,
        "jobs": by_feed,
        "live": any(any_active(some) for some in by_feed.values()),
        "open_counts": {
            feed.id: sum(
                one.feed_id == feed.id and one.channel_id is None and one.matched_by != "none"
                for one in channels
            )
            for feed in listed
        },
        "matched_counts": {
            feed.id: sum(one.feed_id == feed.id and one.channel_id is not None for one in channels)
            for feed in listed
        },
    }


def _form_of(feed: GuideFeed) -> Form:
    values = {name: str(getattr(feed, name)) for name in FIELDS}
    return Form(values | {"enabled": "1" if feed.enabled else ""})


def _read_form(typed: Mapping[str, str]) -> Form:
    form = Form({name: clean(typed.get(name, "")) for name in FIELDS})
    form.fields = {name: form.values[name] for name in ("name", "url", "zone")}
    if form.values["every_s"] in EVERY or form.values["every_s"] == clean(typed.get("was", "")):
        form.fields["every_s"] = int(form.values["every_s"])
    else:
        form.errors["every_s"] = "请从列表里选择多久更新一次。"
    form.fields["enabled"] = form.values["enabled"] == "1"
    return form


@admin.post("/guide/feeds")
@requires("guide.edit")
def add_feed() -> Response:
    """Add a feed."""
    authorise("guide.edit", None)
    form = _read_form(request.form)
    now = house().clock.now()
    try:
        form.check()
        with session_scope(house().sessions) as session:
            fields = {name: form.fields[name] for name in ("name", "url", "zone", "every_s")}
            feed = service.add_feed(session, now=now, **fields)
            if feed.url:
                service.want_fetch(session, feed, now=now)
            _record(session, feed, "feed.create")
    except (ConflictError, InvalidInputError) as error:
        return _refused(form, error, None)
    house().waker.wake()
    told = "正在取第一次。" if feed.url else "请上传节目单文件。"
    notice(f"已加上节目源“{feed.name}”，{told}")
    return redirect(url_for("admin.feeds"), 303)


@admin.post("/guide/feeds/<int:feed_id>/edit")
@requires("guide.edit")
def edit_feed(feed_id: int) -> Response:
    """Change a feed."""
    authorise("guide.edit", None)
    form = _read_form(request.form)
    try:
        form.check()
        with session_scope(house().sessions) as session:
            feed = service.get_feed(session, feed_id)
            service.edit_feed(session, feed, now=house().clock.now(), **form.fields)
            _record(session, feed, "feed.edit")
    except (ConflictError, InvalidInputError) as error:
        return _refused(form, error, feed_id)
    notice(f"节目源“{feed.name}”已保存。")
    return redirect(url_for("admin.feeds"), 303)


@admin.post("/guide/feeds/<int:feed_id>/delete")
@requires("guide.edit")
def delete_feed(feed_id: int) -> Response:
    """Remove a feed with what it has said; what people wrote stays."""
    authorise("guide.edit", None)
    with session_scope(house().sessions) as session:
        feed = service.get_feed(session, feed_id)
        _record(session, feed, "feed.delete")
        name = feed.name
        service.delete_feed(session, feed_id, now=house().clock.now())
    notice(f"已删除节目源“{name}”和它给出的节目单，人工修改的都留着。")
    return redirect(url_for("admin.feeds"), 303)


@admin.post("/guide/feeds/<int:feed_id>/fetch")
@requires("guide.edit")
def fetch_feed(feed_id: int) -> Response:
    """Have a feed fetched now; `force` takes it even where it has shrunk."""
    authorise("guide.edit", None)
    with session_scope(house().sessions) as session:
        feed = service.get_feed(session, feed_id)
        jobs = latest_jobs(session, [service.subject(feed_id)])[service.subject(feed_id)]
        if any_active(jobs):
            raise ConflictError("这个节目源正在更新，请等它完成。")
        force = request.form.get("force") == "1"
        service.want_fetch(session, feed, now=house().clock.now(), force=force)
        _record(session, feed, "feed.fetch")
    house().waker.wake()
    if "HX-Request" in request.headers:
        return make_response(live_feeds())
    return redirect(url_for("admin.feeds"), 303)


@admin.post("/guide/feeds/<int:feed_id>/upload")
@requires("guide.edit")
def upload_guide(feed_id: int) -> Response:
    """Bring in a guide that was handed in as a file."""
    authorise("guide.edit", None)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _refused_upload(InvalidInputError("请先选择节目单文件。", field="file"))
    try:
        report = _bring_in(feed_id, file, force=request.form.get("force") == "1")
    except (InvalidInputError, TooLargeError, ConflictError) as error:
        return _refused_upload(error)
    with session_scope(house().sessions) as session:
        _record(session, service.get_feed(session, feed_id), "feed.upload")
    _tell(report)
    return redirect(url_for("admin.feeds"), 303)


def _bring_in(feed_id: int, file: FileStorage, *, force: bool) -> ImportReport:
    """Import a file, and keep it as the feed's last good one for channels matched later."""
    here, files = house(), GuideFiles(house().settings.path("guide"))
    with files.incoming() as path:
        file.save(path)
        with path.open("rb") as stream:
            size = path.stat().st_size
            report = import_xmltv(
                here.sessions, feed_id, stream, clock=here.clock, force=force, size_bytes=size
            )
        if report.taken:
            files.keep(feed_id, path)
    return report


def _tell(report: ImportReport) -> None:
    if report.taken:
        notice("节目单已导入。", details=report_words(report))
    else:
        notice(report.words or "节目单没有采用。", kind="bad", details=report_words(report))


def _refused(form: Form, fault: CuntaiError, feed_id: int | None) -> Response:
    form.note(fault)
    return make_response(_render(form=form, feed_id=feed_id, fault=fault), status_of(fault))


def _refused_upload(fault: CuntaiError) -> Response:
    return make_response(_render(fault=fault), status_of(fault))


def _record(session: Session, feed: GuideFeed, action: str) -> None:
    audit.record(
        session,
        at=house().clock.now(),
        actor=visitor().login,
        action=action,
        subject=service.subject(feed.id),
        detail={"name": feed.name},
    )
