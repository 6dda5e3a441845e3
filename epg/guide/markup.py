"""The children of an XML file's root as they become whole, in constant memory.

The tree is the standard library's: expat and its tree builder call each other in C, which costs
two thirds of what lxml's elements do. No DTD is loaded and nothing fetched; a file that declares
an entity is refused by a first parser that reads only as far as the root element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers import expat

from core.errors import InvalidInputError
from epg.guide.encodings import Pieces
from epg.guide.unpacking import Readable

#: Nothing that is one programme or channel is larger; a file that goes on so is no guide.
MAX_ITEM_BYTES = 2 * 1024**2

#: What a DTD might have declared; feeds write `&nbsp;` as they do in HTML.
_ENTITIES = {name[:-1]: text for name, text in html5.items() if name.endswith(";")}


class ChildReader:
    """Reads the children of the root that have one of some names.

    Args:
        stream: the unpacked file.
        root: name of the root element; any other is refused.
        names: of the children; others are passed over.
    """

    def __init__(self, stream: Readable, *, root: str, names: frozenset[str]) -> None:
        self._stream, self._root_name, self._names = stream, root, names
        #: Starts of children, and what looks like them but is passed over.
        self._starts = re.compile(
            rf"<!--.*?-->|<!\[CDATA\[.*?]]>|<\?.*?\?>|(<(?:{'|'.join(sorted(names))})[\s/>])".encode(),
            re.DOTALL,
        )
        self._guard: expat.XMLParserType | None = expat.ParserCreate("utf-8")
        self._guard.EntityDeclHandler = self._refuse_entity
        self._guard.StartElementHandler = self._begin
        builder = TreeBuilder()  # one of its own, for C calls no other directly
        self._above = builder.start("file", {})
        self._parser = XMLParser(target=builder, encoding="utf-8")  # noqa: S314 - see above
        self._parser.entity.update(_ENTITIES)
        #: What was parsed last: its text, the line it begins at, children that became whole.
        self._piece, self._line = b"", 1
        self._whole: list[Element] = []
        self._lines: dict[Element, int] | None = None
        #: Line of the child that had begun before the piece, if one had.
        self._carried: int | None = None

    def read(self) -> Iterator[list[Element]]:
        """Yield the children, those of a piece of the file together.

        Raises:
            InvalidInputError: it is no XML, has another root, is broken off or declares entities;
                or there is none of the children for too long.
        """
        since = 0
        for piece in Pieces(self._stream).read():
            self._parse(piece)
            # The last one may go on in the next piece.
            self._take(self._above[0][:-1] if len(self._above) else [])
            since += len(piece)
            if self._whole:
                yield self._whole
                self._whole, since = [], 0
            elif since > MAX_ITEM_BYTES:
                limit = MAX_ITEM_BYTES // 1024**2
                raise InvalidInputError(f"连续 {limit} MB 里没有一个节目，这不是节目单。")
        self._close()
        self._take(self._above[0][:])
        yield self._whole

    def line_of(self, child: Element) -> int:
        """Return the line at which a child begins that was yielded just now.

        Looked for only when it is asked for; expat could tell each, at a price. Where the text
        is not clear without its beginning it is the line at which the piece of 16 KB begins.
        """
        if self._lines is None:
            self._lines = self._find_lines()
        return self._lines.get(child, self._line)

    def _find_lines(self) -> dict[Element, int]:
        lines = [] if self._carried is None else [self._carried]
        line, at = self._line, 0
        for found in self._starts.finditer(self._piece):
            line += self._piece.count(b"\n", at, found.start())
            at = found.start()
            if found[1]:
                lines.append(line)
        # The last one may have begun and not be whole.
        begun = [*self._whole, *(one for one in self._above[0] if one.tag in self._names)]
        return dict(zip(begun, lines, strict=True)) if len(begun) == len(lines) else {}

    def _take(self, whole: list[Element]) -> None:
        if whole:
            del self._above[0][: len(whole)]
        self._whole = [child for child in whole if child.tag in self._names]

    def _parse(self, piece: bytes) -> None:
        self._move_on(piece)
        try:
            if self._guard is not None:
                self._guard.Parse(piece)
            self._parser.feed(piece)
        except (ParseError, expat.ExpatError) as error:
            self._refuse(error, cut=False)

    def _move_on(self, piece: bytes) -> None:
        last = self._piece
        if any(one.tag in self._names for one in self._above.iterfind("*/*")):  # the root's
            at = max(last.rfind(f"<{name}".encode()) for name in self._names)
            if at >= 0:
                self._carried = self._line + last.count(b"\n", 0, at)
        else:
            self._carried = None
        self._line += last.count(b"\n")
        self._piece, self._lines = piece, None

    def _close(self) -> None:
        self._move_on(b"")
        try:
            self._parser.close()
        except ParseError as error:
            self._refuse(error, cut=True)

    def _refuse(self, error: ParseError | expat.ExpatError, *, cut: bool) -> NoReturn:
        line = error.position[0] if isinstance(error, ParseError) else error.lineno
        words = expat.ErrorString(error.code)
        if cut and self._guard is not None:
            raise InvalidInputError("文件是空的，或者不是 XML。") from None
        if cut:
            raise InvalidInputError(f"文件不完整，在第 {line} 行断了：{words}") from None
        raise InvalidInputError(f"第 {line} 行不是正确的 XML：{words}") from None

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        del attributes
        if self._guard is None:
            return
        line, root = self._guard.CurrentLineNumber, self._root_name
        if tag != root:
            raise InvalidInputError(f"这不是 XMLTV：第 {line} 行是 <{tag[:40]}>，不是 <{root}>。")
        self._guard = None

    def _refuse_entity(self, *declared: object) -> NoReturn:
        del declared
        line = 0 if self._guard is None else self._guard.CurrentLineNumber
        raise InvalidInputError(f"第 {line} 行声明了实体（<!ENTITY>），为安全起见不予导入。")
