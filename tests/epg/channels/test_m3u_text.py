from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError
from epg.channels.m3u import Entry, Playlist, parse_info, parse_m3u, read_attributes, write_m3u


@pytest.mark.parametrize(
    ("line", "attributes", "name"),
    [
        ('#EXTINF:-1 tvg-id="1" tvg-name="A",A', {"tvg-id": "1", "tvg-name": "A"}, "A"),
        ("#EXTINF:-1,Only, a name", {}, "Only, a name"),
        (
            '#EXTINF:-1 group-title="News, local",Name, with comma',
            {"group-title": "News, local"},
            "Name, with comma",
        ),
        (
            '#EXTINF:-1 tvg-name="The "big" one" tvg-id="2",X',
            {"tvg-name": 'The "big" one', "tvg-id": "2"},
            "X",
        ),
        (
            '#EXTINF:-1 tvg-name="say "hi", you" tvg-id="2",X',
            {"tvg-name": 'say "hi", you', "tvg-id": "2"},
            "X",
        ),
        ('#EXTINF:-1 tvg-id="1",A "quoted" name', {"tvg-id": "1"}, 'A "quoted" name'),
        ("#EXTINF:-1 tvg-id=abc radio=true,X", {"tvg-id": "abc", "radio": "true"}, "X"),
        ('#EXTINF:-1 tvg-id="1"tvg-name="2",X', {"tvg-id": "1", "tvg-name": "2"}, "X"),
        ('#EXTINF:-1 tvg-id="" ,X', {"tvg-id": ""}, "X"),
        ('#EXTINF:-1 tvg-id="open,X', {"tvg-id": "open"}, "X"),
        ('#EXTINF:-1 stray tvg-id="1",X', {"tvg-id": "1"}, "X"),
        ('#EXTINF:-1 a="1" a="2",X', {"a": "1"}, "X"),
        (
            '#EXTINF:-1 catchup-source="http://a/?s=${start}&d={duration:60}",X',
            {"catchup-source": "http://a/?s=${start}&d={duration:60}"},
            "X",
        ),
        ("#EXTINF:X", {}, ""),
        ("#EXTINF:", {}, ""),
    ],
)
def test_info_lines(line: str, attributes: dict[str, str], name: str) -> None:
    _, found, called = parse_info(line)
    assert (found, called) == (attributes, name)


def test_the_duration_is_kept() -> None:
    assert parse_info('#EXTINF:10.5 a="1",X')[0] == "10.5"
    assert parse_info("#EXTINF: -1 ,X")[0] == "-1"
    assert parse_info("#EXTINF:,X")[0] == "-1"


FULL = """\
#EXTM3U x-tvg-url="http://e/x.xml.gz" url-tvg="http://e/x.xml.gz" m3uautoload="1"
#PLAYLIST:乡村
#EXTINF:-1 tvg-id="cctv1" tvg-name="CCTV1" catchup="append" x-odd="1",CCTV-1
#EXTGRP:央视
#KODIPROP:inputstream=inputstream.ffmpegdirect
#EXTVLCOPT:http-user-agent=TV
#EXTODD:7
http://a/1.m3u8
#EXTINF:-1 tvg-id="cctv1",CCTV-1 备
udp://@239.1.1.1:5000
"""


def test_everything_of_a_list_is_kept() -> None:
    found = parse_m3u(FULL)
    assert found.attributes["m3uautoload"] == "1"
    assert found.directives == ("#PLAYLIST:乡村",)
    first, second = found.entries
    assert first.attributes["x-odd"] == "1"
    assert [line.partition(":")[0] for line in first.directives] == [
        "#EXTGRP",
        "#KODIPROP",
        "#EXTVLCOPT",
        "#EXTODD",
    ]
    assert (first.group, first.line, first.url) == ("央视", 3, "http://a/1.m3u8")
    assert (second.first("tvg-id"), second.url) == ("cctv1", "udp://@239.1.1.1:5000")
    assert write_m3u(found) == FULL


@pytest.mark.parametrize("ends", ["\r\n", "\n\n", "\r"])
def test_line_ends_and_byte_order_marks_do_not_matter(ends: str) -> None:
    assert parse_m3u("\ufeff" + FULL.replace("\n", ends)).entries == parse_m3u(FULL).entries


def test_a_list_may_begin_without_its_header() -> None:
    assert parse_m3u("#EXTINF:-1,A\nhttp://a/1\n").entries[0].name == "A"


def test_directives_may_stand_before_their_entry() -> None:
    found = parse_m3u("#EXTM3U\n#KODIPROP:a=b\n#EXTINF:-1,A\nhttp://a/1\n# remark\n").entries
    assert found[0].directives == ("#KODIPROP:a=b",)


def test_half_entries_are_told_not_swallowed() -> None:
    found = parse_m3u("#EXTM3U\nhttp://bare/\n#EXTINF:-1,A\n#EXTINF:-1,B\nhttp://b/\n").entries
    assert [(e.name, e.url, e.line) for e in found] == [
        ("", "http://bare/", 2),
        ("A", "", 3),
        ("B", "http://b/", 4),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n",
    ],
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_m3u(text)


def test_an_empty_list_is_a_list() -> None:
    assert parse_m3u("#EXTM3U\n").entries == ()


def test_a_value_cannot_break_its_line() -> None:
    entry = Entry("A\n#EXTINF:-1,B", "http://a/\nhttp://b/", {"tvg-name": 'x" y="\r\nz'})
    text = write_m3u(Playlist((entry,)))
    assert len(text.splitlines()) == 3
    assert len(parse_m3u(text).entries) == 1
    assert list(parse_m3u(text).entries[0].attributes) == ["tvg-name"]


words = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), blacklist_characters='"'),
    min_size=1,
    max_size=12,
)
names = st.from_regex(r"[a-z][a-z-]{0,10}", fullmatch=True)


@given(
    st.lists(
        st.builds(
            Entry,
            words.filter(lambda w: not w.startswith("#")),
            st.just("http://a/1"),
            st.dictionaries(names, words, max_size=4),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_is_read_back(entries: list[Entry]) -> None:
    playlist = Playlist(tuple(entries), {"x-tvg-url": "http://e/"})
    assert parse_m3u(write_m3u(playlist)) == playlist


@given(st.text(max_size=200))
def test_no_text_makes_it_fail_another_way(text: str) -> None:
    read_attributes(text)
    try:
        parse_m3u("#EXTM3U\n" + text)
    except InvalidInputError:
        return


def test_the_real_list_is_read_whole(shared_dir: Path) -> None:
    text = (shared_dir / "guide" / "beijing-unicom.m3u").read_text()
    found = parse_m3u(text)
    assert len(found.entries) == 230
    assert all(entry.url and entry.name for entry in found.entries)
    assert parse_m3u(write_m3u(found)) == found
