"""A withdrawn title's pictures are found no more where they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.titles import service
from catalog.titles.tables import Title
from core.db import read_scope, session_scope
from core.jobs.runner import Runner
from core.jobs.tables import Job
from tests.factories import make_title
from vod_server.bootstrap import House

POSTERS = ("poster-1.jpg", "poster-own-ab.jpg")


@pytest.fixture
def title_id(house: House) -> int:
    """Return a published title with two posters and a sprite."""
    with session_scope(house.sessions) as session:
        title = make_title(session, state="published")
        title.pictures = {
            "gen": "aaaa",
            "posters": list(POSTERS),
            "poster": POSTERS[1],
            "sprite": {"files": ["sprite-1.jpg"]},
        }
        for name in (*POSTERS, "sprite-1.jpg"):
            house.blobs.put_bytes(f"images/{title.id}/aaaa/{name}", name.encode())
        return title.id


def move(house: House, title_id: int, to: Any) -> None:
    with session_scope(house.sessions) as session:
        title = service.get_title(session, title_id)
        service.move_title(session, title, to, actor="li", now=house.clock.now())


def pictures(house: House, title_id: int) -> dict[str, Any]:
    with read_scope(house.sessions) as session:
        return dict(session.get_one(Title, title_id).pictures)


def test_the_old_address_leads_nowhere_and_the_pictures_are_kept(
    house: House, runner: Runner, title_id: int
) -> None:
    before = pictures(house, title_id)
    move(house, title_id, "withdraw")
    runner.run_due()
    after = pictures(house, title_id)
    assert {**after, "gen": ""} == {**before, "gen": ""}
    assert after["gen"] != before["gen"]
    assert not list(house.blobs.keys(f"images/{title_id}/aaaa"))
    names = {key.rpartition("/")[2] for key in house.blobs.keys(f"images/{title_id}")}
    assert names == {*POSTERS, "sprite-1.jpg"}
    with house.blobs.open(f"images/{title_id}/{after['gen']}/{POSTERS[1]}") as file:
        assert file.read() == POSTERS[1].encode()


def test_what_was_published_again_stays(house: House, runner: Runner, title_id: int) -> None:
    move(house, title_id, "withdraw")
    with session_scope(house.sessions) as session:
        session.get_one(Title, title_id).state = "published"
    runner.run_due()
    assert pictures(house, title_id)["gen"] == "aaaa"
    assert len(list(house.blobs.keys(f"images/{title_id}/aaaa"))) == 3


def test_a_poster_added_meanwhile_is_taken_along_by_the_next_try(
    house: House, runner: Runner, title_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., None] = house.blobs.fetch

    def fetch(key: str, target: Any) -> None:
        real(key, target)
        monkeypatch.setattr(house.blobs, "fetch", real)
        house.blobs.put_bytes(f"images/{title_id}/aaaa/poster-own-cd.jpg", b"new")
        with session_scope(house.sessions) as session:
            title = session.get_one(Title, title_id)
            names = [*title.pictures["posters"], "poster-own-cd.jpg"]
            title.pictures = {**title.pictures, "posters": names}

    move(house, title_id, "withdraw")
    monkeypatch.setattr(house.blobs, "fetch", fetch)
    runner.run_due()
    assert pictures(house, title_id)["gen"] == "aaaa"
    with session_scope(house.sessions) as session:
        job = session.query(Job).filter(Job.kind == "hide_pictures").one()
        assert job.state == "queued"
        job.run_after = house.clock.now()
    runner.run_due()
    after = pictures(house, title_id)
    assert after["gen"] != "aaaa"
    assert house.blobs.exists(f"images/{title_id}/{after['gen']}/poster-own-cd.jpg")
    assert not list(house.blobs.keys(f"images/{title_id}/aaaa"))


def test_a_title_without_pictures_is_no_fault(house: House, runner: Runner) -> None:
    with session_scope(house.sessions) as session:
        number = make_title(session, state="published").id
    move(house, number, "withdraw")
    runner.run_due()
    with read_scope(house.sessions) as session:
        assert session.query(Job).filter(Job.kind == "hide_pictures").one().state == "done"
