"""Gain to the target, and reading the meter's report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import JobError
from vod_server.media.loudness import Gain, Loudness, gain_filters, gain_for, parse_loudness

REPORT = """
[Parsed_ebur128_1 @ 0x55] t: 1.0 M: -20.0 S:-120.7 I: -20.0 LUFS LRA: 0.0 LU
[Parsed_ebur128_1 @ 0x55] Summary:

  Integrated loudness:
    I:         {integrated} LUFS
    Threshold: -33.7 LUFS

  Sample peak:
    Peak:      {peak} dBFS
"""


@pytest.mark.parametrize(
    ("integrated", "peak", "wanted"),
    [("-23.8", "-22.7", (-23.8, -22.7)), ("-70.0", "-inf", (-70.0, -200.0))],
)
def test_the_report_is_read(integrated: str, peak: str, wanted: tuple[float, float]) -> None:
    report = REPORT.format(integrated=integrated, peak=peak)
    assert parse_loudness(report) == Loudness(*wanted)


def test_a_report_without_summary_is_an_error() -> None:
    with pytest.raises(JobError, match="没有测出音量"):
        parse_loudness("Output file is empty")


@pytest.mark.parametrize(
    ("loudness", "gain"),
    [
        (Loudness(-14.0, -0.1), Gain(-9.0)),
        (Loudness(-33.0, -20.0), Gain(10.0)),
        (Loudness(-33.0, -6.0), Gain(10.0, limit=True)),
        (Loudness(-33.0, -6.0, lost_db=1.5), Gain(11.5, limit=True)),
        (Loudness(-58.0, -50.0), Gain(30.0)),
        (Loudness(-61.0, -50.0), Gain()),
        (Loudness(-70.0, -200.0), Gain()),
    ],
)
def test_gain(loudness: Loudness, gain: Gain) -> None:
    assert gain_for(loudness) == gain


@given(st.floats(-60, 0), st.floats(-60, 0))
def test_peaks_never_pass_the_ceiling_unlimited(integrated: float, peak: float) -> None:
    gain = gain_for(Loudness(integrated, peak))
    assert gain.limit or peak + gain.gain_db <= -2.0
    assert ("alimiter" in ",".join(gain_filters(gain))) == gain.limit
