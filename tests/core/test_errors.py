"""Error types: a sentence for people, a code for programs, the field it speaks of."""

from __future__ import annotations

import inspect

import pytest

from core import errors
from core.errors import CuntaiError, JobError, RateLimitedError

TYPES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CuntaiError) and kind is not CuntaiError
]


def test_every_type_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in TYPES]
    assert len(TYPES) >= 12
    assert len(set(codes)) == len(codes)
    assert CuntaiError.code not in codes


@pytest.mark.parametrize(
    "kind", [kind for kind in TYPES if kind not in {JobError, RateLimitedError}]
)
def test_an_error_carries_its_sentence_and_field(kind: type[CuntaiError]) -> None:
    error = kind("第 3 行的日期不对。", field="expires")
    assert (str(error), error.message, error.field) == ("第 3 行的日期不对。",) * 2 + ("expires",)
    assert kind("不对。").field is None


def test_a_job_error_says_whether_a_retry_helps() -> None:
    assert JobError("坏文件。", permanent=True, field="file").permanent
    assert not JobError("网络断了。", permanent=False).permanent


def test_a_rate_limit_says_how_long_to_wait() -> None:
    assert RateLimitedError("太快了。", retry_after_s=60).retry_after_s == 60
