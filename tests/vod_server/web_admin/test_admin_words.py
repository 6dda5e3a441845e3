"""How numbers and instants are said, and what a form means. No database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.jobs.tables import Job
from vod_server.web.admin import words
from vod_server.web.admin.forms import read_form
from vod_server.web.admin.moves import steps

NOW = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)  # 10:00 in the county


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (None, "—"),
        (0, "0 字节"),
        (999, "999 字节"),
        (7_340_000, "7.3 MB"),
        (20 * 1000**3, "20.0 GB"),
    ],
)
def test_sizes(size, said: str) -> None:
    assert words.size_words(size) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, "—"), (0, "0:00"), (61.2, "1:01"), (3723, "1:02:03")]
)
def test_play_times(seconds, said: str) -> None:
    assert words.clock_words(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.2, "还需约 1 秒"),
        (59, "还需约 59 秒"),
        (170, "还需约 3 分钟"),
        (3600, "还需约 1 小时"),
        (5400, "还需约 1 小时 30 分"),
    ],
)
def test_time_left(seconds, said: str) -> None:
    assert words.left_words(seconds) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW - timedelta(minutes=5), "今天 09:55"),
        # Still yesterday in the county, though the same day in UTC.
        (datetime(2026, 4, 30, 15, 59, tzinfo=UTC), "昨天 23:59"),
        (datetime(2026, 3, 1, 6, 3, tzinfo=UTC), "3月1日 14:03"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "1月1日 00:00"),
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), "2025年12月31日 23:00"),
    ],
)
def test_instants_are_the_countys(at: datetime, said: str) -> None:
    assert words.when_words(at, NOW) == said


def test_nearly_done_is_not_done() -> None:
    assert [words.percent(x) for x in (0, 0.999, 1)] == [0, 99, 100]


def job(**values) -> Job:
    return Job(**{"kind": "transcode", "attempts": 1, "cancel_requested": False, **values})


def test_a_job_says_what_it_does() -> None:
    running = job(state="running", progress=0.5, eta_s=None, message="")
    assert words.job_line(running, NOW) == "50%"
    again = job(state="queued", message="磁盘已满。", run_after=NOW + timedelta(seconds=40))
    assert words.job_line(again, NOW) == "上次没有成功：磁盘已满。 40 秒后再试"
    assert words.job_line(job(state="failed", message=""), NOW) == "失败"


def read(**typed: str):
    return read_form({"name": "名", **typed}, categories=[1], places=[None, 5])


def test_a_form_that_is_left_empty_means_none() -> None:
    form = read()
    assert form.errors == {}
    assert form.fields["category_id"] is None
    assert form.fields["study_hours"] is None
    assert form.fields["expires_on"] is None
    assert form.fields["required"] is False


@pytest.mark.parametrize(
    ("field", "typed", "meant"),
    [
        ("episode", "12", ("episode", 12)),
        ("study_hours", "１．５", ("study_hours", 1.5)),
        ("expires_on", "2026-12-31", ("expires_on", date(2026, 12, 31))),
        ("category", "1", ("category_id", 1)),
        ("place", "5", ("place_id", 5)),
        ("lecturer", "赵\x00敏\n老师", ("lecturer", "赵敏 老师")),
    ],
)
def test_what_is_typed_and_meant(field: str, typed: str, meant: tuple[str, object]) -> None:
    form = read(**{field: typed})
    assert form.errors == {}
    assert form.fields[meant[0]] == meant[1]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "),
        ("name", "长" * 201),
        ("episode", "-1"),
        ("episode", "1.5"),
        ("study_hours", "nan"),
        ("study_hours", "1e3"),
        ("study_hours", "1001"),
        ("expires_on", "2026-02-30"),
        ("category", "2"),
        ("category", "1; DROP"),
        ("place", "6"),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_field(field: str, typed: str) -> None:
    form = read(**{field: typed})
    assert list(form.errors) == [field]
    assert form.values[field] == typed.strip()


def test_steps_of_a_wish() -> None:
    assert steps("publish", "draft") == ("submit", "publish")
    assert steps("publish", "review") == ("publish",)
    assert steps("submit_and_publish", "draft") == ("submit", "publish")
    assert steps("withdraw", "published") == ("withdraw",)
