"""Fetching: only http(s), only what is newer, never more than a limit, clear when it fails."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import InvalidInputError, TooLargeError
from epg.guide.fetching import Fetched, FetchError, fetch_guide
from epg.guide.files import GuideFiles
from tests.epg.guide.guide_server import GuideServer, serving


@pytest.fixture
def server() -> Iterator[GuideServer]:
    with serving() as guide:
        guide.body, guide.etag = b"<tv/>" * 1000, '"one"'
        yield guide


def test_a_guide_is_fetched_once_and_then_only_when_it_is_newer(
    server: GuideServer, tmp_path: Path
) -> None:
    server.headers["Last-Modified"] = "Fri, 01 May 2026 02:00:00 GMT"
    seen: list[tuple[int, int]] = []
    got = fetch_guide(server.url, tmp_path / "a", on_read=lambda *at: seen.append(at))
    assert got == Fetched('"one"', "Fri, 01 May 2026 02:00:00 GMT")
    assert (tmp_path / "a").read_bytes() == server.body
    assert seen[-1] == (5000, 5000)
    again = fetch_guide(server.url, tmp_path / "b", etag=got.etag, last_modified=got.last_modified)
    assert again is None
    assert server.asked[-1]["if-modified-since"] == got.last_modified
    server.etag = '"two"'
    assert fetch_guide(server.url, tmp_path / "b", etag=got.etag) == Fetched(
        '"two"', got.last_modified
    )


@pytest.mark.parametrize("status", [404, 403, 500, 503])
def test_a_refusal_is_told_with_its_number(
    server: GuideServer, tmp_path: Path, status: int
) -> None:
    server.status = status
    with pytest.raises(FetchError, match=str(status)):
        fetch_guide(server.url, tmp_path / "a")


def test_a_line_that_breaks_half_way_gives_no_guide(server: GuideServer, tmp_path: Path) -> None:
    server.cut = 700
    with pytest.raises(FetchError):
        fetch_guide(server.url, tmp_path / "a")


def test_nobody_answers(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchError, match="取不到"):
        fetch_guide(f"http://127.0.0.1:{port}/", tmp_path / "a")


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        with pytest.raises(FetchError):
            fetch_guide(url, tmp_path / "a", silence_s=0.3)


def test_what_is_too_large_is_not_fetched(server: GuideServer, tmp_path: Path) -> None:
    with pytest.raises(TooLargeError):
        fetch_guide(server.url, tmp_path / "a", max_bytes=4000)
    assert (tmp_path / "a").stat().st_size < 4000


@pytest.mark.parametrize(
    "url",
    ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x", "http://", "", "x", "http://a b/"],
)
def test_only_http_is_spoken(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="http"):
        fetch_guide(url, tmp_path / "a")


def test_a_redirect_leads_nowhere_but_to_http(server: GuideServer, tmp_path: Path) -> None:
    server.status, server.headers = 302, {"Location": "file:///etc/hostname"}
    with pytest.raises(InvalidInputError):
        fetch_guide(server.url, tmp_path / "a")
    with serving() as other:
        other.body = b"there"
        server.headers = {"Location": other.url}
        fetch_guide(server.url, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"there"


def test_files_of_feeds_are_kept_and_pruned(tmp_path: Path) -> None:
    files = GuideFiles(tmp_path / "guide")
    with files.incoming() as path:
        path.write_bytes(b"one")
        files.keep(1, path)
    with files.incoming() as path:
        path.write_bytes(b"half")
    (tmp_path / "mine.xml").write_bytes(b"two")
    files.keep_copy(2, tmp_path / "mine.xml")
    assert (files.last(1).read_bytes(), files.last(2).read_bytes()) == (b"one", b"two")
    left = files.folder / "incoming-dead.part"
    left.write_bytes(b"x")
    files.prune([2], older_than=left.stat().st_mtime - 10)
    assert sorted(path.name for path in files.folder.iterdir()) == ["feed-2.guide", left.name]
    files.prune([2], older_than=left.stat().st_mtime + 10)
    assert [path.name for path in files.folder.iterdir()] == ["feed-2.guide"]
    assert (tmp_path / "mine.xml").exists()
