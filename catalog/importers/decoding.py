"""From the bytes of a saved table to its text, whichever office program saved it. Pure."""

from __future__ import annotations

import codecs

from core.errors import InvalidInputError

#: Stands for bytes that no encoding explains; a row that holds it is refused, the others go on.
UNREADABLE = "\ufffd"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: What is no table though people send it as one: how it begins, and what it is.
_OTHERS = (
    (b"PK\x03\x04", "Excel 工作簿（xlsx）或压缩包"),
    (b"\xd0\xcf\x11\xe0", "旧版 Excel 工作簿（xls）"),
    (b"%PDF", "PDF 文件"),
)


def decode_sheet(raw: bytes) -> str:
    """Return the text of a table in UTF-8 (BOM or not), UTF-16 (BOM or not) or GB18030.

    Bytes that fit none of them become `UNREADABLE`, so that only their rows are lost.

    Raises:
        InvalidInputError: it is empty, or no text at all.
    """
    if not raw.strip():
        raise InvalidInputError("表格是空的。", field="sheet")
    for beginning, name in _OTHERS:
        if raw.startswith(beginning):
            raise InvalidInputError(f"这是{name}，请另存为 CSV 再导入。", field="sheet")
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return raw[len(bom) :].decode(encoding, errors="replace")
    if b"\0" in raw[:4096]:
        return _decode_bare_utf16(raw)
    return _decode_without_mark(raw)


def _decode_bare_utf16(raw: bytes) -> str:
    # Commas and Latin letters of UTF-16 have their zero in the high byte: its side tells the order.
    head = raw[:4096]
    little = head[1::2].count(0) > head[0::2].count(0)
    try:
        return raw.decode("utf-16-le" if little else "utf-16-be")
    except UnicodeDecodeError:
        raise InvalidInputError("这不是文本表格，请另存为 CSV 再导入。", field="sheet") from None


def _decode_without_mark(raw: bytes) -> str:
    """Decode as what explains more of the bytes: UTF-8 first, as GB18030 explains nearly any."""
    reached = {}
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            reached[encoding] = error.start
    return raw.decode(max(reached, key=lambda encoding: reached[encoding]), errors="replace")
