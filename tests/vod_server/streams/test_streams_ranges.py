"""Byte ranges and preconditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vod_server.streams.ranges import (
    ByteRange,
    RangeNotSatisfiableError,
    http_date,
    http_date_s,
    not_modified,
    parse_range,
    range_applies,
)

SIZES = st.integers(0, 3000)


@given(size=SIZES, first=st.integers(0, 4000), last=st.integers(0, 4000) | st.none())
def test_a_range_is_the_slice_it_names(size: int, first: int, last: int | None) -> None:
    content = bytes(i % 251 for i in range(size))
    header = f"bytes={first}-{'' if last is None else last}"
    if last is not None and last < first:
        assert parse_range(header, size) is None
    elif first >= size:
        with pytest.raises(RangeNotSatisfiableError):
            parse_range(header, size)
    else:
        part = parse_range(header, size)
        assert part is not None
        expected = content[first:] if last is None else content[first : last + 1]
        assert content[part.start : part.start + part.length] == expected
        assert part.length == len(expected)


@given(size=SIZES, suffix=st.integers(0, 4000))
def test_a_suffix_range_is_the_end(size: int, suffix: int) -> None:
    content = bytes(i % 251 for i in range(size))
    if suffix == 0 or size == 0:
        with pytest.raises(RangeNotSatisfiableError):
            parse_range(f"bytes=-{suffix}", size)
    else:
        part = parse_range(f"bytes=-{suffix}", size)
        assert part is not None
        assert content[part.start : part.start + part.length] == content[-suffix:]


@given(header=st.text(max_size=40) | st.text("bytes=-, 0123456789", max_size=30), size=SIZES)
def test_whatever_is_sent_stays_inside_the_file(header: str, size: int) -> None:
    try:
        part = parse_range(header, size)
    except RangeNotSatisfiableError:
        return
    if part is not None:
        assert 0 <= part.start < part.start + part.length <= size


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "0-1",
     "bytes=1-2-3", "bytes=٣-٤", "bytes=" + "9" * 5000 + "-"],
)  # fmt: skip
def test_malformed_or_several_means_the_whole_file(header: str | None) -> None:
    assert parse_range(header, 10) is None


def test_content_range() -> None:
    assert ByteRange(2, 3).content_range(10) == "bytes 2-4/10"


@pytest.mark.parametrize(
    ("if_none_match", "if_modified_since", "expected"),
    [
        (None, None, False),
        ('"a"', None, True),
        ('W/"a"', None, True),
        ('"b", "a"', None, True),
        ("*", None, True),
        ('"b"', http_date(2000), False),  # the tag wins over the date
        (None, http_date(1000), True),
        (None, http_date(999), False),
        (None, "yesterday", False),
    ],
)
def test_not_modified(
    if_none_match: str | None, if_modified_since: str | None, expected: bool
) -> None:
    assert expected is not_modified(
        if_none_match=if_none_match,
        if_modified_since=if_modified_since,
        etag='"a"',
        modified_s=1000,
    )


@pytest.mark.parametrize(
    ("if_range", "expected"),
    [
        (None, True),
        ('"a"', True),
        ('"b"', False),
        ('W/"a"', False),  # a weak tag does not promise the same bytes
        (http_date(1000), True),
        (http_date(1001), False),
        ("yesterday", False),
    ],
)
def test_if_range(if_range: str | None, expected: bool) -> None:
    assert range_applies(if_range, etag='"a"', modified_s=1000) is expected


def test_dates_go_both_ways() -> None:
    assert http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert http_date_s("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777
    assert http_date_s("Sun, 99 Nov 1994 08:49:37 GMT") is None
