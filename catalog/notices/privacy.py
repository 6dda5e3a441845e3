"""Personal data that must not be made public, found in a text (公开前的隐私检查). Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["id_number", "bank_card", "mobile"]

KIND_NAMES: dict[Kind, str] = {
    "id_number": "身份证号",
    "bank_card": "银行卡号",
    "mobile": "手机号码",
}

#: How much of the text around a find is told.
CONTEXT = 6
#: The longest number looked for, a bank card's, in digits.
LONGEST = 19

# What people put between the digits of one number: spaces, dashes, dots, and signs nobody sees.
_GAP = r"[ \t\u00a0\u00ad\u200b-\u200d\u2010-\u2015\u2060\u3000\ufeff.·-]{0,2}"
_RUN = re.compile(rf"[0-9](?:{_GAP}[0-9])*(?:{_GAP}[Xx](?![A-Za-z]))?")
_PIECE = re.compile(r"[0-9]+[Xx]?|[Xx]")

# GB 11643-1999: weights of the 17 digits, and the check character by the sum modulo 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something personal in a text.

    Args:
        kind: what it looks like.
        start: its first character in the text, from 0.
        stop: the one after its last.
        paragraph: the number of its line, from 1; empty lines do not count.
        words: the text around it, the middle of the number hidden.
    """

    kind: Kind
    start: int
    stop: int
    paragraph: int
    words: str


class _Piece(NamedTuple):
    digits: str
    start: int
    stop: int


def find_private(text: str) -> list[Finding]:
    """Return what looks like an ID number, a bank card or a mobile number, in order.

    Full-width digits count, and so do numbers written in groups (`138 0013 8000`).
    """
    plain = "".join(map(_plain, text))
    found: list[Finding] = []
    for run in _RUN.finditer(plain):
        # A sign before or behind makes it a part of something else, such as a voucher's code.
        if plain[max(0, run.start() - 1) : run.start()].isalpha() and _latin(plain, run.start()):
            continue
        found.extend(_in_run(text, run.start(), plain[run.start() : run.end()]))
    return found


def _plain(sign: str) -> str:
    """Return a sign in its plain form where that is one sign (`１` is `1`)."""
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 else sign


def _latin(plain: str, start: int) -> bool:
    return plain[start - 1].isascii()


def _in_run(text: str, offset: int, run: str) -> Iterable[Finding]:
    pieces = [
        _Piece(part[0], offset + part.start(), offset + part.end()) for part in _PIECE.finditer(run)
    ]
    at = 0
    while at < len(pieces):
        count, kind = _from(pieces, at)
        if kind is not None:
            yield _finding(text, kind, pieces[at].start, pieces[at + count - 1].stop)
        at += count


def _from(pieces: list[_Piece], at: int) -> tuple[int, Kind | None]:
    """Return how many pieces from here on are one number, and of what kind; the longest counts."""
    digits, best, kind = "", 1, None
    for count, piece in enumerate(pieces[at:], start=1):
        digits += piece.digits
        if len(digits) > LONGEST:
            break
        found = kind_of(digits)
        if found is not None:
            best, kind = count, found
    return best, kind


def kind_of(digits: str) -> Kind | None:
    """Return what a number of digits (the last may be X) looks like, None for nothing private."""
    if _is_id_number(digits):
        return "id_number"
    if not digits.isdigit():
        return None
    if re.fullmatch(r"(?:0{0,2}86)?1[3-9][0-9]{9}", digits):
        return "mobile"
    if 16 <= len(digits) <= LONGEST and len(set(digits)) > 1 and _passes_luhn(digits):
        return "bank_card"
    return None


def _is_id_number(digits: str) -> bool:
    """Check an ID number's length, day of birth and check character."""
    if not re.fullmatch(
        r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]{4}[0-9Xx]", digits
    ):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == digits[17].upper()


def _passes_luhn(digits: str) -> bool:
    """Check a card's last digit (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _finding(text: str, kind: Kind, start: int, stop: int) -> Finding:
    number = text[start:stop]
    hidden = number[:3] + "****" + number[-3:]
    before = text[max(0, start - CONTEXT) : start].rpartition("\n")[2]
    after = text[stop : stop + CONTEXT].partition("\n")[0]
    paragraph = sum(1 for line in text[:start].split("\n")[:-1] if line.strip()) + 1
    return Finding(kind, start, stop, paragraph, f"{before}{hidden}{after}")


def sentence_of(finding: Finding, where: str) -> str:
    """Return what to tell the person who wrote it.

    Args:
        finding: what was found.
        where: what the text is called, `正文`; its paragraph is added where it has several.
    """
    return f"{where}“{finding.words}”像是{KIND_NAMES[finding.kind]}"
