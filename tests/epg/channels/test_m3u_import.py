from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.importers.decoding import decode_sheet
from epg.channels.exporting import export_playlist
from epg.channels.importing import import_m3u
from epg.channels.m3u import parse_m3u, write_m3u
from epg.channels.reading import list_channels
from epg.channels.tables import Channel
from epg.channels.version import epg_version
from tests.factories import make_channel
from tests.fakes import START


def take(session: Session, text: str, *, wanted: bool = False) -> list[tuple[int, str, str]]:
    report = import_m3u(session, text, now=START, wanted=wanted)
    return [(r.line, r.outcome, r.words) for r in report.results]


def outcomes(session: Session, text: str, *, wanted: bool = False) -> list[str]:
    return [outcome for _, outcome, _ in take(session, text, wanted=wanted)]


def only(session: Session) -> Channel:
    return session.scalars(select(Channel)).one()


def test_the_real_list_goes_in_and_comes_out_the_same(session: Session, shared_dir: Path) -> None:
    text = (shared_dir / "guide" / "beijing-unicom.m3u").read_text()
    assert outcomes(session, text) == ["new"] * 230
    channels = list_channels(session)
    assert len(channels) == 230
    assert not any(channel.wanted for channel in channels)
    assert {source.kind for channel in channels for source in channel.sources} == {"http"}
    written = write_m3u(export_playlist(channels))

    def facts(text: str) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for e in parse_m3u(text).entries:
            number = e.first("tvg-chno", "channel-number")
            found.append((e.name, e.url, number, e.first("tvg-id"), e.first("tvg-name"), e.group))
        return found

    assert sorted(facts(written)) == sorted(facts(text))
    before = epg_version(session)
    assert outcomes(session, written) == ["same"] * 230
    assert outcomes(session, text) == ["same"] * 230
    assert epg_version(session) == before
    assert write_m3u(export_playlist(list_channels(session))) == written


def test_the_fields_of_an_entry(session: Session) -> None:
    text = """#EXTM3U
#EXTINF:-1 tvg-ID="c1" tvg-name="CCTV1" ch-number="12" tvg-logo="http://l/1.png" radio="true" \
catchup="append" catchup-days="3" catchup-source="?a={utc}" x-odd="y",CCTV-1 综合
#EXTGRP:央视
#KODIPROP:inputstream=x
http://a/1.m3u8
"""
    take(session, text, wanted=True)
    channel = only(session)
    assert (channel.number, channel.tvg_id, channel.name) == (12, "c1", "CCTV-1 综合")
    assert (channel.names, channel.group_title, channel.radio) == (["CCTV1"], "央视", True)
    assert (channel.logo, channel.level, channel.wanted) == ("http://l/1.png", "central", True)
    assert channel.attributes == {
        "catchup": "append",
        "catchup-days": "3",
        "catchup-source": "?a={utc}",
        "x-odd": "y",
        "#directives": ["#KODIPROP:inputstream=x"],
    }
    assert [(s.kind, s.url) for s in channel.sources] == [("hls", "http://a/1.m3u8")]
    again = parse_m3u(write_m3u(export_playlist([channel]))).entries[0]
    assert again.attributes["catchup-source"] == "?a={utc}"
    assert again.attributes["x-odd"] == "y"
    assert again.directives == ("#KODIPROP:inputstream=x",)
    assert outcomes(session, text) == ["same"]


TWO = """#EXTM3U
#EXTINF:-1 tvg-id="c1",CCTV-1
http://a/1.m3u8
#EXTINF:-1 tvg-id="c1",CCTV-1
udp://@239.1.1.1:5000
#EXTINF:-1 tvg-id="c1",CCTV-1 高清
http://a/hd.m3u8
#EXTINF:-1 tvg-id="c1",CCTV-1
http://a/1.m3u8
"""


def test_entries_of_one_name_and_id_are_sources_of_one_channel(session: Session) -> None:
    assert outcomes(session, TWO) == ["new", "source", "new", "same"]
    first = list_channels(session)[0]
    assert [(s.position, s.kind) for s in first.sources] == [(0, "hls"), (1, "udp")]
    assert outcomes(session, TWO) == ["same", "source", "same", "same"]
    assert len(list_channels(session)) == 2


