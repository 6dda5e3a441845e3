"""Rules of a job's life. Pure."""

from __future__ import annotations

from typing import Literal

State = Literal["queued", "running", "done", "failed", "cancelled"]

#: States after which nothing happens any more.
FINAL: frozenset[str] = frozenset({"done", "failed", "cancelled"})

FIRST_RETRY_S = 10.0
LONGEST_RETRY_S = 3600.0


def retry_delay_s(attempts: int) -> float:
    """Return how long to wait before the next try.

    Args:
        attempts: tries so far, 1 or more. Each failure multiplies the wait by four.
    """
    # Ten steps are beyond the longest wait; the power must not outgrow a float.
    return min(FIRST_RETRY_S * 4.0 ** min(attempts - 1, 10), LONGEST_RETRY_S)


def may_retry(attempts: int, max_attempts: int, *, permanent: bool) -> bool:
    """Say whether a job that failed is tried again."""
    return not permanent and attempts < max_attempts
