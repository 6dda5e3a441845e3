"""Cancel and retry: who may, what is written down, what the page gets back."""

from __future__ import annotations

import pytest

from core.db import read_scope, session_scope
from core.jobs.reading import latest_jobs, worth_telling
from core.jobs.service import enqueue
from core.jobs.tables import Job
from county import audit
from tests.factories import make_title
from tests.fakes import START
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House


@pytest.fixture
def title_id(house: House, office: Office) -> int:
    with session_scope(house.sessions) as session:
        return make_title(session, name="柳湾村的", place=office.county.village).id


def add_job(house: House, subject: str, state: str, **values) -> int:
    with session_scope(house.sessions) as session:
        job = enqueue(session, values.pop("kind", "transcode"), subject, now=START)
        job.state = state
        for name, value in values.items():
            setattr(job, name, value)
        return job.id


def look(house: House, job_id: int) -> Job:
    with read_scope(house.sessions) as session:
        return session.get_one(Job, job_id)


def test_a_waiting_job_is_cancelled_and_tried_again(enter, house: House, title_id: int) -> None:
    job_id = add_job(house, f"title:{title_id}", "queued")
    editor = enter("recorder")
    reply = editor.post(f"/admin/jobs/{job_id}/cancel", headers={"HX-Request": "true"})
    assert reply.status_code == 200
    assert "已取消" in reply.text
    assert "重试" in reply.text
    assert look(house, job_id).state == "cancelled"
    reply = editor.post(f"/admin/jobs/{job_id}/retry", headers={"HX-Request": "true"})
    assert "排队等待" in reply.text
    assert "every 1500ms" in reply.text
    assert look(house, job_id).state == "queued"
    assert house.waker.queue.pending_count() == 1
    with read_scope(house.sessions) as session:
        entries = audit.history(session, f"title:{title_id}")
        assert [(e.actor, e.action) for e in entries] == [
            ("recorder", "job.retry"),
            ("recorder", "job.cancel"),
        ]


def test_a_running_job_is_asked_to_stop(enter, house: House, title_id: int) -> None:
    job_id = add_job(house, f"title:{title_id}", "running", lease_owner="w", lease_until=START)
    reply = enter("admin").post(
        f"/admin/jobs/{job_id}/cancel", {"on_page": "1"}, headers={"HX-Request": "true"}
    )
    assert "正在取消" in reply.text
    assert 'id="jobs" hx-swap-oob="true"' in reply.text
    assert look(house, job_id).cancel_requested


def test_without_htmx_the_page_comes_back(enter, house: House, title_id: int) -> None:
    job_id = add_job(house, f"title:{title_id}", "failed")
    reply = enter("admin").post(f"/admin/jobs/{job_id}/retry")
    assert (reply.status_code, reply.location) == (303, f"/admin/titles/{title_id}")


@pytest.mark.parametrize(
    ("login", "status"), [("stranger", 404), ("reviewer", 403), ("member", 403)]
)
def test_who_may_not(enter, house: House, title_id: int, login: str, status: int) -> None:
    job_id = add_job(house, f"title:{title_id}", "failed")
    assert enter(login).post(f"/admin/jobs/{job_id}/retry").status_code == status
    assert look(house, job_id).state == "failed"


def test_what_is_over_is_over(enter, house: House, title_id: int) -> None:
    job_id = add_job(house, f"title:{title_id}", "done")
    editor = enter("admin")
    htmx = {"HX-Request": "true"}
    reply = editor.post(f"/admin/jobs/{job_id}/cancel", headers=htmx)
    assert reply.status_code == 409
    assert "任务已经结束" in reply.text
    assert "<html" not in reply.text
    assert editor.post(f"/admin/jobs/{job_id}/retry", headers=htmx).status_code == 409


@pytest.mark.parametrize("subject", ["tidy", "title:x", "channel:1"])
def test_jobs_that_are_no_titles_are_not_for_here(enter, house: House, subject: str) -> None:
    job_id = add_job(house, subject, "failed")
    assert enter("admin").post(f"/admin/jobs/{job_id}/retry").status_code == 404
    assert enter("admin").post("/admin/jobs/99999/retry").status_code == 404


def test_the_token_is_needed(enter, house: House, title_id: int) -> None:
    job_id = add_job(house, f"title:{title_id}", "failed")
    editor = enter("admin")
    editor.token = "x"
    assert editor.post(f"/admin/jobs/{job_id}/retry").status_code == 400
    assert look(house, job_id).state == "failed"


def test_the_newest_of_each_kind_counts(house: House) -> None:
    add_job(house, "title:1", "failed", kind="transcode")
    second = add_job(house, "title:1", "done", kind="transcode")
    queued = add_job(house, "title:1", "queued", kind="pictures")
    failed = add_job(house, "title:2", "failed", kind="ingest")
    running = add_job(house, "title:2", "running", kind="pictures")
    with read_scope(house.sessions) as session:
        found = latest_jobs(session, ["title:1", "title:2", "title:3"])
        assert [job.id for job in found["title:1"]] == [queued, second]
        assert [job.id for job in worth_telling(found["title:1"])] == [queued]
        assert [job.id for job in worth_telling(found["title:2"])] == [running, failed]
        assert found["title:3"] == []
