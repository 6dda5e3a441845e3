"""What addresses ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import InvalidInputError, NotFoundError
from epg.timeline.asking import read_question, read_start
from epg.timeline.window import MAX_SPAN_S, Window

NOW = 1_777_608_000  # 2026-05-01 12:00:00 in Asia/Shanghai
TEN = NOW - 7200  # 10:00
ELEVEN = NOW - 3600

SPAN = Window(start_s=TEN, stop_s=ELEVEN)
CLOSED = replace(SPAN, is_closed=True)
GROWING = Window(start_s=TEN, stop_s=TEN + MAX_SPAN_S)


def ask(question: str) -> Window:
    name, _, query = question.partition("?")
    args = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
    return read_question(name, args, now_s=NOW)


@pytest.mark.parametrize(
    ("question", "window"),
    [
        ("index.m3u8", Window()),
        ("index.m3u8?key=abc&e=1&s=x", Window()),
        ("index.m3u8?window=14400", Window(length_s=14_400)),
        ("timeshift_rel-90.m3u8", Window(delay_s=90)),
        (f"index.m3u8?utc={TEN}", GROWING),
        (f"index.m3u8?utc={TEN}&lutc={NOW}", GROWING),
        (f"timeshift_abs-{TEN}.m3u8", GROWING),
        (f"archive-{TEN}-now.m3u8", GROWING),
        (f"index.m3u8?start={TEN}", GROWING),
        ("index.m3u8?playseek=20260501100000-", GROWING),
        (f"index.m3u8?start={TEN}&end={ELEVEN}", SPAN),
        (f"index.m3u8?utc={TEN}&utcend={ELEVEN}", SPAN),
        (f"index.m3u8?utc={TEN}000&utcend={ELEVEN}000", SPAN),
        ("index.m3u8?playseek=20260501100000-20260501110000", SPAN),
        ("index.m3u8?playseek=20260501020000GMT-20260501030000GMT", SPAN),
        (f"index.m3u8?playseek={TEN}-{ELEVEN}", SPAN),
        (f"archive-{TEN}-3600.m3u8", SPAN),
        (f"index.m3u8?start={TEN}&end={ELEVEN}&pad=60",
         Window(start_s=TEN - 60, stop_s=ELEVEN + 60)),
        (f"archive-{TEN}-3600.m3u8?pad=60", Window(start_s=TEN - 60, stop_s=ELEVEN + 60)),
        (f"index.m3u8?start={TEN}&end={ELEVEN}&vod=1", CLOSED),
        (f"index.m3u8?utc={TEN}&utcend={ELEVEN}&vod=1", CLOSED),
        (f"archive-{TEN}-3600.m3u8?vod=1", CLOSED),
        ("index.m3u8?playseek=20260501100000-20260501110000&vod=1", CLOSED),
        (f"index.m3u8?start={TEN}&end={NOW + 900}&vod=1",
         Window(start_s=TEN, stop_s=NOW + 900, is_closed=True)),
        (f"index.m3u8?utc={TEN}&vod=1", replace(GROWING, is_closed=True)),
        (f"index.m3u8?start={TEN}&end={TEN + MAX_SPAN_S + 900}&vod=1",
         replace(GROWING, is_closed=True)),
        (f"index.m3u8?start={TEN}&end={ELEVEN}&vod=0", SPAN),
        ("index.m3u8?vod=1", Window()),
    ],
)  # fmt: skip
def test_every_shape_is_read(question: str, window: Window) -> None:
    assert ask(question) == window


def test_playseek_crosses_midnight_of_the_county() -> None:
    window = ask("index.m3u8?playseek=20260430233000-20260501003000")
    midnight = NOW - 12 * 3600
    assert window == Window(start_s=midnight - 1800, stop_s=midnight + 1800)


def test_a_start_ahead_of_our_clock_is_now() -> None:
    assert ask(f"index.m3u8?utc={NOW + 5}").start_s == NOW


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("index.m3u8?utc=soon", "utc"),
        ("index.m3u8?utc=-5", "utc"),
        ("index.m3u8?utc=", "utc"),
        ("index.m3u8?utc=12", "utc"),
        ("index.m3u8?utc=١٧٧٧٦٠٨٠٠٠", "utc"),
        ("index.m3u8?utc=99999999999999999999", "utc"),
        (f"index.m3u8?start={TEN}&end=later", "end"),
        (f"index.m3u8?start={ELEVEN}&end={TEN}", "end"),
        (f"index.m3u8?start={TEN}&end={TEN}", "end"),
        (f"index.m3u8?start={TEN}&end={TEN + MAX_SPAN_S + 1}", "end"),
        (f"index.m3u8?end={TEN}", "start"),
        (f"index.m3u8?utcend={TEN}", "utc"),
        ("index.m3u8?playseek=20260501100000", "playseek"),
        ("index.m3u8?playseek=-20260501100000", "playseek"),
        ("index.m3u8?playseek=20261301100000-20261301110000", "playseek"),
        ("index.m3u8?playseek=20260501100000-20260501090000", "playseek"),
        (f"index.m3u8?utc={TEN}&utcend={TEN + MAX_SPAN_S + 1}", "utcend"),
        ("index.m3u8?playseek=20260501100000-20260501220001", "playseek"),
        (f"index.m3u8?start={TEN}&end={TEN}&vod=1", "end"),
        ("index.m3u8?window=0", "window"),
        ("index.m3u8?window=1.5", "window"),
        (f"index.m3u8?window={MAX_SPAN_S + 1}", "window"),
        (f"index.m3u8?start={TEN}&end={ELEVEN}&pad=3601", "pad"),
        (f"index.m3u8?start={TEN}&end={ELEVEN}&pad=-1", "pad"),
        (f"archive-{TEN}-0.m3u8", "archive"),
        (f"archive-{TEN}-99999.m3u8", "archive"),
        ("archive-1-60.m3u8", "archive"),
        ("timeshift_rel-999999999.m3u8", "timeshift_rel"),
    ],
)
def test_what_cannot_be_used_is_named(question: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ask(question)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "name",
    ["", "index.m3u", "live.ts", "archive-1.m3u8", "timeshift_rel-.m3u8", "INDEX.M3U8",
     "timeshift_rel-90.m3u8\n", "archive-x-now.m3u8"],
)  # fmt: skip
def test_there_are_no_other_names(name: str) -> None:
    with pytest.raises(NotFoundError):
        read_question(name, {}, now_s=NOW)


@pytest.mark.parametrize(
    "text",
    ["2026-05-01:10-00", "2026-05-01:10-00-00", "2026-05-01_10-00", "2026-05-01:10:00",
     "2026-05-01:10:00:00", "2026-05-01 10:00:00", "2026-5-1:10-0", "2026-05-01T10:00:00",
     "2026-05-01T02:00:00Z", "2026-05-01T02:00:00+00:00", "2026-05-01T10:00:00.000+08:00",
     " 2026-05-01:10-00 ", str(TEN), f"{TEN}000"],
)  # fmt: skip
def test_every_xtream_start_is_ten_in_the_county(text: str) -> None:
    assert read_start(text) == TEN


@pytest.mark.parametrize(
    "text", ["", "now", "2026-13-01:10-00", "2026-05-01:25-00", "0001-01-01:10-00"]
)
def test_another_start_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_start(text)
    assert caught.value.field == "start"
