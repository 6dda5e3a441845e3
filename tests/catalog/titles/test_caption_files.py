"""Caption files as people have them become one plain WebVTT, or are refused by line."""

from __future__ import annotations

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.titles.caption_files import (
    MAX_BYTES,
    Captions,
    Cue,
    count_cues,
    first_cues,
    read_captions,
)
from core.errors import InvalidInputError, TooLargeError

SRT = """1
00:00:01,000 --> 00:00:02,500
四看：看树势

2
00:00:03,000 --> 00:00:05,250
再看枝条
剪口要平
"""
TWO = [(1000, 2500, "四看：看树势"), (3000, 5250, "再看枝条\n剪口要平")]

ASS = """[Script Info]
Title: 剪枝
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour
Style: Default,黑体,no number,&Hnocolour

[Fonts]
fontname: x_0.ttf
Dialog!1#"$

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,译者的话
Dialogue: 0,0:00:03.00,0:00:05.25,D,李师傅,x,0,0,,先剪大枝,再剪, 看一遍\\N{\\i1}不要急{\\i0}
Dialogue: Marked=0,0:00:01.00,0:00:02.50,D,,0,0,0,,{\\fad(200,200)\\pos(1,2)}四看\\h看树势{译注}
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
Dialogue: 0,0:00:02.00,0:00:02.00,Default,,0,0,0,,一闪而过
"""


def cues(raw: bytes | str) -> list[tuple[int, int, str]]:
    captions = read_captions(raw.encode() if isinstance(raw, str) else raw)
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in captions.cues]


def fault(raw: bytes | str) -> str:
    with pytest.raises(InvalidInputError) as refused:
        read_captions(raw.encode() if isinstance(raw, str) else raw)
    assert refused.value.field == "file"
    return refused.value.message


@pytest.mark.parametrize(
    "raw",
    [
        SRT.encode(),
        codecs.BOM_UTF8 + SRT.encode(),
        SRT.encode("gb18030"),
        SRT.encode("utf-16"),
        SRT.encode("utf-16-le"),
        SRT.encode("utf-16-be"),
        codecs.BOM_UTF16_BE + SRT.encode("utf-16-be"),
        SRT.replace("\n", "\r\n").encode("gb18030"),
        SRT.replace("\n", "\r").encode(),
        SRT.replace("\n", "\r\r\n").encode(),
    ],
    ids=["utf8", "bom", "gb", "utf16", "le", "be", "be-bom", "crlf", "cr", "crcrlf"],
)
def test_srt_in_the_encodings_and_line_ends_of_the_world(raw: bytes) -> None:
    assert cues(raw) == TWO


def test_what_is_stored_is_plain_webvtt() -> None:
    said = "1\n00:00:01,000 --> 01:00:02,500\n<b>1 < 2</b> &amp; AT&T\n"
    assert read_captions(said.encode()).to_vtt() == (
        b"WEBVTT\n\n00:00:01.000 --> 01:00:02.500\n1 &lt; 2 &amp; AT&amp;T\n"
    )


def test_webvtt_keeps_its_words_and_nothing_else() -> None:
    raw = """WEBVTT - 剪枝
Kind: captions

STYLE
::cue { color: yellow }

REGION
id:fred

NOTE 译者
不要看

开头
00:01.000 --> 00:02.500 align:start position:10%
<v 李师傅><c.yellow>四看</c>：<00:00:01.500>看树势 &lt;一&gt;&nbsp;

NOTE 00:10 以后没有话

chapter-2
00:00:03.000 --> 00:00:05.250
再看枝条
剪口要平

这一段不是字幕
"""
    assert cues(raw) == [(1000, 2500, "四看：看树势 <一>"), TWO[1]]


def test_ass_with_commas_overrides_drawings_comments_and_odd_styles() -> None:
    expected = [
        (1000, 2500, "四看 看树势"),
        (3000, 5250, "先剪大枝,再剪, 看一遍\n不要急"),
    ]
    assert cues(ASS) == expected
    assert cues(ASS.replace("\n", "\r\n").encode("utf-16")) == expected
    ssa = ASS.replace("v4.00+", "v4.00").replace("V4+ Styles", "V4 Styles")
    assert cues(ssa.encode("gb18030")) == expected


def test_srt_is_read_as_it_is_found() -> None:
    raw = """

7
0:0:1,5 --> 00:00:02.500  X1:100 X2:200
<font color="#ff0000">{\\an8}你好</font><br/>{笑}
设置-->网络，若 a<b 且 c>d
营业时间
08:00-11:30

8

00:00:03,000 --> 00:00:04,000

00:00:04,000 --> 00:00:05,000
倒数
3

10
０0：00：06，000 --> 00：00：07，000
完
"""
    assert cues(raw) == [
        (1500, 2500, "你好\n{笑}\n设置-->网络，若 a<b 且 c>d\n营业时间\n08:00-11:30"),
        (4000, 5000, "倒数\n3"),
        (6000, 7000, "完"),
    ]


def test_a_number_that_is_said_is_not_taken_for_the_next_ones() -> None:
    raw = "1\n00:00:01,000 --> 00:00:02,000\n3\n\n2\n00:00:02,000 --> 00:00:03,000\n2\n"
    assert cues(raw) == [(1000, 2000, "3"), (2000, 3000, "2")]


def test_writing_from_right_to_left_keeps_its_marks() -> None:
    words = "\u202bئۇيغۇرچە\u202c"
    assert cues(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}\n") == [(1000, 2000, words)]


