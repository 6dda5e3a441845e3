"""The parser: every trap of real feeds, as values; what is no guide is refused with its line."""

from __future__ import annotations

import io
import time
import tracemalloc
from typing import Any

import pytest

from core.errors import InvalidInputError
from epg.guide.unpacking import GuideFile
from epg.guide.xmltv import FeedChannel, FeedProgramme, Item, Junk, read_guide

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
START = 'start="20250619120000 +0800" stop="20250619123000 +0800"'
NOON = 1750305600


def read(text: str | bytes) -> list[Item]:
    content = text.encode() if isinstance(text, str) else text
    return list(read_guide(GuideFile(io.BytesIO(content)), zone="Asia/Shanghai"))


def programmes(text: str | bytes) -> list[FeedProgramme]:
    return [item for item in read(text) if isinstance(item, FeedProgramme)]


def one(children: str, attributes: str = START) -> Any:
    found = read(f'{HEAD}<tv><programme {attributes} channel="1">{children}</programme></tv>')
    assert len(found) == 1
    return found[0]


def test_channels_and_programmes_are_read_in_order() -> None:
    found = read(
        f"""{HEAD}<!DOCTYPE tv SYSTEM "xmltv.dtd">
<tv><!-- <programme/> --><channel id=" 57 "><display-name lang="zh">重庆卫视
   高清</display-name><display-name>57</display-name><icon src="http://x/57.png"/></channel>
<programme {START} channel="57"><title lang="zh">新闻 &amp; <![CDATA[<天气>]]></title>
<desc lang="zh" /></programme><?php oh ?></tv>"""
    )
    assert found == [
        FeedChannel("57", ("重庆卫视 高清", "57"), "http://x/57.png"),
        FeedProgramme("57", NOON, NOON + 1800, "新闻 & <天气>", "", "", "", None),
    ]


@pytest.mark.parametrize(
    ("attributes", "start_s", "stop_s"),
    [
        ('start="20250619120000"', NOON, None),
        ('start="20250619120000" stop=""', NOON, None),
        ('start="20250619120000" stop="whenever"', NOON, None),
        ('start="200007281733 BST"', 964802000 - 20, None),
        ('start="2000"', 946656000, None),
        (
            'start="20250619233000 +0800" stop="20250619001000 +0800"',
            NOON + 41400,
            NOON - 42600,
        ),
    ],
)
def test_odd_times_are_given_as_they_are(attributes: str, start_s: int, stop_s: int | None) -> None:
    found = one("<title>x</title>", attributes)
    assert (found.start_s, found.stop_s) == (start_s, stop_s)


def test_junk_is_told_by_line_and_does_not_stop_the_rest() -> None:
    found = read(
        f"""{HEAD}<tv>
<channel><display-name>没有 id</display-name></channel>
<programme start="tomorrow" channel="1"><title>a</title></programme>
<programme channel="1"><title>b</title></programme>
<programme {START}><title>c</title></programme>
<programme {START} channel="1"><title> </title><desc>没有名称</desc></programme>
<programme {START} channel="{"1" * 201}"><title>d</title></programme>
<programme {START} channel="1"><title>好</title></programme>
</tv>"""
    )
    assert [item.line for item in found if isinstance(item, Junk)] == [3, 4, 5, 6, 7, 8]
    assert [item.title for item in found if isinstance(item, FeedProgramme)] == ["好"]


