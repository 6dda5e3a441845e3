"""What `import-catalog` does with the subtitle column, on real stores and databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from catalog.titles.captions import caption_key
from catalog.titles.tables import Title, TitleCaption
from core.db import read_scope, session_scope
from county.places import add_place
from vod_server.bootstrap import House
from vod_server.cli import content

SRT = "1\n00:00:01,000 --> 00:00:02,000\n四看\n"


@pytest.fixture
def media(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # The house that the test closes at its end.
    monkeypatch.setattr(content, "open_house", lambda _: house)
    with session_scope(house.sessions) as session:
        add_place(session, kind="county", code="990000", name="青禾县")
    (tmp_path / "a.mp4").write_bytes(b"workers look into it")
    (tmp_path / "a.srt").write_text(SRT)
    (tmp_path / "bad.srt").write_text("没有时间\n")
    rows = ["file,title,subtitle", "a.mp4,甲,a.srt", "a.mp4,乙,bad.srt"]
    (tmp_path / "catalog.csv").write_text("\n".join(rows))
    return tmp_path


def run(house: House, media: Path) -> dict[str, str]:
    done = CliRunner().invoke(
        content.import_catalog, [str(media / "catalog.csv"), "--json"], obj=house.settings
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.output.strip().splitlines()[-1])
    assert [fault["row"] for fault in told["warnings"]] == [3]
    return {row["title"]: row["outcome"] for row in told["rows"]}


def shown(house: House) -> TitleCaption:
    """Return the captions of 甲, all there are."""
    with read_scope(house.sessions) as session:
        rows = session.execute(select(TitleCaption, Title.name).join(Title)).all()
    assert [name for _, name in rows] == ["甲"]
    return rows[0][0]


def test_a_sheet_brings_captions_and_replaces_them(house: House, media: Path) -> None:
    assert run(house, media) == {"甲": "created", "乙": "created"}
    first = shown(house)
    with house.blobs.open(caption_key(first.title_id, first.gen, "zh-CN")) as file:
        assert "四看" in file.read().decode()
    assert run(house, media) == {"甲": "unchanged", "乙": "unchanged"}
    assert shown(house).gen == first.gen
    (media / "a.srt").write_text(SRT.replace("四看", "五看"))
    assert run(house, media) == {"甲": "updated", "乙": "unchanged"}
    assert shown(house).gen != first.gen