def test_an_import_brings_up_to_date_and_leaves_what_people_set(session: Session) -> None:
    take(session, '#EXTINF:-1 tvg-id="1" tvg-chno="5",A\nhttp://a/1.m3u8\n')
    channel = only(session)
    channel.wanted, channel.retention_days, channel.names = True, 30, ["老A"]
    channel.sources[0].mode = "copy"
    number_of_source = channel.sources[0].id
    session.flush()
    text = (
        '#EXTINF:-1 tvg-id="1" tvg-chno="9" tvg-name="AA" group-title="G",A\nhttp://a/1.m3u8\n'
        '#EXTINF:-1 tvg-id="1",A\nhttp://b/2.m3u8\n'
    )
    assert outcomes(session, text) == ["changed", "source"]
    assert (channel.number, channel.wanted, channel.retention_days) == (5, True, 30)
    assert (channel.group_title, channel.names) == ("G", ["AA", "老A"])
    assert [(s.url, s.mode) for s in channel.sources] == [
        ("http://a/1.m3u8", "copy"),
        ("http://b/2.m3u8", "auto"),
    ]
    assert channel.sources[0].id == number_of_source
    assert outcomes(session, text) == ["same", "source"]


def test_a_number_that_is_taken_is_left_to_its_owner(session: Session) -> None:
    make_channel(session, number=5, name="本县")
    text = (
        "#EXTM3U\n"
        '#EXTINF:-1 tvg-chno="5",A\nhttp://a/1\n'
        '#EXTINF:-1 tvg-chno="6",B\nhttp://a/2\n'
        '#EXTINF:-1 tvg-chno="6",C\nhttp://a/3\n'
        '#EXTINF:-1 tvg-chno="5-1",D\nhttp://a/4\n'
    )
    found = take(session, text)
    assert [outcome for _, outcome, _ in found] == ["new"] * 4
    assert "5" in found[0][2]
    by_name = {channel.name: channel for channel in list_channels(session)}
    assert {name: channel.number for name, channel in by_name.items()} == {
        "本县": 5,
        "A": 7,
        "B": 6,
        "C": 8,
        "D": 9,
    }
    assert by_name["A"].attributes["channel-number"] == "5"
    assert by_name["D"].attributes["tvg-chno"] == "5-1"
    assert outcomes(session, text) == ["same"] * 4


def test_what_cannot_be_used_is_told_by_line(session: Session) -> None:
    text = (
        "#EXTM3U\n"
        "http://no/name\n"
        "#EXTINF:-1,无地址\n"
        "#EXTINF:-1,怪\n"
        "rtsp://a/b\n"
        f"#EXTINF:-1,{'长' * 121}\n"
        "http://a/1\n"
        "#EXTINF:-1,好\n"
        "http://a/2\n"
    )
    found = take(session, text)
    assert [(line, outcome) for line, outcome, _ in found] == [
        (2, "refused"),
        (3, "refused"),
        (4, "refused"),
        (6, "refused"),
        (8, "new"),
    ]
    assert all(words for _, outcome, words in found if outcome == "refused")
    assert only(session).name == "好"


def test_bytes_of_a_chinese_editor(session: Session) -> None:
    raw = '#EXTM3U\r\n#EXTINF:-1 group-title="央视",中央一台\r\nhttp://a/1\r\n'.encode("gb18030")
    take(session, decode_sheet(raw))
    assert (only(session).name, only(session).group_title) == ("中央一台", "央视")


def test_a_loop_channel_keeps_its_titles(session: Session) -> None:
    make_channel(session, number=3, name="轮播", kind="loop", tvg_id="loop")
    text = '#EXTINF:-1 tvg-id="loop",轮播\nhttp://our.own/live/3/index.m3u8?v=1\n'
    assert outcomes(session, text) == ["same"]
    assert only(session).sources == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_has_no_address_is_not_exported(session: Session) -> None:
    make_channel(session, number=3, name="轮播", kind="loop")
    assert export_playlist(list_channels(session)).entries == ()
