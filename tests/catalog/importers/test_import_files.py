"""Files of a sheet are found inside the media folder and nowhere else."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from catalog.importers.files import find_file
from core.errors import InvalidInputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "农技").mkdir(parents=True)
    (folder / "农技" / "剪枝.mp4").write_bytes(b"video")
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    return folder


@pytest.mark.parametrize("name", ["农技/剪枝.mp4", "农技\\剪枝.mp4", "./农技//剪枝.mp4"])
def test_a_relative_path_is_found(folder: Path, name: str) -> None:
    found = find_file(folder, name)
    assert Path(found.path) == folder.resolve() / "农技" / "剪枝.mp4"
    assert found.size_bytes == 5


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../secret.mp4", "之外"),
        ("农技/../../secret.mp4", "之外"),
        ("..\\secret.mp4", "之外"),
        (".", "之外"),
        ("/etc/passwd", "绝对路径"),
        ("\\\\nas\\video\\a.mp4", "绝对路径"),
        ("C:\\视频\\a.mp4", "绝对路径"),
        ("d:a.mp4", "绝对路径"),
        ("没有.mp4", "没有"),
        ("农技", "不是文件"),
        ("农技/剪枝.mp4/x", "没有"),
        ("坏\ud800名.mp4", "没有"),
        ("a\0b.mp4", "没有"),
        ("长" * 200, "没有"),
    ],
)
def test_other_paths_are_refused_by_name(folder: Path, name: str, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        find_file(folder, name)


def test_links_lead_nowhere_but_inside(folder: Path) -> None:
    (folder / "inside.mp4").symlink_to(folder / "农技" / "剪枝.mp4")
    (folder / "outside.mp4").symlink_to("../secret.mp4")
    (folder / "up").symlink_to("..")
    (folder / "dangling.mp4").symlink_to("nothing.mp4")
    (folder / "loop.mp4").symlink_to("loop.mp4")
    # The path that is handed on has no link in it: it cannot be turned around later.
    assert find_file(folder, "inside.mp4").path == str(folder.resolve() / "农技" / "剪枝.mp4")
    for name in ("outside.mp4", "up/secret.mp4"):
        with pytest.raises(InvalidInputError, match="链接"):
            find_file(folder, name)
    for name in ("dangling.mp4", "loop.mp4"):
        with pytest.raises(InvalidInputError, match="打不开"):
            find_file(folder, name)


def test_a_neighbour_folder_with_a_like_name_is_outside(folder: Path) -> None:
    neighbour = folder.with_name("media-old")
    neighbour.mkdir()
    (neighbour / "a.mp4").write_bytes(b"x")
    (folder / "a.mp4").symlink_to(neighbour / "a.mp4")
    with pytest.raises(InvalidInputError, match="链接"):
        find_file(folder, "a.mp4")


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    link = folder.with_name("link")
    link.symlink_to(folder)
    assert find_file(link, "农技/剪枝.mp4").path == str(folder.resolve() / "农技" / "剪枝.mp4")


def gb18030(name: str) -> str:
    """Return a name as Python knows it when its bytes on disk are GB18030."""
    return os.fsdecode(name.encode("gb18030"))


def test_names_in_gb18030_on_disk_are_found(folder: Path) -> None:
    file = folder.resolve() / gb18030("柑橘") / gb18030("保花保果.mp4")
    file.parent.mkdir()
    file.write_bytes(b"video")
    found = find_file(folder, "柑橘/保花保果.mp4")
    assert found.path == str(file)
    assert Path(found.path).read_bytes() == b"video"


def test_names_in_either_composition_are_found(folder: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Café.mp4")
    (folder / decomposed).write_bytes(b"video")
    assert find_file(folder, "Café.mp4").path.endswith(decomposed)


def test_an_empty_file_and_a_pipe_are_refused(folder: Path) -> None:
    (folder / "empty.mp4").touch()
    os.mkfifo(folder / "pipe.mp4")
    with pytest.raises(InvalidInputError, match="0 字节"):
        find_file(folder, "empty.mp4")
    with pytest.raises(InvalidInputError, match="不是文件"):
        find_file(folder, "pipe.mp4")


def test_a_stamp_changes_with_the_file(folder: Path) -> None:
    before = find_file(folder, "农技/剪枝.mp4").stamp
    assert find_file(folder, "农技/剪枝.mp4").stamp == before
    (folder / "农技" / "剪枝.mp4").write_bytes(b"other video")
    assert find_file(folder, "农技/剪枝.mp4").stamp != before
