"""ffmpeg's input arguments of every kind of source, and tricks that are refused."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from core.errors import InvalidInputError, NotFoundError
from epg.channels.model import SOURCE_KINDS, check_source
from vod_server.live.card import card_input
from vod_server.live.inputs import Surroundings, input_arguments, is_listener, is_near
from vod_server.live.wanted import WantedSource


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def arguments(kind: str, url: str, inbox: Path, key: str | None = "k1") -> list[str]:
    source = WantedSource(1, kind, check_source(kind, url), "auto")
    around = Surroundings(inbox, "rtmp://127.0.0.1:1935/push/")
    return input_arguments(source, around, stream_key=key, run=inbox.parent)


def opened(found: list[str]) -> str:
    assert found[-2] == "-i"
    return found[-1]


def after(found: list[str], option: str) -> str:
    return found[found.index(option) + 1]


@pytest.mark.parametrize(
    ("kind", "url", "address", "protocols"),
    [
        ("hls", "https://a.cn/x.m3u8?t=1", "https://a.cn/x.m3u8?t=1", "http,https,tcp,tls,crypto"),
        ("http", "http://a.cn/x.ts", "http://a.cn/x.ts", "http,https,tcp,tls"),
        ("rtmp", "rtmp://a.cn/live/x", "rtmp://a.cn/live/x", "rtmp,rtmps,tcp,tls"),
        ("push", "", "rtmp://127.0.0.1:1935/push/k1", "rtmp,rtmps,tcp,tls"),
    ],
)
def test_addresses_are_opened_by_their_own_protocols_alone(
    inbox: Path, kind: str, url: str, address: str, protocols: str
) -> None:
    found = arguments(kind, url, inbox)
    assert opened(found) == address
    assert after(found, "-protocol_whitelist") == protocols
    assert int(after(found, "-rw_timeout")) == 8_000_000


@pytest.mark.parametrize(
    ("kind", "url", "options"),
    [
        (
            "udp",
            "udp://@239.1.1.1:5000?localaddr=10.0.0.2&overrun_nonfatal=0&broadcast=1",
            {
                "timeout": "8000000",
                "fifo_size": "50000",
                "overrun_nonfatal": "1",
                "localaddr": "10.0.0.2",
            },
        ),
        ("rtp", "rtp://239.1.1.1:5004", {"timeout": "8000000"}),
        ("srt", "srt://a.cn:9000?mode=caller", {"timeout": "8000000", "mode": "caller"}),
    ],
)
def test_allowed_options_stay_and_the_others_are_ours(
    inbox: Path, kind: str, url: str, options: dict[str, str]
) -> None:
    found = opened(arguments(kind, url, inbox))
    head, _, query = found.partition("?")
    assert head == url.partition("?")[0]
    assert dict(parse_qsl(query)) == options


def test_srt_options_reach_ffmpeg_as_they_are_meant(inbox: Path) -> None:
    """ffmpeg decodes nothing; a streamid begins with what looks like a fragment."""
    url = "srt://a.cn:9000?streamid=#!::r=live/x,m=request&passphrase=p%40ss%25word"
    found = opened(arguments("srt", url, inbox))
    assert "&streamid=#!::r=live/x,m=request&" in found
    assert found.endswith("&passphrase=p@ss%word")


def test_headers_behind_an_address_are_sent_and_can_begin_no_other(inbox: Path) -> None:
    url = "http://a.cn/x.m3u8|User-Agent=Box/1.0&Referer=http%3A%2F%2Fb.cn%0D%0AX-Evil: 1&Cookie=x"
    found = arguments("hls", url, inbox)
    assert opened(found) == "http://a.cn/x.m3u8"
    lines = after(found, "-headers").split("\r\n")
    assert lines == ["User-Agent: Box/1.0", "Referer: http://b.cn X-Evil: 1", ""]
    assert "-headers" not in arguments("hls", "http://a.cn/x.m3u8", inbox)


@pytest.mark.parametrize("kind", ["hls", "http", "file"])
def test_what_can_come_faster_than_it_plays_is_paced(inbox: Path, kind: str) -> None:
    (inbox / "x.ts").touch()
    assert "-re" in arguments(kind, "x.ts" if kind == "file" else "http://a.cn/x", inbox)


@pytest.mark.parametrize("kind", ["hls", "http", "udp", "rtp", "srt", "rtmp"])
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "concat:/etc/passwd|/etc/hosts", "/etc/passwd", "pipe:0", "-"]
)
def test_files_do_not_come_in_by_the_network_kinds(inbox: Path, kind: str, url: str) -> None:
    with pytest.raises(InvalidInputError):
        arguments(kind, url, inbox)


def test_a_push_needs_a_key_and_a_key_cannot_lead_elsewhere(inbox: Path) -> None:
    with pytest.raises(InvalidInputError, match="密钥"):
        arguments("push", "", inbox, key=None)
    assert opened(arguments("push", "", inbox, key="../vod/x y")).endswith("/push/..%2Fvod%2Fx%20y")


def test_a_file_is_looped_at_its_own_pace_and_reads_files_alone(inbox: Path) -> None:
    film = inbox / "县 里.ts"
    film.touch()
    for name in ("县 里.ts", str(film)):
        found = arguments("file", name, inbox)
        assert opened(found) == f"file:{film}"
        assert after(found, "-protocol_whitelist") == "file"
        assert after(found, "-stream_loop") == "-1"
    with pytest.raises(NotFoundError, match=r"later\.ts"):
        arguments("file", "later.ts", inbox)


def test_a_relative_name_stays_in_the_inbox_links_and_all(inbox: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ts"
    secret.touch()
    (inbox / "link.ts").symlink_to(secret)
    (inbox / "away").symlink_to(tmp_path)
    films = inbox / "films"
    films.mkdir()
    (films / "link.ts").symlink_to(secret)
    for name in ("link.ts", "away/secret.ts", "away"):
        with pytest.raises(InvalidInputError, match="收件箱"):
            arguments("file", name, inbox)
    with pytest.raises(NotFoundError, match="没有可以播放的文件"):
        arguments("file", "films", inbox)
    # Stored before names were checked, or by hand: it is checked where it is used, too.
    climbing = WantedSource(1, "file", "../secret.ts", "auto")
    with pytest.raises(InvalidInputError, match="收件箱"):
        input_arguments(climbing, Surroundings(inbox, ""), stream_key=None, run=tmp_path)
    # What the admin names whole is meant.
    assert opened(arguments("file", str(secret), inbox)) == f"file:{secret}"


def test_a_folders_list_names_its_films_in_order_and_quoted(inbox: Path) -> None:
    films = inbox / "films"
    (films / "folder.ts").mkdir(parents=True)
    for name in ("b.MP4", "a 'quoted' one.ts", "notes.txt", "new\nline.ts"):
        (films / name).touch()
    found = arguments("file", "films", inbox)
    listing = Path(opened(found).removeprefix("file:"))
    assert listing.read_text().splitlines() == [
        "ffconcat version 1.0",
        f"file '{films}/a '\\''quoted'\\'' one.ts'",
        f"file '{films}/b.MP4'",
    ]
    assert (after(found, "-f"), after(found, "-safe")) == ("concat", "0")


def test_a_cards_title_means_nothing_to_the_filter_graph() -> None:
    graph = card_input("clock?title=%27%2Ca%3D/b%5B%25%7Bx%7D%3A%5C村")[-1]
    assert "text='a=/bx村':expansion=none" in graph
    assert card_input("bars")[-1].startswith("smptehdbars")


def test_who_waits_to_be_called_and_who_is_near() -> None:
    def source(kind: str, url: str = "") -> WantedSource:
        return WantedSource(1, kind, url, "auto")

    assert is_listener(source("srt", "srt://0.0.0.0:9000?mode=listener"))
    assert not is_listener(source("srt", "srt://a.cn:9000?streamid=#mode=listener"))
    assert not is_listener(source("http", "http://a.cn/?mode=listener"))
    near = {kind for kind in SOURCE_KINDS if is_near(source(kind))}
    assert near == {"udp", "rtp", "push", "file", "card"}
    assert is_near(source("srt", "srt://:9000?mode=listener"))
