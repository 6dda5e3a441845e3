"""Verbs on upload rows, on both kinds of database."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.db import SessionFactory, session_scope
from core.errors import ConflictError, GoneError, NotFoundError, StorageFullError
from tests.fakes import START, FakeClock
from vod_server.media.uploads import service
from vod_server.media.uploads.model import UploadLimits, UploadMetadata
from vod_server.media.uploads.service import STRAY_AGE_S
from vod_server.media.uploads.store import UploadStore
from vod_server.media.uploads.tables import Upload

LIMITS = UploadLimits(max_bytes=1000, ttl_s=600)


def new(
    session: Session,
    store: UploadStore,
    *,
    length: int = 5,
    owner: int = 1,
    clock: FakeClock | None = None,
    **metadata: str,
) -> Upload:
    return service.create_upload(
        session,
        store,
        owner_id=owner,
        length_bytes=length,
        metadata=UploadMetadata(**metadata),
        limits=LIMITS,
        now=(clock or FakeClock()).now(),
    )


def ignore(session: Session, upload: Upload) -> None:
    del session, upload


def settle(session: Session, store: UploadStore, upload_id: str, **changed: object) -> Upload:
    values = {"limits": LIMITS, "now": START, "on_complete": ignore, **changed}
    return service.settle(session, store, upload_id, **values)  # type: ignore[arg-type]


def test_a_row_keeps_what_was_said(up_sessions: SessionFactory, up_store: UploadStore) -> None:
    with session_scope(up_sessions) as session:
        made = new(session, up_store, file_name="春耕.mp4", fingerprint="f", header="filename x")
    with up_sessions() as session:
        upload = session.get_one(Upload, made.id)
        assert (upload.file_name, upload.fingerprint) == ("春耕.mp4", "f")
        assert (upload.state, upload.owner_id, upload.length_bytes) == ("receiving", 1, 5)
        assert (upload.expires_at - upload.created_at).total_seconds() == 600


def test_completion_and_what_follows_are_one_transaction(
    up_sessions: SessionFactory, up_store: UploadStore
) -> None:
    with session_scope(up_sessions) as session:
        upload_id = new(session, up_store).id
    up_store.path(upload_id).write_bytes(b"12345")

    def fail(session: Session, upload: Upload) -> None:
        upload.state = "ingesting"
        session.flush()
        raise RuntimeError("the server dies here")

    def follow(session: Session, upload: Upload) -> None:
        del session
        upload.state = "ingesting"

    with pytest.raises(RuntimeError), session_scope(up_sessions) as session:
        settle(session, up_store, upload_id, on_complete=fail)
    with up_sessions() as session:
        assert session.get_one(Upload, upload_id).state == "receiving"
    with session_scope(up_sessions) as session:
        settle(session, up_store, upload_id, on_complete=follow)
    with up_sessions() as session:
        upload = session.get_one(Upload, upload_id)
        assert upload.state == "ingesting"
        # The part file moves into the blob store; the offset stays what it was.
        up_store.remove(upload_id)
        assert service.offset_bytes(up_store, upload) == 5


def test_of_many_that_complete_one_hands_it_on(
    up_sessions: SessionFactory, up_store: UploadStore
) -> None:
    with session_scope(up_sessions) as session:
        upload_id = new(session, up_store).id
    up_store.path(upload_id).write_bytes(b"12345")
    handed: list[str] = []

    def hand_on(session: Session, upload: Upload) -> None:
        del session
        handed.append(upload.id)
        time.sleep(0.05)

    def run() -> None:
        with session_scope(up_sessions) as session:
            settle(session, up_store, upload_id, on_complete=hand_on)

    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with session_scope(up_sessions) as session:
        settle(session, up_store, upload_id, on_complete=hand_on)
    assert handed == [upload_id]


def test_an_upload_that_lacks_a_byte_is_not_completed(
    up_sessions: SessionFactory, up_store: UploadStore
) -> None:
    with session_scope(up_sessions) as session:
        upload_id = new(session, up_store).id
        up_store.path(upload_id).write_bytes(b"1234")
        assert settle(session, up_store, upload_id).state == "receiving"
        assert service.complete_whole(session, up_store, ignore) == 0


def test_what_a_dead_server_left_whole_is_found(
    up_sessions: SessionFactory, up_store: UploadStore
) -> None:
    with session_scope(up_sessions) as session:
        whole, half = new(session, up_store), new(session, up_store)
        up_store.path(whole.id).write_bytes(b"12345")
        up_store.path(half.id).write_bytes(b"123")
        handed: list[str] = []
        found = service.complete_whole(
            session, up_store, lambda _session, upload: handed.append(upload.id)
        )
    assert (found, handed) == (1, [whole.id])


def test_only_the_owner_finds_it(up_sessions: SessionFactory, up_store: UploadStore) -> None:
    with session_scope(up_sessions) as session:
        upload = new(session, up_store)
        assert service.find_upload(session, upload.id, owner_id=1, now=START) is upload
        for upload_id, owner in ((upload.id, 2), ("0" * 32, 1), ("../x", 1)):
            with pytest.raises(NotFoundError):
                service.find_upload(session, upload_id, owner_id=owner, now=START)


def test_cancelling_frees_the_file_and_is_final(
    up_sessions: SessionFactory, up_store: UploadStore
) -> None:
    with session_scope(up_sessions) as session:
        upload_id = new(session, up_store).id
        up_store.path(upload_id).write_bytes(b"12345")
        service.cancel(session, up_store, upload_id)
    assert not up_store.path(upload_id).exists()
    # A chunk that was on its way has made the file anew.
    up_store.path(upload_id).write_bytes(b"12345")
    with session_scope(up_sessions) as session, pytest.raises(GoneError):
        settle(session, up_store, upload_id)
    assert not up_store.path(upload_id).exists()
    with session_scope(up_sessions) as session, pytest.raises(ConflictError):
        service.cancel(session, up_store, upload_id)


@pytest.mark.parametrize("state", ["complete", "ingesting", "done"])
def test_what_was_handed_on_is_not_cancelled(
    up_sessions: SessionFactory, up_store: UploadStore, state: str
) -> None:
    with session_scope(up_sessions) as session:
        upload = new(session, up_store)
        up_store.path(upload.id).write_bytes(b"12345")
        upload.state = state
        session.flush()
        with pytest.raises(ConflictError, match="节目"):
            service.cancel(session, up_store, upload.id)
    assert up_store.path(upload.id).exists()


def test_open_uploads_are_listed_newest_first(
    up_sessions: SessionFactory, up_store: UploadStore
) -> None:
    clock = FakeClock()
    with session_scope(up_sessions) as session:
        old = new(session, up_store, clock=clock)
        clock.advance(300)
        young = new(session, up_store, clock=clock)
        new(session, up_store, clock=clock, owner=2)
        service.cancel(session, up_store, new(session, up_store, clock=clock).id)
        mine = service.list_open(session, 1, now=clock.now())
        assert [upload.id for upload in mine] == [young.id, old.id]
        clock.advance(300)
        assert [one.id for one in service.list_open(session, 1, now=clock.now())] == [young.id]


def test_expired_uploads_are_given_up_and_whole_ones_kept(
    up_sessions: SessionFactory, up_store: UploadStore
) -> None:
    clock = FakeClock()
    with session_scope(up_sessions) as session:
        dead, whole = new(session, up_store), new(session, up_store)
        up_store.path(dead.id).write_bytes(b"1")
        up_store.path(whole.id).write_bytes(b"12345")
        clock.advance(599)
        assert service.expire_old(session, up_store, now=clock.now()) == 0
        clock.advance(1)
        assert service.expire_old(session, up_store, now=clock.now()) == 1
        assert service.expire_old(session, up_store, now=clock.now()) == 0
    with up_sessions() as session:
        assert session.get_one(Upload, dead.id).state == "cancelled"
        assert session.get_one(Upload, whole.id).state == "receiving"
        with pytest.raises(GoneError, match="过期"):
            service.find_upload(session, dead.id, owner_id=1, now=clock.now())
    assert up_store.ids() == {whole.id}


def test_stray_part_files_are_swept_and_wanted_ones_stay(
    up_sessions: SessionFactory, up_store: UploadStore, tmp_path: Path
) -> None:
    old = time.time() - STRAY_AGE_S - 10
    with session_scope(up_sessions) as session:
        wanted = [new(session, up_store) for _ in range(5)]
        states = ["receiving", "complete", "ingesting", "failed", "done"]
        for upload, state in zip(wanted, states, strict=True):
            upload.state = state
        names = [upload.id for upload in wanted] + ["a" * 32, "b" * 32]
        for name in names:
            up_store.path(name).write_bytes(b"1")
        for name in names[:-1]:
            os.utime(up_store.path(name), (old, old))
        (tmp_path / "uploads" / "README").write_text("not ours")
        session.flush()
        service.expire_old(session, up_store, now=START)
    assert up_store.ids() == {upload.id for upload in wanted[:4]} | {"b" * 32}
    assert (tmp_path / "uploads" / "README").exists()


def test_the_file_of_a_failed_upload_is_kept_for_a_time_only(
    up_sessions: SessionFactory, up_store: UploadStore
) -> None:
    clock = FakeClock()
    old = time.time() - STRAY_AGE_S - 10
    with session_scope(up_sessions) as session:
        upload = new(session, up_store)
        upload.state, upload.error = "failed", "不是视频"
        session.flush()
        up_store.path(upload.id).write_bytes(b"12345")
        os.utime(up_store.path(upload.id), (old, old))
        service.expire_old(session, up_store, now=clock.now())
        assert up_store.ids() == {upload.id}
        service.expire_old(session, up_store, now=clock.advance(601))
    assert up_store.ids() == set()
    with up_sessions() as session:
        assert session.get_one(Upload, upload.id).error == "不是视频"


def test_room_is_kept_for_what_open_uploads_still_have_to_send(
    up_sessions: SessionFactory, tmp_path: Path
) -> None:
    store = UploadStore(tmp_path / "up", reserve_bytes=100, measure_free=lambda _folder: 1000)
    with session_scope(up_sessions) as session:
        first = new(session, store, length=600)
        with pytest.raises(StorageFullError, match="可用 900"):
            new(session, store, length=301)
        store.path(first.id).write_bytes(b"x" * 100)
        new(session, store, length=301)
