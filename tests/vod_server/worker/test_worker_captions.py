"""Captions inside videos are taken in with them; the tidy job knows which ones are shown."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.titles.caption_files import first_cues, read_captions
from catalog.titles.captions import (
    attach_captions,
    caption_key,
    list_captions,
    remove_captions,
    store_captions,
)
from catalog.titles.service import create_title, get_title
from catalog.titles.tables import TitleCaption
from catalog.titles.wants import want_tidy
from core.db import read_scope, session_scope
from core.jobs.runner import Runner
from core.jobs.tables import Job
from tests.fakes import START, FakeClock
from vod_server.bootstrap import House
from vod_server.worker.captions import language_of
from vod_server.worker.handlers import make_handlers

media = pytest.mark.media

SRT = """1
00:00:00,500 --> 00:00:01,200
四看：<i>看树势</i>

2
00:00:01,500 --> 00:00:02,400
剪口要平
"""


@pytest.fixture
def with_subtitles(tmp_path: Path, clips: Callable[..., Path]) -> Callable[..., Path]:
    """Return a maker of videos with subtitle streams."""

    def make(name: str, *codecs: str, words: str = SRT, language: str = "chi") -> Path:
        given, made = tmp_path / "given.srt", tmp_path / name
        given.write_text(words, encoding="utf-8")
        command = ["ffmpeg", "-v", "error", "-i", str(clips()), "-i", str(given)]
        command += ["-map", "0", *["-map", "1"] * len(codecs), "-c:v", "copy", "-c:a", "copy"]
        for number, codec in enumerate(codecs):
            command += [f"-c:s:{number}", codec, f"-metadata:s:s:{number}", f"language={language}"]
        subprocess.run([*command, str(made)], check=True)
        return made

    return make


def rows(house: House, title_id: int) -> list[TitleCaption]:
    with read_scope(house.sessions) as session:
        return list(list_captions(session, title_id))


def words(house: House, row: TitleCaption) -> list[tuple[int, str]]:
    with house.blobs.open(caption_key(row.title_id, row.gen, row.language)) as file:
        return first_cues(file.read(), 9)


def ingest(runner: Runner, jobs: Callable[[], dict[str, Job]]) -> str:
    """Run the ingest job alone; the others are not looked at here."""
    runner.run_one()
    return jobs()["ingest"].state


@media
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "mov_text"), ("a.mkv", "subrip"), ("b.mkv", "ass")]
)
def test_text_inside_a_video_becomes_captions(
    house: House,
    runner: Runner,
    jobs: Callable[[], dict[str, Job]],
    with_subtitles: Callable[..., Path],
    import_file: Callable[..., int],
    name: str,
    codec: str,
) -> None:
    title_id = import_file(with_subtitles(name, codec))
    assert ingest(runner, jobs) == "done"
    (row,) = rows(house, title_id)
    assert (row.language, row.label, row.cues, row.created_by) == ("zh-CN", "中文", 2, "system")
    starts_ms, texts = zip(*words(house, row), strict=True)
    assert texts == ("四看：看树势", "剪口要平")
    # In Matroska everything begins later by what AAC fills in before its first sound.
    assert starts_ms == pytest.approx((500, 1500), abs=30)
    assert not list(house.settings.path("work").iterdir()), "scratch is swept"


@media
def test_an_upload_brings_the_first_of_its_captions(
    house: House,
    runner: Runner,
    jobs: Callable[[], dict[str, Job]],
    with_subtitles: Callable[..., Path],
    upload_file: Callable[[bytes, str], str],
) -> None:
    video = with_subtitles("a.mp4", "mov_text", "mov_text", language="bod")
    upload_file(video.read_bytes(), "a.mp4")
    assert ingest(runner, jobs) == "done"
    title_id = int(jobs()["ingest"].subject.removeprefix("title:"))
    assert [(row.language, row.label) for row in rows(house, title_id)] == [("bo", "藏文")]


@media
def test_captions_that_somebody_gave_stay(
    house: House,
    runner: Runner,
    jobs: Callable[[], dict[str, Job]],
    with_subtitles: Callable[..., Path],
    import_file: Callable[..., int],
) -> None:
    title_id = import_file(with_subtitles("a.mp4", "mov_text"))
    gen = give(house, title_id, "编辑写的")
    assert ingest(runner, jobs) == "done"
    assert [row.gen for row in rows(house, title_id)] == [gen]
    assert len(list(house.blobs.keys(f"vod/{title_id}"))) == 1


@media
@pytest.mark.parametrize(
    "fault", ["1\n00:00:00,500 --> 00:00:01,200\n<i></i>\n", None], ids=["empty", "no ffmpeg"]
)
def test_captions_that_cannot_be_had_keep_no_video_back(
    house: House,
    runner: Runner,
    jobs: Callable[[], dict[str, Job]],
    with_subtitles: Callable[..., Path],
    import_file: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str | None,
) -> None:
    title_id = import_file(with_subtitles("a.mp4", "mov_text", words=fault or SRT))
    if fault is None:
        # ffprobe is there, ffmpeg fails: the video itself is looked at by ffprobe alone.
        broken = tmp_path / "bin" / "ffmpeg"
        broken.parent.mkdir()
        broken.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
        broken.chmod(0o755)
        monkeypatch.setenv("PATH", str(broken.parent), prepend=":")
    assert ingest(runner, jobs) == "done"
    assert rows(house, title_id) == []
    assert jobs()["transcode"].state == "queued"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *((tag, "zh-CN") for tag in ("chi", "und", "", "x/../y")),
        *(("eng", "en"), ("uig", "ug"), ("fra", "fra")),
    ],
)
def test_languages_are_called_as_here(tag: str, language: str) -> None:
    assert language_of(tag) == language


def give(house: House, title_id: int, text: str) -> str:
    captions = read_captions(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n".encode())
    stored = store_captions(house.blobs, title_id, captions)
    with session_scope(house.sessions) as session:
        title = get_title(session, title_id)
        attach_captions(session, title, stored, actor="li", now=house.clock.now(), keep_s=60)
    return stored.gen


class TestTidy:
    """By a clock that stands until it is moved."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def runner(self, house: House) -> Runner:
        return Runner(house.sessions, house.clock, make_handlers(house), lease_s=30)

    @pytest.fixture
    def title_id(self, house: House) -> int:
        with session_scope(house.sessions) as session:
            return create_title(session, name="剪枝", now=START).id

    def files(self, house: House, title_id: int) -> list[str]:
        return [key.split("/")[2] for key in house.blobs.keys(f"vod/{title_id}")]

    def test_replaced_ones_go_when_no_address_leads_to_them(
        self, house: House, runner: Runner, clock: FakeClock, title_id: int
    ) -> None:
        old = give(house, title_id, "旧")
        new = give(house, title_id, "新")
        assert runner.run_due() == 0
        assert sorted(self.files(house, title_id)) == sorted([old, new])
        clock.advance(seconds=61)
        assert runner.run_due() == 1
        assert self.files(house, title_id) == [new]

    def test_shown_ones_stay_whatever_a_job_says(
        self, house: House, runner: Runner, clock: FakeClock, title_id: int
    ) -> None:
        gen = give(house, title_id, "在")
        with session_scope(house.sessions) as session:
            title = get_title(session, title_id)
            prefixes = [f"vod/{title_id}/{gen}", f"vod/{title_id}/other"]
            want_tidy(session, title, prefixes, now=START, delay_s=0)
        house.blobs.put_bytes(f"vod/{title_id}/other/480p/s00000.ts", b"old")
        assert runner.run_due() == 1
        assert self.files(house, title_id) == [gen]
        with session_scope(house.sessions) as session:
            title = get_title(session, title_id)
            remove_captions(session, title, "zh-CN", now=clock.now(), keep_s=60)
        clock.advance(seconds=61)
        assert runner.run_due() == 1
        assert self.files(house, title_id) == []
