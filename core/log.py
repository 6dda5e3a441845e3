"""Structured logs, without secrets: known names are masked whatever wrote them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

#: Parts of names whose values never reach a log.
SECRET_WORDS = ("password", "token", "secret", "cookie", "authorization", "signature")


def mask_secrets(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
    """Replace the values of secret-sounding names, however deep (a structlog processor)."""
    del logger, method
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: str, value: Any) -> Any:
    if any(word in name.lower() for word in SECRET_WORDS):
        return "…"
    if isinstance(value, Mapping):
        return {key: _masked(str(key), inner) for key, inner in value.items()}
    return value


def configure_logging(level: str, form: str) -> None:
    """Set up structlog and the standard library's logging on stderr.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        form: `console` for people, `json` for collectors.
    """
    number = getattr(logging, level.upper())
    logging.basicConfig(
        level=number, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    # huey tells of every wake-up, where a job's own row tells more; alembic of every look.
    for chatty in ("huey", "alembic"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
    # Plain tracebacks: a pretty one shows local variables, and with them whatever is secret.
    renderers: list[Any] = (
        [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask_secrets,
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
