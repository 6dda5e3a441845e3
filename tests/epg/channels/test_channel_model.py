from __future__ import annotations

import pytest

from core.errors import InvalidInputError
from epg.channels.model import check_source, clean_fields, guess_kind, masked_url
from epg.channels.naming import group_names, guess_level, guide_ids


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("hls", "https://user:pw@tv.example/cctv1/index.m3u8?a=1"),
        ("http", "http://10.0.0.1:8080/rtp/239.3.1.129:8008"),
        ("udp", "udp://@239.1.1.1:5000"),
        ("udp", "udp://:5000"),
        ("udp", "udp://239.1.1.1:5000?localaddr=10.0.0.2"),
        ("rtp", "rtp://239.1.1.1:5000"),
        ("srt", "srt://10.0.0.9:9000?mode=caller&passphrase=secretsecret"),
        ("rtmp", "rtmp://10.0.0.9/live/news"),
        ("rtmp", "rtmps://10.0.0.9/live/news"),
        ("push", ""),
        ("file", "notices/a film.mp4"),
        ("file", "/srv/tv"),
        ("card", "clock?name=测试"),
        ("card", "bars"),
    ],
)
def test_addresses_that_are_taken(kind: str, url: str) -> None:
    assert check_source(kind, f" {url} ") == url


@pytest.mark.parametrize(
    ("kind", "url", "field"),
    [
        ("smoke", "http://a/b", "kind"),
        ("hls", "", "url"),
        ("hls", "ftp://a/b.m3u8", "url"),
        ("hls", "http:///b.m3u8", "url"),
        ("hls", "http://a/b\n.m3u8", "url"),
        ("hls", "http://a/b c.m3u8", "url"),
        ("hls", "http://a:99999/b.m3u8", "url"),
        ("http", "file:///etc/passwd", "url"),
        ("http", "http://a/" + "x" * 2000, "url"),
        ("udp", "udp://239.1.1.1", "url"),
        ("udp", "rtp://239.1.1.1:5000", "url"),
        ("srt", "srt://10.0.0.9", "url"),
        ("rtmp", "http://10.0.0.9/live", "url"),
        ("push", "rtmp://a/b", "url"),
        ("file", "../../etc/passwd", "url"),
        ("file", "tv/../../x", "url"),
        ("file", "concat:a.ts|b.ts", "url"),
        ("file", "http://a/b", "url"),
        ("file", "", "url"),
        ("card", "snow", "url"),
    ],
)
def test_addresses_that_are_refused(kind: str, url: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_source(kind, url)
    assert caught.value.field == field


def test_a_card_without_a_word_is_the_clock() -> None:
    assert check_source("card", "") == "clock"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://a/b.m3u8?x=1", "hls"),
        ("HTTPS://a/B.M3U8", "hls"),
        ("http://a/b.m3u8|User-Agent=x", "hls"),
        ("http://a:8080/rtp/239.1.1.1:1", "http"),
        ("rtp://239.1.1.1:1", "rtp"),
        ("udp://@239.1.1.1:1", "udp"),
        ("srt://a:1", "srt"),
        ("rtmp://a/b", "rtmp"),
        ("rtmps://a/b", "rtmp"),
    ],
)
def test_the_kind_is_guessed_from_the_address(url: str, kind: str) -> None:
    assert guess_kind(url) == kind


@pytest.mark.parametrize("url", ["rtsp://a/b", "p2p://x", "plugin://video", "b.m3u8", "udp:1"])
def test_what_cannot_be_taken_in_has_no_kind(url: str) -> None:
    with pytest.raises(InvalidInputError):
        guess_kind(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:pw@host:80/a@b?x=1", "http://***@host:80/a@b?x=1"),
        ("udp://@239.1.1.1:5000", "udp://@239.1.1.1:5000"),
        ("http://host/a?token=abc&x=1&AuthKey=9", "http://host/a?token=***&x=1&AuthKey=***"),
        ("srt://h:1?passphrase=abc", "srt://h:1?passphrase=***"),
        ("/srv/tv/a.mp4", "/srv/tv/a.mp4"),
    ],
)
def test_secrets_are_masked(url: str, shown: str) -> None:
    assert masked_url(url) == shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "a\x00b"),
        ("name", None),
        ("number", 0),
        ("number", 10_000),
        ("number", True),
        ("retention_days", 367),
        ("target_duration_s", 21),
        ("level", "moon"),
        ("kind", "dead"),
        ("radio", "yes"),
        ("names", "CCTV1"),
        ("names", ["x" * 121]),
        ("names", [f"n{n}" for n in range(41)]),
        ("id", 7),
    ],
)
def test_a_value_that_does_not_fit_is_named(field: str, value: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        clean_fields({field: value})
    assert caught.value.field == field


def test_values_are_stored_clean() -> None:
    cleaned = clean_fields({"name": " 新闻 ", "names": [" A", "A", ""], "number": 5})
    assert cleaned == {"name": "新闻", "names": ["A"], "number": 5}


def test_groups_and_levels() -> None:
    assert group_names("央视; 高清;;央视") == ["央视", "高清"]
    assert guess_level("CCTV-1高清") == "central"
    assert guess_level("湖南卫视") == "province"
    assert guess_level("青禾新闻") == "county"


def test_of_channels_with_one_guide_id_the_first_keeps_it() -> None:
    assert guide_ids([(9, "cctv1"), (3, "cctv1"), (4, "")]) == {
        3: "cctv1",
        4: "cuntai-4",
        9: "cuntai-9",
    }