def test_sentences_come_in_order_of_their_start_and_overlaps_stay() -> None:
    raw = (
        "WEBVTT\n\n00:05.000 --> 00:06.000\n三\n\n00:01.000 --> 00:09.000\n一\n\n"
        "00:01.000 --> 00:02.000\n二\n"
    )
    assert [text for _, _, text in cues(raw)] == ["一", "二", "三"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            "1\n00:00:03,000 --> 00:00:01,000\n反了\n",
            "第 2 行：这一句的结束 00:00:01.000 早于开始 00:00:03.000。",
        ),
        (
            "WEBVTT\n\n00:03.000 --> 00:01.000\n反了\n\n00:61.000 --> 00:62.000\n过了\n",
            "第 3 行：这一句的结束 00:00:01.000 早于开始 00:00:03.000。另有 1 行也不对。",
        ),
        ("1\n00:00:61,000 --> 00:01:02,000\n过了\n", "第 2 行：分和秒都不能超过 59。"),
        (
            "1\n00:00:01,000 --> 00:00:0x,000\n坏\n",
            "第 2 行：时间“00:00:01,000 --> 00:00:0x,000”看不懂，"
            "要写成 00:00:01,000 --> 00:00:02,500 的样子。",
        ),
        ("1\n00:00:01,000 -> 00:00:02,000\n坏\n", "第 2 行：时间“00:00:01,000 -> 00:00:02,000”"),
        (
            ASS + "Dialogue: 0,0:00:09.00,0:00:08.00,Default,,0,0,0,,反了\n",
            "第 20 行：这一句的结束 00:00:08.000 早于开始 00:00:09.000。",
        ),
        (ASS + "Dialogue: 0,0:00:09.00,soon,Default,,0,0,0,,x\n", "第 20 行：时间“soon”看不懂"),
        (ASS + "Dialogue: 0,0:00:09.00,0:00:10.00\n", "第 20 行：这一行不完整"),
        ("WEBVTT\n\nNOTE 什么也没有\n", "字幕文件里没有一句话。"),
        ("1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n", "字幕文件里没有一句话。"),
        ("1\n00:00:01,000 --> 00:00:01,000\n一闪而过\n", "字幕文件里没有一句话。"),
        ("", "字幕文件是空的。"),
        (codecs.BOM_UTF8 + b"\n", "字幕文件是空的"),
        ("只有一段话，没有时间。\n", "这不是字幕文件，或里面没有时间。"),
        ("{1}{25}MicroDVD\n", "这不是字幕文件"),
        (b"PK\x03\x04" + bytes(50), "这是压缩包或办公文档"),
        (b"PG\x00\x01" + bytes(50), "这是图形字幕（PGS）"),
        ("# VobSub index file, v7\n", "这是图形字幕（VobSub）"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "文"),
        (SRT.encode().replace("再".encode(), b"\xe5\x86"), "第 7 行有损坏的文字（不是 UTF-8）。"),
    ],
)
def test_what_is_wrong_is_said(raw: bytes | str, message: str) -> None:
    assert message in fault(raw)


def test_a_file_over_the_limit_is_refused() -> None:
    line = "00:01.000 --> 00:02.000\n字\n\n"
    raw = ("WEBVTT\n\n" + line * (MAX_BYTES // len(line.encode()) + 1)).encode()
    with pytest.raises(TooLargeError, match="最多 2 MB"):
        read_captions(raw)


@pytest.mark.parametrize("filler", ["{", "<", "<a ", "&", "\\N{", "\n", " ", "<a.", "１"])
@pytest.mark.parametrize(
    "head",
    [
        "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,词",
        "1\n00:00:01,000 --> 00:00:02,000\n词",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n词",
    ],
    ids=["ass", "srt", "vtt"],
)
def test_a_file_made_to_keep_the_server_busy_does_not(head: str, filler: str) -> None:
    raw = (head + filler * (100_000 // len(filler))).encode()
    started = time.process_time()
    assert cues(raw)[0][2].startswith("词")
    # Milliseconds; whatever grows with the square takes a minute.
    assert time.process_time() - started < 5


def test_the_first_sentences_are_those_that_are_whole() -> None:
    said = tuple(Cue(n * 1000, n * 1000 + 900, f"第{n}句 <&>") for n in range(1, 9))
    vtt = Captions(said).to_vtt()
    assert first_cues(vtt, 2) == [(1000, "第1句 <&>"), (2000, "第2句 <&>")]
    assert first_cues(vtt[:80], 9) == [(1000, "第1句 <&>")]
    assert len(first_cues(vtt, 99)) == count_cues(vtt) == 8


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(st.lists(st.tuples(st.integers(0, 3599), st.integers(0, 999), TEXT), max_size=8))
def test_whatever_is_said_survives_being_stored(said: list[tuple[int, int, str]]) -> None:
    blocks = [
        f"1\n00:{at // 60:02}:{at % 60:02},{ms:03} --> 09:00:00,000\n开始{text}\n"
        for at, ms, text in said
    ]
    first = read_captions(("1\n00:00:00,000 --> 00:00:01,000\n甲\n\n" + "\n".join(blocks)).encode())
    assert len(first.cues) >= 1 + len(said)
    assert read_captions(first.to_vtt()) == first


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(raw: bytes) -> None:
    refused = ""
    try:
        assert read_captions(raw).cues
    except InvalidInputError as error:
        refused = error.message
    assert not refused or refused.endswith("。")
