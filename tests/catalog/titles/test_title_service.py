"""Verbs on titles: create, edit, move through review, attach media."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles import service, wants
from catalog.titles.tables import Rendition, SourceFile, Title
from core.db import SessionFactory, read_scope, session_scope
from core.errors import ConflictError, InvalidInputError, NotFoundError
from county import audit
from tests.factories import make_county, make_measured, make_person, make_ready, make_title
from tests.fakes import START

LATER = START + timedelta(hours=1)


def test_a_new_title_is_a_draft_of_its_owner(session: Session) -> None:
    owner = make_person(session)
    title = service.create_title(
        session, name=" 剪枝 ", now=START, owner_id=owner.id, file_name="a.mp4", episode=2
    )
    assert (title.name, title.state, title.owner_id) == ("剪枝", "draft", owner.id)
    assert (title.file_name, title.episode, title.created_at) == ("a.mp4", 2, START)
    assert service.get_title(session, title.id) is title


@pytest.mark.parametrize("title_id", [0, -1, 999, 2**31, 2**63, 10**40])
def test_a_title_that_is_not_there_is_told(session: Session, title_id: int) -> None:
    with pytest.raises(NotFoundError):
        service.get_title(session, title_id)


def test_a_refused_edit_changes_nothing(session: Session) -> None:
    title = make_title(session, name="剪枝", lecturer="李师傅")
    with pytest.raises(InvalidInputError):
        service.edit_title(session, title, now=LATER, lecturer="王师傅", name="")
    assert (title.lecturer, title.updated_at) == ("李师傅", START)


def test_the_whole_way_of_a_title_is_written_down(session: Session) -> None:
    title = make_title(session, renditions=(make_measured(),))
    moves = (
        ("submit", "review"),
        ("send_back", "draft"),
        ("submit", "review"),
        ("publish", "published"),
        ("withdraw", "withdrawn"),
        ("reopen", "draft"),
    )
    for move, state in moves:
        service.move_title(session, title, move, actor="li", now=LATER, remark="声音太小")  # type: ignore[arg-type]
        assert title.state == state
    history = audit.history(session, f"title:{title.id}")
    assert [entry.action for entry in reversed(history)] == [f"title.{move}" for move, _ in moves]
    assert {(entry.actor, entry.remark, entry.at) for entry in history} == {
        ("li", "声音太小", LATER)
    }


def test_publishing_says_when(session: Session) -> None:
    title = make_title(session, state="review")
    assert title.published_at is None
    service.move_title(session, title, "publish", actor="li", now=LATER)
    assert title.published_at == LATER


def test_sending_back_needs_a_reason(session: Session) -> None:
    title = make_title(session, state="review")
    with pytest.raises(InvalidInputError) as caught:
        service.move_title(session, title, "send_back", actor="li", now=LATER, remark="  ")
    assert caught.value.field == "remark"
    assert title.state == "review"


def test_what_cannot_be_played_is_not_published(session: Session) -> None:
    title = make_title(session, state="review", renditions=())
    with pytest.raises(ConflictError, match="转码完成"):
        service.move_title(session, title, "publish", actor="li", now=LATER)
    service.want_renditions(session, title, [("480p", "encode")], gen="g1")
    with pytest.raises(ConflictError, match="转码完成"):
        service.move_title(session, title, "publish", actor="li", now=LATER)
    service.rendition_ready(session, title, make_measured("480p"), gen="g1", now=LATER)
    service.move_title(session, title, "publish", actor="li", now=LATER)
    assert title.state == "published"


def test_of_two_that_look_at_the_same_state_one_moves_it(sessions: SessionFactory) -> None:
    with session_scope(sessions) as session:
        title_id = make_title(session, state="review").id
    with sessions() as first, sessions() as second:
        mine = service.get_title(first, title_id)
        first.commit()
        theirs = service.get_title(second, title_id)
        second.commit()
        service.move_title(first, mine, "publish", actor="wang", now=LATER)
        first.commit()
        assert theirs.state == "review"  # what the second person still has on the screen
        with pytest.raises(ConflictError, match="已被别人改变"):
            service.move_title(second, theirs, "send_back", actor="li", now=LATER, remark="不")
    with read_scope(sessions) as session:
        assert session.get_one(Title, title_id).state == "published"
        actions = [entry.action for entry in audit.history(session, f"title:{title_id}")]
        assert "title.send_back" not in actions


def test_the_first_ready_rendition_makes_a_title_play(session: Session) -> None:
    title = make_title(session)
    service.want_renditions(session, title, [("720p", "encode"), ("480p", "copy")], gen="g1")
    assert not service.is_playable(session, title)
    service.rendition_ready(session, title, make_measured("480p"), gen="g1", now=LATER)
    assert service.is_playable(session, title)
    assert (title.media_gen, title.duration_s) == ("g1", 18.0)
    with pytest.raises(NotFoundError, match="360p"):
        service.rendition_ready(session, title, make_measured("360p"), gen="g1", now=LATER)


def test_the_old_generation_plays_until_the_new_one_does(session: Session) -> None:
    title = make_title(session, state="published")
    old = title.media_gen
    service.want_renditions(session, title, [("720p", "encode"), ("480p", "encode")], gen="g2")
    assert title.media_gen == old
    assert service.is_playable(session, title)
    service.rendition_ready(session, title, make_measured("480p"), gen="g2", now=LATER)
    assert title.media_gen == "g2"
    assert service.drop_old_generations(session, title) == [old]
    kept = session.scalars(select(Rendition).where(Rendition.title_id == title.id)).all()
    assert {(row.gen, row.name, row.state) for row in kept} == {
        ("g2", "720p", "wanted"),
        ("g2", "480p", "ready"),
    }


def test_generations_are_words_nobody_guesses() -> None:
    words = {service.new_generation() for _ in range(100)}
    assert len(words) == 100
    assert all(len(word) == 16 for word in words)


def test_a_poster_is_one_of_the_candidates(session: Session) -> None:
    title = make_title(session)
    pictures = {"gen": "p1", "posters": ["poster-1.jpg", "poster-2.jpg"], "poster": "poster-1.jpg"}
    service.set_pictures(session, title, pictures, now=START)
    service.choose_poster(session, title, "poster-2.jpg", now=LATER)
    session.commit()
    session.refresh(title)
    assert title.pictures == {**pictures, "poster": "poster-2.jpg"}
    with pytest.raises(InvalidInputError):
        service.choose_poster(session, title, "../x.jpg", now=LATER)


def test_categories_are_found_by_name_or_slug_and_made_at_the_end(session: Session) -> None:
    first = service.category_named(session, "农技")
    second = service.category_named(session, "健康")
    assert service.category_named(session, "农技") is first
    assert service.category_named(session, second.slug) is second
    assert (first.position, second.position) == (1, 2)


def test_series_are_found_by_name(session: Session) -> None:
    series = service.series_named(session, "果树管理")
    assert service.series_named(session, "果树管理") is series
    assert service.series_named(session, "别的") is not series


def test_the_version_rises_with_every_change_a_box_could_see(session: Session) -> None:
    title = make_title(session, state="review")
    seen = [service.catalog_version(session)]

    def has_risen() -> bool:
        seen.append(service.catalog_version(session))
        return seen[-1] > seen[-2]

    service.move_title(session, title, "publish", actor="li", now=LATER)
    assert has_risen()
    service.edit_title(session, title, now=LATER, name="新名")
    assert has_risen()
    service.set_pictures(session, title, {"gen": "p", "posters": []}, now=LATER)
    assert has_risen()
    make_ready(session, title, (make_measured(),))
    assert has_risen()
    service.touch_catalog(session)
    assert has_risen()


def test_a_version_is_not_raised_by_work_that_failed(sessions: SessionFactory) -> None:
    def fail() -> None:
        with session_scope(sessions) as session:
            service.touch_catalog(session)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with read_scope(sessions) as session:
        assert service.catalog_version(session) == 0


def test_twins_are_made_from_the_same_file(session: Session) -> None:
    source = SourceFile(sha256="a" * 64, size_bytes=2**40, blob_key="k", created_at=START)
    session.add(source)
    first, second, other = (make_title(session) for _ in range(3))
    first.source_file = second.source_file = source
    session.flush()
    assert wants.twins(session, first) == [second]
    assert wants.twins(session, other) == []
    assert wants.source_of(session, "a" * 64) is source
    assert wants.source_of(session, "b" * 64) is None


def test_a_title_of_a_village_is_written_down_with_its_place(session: Session) -> None:
    county = make_county(session)
    title = make_title(session, state="published", place=county.village)
    entries = audit.history(session, f"title:{title.id}")
    assert {entry.place_id for entry in entries} == {county.village.id}
