"""Times of XMLTV: whole, partial, with and without zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError
from epg.guide.times import format_instant, parse_instant


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("20250619121700 +0800", at(2025, 6, 19, 4, 17)),
        ("20250619121700+0800", at(2025, 6, 19, 4, 17)),
        ("20250619121700 +08:00", at(2025, 6, 19, 4, 17)),
        ("20250619121700 -0530", at(2025, 6, 19, 17, 47)),
        ("19880523083000 +0300", at(1988, 5, 23, 5, 30)),
        ("200007281733 BST", at(2000, 7, 28, 16, 33)),
        ("20250619121700 CST", at(2025, 6, 19, 4, 17)),
        ("20250619121700 UTC", at(2025, 6, 19, 12, 17)),
        ("20250619121700Z", at(2025, 6, 19, 12, 17)),
        ("20250101120000 Europe/London", at(2025, 1, 1, 12)),
        ("20250701120000 Europe/London", at(2025, 7, 1, 11)),
        # Without a zone: the feed's.
        ("20250619121700", at(2025, 6, 19, 4, 17)),
        ("2000", at(1999, 12, 31, 16)),
        ("200209", at(2002, 8, 31, 16)),
        ("20250619", at(2025, 6, 18, 16)),
        ("20250619 +0000", at(2025, 6, 19)),
        ("2025061912", at(2025, 6, 19, 4)),
        ("2025-06-19T12:17:00+08:00", at(2025, 6, 19, 4, 17)),
        ("2025-06-19 12:17", at(2025, 6, 19, 4, 17)),
        ("2025-06-19T04:17:00.250Z", at(2025, 6, 19, 4, 17)),
        ("20250619240000 +0800", at(2025, 6, 19, 16)),
        ("  20250619121700 +0800 ", at(2025, 6, 19, 4, 17)),
    ],
)
def test_a_time_is_read(text: str, instant: int) -> None:
    assert parse_instant(text, "Asia/Shanghai") == instant


def test_the_feeds_zone_knows_its_summers() -> None:
    assert parse_instant("20250701120000", "Europe/London") == at(2025, 7, 1, 11)
    assert parse_instant("20250101120000", "Europe/London") == at(2025, 1, 1, 12)


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "20251301", "20250230120000", "20250619126100", "20250619120061"),
        *("20250619250000", "20250619121700 XYZ", "20250619121700000", "0001", "99991231"),
        *(
            "２０２５０６１９１２１７００",
            "20250619121700 ../../etc/passwd",
            "-20250619",
            "1750306620",
        ),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_instant(text, "Asia/Shanghai")


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_what_is_written_reads_back(instant: int) -> None:
    assert parse_instant(format_instant(instant), "Europe/London") == instant
