"""Captions of titles: stored, attached, replaced, removed, brought back; on both databases."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.titles.caption_files import read_captions
from catalog.titles.captions import (
    StoredCaptions,
    attach_captions,
    bring_back,
    caption_key,
    list_captions,
    prefixes_shown,
    remove_captions,
    store_captions,
    stored_before,
)
from catalog.titles.service import catalog_version
from catalog.titles.tables import Title, TitleCaption
from core.blobs.local import LocalBlobs
from core.db import read_scope, session_scope
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.jobs.service import claim_next
from core.jobs.tables import Job
from tests.factories import make_title
from tests.fakes import START
from vod_server.bootstrap import House

KEEP_S = 25_200.0


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


def stored(
    blobs: LocalBlobs, title_id: int, *words: str, language: str = "zh-CN"
) -> StoredCaptions:
    lines = [f"00:0{n}.000 --> 00:0{n}.900\n{text}\n" for n, text in enumerate(words, start=1)]
    captions = read_captions("\n".join(["WEBVTT\n", *lines]).encode())
    return store_captions(blobs, title_id, captions, language=language)


def attach(session: Session, title: Title, new: StoredCaptions) -> str | None:
    return attach_captions(session, title, new, actor="li", now=START, keep_s=KEEP_S)


def tidies(session: Session) -> list[tuple[str, list[str]]]:
    jobs = session.scalars(select(Job).where(Job.kind == "tidy").order_by(Job.id))
    return [(job.state, job.payload["prefixes"]) for job in jobs]


def test_captions_are_stored_and_shown(session: Session, blobs: LocalBlobs) -> None:
    title = make_title(session)
    before = catalog_version(session)
    new = stored(blobs, title.id, "一", "二")
    assert attach(session, title, new) is None
    row = list_captions(session, title.id)[0]
    assert (row.language, row.label, row.gen, row.cues) == ("zh-CN", "中文", new.gen, 2)
    assert (row.created_at, row.created_by) == (START, "li")
    with blobs.open(f"vod/{title.id}/{new.gen}/captions/zh-CN.vtt") as file:
        assert file.read().decode().startswith("WEBVTT\n\n00:00:01.000 --> 00:00:01.900\n一\n")
    assert catalog_version(session) > before
    assert tidies(session) == []


def test_those_of_a_language_are_replaced_and_go_later(session: Session, blobs: LocalBlobs) -> None:
    title = make_title(session)
    old, new = stored(blobs, title.id, "旧"), stored(blobs, title.id, "新", "的")
    english = stored(blobs, title.id, "new", language="en")
    attach(session, title, english)
    attach(session, title, old)
    before = catalog_version(session)
    assert attach(session, title, new) == old.gen
    rows = list_captions(session, title.id)
    assert [(row.language, row.gen) for row in rows] == [("zh-CN", new.gen), ("en", english.gen)]
    assert catalog_version(session) > before
    job = session.scalars(select(Job).where(Job.kind == "tidy")).one()
    assert job.payload == {"prefixes": [f"vod/{title.id}/{old.gen}"]}
    assert (job.run_after - START).total_seconds() == KEEP_S
    gone, kept = (f"vod/{title.id}/{gen}" for gen in (old.gen, new.gen))
    assert prefixes_shown(session, title.id, [gone, kept]) == {kept}


def test_removed_ones_can_be_brought_back_until_they_are_tidied(
    session: Session, blobs: LocalBlobs
) -> None:
    title = make_title(session)
    new = stored(blobs, title.id, "一", "二 <&>")
    attach(session, title, new)
    before = catalog_version(session)
    assert remove_captions(session, title, "zh-CN", now=START, keep_s=KEEP_S) == new.gen
    assert list_captions(session, title.id) == []
    assert catalog_version(session) > before
    found = stored_before(blobs, title.id, new.gen, "zh-CN")
    assert found == new
    bring_back(session, title, found, actor="li", now=START, keep_s=KEEP_S)
    assert [row.cues for row in list_captions(session, title.id)] == [2]
    assert tidies(session) == [("cancelled", [f"vod/{title.id}/{new.gen}"])]
    with pytest.raises(NotFoundError, match="没有这种语言"):
        remove_captions(session, title, "bo", now=START, keep_s=KEEP_S)


def test_a_replacement_can_be_taken_back(session: Session, blobs: LocalBlobs) -> None:
    title = make_title(session)
    old, new = stored(blobs, title.id, "旧"), stored(blobs, title.id, "新")
    attach(session, title, old)
    attach(session, title, new)
    bring_back(session, title, old, actor="li", now=START, keep_s=KEEP_S)
    assert [row.gen for row in list_captions(session, title.id)] == [old.gen]
    assert tidies(session) == [
        ("cancelled", [f"vod/{title.id}/{old.gen}"]),
        ("queued", [f"vod/{title.id}/{new.gen}"]),
    ]


def test_what_is_being_tidied_cannot_be_brought_back(session: Session, blobs: LocalBlobs) -> None:
    title = make_title(session)
    new = stored(blobs, title.id, "一")
    attach(session, title, new)
    remove_captions(session, title, "zh-CN", now=START, keep_s=0)
    assert claim_next(session, ["tidy"], "worker", now=START, lease_s=30) is not None
    with pytest.raises(ConflictError, match="重新上传"):
        bring_back(session, title, new, actor="li", now=START, keep_s=KEEP_S)
    assert list_captions(session, title.id) == []


@pytest.mark.parametrize("gen", ["0123456789abcdef", "../../1", ""])
def test_a_file_that_is_not_there_is_no_captions(blobs: LocalBlobs, gen: str) -> None:
    blobs.put_bytes("vod/7/0123456789abcdef/480p/s00000.ts", b"a rendition")
    with pytest.raises(ConflictError, match="重新上传"):
        stored_before(blobs, 7, gen, "zh-CN")


@pytest.mark.parametrize("language", ["", "中文", "zh_CN", "../x", "zh-CN/..", "ZH", "x" * 40])
def test_a_language_is_a_word_that_fits_an_address(blobs: LocalBlobs, language: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        stored(blobs, 7, "一", language=language)
    assert refused.value.field == "language"
    assert list(blobs.keys("vod")) == []


def test_a_language_without_a_name_is_called_by_its_word(
    session: Session, blobs: LocalBlobs
) -> None:
    title = make_title(session)
    attach(session, title, stored(blobs, title.id, "bonjour", language="fra"))
    assert [row.label for row in list_captions(session, title.id)] == ["fra"]


def test_the_schema_keeps_one_file_a_language_and_no_empty_one(session: Session) -> None:
    title = make_title(session)
    fields = {"title_id": title.id, "label": "中文", "gen": "g", "sha256": "", "created_at": START}
    for cues in ((1, 1), (0,)):
        rows = [{**fields, "language": "zh-CN", "created_by": "li", "cues": n} for n in cues]
        with session.begin_nested() as part:
            with pytest.raises(IntegrityError):
                session.execute(insert(TitleCaption), rows)
            part.rollback()


def test_two_who_attach_at_once_leave_one_and_tidy_the_other(
    house: House, blobs: LocalBlobs
) -> None:
    with session_scope(house.sessions) as session:
        title_id = make_title(session).id
    gate = threading.Barrier(4, timeout=60)
    new = [stored(blobs, title_id, word) for word in "甲乙丙丁"]
    faults: list[Exception] = []

    def run(one: StoredCaptions) -> None:
        try:
            gate.wait()
            with session_scope(house.sessions) as session:
                attach(session, session.get_one(Title, title_id), one)
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in new]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    with read_scope(house.sessions) as session:
        left = [row.gen for row in list_captions(session, title_id)]
        gone = [prefix for _, prefixes in tidies(session) for prefix in prefixes]
    assert len(left) == 1
    others = {one.gen for one in new} - set(left)
    assert sorted(gone) == sorted(f"vod/{title_id}/{gen}" for gen in others)
    assert blobs.exists(caption_key(title_id, left[0], "zh-CN"))
