"""The reader below the parser: lines, encodings and limits, wherever a file happens to be cut."""

from __future__ import annotations

import io
import random

import pytest

from core.errors import InvalidInputError
from epg.guide.encodings import Pieces
from epg.guide.markup import ChildReader
from epg.guide.xmltv import FeedProgramme, Junk, read_guide

NAMES = frozenset({"programme", "channel"})
GOOD = '<programme start="20250619120000 +0800" channel="1">\n<title>好</title>\n</programme>\n'
BAD = '<programme\n start="20250619120000 +0800"\n channel="1"><desc>没有名称</desc></programme>\n'


class Dribble:
    """A file that gives a few bytes at a time."""

    def __init__(self, content: bytes, most: int) -> None:
        self._file, self._random, self._most = io.BytesIO(content), random.Random(7), most

    def read(self, size: int = -1) -> bytes:
        del size
        return self._file.read(self._random.randint(1, self._most))


def expected_lines(text: str, what: str) -> list[int]:
    return [text.count("\n", 0, at) + 1 for at in range(len(text)) if text.startswith(what, at)]


@pytest.mark.parametrize("most", [7, 100, 5_000, 70_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_junk_is_told_by_its_own_line_wherever_the_file_is_cut(most: int, encoding: str) -> None:
    rng = random.Random(most)
    pads = ("", "\n\n", "<!-- 注\n -->", "<other>\n</other>")
    body = "".join(rng.choice((GOOD, BAD)) + rng.choice(pads) for _ in range(600))
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<tv>\n{body}</tv>\n'
    items = list(read_guide(Dribble(text.encode(encoding), most), zone="Asia/Shanghai"))
    assert [item.line for item in items if isinstance(item, Junk)] == expected_lines(
        text, "<programme\n"
    )
    assert sum(isinstance(item, FeedProgramme) for item in items) == text.count("好")


def test_what_only_looks_like_a_programme_does_not_move_the_lines() -> None:
    text = f"<tv>\n<!-- {GOOD} -->\n<channel id='1'><display-name><![CDATA[{BAD}]]>"
    text += f"</display-name></channel>\n{GOOD}<?x {BAD} ?>\n{BAD}</tv>"
    items = list(read_guide(io.BytesIO(text.encode()), zone="UTC"))
    assert [item.line for item in items if isinstance(item, Junk)] == [
        expected_lines(text, BAD)[-1]
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<?xml version="1.0" encoding="klingon"?><tv/>', "klingon"),
        (b'<?xml version="1.0" encoding="zip"?><tv/>', "zip"),
        (b'<?xml version="1.0" encoding="punycode"?><tv/>', "punycode"),
        (
            '<?xml version="1.0" encoding="gbk"?>\n<tv>春'.encode("gbk") + b"\xff\xff</tv>",
            "第 2 行",
        ),
    ],
)
def test_an_encoding_that_is_unknown_or_wrong_is_told(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        list(ChildReader(io.BytesIO(content), root="tv", names=NAMES).read())


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_a_file_is_the_same_text_however_it_comes(most: int) -> None:
    text = '<?xml version="1.0" encoding="GB2312"?><tv a="1>2">' + "春耕㐀<b/>" * 500 + "</tv>"
    pieces = list(Pieces(Dribble(text.encode("gb18030"), most)).read())
    assert b"".join(pieces).decode() == text
    assert all(piece.endswith(b">") for piece in pieces)


def test_children_nested_without_end_are_given_up() -> None:
    content = b"<tv><programme>" + b"<a>" * 1_000_000
    with pytest.raises(InvalidInputError, match="没有一个节目"):
        list(ChildReader(io.BytesIO(content), root="tv", names=NAMES).read())
