"""File names of other people's machines, made fit to be shown. Pure; a name is never a path."""

from __future__ import annotations

import re
import unicodedata

#: Characters; fits the column and a page, whatever the name was.
NAME_MAX_LENGTH = 200

NAMELESS = "未命名"

#: Unicode categories that would garble a page: controls, formats (bidi overrides, zero widths),
#: surrogates, private use, unassigned, line and paragraph separators.
_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def recover_text(raw: bytes) -> str:
    """Return the text of `raw`: UTF-8, else GB18030 (old Chinese systems), else what is legible."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="replace")


def safe_file_name(raw: bytes | str) -> str:
    """Return a file name to show: the last step of a path, without what cannot be seen.

    Args:
        raw: the name as it came, in UTF-8 or GB18030 when it is bytes.

    Returns:
        1 to 200 characters; the extension survives the cut.
    """
    text = recover_text(raw) if isinstance(raw, bytes) else raw
    text = unicodedata.normalize("NFC", text)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in _UNSHOWABLE)
    name = " ".join(re.split(r"[/\\]", text)[-1].split())
    if not name.strip("."):
        return NAMELESS
    return _shorten(name)


def _shorten(name: str) -> str:
    if len(name) <= NAME_MAX_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 16:
        return name[:NAME_MAX_LENGTH]
    return stem[: NAME_MAX_LENGTH - len(extension) - 2] + "…" + dot + extension
