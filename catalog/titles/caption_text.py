"""The words of a caption file: from bytes to text, and from text with markup to plain. Pure."""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from collections.abc import Iterable

from core.errors import InvalidInputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: What is no text though people choose it: how it begins, and what to say.
_OTHERS = (
    (b"PK\x03\x04", "这是压缩包或办公文档，请先取出里面的字幕文件。"),
    (b"Rar!", "这是压缩包，请先取出里面的字幕文件。"),
    (b"7z\xbc\xaf", "这是压缩包，请先取出里面的字幕文件。"),
    (b"# VobSub", "这是图形字幕（VobSub），里面是图片，不是文字，不能使用。"),
    (b"\x00\x00\x01\xba", "这是图形字幕（VobSub），里面是图片，不是文字，不能使用。"),
    (b"PG", "这是图形字幕（PGS），里面是图片，不是文字，不能使用。"),
    (b"%PDF", "这是 PDF 文件，不是字幕。"),
)
_STRANGE = "文件里的文字认不出来，请用记事本打开，另存为 UTF-8 编码再上传。"

# A tag of HTML or WebVTT: a Latin name, classes, attributes or (of a voice, a language) a remark,
# so that “若 a<b 且 c>d” stays. `<00:00:01.000>` too.
_TAG = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9]*(?:\.[^\s<>]*)?(?:\s+[a-zA-Z-]+\s*=[^<>]*)?\s*/?>"
    r"|<(?:v|lang|c)(?:\.[^\s<>]*)?\s[^<>]*>"
    r"|<\d[\d:.]*>",
    re.ASCII,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
# Positions and styles that players of SRT have taken over from ASS; braces of the talk stay.
_SRT_OVERRIDE = re.compile(r"\{\\[^{}]*\}|\{/?[bius]\}")
_ASS_OVERRIDE = re.compile(r"\{[^{}]*\}")
_PEN_DOWN = re.compile(r"\\p\s*[1-9]")
_PEN_UP = re.compile(r"\\p\s*0")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def decode(raw: bytes) -> str:
    """Return the text of a file in UTF-8 (BOM or not), UTF-16 (BOM or not) or GB18030.

    Raises:
        InvalidInputError: it is no text, or its bytes are damaged; `field` is `file`.
    """
    for beginning, message in _OTHERS:
        if raw.startswith(beginning) and b"-->" not in raw[:4096]:
            raise InvalidInputError(message, field="file")
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _decode(raw[len(bom) :], encoding)
    if b"\0" in raw[:4096]:
        # Digits and line ends of UTF-16 have their zero in the high byte: its side tells the order.
        head = raw[:4096]
        little = head[1::2].count(0) > head[0::2].count(0)
        return _decode(raw, "utf-16-le" if little else "utf-16-be")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        _refuse_damaged(raw, error.start)
        return _decode(raw, "gb18030")


def _decode(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise InvalidInputError(_STRANGE, field="file") from None
    if "\0" in text:
        raise InvalidInputError("这不是文本文件，不能作为字幕。", field="file")
    return text


def _refuse_damaged(raw: bytes, at: int) -> None:
    """Refuse UTF-8 with a few bad bytes: GB18030 explains nearly any bytes, as other words.

    Raises:
        InvalidInputError: naming the line of the first bad byte.
    """
    text = raw.decode(errors="replace")
    bad = text.count("\ufffd")
    good = sum(letter > "\u07ff" for letter in text) - bad
    # Of Chinese in GB18030 next to nothing passes for a letter of three bytes in UTF-8.
    if good > 2 * bad:
        line = raw[:at].count(b"\n") + 1
        raise InvalidInputError(f"第 {line} 行有损坏的文字（不是 UTF-8）。", field="file")


def clean_markup(lines: Iterable[str], *, is_srt: bool) -> str:
    """Return the text of a cue of SRT or WebVTT without tags, entities and empty lines."""
    text = _TAG.sub("", _BREAK.sub("\n", "\n".join(lines)))
    if is_srt:
        text = _SRT_OVERRIDE.sub("", text).replace("\\N", "\n")
    return _tidy(_ENTITY.sub(lambda found: html.unescape(found[0]), text))


def clean_ass(text: str) -> str:
    """Return the text of an event of ASS or SSA without overrides and drawings."""
    kept, end, is_drawing = [], 0, False
    for override in _ASS_OVERRIDE.finditer(text):
        if not is_drawing:
            kept.append(text[end : override.start()])
        end = override.end()
        if _PEN_DOWN.search(override[0]):
            is_drawing = True
        elif _PEN_UP.search(override[0]):
            is_drawing = False
    if not is_drawing:
        kept.append(text[end:])
    words = "".join(kept).replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    return _tidy(words)


def _tidy(text: str) -> str:
    """Drop what no screen shows and empty lines; marks of writing direction stay."""
    lines = []
    for line in re.split(r"[\r\n\u2028\u2029\x85]+", text):
        shown = line.replace("\t", " ").replace("\ufeff", "")
        shown = "".join(c for c in shown if unicodedata.category(c) not in {"Cc", "Cs"})
        if shown.strip():
            lines.append(shown.strip())
    return "\n".join(lines)


def escape(text: str) -> str:
    """Return a text as a WebVTT cue holds it (WebVTT §3.3: `&`, `<` and `>` are written out)."""
    return html.escape(text, quote=False)


def unescape(text: str) -> str:
    """Return what `escape` was given."""
    return html.unescape(text)
