"""The subtitle column: checked at import, wanted where it is news, never in the video's way."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.importers.captions import read_file
from catalog.importers.report import ImportReport
from catalog.importers.service import import_catalog
from catalog.importers.sheet import read_sheet
from catalog.titles.captions import attach_captions, list_captions, store_captions
from catalog.titles.service import get_title
from catalog.titles.tables import Title
from core.blobs.local import LocalBlobs
from tests.fakes import START

GOOD = "1\r\n00:00:01,000 --> 00:00:02,000\r\n四看\r\n"
SHEET = "file,title,subtitle\na.mp4,甲,字幕/a.srt\n"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "字幕").mkdir(parents=True)
    (folder / "a.mp4").write_bytes(b"not looked into by the import")
    (folder / "字幕/a.srt").write_bytes(GOOD.encode("gb18030"))
    return folder


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


def run(session: Session, media: Path, sheet: str = SHEET) -> ImportReport:
    read = read_sheet(sheet.encode())
    return import_catalog(session, read, media_dir=media, owner_id=None, now=START)


def attach(session: Session, blobs: LocalBlobs, report: ImportReport) -> None:
    """Do what the command line does once the titles are committed."""
    for wanted in report.captions:
        captions = read_file(wanted.row, wanted.path, report)
        assert captions is not None
        stored = store_captions(blobs, wanted.title_id, captions)
        title = get_title(session, wanted.title_id)
        attach_captions(session, title, stored, actor="system", now=START, keep_s=60)


def title_id(session: Session) -> int:
    return session.scalars(select(Title.id)).one()


def test_the_file_of_a_row_is_wanted_for_its_title(
    session: Session, media: Path, blobs: LocalBlobs
) -> None:
    report = run(session, media)
    assert (report.errors, report.warnings, report.created) == ([], [], 1)
    assert [wanted.title_id for wanted in report.captions] == [title_id(session)]
    attach(session, blobs, report)
    assert [row.cues for row in list_captions(session, title_id(session))] == [1]


def test_the_same_file_again_changes_nothing_and_another_replaces_it(
    session: Session, media: Path, blobs: LocalBlobs
) -> None:
    attach(session, blobs, run(session, media))
    gen = list_captions(session, title_id(session))[0].gen
    # Saved anew in another encoding and with other line ends it says the same.
    (media / "字幕/a.srt").write_bytes(GOOD.replace("\r", "").encode("utf-16"))
    again = run(session, media)
    assert (again.unchanged, again.captions) == (1, [])
    (media / "字幕/a.srt").write_text(GOOD.replace("四看", "五看"))
    other = run(session, media)
    assert (other.updated, len(other.captions)) == (1, 1)
    attach(session, blobs, other)
    rows = list_captions(session, title_id(session))
    assert len(rows) == 1
    assert rows[0].gen != gen


def test_an_empty_cell_leaves_captions_as_they_are(
    session: Session, media: Path, blobs: LocalBlobs
) -> None:
    attach(session, blobs, run(session, media))
    report = run(session, media, SHEET.replace("字幕/a.srt", ""))
    assert (report.unchanged, report.captions) == (1, [])
    assert len(list_captions(session, title_id(session))) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "媒体文件夹里没有“字幕/a.srt”。"),
        (b"", "“字幕/a.srt”是空文件（0 字节）。"),
        (
            b"1\n00:00:02,000 --> 00:00:01,000\nx\n",
            "第 2 行：这一句的结束 00:00:01.000 早于开始 00:00:02.000。",
        ),
        (bytes(3 * 1024 * 1024), "字幕文件太大，最多 2 MB。请确认选的是字幕。"),
    ],
)
def test_bad_captions_are_a_warning_and_the_video_goes_in(
    session: Session, media: Path, content: bytes | None, message: str
) -> None:
    (media / "字幕/a.srt").unlink()
    if content is not None:
        (media / "字幕/a.srt").write_bytes(content)
    report = run(session, media, SHEET + "none.mp4,乙,字幕/a.srt\n")
    assert (report.created, report.captions) == (1, [])
    assert [str(fault) for fault in report.errors] == [
        "第 3 行，文件（file）：媒体文件夹里没有“none.mp4”。"
    ]
    assert str(report.warnings[0]) == f"第 2 行，字幕（subtitle）：{message}"


def test_captions_of_a_refused_row_are_not_wanted(session: Session, media: Path) -> None:
    report = run(session, media, "file,title,subtitle,place\na.mp4,甲,字幕/a.srt,123\n")
    assert (report.refused_rows, report.captions) == ([2], [])


def test_a_file_that_went_away_meanwhile_is_a_warning(session: Session, media: Path) -> None:
    report = run(session, media)
    (media / "字幕/a.srt").unlink()
    assert read_file(2, report.captions[0].path, report) is None
    assert "字幕文件读不出来" in str(report.warnings[0])
