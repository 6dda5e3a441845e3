"""A file's bytes as UTF-8, whichever encoding it says it is in, in pieces that cut no tag."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from core.errors import InvalidInputError
from epg.guide.unpacking import Readable

#: Small enough that the elements of a piece stay in the processor's cache: a fifth faster than
#: four times as much.
_READ_BYTES = 16 * 1024

#: As much as the first line is looked for in.
_HEAD_BYTES = 1024

#: A tag longer than this is cut nevertheless.
_MAX_CARRIED_BYTES = 1024**2

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""")

#: Files that begin with a mark are what it says.
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    "<?".encode("utf-16-le"): "utf-16-le",
    "<?".encode("utf-16-be"): "utf-16-be",
}

#: Encodings as Python calls them, and what they are read as: files that say GB2312 hold what came
#: later too. Not all that Python knows: some take far longer than their text is long.
_READ_AS = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), "big5hkscs"),
    **{name: name for name in ("utf-8", "ascii", "shift_jis", "euc_jp", "euc_kr", "koi8-r")},
    **{name: name for name in (f"iso8859-{part}" for part in (1, 2, 5, 7, 9, 15))},
    **{name: name for name in (f"cp{page}" for page in range(1250, 1259))},
}


class Pieces:
    """A file in pieces of UTF-8; what its XML declaration says of its encoding is done with.

    Args:
        stream: the unpacked file.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._line = 1

    def read(self) -> Iterator[bytes]:
        """Yield piece after piece; each ends with a tag where it can.

        Raises:
            InvalidInputError: the encoding is unknown, or the bytes are not in it.
        """
        head = self._head()
        encoding = _encoding(head)
        # The parser finds the line of what is no UTF-8 by itself.
        decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
        carried, raw = b"", head
        while raw:
            piece = carried + (raw if decoder is None else self._recode(decoder, raw))
            at = piece.rfind(b">") + 1
            if not at and len(piece) > _MAX_CARRIED_BYTES:
                at = len(piece)
            if at:
                yield piece[:at]
            carried, raw = piece[at:], self._stream.read(_READ_BYTES)
        carried += b"" if decoder is None else self._recode(decoder, b"")
        if carried:
            yield carried

    def _head(self) -> bytes:
        head = b""
        while len(head) < _HEAD_BYTES and (piece := self._stream.read(_READ_BYTES)):
            head += piece
        return head

    def _recode(self, decoder: codecs.IncrementalDecoder, raw: bytes) -> bytes:
        try:
            text = decoder.decode(raw, not raw)
        except UnicodeDecodeError as error:
            line = self._line + error.object.count(b"\n", 0, error.start)
            raise InvalidInputError(f"第 {line} 行的字节不是 {error.encoding} 编码。") from None
        self._line += text.count("\n")
        return text.encode("utf-8", "surrogatepass")


def _encoding(head: bytes) -> str:
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    found = _DECLARED.match(head)
    if found is None:
        return "utf-8"
    name = found[1].decode("ascii").lower()
    try:
        return _READ_AS[codecs.lookup(name).name]
    except LookupError:  # KeyError is one
        raise InvalidInputError(f"文件的编码 {name!r} 认不出来。") from None