def test_everything_the_dtd_knows_is_kept() -> None:
    found = one(
        """<title lang="en">News</title><title lang="zh">新闻</title><sub-title>第3集</sub-title>
<desc>早</desc><desc lang="en">early</desc><credits><director>王</director><actor role="甲">李
<image type="person">http://x/a.jpg</image></actor><boss>nobody</boss></credits><date>2024</date>
<category>农业</category><category>科教</category><length units="minutes">30</length>
<length>5</length><episode-num system="xmltv_ns">1 . 2 . 0/1</episode-num>
<video><quality>HDTV</quality></video>
<new/><subtitles type="sung"><language>zh</language></subtitles>
<rating system="X"><value>12</value></rating><rating><icon src="y"/></rating>
<star-rating><value>4/5</value><icon src="s"/></star-rating>
<review>好</review><keyword/><made-up>1</made-up><premiere/>"""
    )
    assert (found.title, found.sub_title, found.summary) == ("新闻", "第3集", "早")
    assert found.category == "农业"
    assert found.facts == {
        "title": [{"#": "News", "@lang": "en"}],
        "desc": [{"#": "early", "@lang": "en"}],
        "credits": [
            {
                "director": ["王"],
                "actor": [
                    {
                        "#": "李",
                        "@role": "甲",
                        "image": [{"#": "http://x/a.jpg", "@type": "person"}],
                    }
                ],
            }
        ],
        "date": ["2024"],
        "category": ["科教"],
        "length": [{"#": "30", "@units": "minutes"}],
        "episode-num": [{"#": "1 . 2 . 0/1", "@system": "xmltv_ns"}],
        "video": [{"quality": ["HDTV"]}],
        "new": [""],
        "subtitles": [{"language": ["zh"]}],
        "rating": [{"@system": "X", "value": ["12"]}],
        "star-rating": [{"value": ["4/5"], "icon": [{"@src": "s"}]}],
        "review": [{"#": "好", "@type": "text"}],
        "premiere": [""],
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "UTF-8", "GB18030", "gb2312", "UTF-16"])
def test_encodings_are_understood(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>'
        f'<tv><programme {START} channel="1"><title>春耕</title></programme></tv>'
    )
    assert [item.title for item in programmes(text.encode(encoding))] == ["春耕"]


BOMB = (
    '<!DOCTYPE tv [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">'
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize(
    "text",
    [
        f'{HEAD}{BOMB}<tv><programme {START} channel="1"><title>&j;</title></programme></tv>',
        f'{HEAD}{BOMB}<tv><programme {START} channel="&j;"><title>x</title></programme></tv>',
        f"{HEAD}{BOMB}<tv>&j;</tv>",
        f'{HEAD}<!DOCTYPE tv [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        f'<tv><programme {START} channel="1"><title>&x;</title></programme></tv>',
        f'{HEAD}<!DOCTYPE tv [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><tv/>',
    ],
    ids=["text", "attribute", "root", "file", "parameter"],
)
def test_entities_are_refused_quickly_and_small(text: str) -> None:
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(InvalidInputError, match="实体"):
            read(text)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 5


def test_an_entity_nobody_declared_does_not_lose_the_text() -> None:
    text = (
        f'{HEAD}<!DOCTYPE tv SYSTEM "xmltv.dtd"><tv><programme {START} channel="1">'
        "<title>早&nbsp;新闻&hellip;</title></programme></tv>"
    )
    assert [item.title for item in programmes(text)] == ["早 新闻…"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空"),
        (b"just words", "空|不是正确"),
        (b"<html><body>Not found</body></html>", "<html>"),
        (f"{HEAD}<tv>\n<channel id='1'>".encode(), "第 3 行|不完整"),
        (f"{HEAD}<tv>\n\n<a></b></tv>".encode(), "第 4 行"),
        (f"{HEAD}<tv>&nbsp;</tv>".encode(), "第 2 行"),
        (f"{HEAD}<tv><title>\xff</title></tv>".encode("latin-1"), "第 2 行"),
    ],
)
def test_what_is_no_guide_is_refused_with_its_line(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        read(content)


def test_a_file_cut_anywhere_is_told_from_a_whole_one() -> None:
    whole = (
        f'{HEAD}<tv><channel id="1"><display-name>一</display-name></channel>'
        f'<programme {START} channel="1"><title>新闻</title></programme></tv>'
    ).encode()
    assert len(read(whole)) == 2
    for length in range(1, len(whole)):
        with pytest.raises(InvalidInputError):
            read(whole[:length])


class Endless:
    """A file that goes on for ever without a programme."""

    def __init__(self, head: bytes, filling: bytes) -> None:
        self._head, self._filling = head, filling

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head or (self._filling * (size // len(self._filling) + 1))[:size]


@pytest.mark.parametrize("filling", [b" ", b"<x/>", b"<!-- -->"])
def test_a_file_that_never_comes_to_a_programme_is_given_up(filling: bytes) -> None:
    with pytest.raises(InvalidInputError, match="没有一个节目"):
        list(read_guide(Endless(b"<tv>", filling), zone="Asia/Shanghai"))
