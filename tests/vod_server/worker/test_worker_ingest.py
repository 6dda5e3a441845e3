"""From a file to a playable title: the way, bad files, duplicates, and deaths in between."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.titles import reading, wants
from catalog.titles.tables import SourceFile, Title
from core.db import read_scope, session_scope
from core.jobs.runner import Runner
from core.jobs.tables import Job
from vod_server.bootstrap import House
from vod_server.media.uploads.tables import Upload
from vod_server.worker.ingest import source_key

pytestmark = pytest.mark.media

Jobs = Callable[[], dict[str, Job]]


def test_an_imported_file_becomes_a_playable_title(
    house: House,
    runner: Runner,
    jobs: Jobs,
    clips: Callable[..., Path],
    import_file: Callable[..., int],
) -> None:
    path = clips()
    title_id = import_file(path)
    runner.run_due()
    assert {kind: job.state for kind, job in jobs().items()} == {
        "ingest": "done",
        "transcode": "done",
        "pictures": "done",
    }
    with read_scope(house.sessions) as session:
        title = session.get(Title, title_id)
        assert title is not None
        ready = reading.ready_renditions(session, title)
        assert [rendition.name for rendition in ready] == ["360p"]
        assert title.pictures["poster"] in title.pictures["posters"]
        for rendition in ready:
            prefix = f"vod/{title.id}/{title.media_gen}/{rendition.name}"
            names = {key.rpartition("/")[2] for key in house.blobs.keys(prefix)}
            assert names == {s.name for s in rendition.segments} | {"index.m3u8", "iframes.m3u8"}
    assert path.exists(), "an imported file is the user's and stays"
    assert not list(house.settings.path("work").iterdir()), "scratch is swept"


def test_publish_on_import_happens_when_it_can_be_played(
    house: House, runner: Runner, clips: Callable[..., Path], import_file: Callable[..., int]
) -> None:
    title_id = import_file(clips(), publish="system")
    runner.run_due()
    with read_scope(house.sessions) as session:
        title = reading.visible_title(session, title_id, None, now=house.clock.now())
        assert title.state == "published"


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "empty.mp4", "空"),
        ("这不是视频，只是一段文字。\n".encode() * 40, "notes.mp4", "视频"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "picture.mp4", ""),
    ],
)
def test_a_bad_upload_fails_at_once_and_says_why(
    house: House,
    runner: Runner,
    jobs: Jobs,
    upload_file: Callable[[bytes, str], str],
    content: bytes,
    name: str,
    says: str,
) -> None:
    upload_id = upload_file(content, name)
    runner.run_due()
    job = jobs()["ingest"]
    assert (job.state, job.attempts) == ("failed", 1)
    assert job.message
    assert says in job.message
    with read_scope(house.sessions) as session:
        upload = session.get(Upload, upload_id)
        assert upload is not None
        assert (upload.state, upload.error) == ("failed", job.message)
        assert session.query(SourceFile).count() == 0
    assert list(house.blobs.keys("sources")) == []


def test_a_truncated_upload_is_refused(
    house: House,
    runner: Runner,
    jobs: Jobs,
    clips: Callable[..., Path],
    upload_file: Callable[[bytes, str], str],
) -> None:
    whole = clips(6).read_bytes()
    upload_file(whole[: len(whole) // 2], "half.mp4")
    runner.run_due()
    assert jobs()["ingest"].state == "failed"
    assert "完整" in jobs()["ingest"].message or "截断" in jobs()["ingest"].message


def test_the_same_file_is_stored_once_and_not_transcoded_again(
    house: House,
    runner: Runner,
    clips: Callable[..., Path],
    upload_file: Callable[[bytes, str], str],
) -> None:
    content = clips().read_bytes()
    upload_file(content, "first.mp4")
    runner.run_due()
    upload_file(content, "second.mp4")
    runner.run_due()
    with read_scope(house.sessions) as session:
        first, second = session.query(Title).order_by(Title.id)
        assert first.source_file_id == second.source_file_id
        assert [twin.name for twin in wants.twins(session, second)] == ["first"]
        assert first.media_gen is not None
        assert second.media_gen is None, "somebody has to ask for it"
        assert session.query(Job).filter(Job.kind == "transcode").count() == 1
    assert len(list(house.blobs.keys("sources"))) == 1
    assert list(house.settings.path("uploads").glob("*.part")) == []


def test_death_between_storing_and_the_row_loses_nothing(
    house: House,
    runner: Runner,
    jobs: Jobs,
    clips: Callable[..., Path],
    upload_file: Callable[[bytes, str], str],
) -> None:
    """The part file was renamed into the store and the process died before the commit."""
    content = clips().read_bytes()
    upload_id = upload_file(content, "first.mp4")
    sha256 = hashlib.sha256(content).hexdigest()
    with session_scope(house.sessions) as session:
        upload = session.get(Upload, upload_id)
        assert upload is not None
        upload.sha256 = sha256
    house.blobs.put_file(source_key(sha256), house.uploads.path(upload_id), move=True)
    runner.run_due()
    assert jobs()["ingest"].state == "done"
    assert jobs()["transcode"].state == "done"


def test_a_deleted_import_file_is_named(
    house: House, runner: Runner, jobs: Jobs, tmp_path: Path, import_file: Callable[..., int]
) -> None:
    import_file(tmp_path / "gone.mp4")
    runner.run_due()
    assert jobs()["ingest"].state == "failed"
    assert "gone.mp4" in jobs()["ingest"].message


def test_a_second_transcode_replaces_the_first_without_a_gap(
    house: House, runner: Runner, clips: Callable[..., Path], import_file: Callable[..., int]
) -> None:
    title_id = import_file(clips())
    runner.run_due()
    with session_scope(house.sessions) as session:
        title = session.get(Title, title_id)
        assert title is not None
        old = title.media_gen
        wants.want_transcode(session, title, {}, now=house.clock.now())
    runner.run_due()
    with read_scope(house.sessions) as session:
        title = session.get(Title, title_id)
        assert title is not None
        assert title.media_gen != old
        assert [rendition.gen for rendition in title.renditions] == [title.media_gen]
        tidy = session.query(Job).filter(Job.kind == "tidy").one()
        assert tidy.payload == {"prefixes": [f"vod/{title_id}/{old}"]}
        assert tidy.run_after > house.clock.now(), "addresses signed before still lead there"
    assert list(house.blobs.keys(f"vod/{title_id}/{old}")), "players may still be reading it"


def test_a_poster_somebody_uploaded_outlives_new_pictures(
    house: House,
    runner: Runner,
    jobs: Jobs,
    clips: Callable[..., Path],
    import_file: Callable[..., int],
) -> None:
    title_id = import_file(clips())
    runner.run_due()
    with session_scope(house.sessions) as session:
        title = session.get(Title, title_id)
        assert title is not None
        old = title.pictures["gen"]
        house.blobs.put_bytes(f"images/{title_id}/{old}/poster-own-ab.jpg", b"mine")
        title.pictures = {
            **title.pictures,
            "posters": [*title.pictures["posters"], "poster-own-ab.jpg"],
            "poster": "poster-own-ab.jpg",
        }
        wants.want_pictures(session, title, {}, now=house.clock.now())
    runner.run_due()
    assert jobs()["pictures"].state == "done"
    with read_scope(house.sessions) as session:
        title = session.get(Title, title_id)
        assert title is not None
        assert title.pictures["gen"] != old
        assert title.pictures["poster"] == "poster-own-ab.jpg"
        key = f"images/{title_id}/{title.pictures['gen']}/poster-own-ab.jpg"
        assert house.blobs.open(key).read() == b"mine"
