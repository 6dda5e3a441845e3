"""Rows become titles: created, updated, refused - each told by its row."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.importers.report import ImportReport
from catalog.importers.service import import_catalog
from catalog.importers.sheet import read_sheet
from catalog.titles import service
from catalog.titles.tables import Category, Series, Title
from core.errors import InvalidInputError
from core.jobs.tables import Job
from county import audit
from tests.factories import make_county, make_measured, make_person, make_ready
from tests.fakes import START


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4", "c.mp4", "a.jpg"):
        (folder / name).write_bytes(b"not looked into by the import")
    return folder


def run(session: Session, media: Path, *lines: str, **options: Any) -> ImportReport:
    sheet = read_sheet("\n".join(lines).encode())
    arguments = {"media_dir": media, "owner_id": None, "now": START, **options}
    return import_catalog(session, sheet, **arguments)


def titles(session: Session) -> Sequence[Title]:
    return session.scalars(select(Title).order_by(Title.id)).all()


def ingests(session: Session) -> Sequence[Job]:
    return session.scalars(select(Job).where(Job.kind == "ingest").order_by(Job.id)).all()


def test_a_row_becomes_a_title_with_everything_it_says(session: Session, media: Path) -> None:
    county = make_county(session)
    owner = make_person(session)
    report = run(
        session,
        media,
        "file,title,series,order,category,summary,lecturer,source,licence,place,required,"
        "study_hours,audience,expires,poster",
        "a.mp4,剪枝,果树管理,2,农技,四看,李师傅,农业局,CC0,990000101201,必学,1.5,果农,2026-12-31,a.jpg",
        owner_id=owner.id,
    )
    assert report.errors == report.warnings == []
    assert (report.created, report.updated, report.unchanged) == (1, 0, 0)
    title = titles(session)[0]
    assert report.title_ids == [title.id]
    assert title.series is not None
    assert title.category is not None
    said = {
        "name": "剪枝",
        "episode": 2,
        "summary": "四看",
        "lecturer": "李师傅",
        "source": "农业局",
        "licence": "CC0",
        "place_id": county.village.id,
        "required": True,
        "study_hours": 1.5,
        "audience": "果农",
        "expires_on": date(2026, 12, 31),
        "owner_id": owner.id,
        "file_name": "a.mp4",
        "state": "draft",
    }
    assert {field: getattr(title, field) for field in said} == said
    assert (title.series.name, title.category.name) == ("果树管理", "农技")
    job = ingests(session)[0]
    assert job.subject == f"title:{title.id}"
    assert job.payload["path"] == str(media.resolve() / "a.mp4")
    assert job.payload["poster"] == str(media.resolve() / "a.jpg")


def test_a_row_imported_again_is_updated_not_doubled(session: Session, media: Path) -> None:
    run(session, media, "file,title,summary,category", "a.mp4,甲,旧,农技", "a.mp4,乙,旧,农技")
    again = run(
        session, media, "file,title,summary,category", "a.mp4,甲,新,农技", "a.mp4,乙,旧,农技"
    )
    assert (again.created, again.updated, again.unchanged) == (0, 1, 1)
    assert [title.summary for title in titles(session)] == ["新", "旧"]
    assert len(ingests(session)) == 2
    assert again.title_ids == [title.id for title in titles(session)]


def test_columns_the_sheet_lacks_are_left_as_they_are(session: Session, media: Path) -> None:
    make_county(session)
    run(session, media, "file,title,summary,place,required", "a.mp4,甲,旧,990000101,必学")
    title = titles(session)[0]
    service.edit_title(session, title, now=START, summary="编辑写的")
    run(session, media, "file,title,lecturer", "a.mp4,甲,李师傅")
    assert (title.summary, title.required, title.lecturer) == ("编辑写的", True, "李师傅")
    assert title.place_id is not None
    run(session, media, "file,title,place", "a.mp4,甲,")
    assert title.place_id is None


def test_categories_and_series_are_found_by_name(session: Session, media: Path) -> None:
    known = service.category_named(session, "农技")
    run(
        session,
        media,
        "file,title,category,series,order",
        "a.mp4,甲,农技,果树,1",
        "b.mp4,乙,健康,果树,2",
    )
    assert titles(session)[0].category_id == known.id
    names = session.scalars(select(Category.name).order_by(Category.position)).all()
    assert names == ["农技", "健康"]
    assert session.scalar(select(func.count()).select_from(Series)) == 1


def test_a_number_without_a_series_only_numbers_the_rows(session: Session, media: Path) -> None:
    report = run(session, media, "序号,文件,标题,系列", "1,a.mp4,甲,", "2,b.mp4,乙,")
    assert report.errors == []
    assert [title.episode for title in titles(session)] == [None, None]


def test_bad_rows_do_not_stop_good_ones(session: Session, media: Path, tmp_path: Path) -> None:
    make_county(session)
    (tmp_path / "outside.mp4").write_bytes(b"x")
    (media / "empty.mp4").touch()
    (media / "link.mp4").symlink_to(tmp_path / "outside.mp4")
    report = run(
        session,
        media,
        "file,title,place,required,poster",
        "a.mp4,好的,,,",
        "../outside.mp4,爬出去,,,",
        "/etc/passwd,绝对,,,",
        "link.mp4,链接,,,",
        "empty.mp4,空的,,,",
        "none.mp4,没有,,,",
        "b.mp4,没有海报,,,none.jpg",
        "b.mp4,没有这个村,123,,",
        "b.mp4,看不懂,,也许,",
        "c.mp4,也是好的,990000101201,必学,",
    )
    assert [title.name for title in titles(session)] == ["好的", "也是好的"]
    assert report.created == 2
    assert [(e.row, e.column) for e in report.errors] == [
        *((row, "file") for row in (3, 4, 5, 6, 7)),
        (8, "poster"),
        (9, "place"),
        (10, "required"),
    ]
    assert report.refused_rows == [3, 4, 5, 6, 7, 8, 9, 10]
    assert "第 9 行，地区（place）：没有代码为 123 的地区。" in map(str, report.errors)


def test_a_refused_row_leaves_nothing_behind(session: Session, media: Path) -> None:
    run(session, media, "file,title,category,place", "a.mp4,甲,新类别,123")
    assert titles(session) == []
    assert session.scalars(select(Category)).all() == []


def test_a_changed_file_is_wanted_anew(session: Session, media: Path) -> None:
    run(session, media, "file,title", "a.mp4,甲")
    (media / "a.mp4").write_bytes(b"a better cut")
    report = run(session, media, "file,title", "a.mp4,甲")
    assert report.updated == 1
    assert len(ingests(session)) == 2


def test_a_new_poster_is_wanted_anew(session: Session, media: Path) -> None:
    run(session, media, "file,title,poster", "a.mp4,甲,")
    assert run(session, media, "file,title,poster", "a.mp4,甲,a.jpg").updated == 1
    assert ingests(session)[-1].payload["poster"].endswith("/a.jpg")


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_file_that_failed_is_wanted_anew(session: Session, media: Path, state: str) -> None:
    run(session, media, "file,title", "a.mp4,甲")
    ingests(session)[0].state = state
    session.flush()
    run(session, media, "file,title", "a.mp4,甲")
    assert [job.state for job in ingests(session)] == [state, "queued"]


def test_names_in_gb18030_reach_the_worker(session: Session, media: Path) -> None:
    (media / os.fsdecode("柑橘.mp4".encode("gb18030"))).write_bytes(b"video")
    report = run(session, media, "file,title", "柑橘.mp4,柑橘")
    assert report.errors == []
    session.expire_all()
    assert Path(ingests(session)[0].payload["path"]).read_bytes() == b"video"
    assert titles(session)[0].file_name == "柑橘.mp4"


def test_publish_is_left_to_the_worker_until_it_plays(session: Session, media: Path) -> None:
    run(session, media, "file,title", "a.mp4,甲", publish="admin")
    title = titles(session)[0]
    assert title.state == "draft"
    assert ingests(session)[0].payload["publish"] == "admin"
    make_ready(session, title, (make_measured(),))
    run(session, media, "file,title", "a.mp4,甲", publish="admin")
    assert title.state == "published"
    assert len(ingests(session)) == 1
    service.move_title(session, title, "withdraw", actor="editor", now=START)
    run(session, media, "file,title", "a.mp4,甲", publish="admin")
    assert title.state == "withdrawn"


def test_faults_of_the_sheet_are_in_the_report(session: Session, media: Path) -> None:
    report = run(
        session, media, "file,title,备注,expires", "a.mp4,,,", "b.mp4,乙,,昨天", "c.mp4,丙,,"
    )
    assert [str(e) for e in report.errors] == [
        "第 2 行，标题（title）：不能空着。",
        "第 3 行，有效期（expires）：“昨天”不是日期，请写成 2026-12-31。",
    ]
    assert "备注" in str(report.warnings[0])
    told = report.to_json()
    assert told["refused_rows"] == [2, 3]
    assert [row["outcome"] for row in told["rows"]] == ["created"]


def test_the_import_is_written_down(session: Session, media: Path) -> None:
    run(session, media, "file,title", "a.mp4,甲", "none.mp4,乙", actor="editor")
    entry = audit.history(session, "catalog")[0]
    assert (entry.actor, entry.action) == ("editor", "catalog.import")
    assert entry.detail["created"] == 1
    assert entry.detail["refused_rows"] == [3]


def test_progress_is_told_row_by_row(session: Session, media: Path) -> None:
    told: list[tuple[int, int]] = []
    run(
        session,
        media,
        "file,title",
        "a.mp4,甲",
        "none.mp4,乙",
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 2), (2, 2)]


def test_a_media_folder_that_is_not_there_is_told(session: Session, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="没有媒体文件夹"):
        run(session, tmp_path / "none", "file,title", "a.mp4,甲")
