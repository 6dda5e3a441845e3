"""Secrets never reach a log, whatever wrote them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from core.log import SECRET_WORDS, mask_secrets

SCRIPT = """
import logging, sys
import structlog
from core.log import configure_logging
configure_logging(sys.argv[1], sys.argv[2])
log = structlog.get_logger()
log.info("上传完成", password="hunter2", title="剪枝", nested={"token": "hunter2"})
log.debug("細節")
logging.getLogger("huey").info("every wake-up")
"""


def run(level: str, form: str) -> str:
    command = [sys.executable, "-c", SCRIPT, level, form]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("word", SECRET_WORDS)
@pytest.mark.parametrize("name", ["{}", "X-{}", "new_{}", "{}s"])
def test_secret_sounding_names_are_masked(word: str, name: str) -> None:
    for spelled in (name.format(word), name.format(word.upper())):
        assert mask_secrets(None, "info", {spelled: "hunter2"}) == {spelled: "…"}


def test_masking_goes_deep_and_leaves_the_rest() -> None:
    event = {"event": "x", "job": 7, "headers": {"Authorization": "Bearer hunter2", "Host": "a"}}
    assert mask_secrets(None, "info", event) == {
        "event": "x",
        "job": 7,
        "headers": {"Authorization": "…", "Host": "a"},
    }


def test_json_lines_are_for_collectors() -> None:
    line = json.loads(run("info", "json"))
    assert line["event"] == "上传完成"
    assert (line["password"], line["nested"], line["title"]) == ("…", {"token": "…"}, "剪枝")
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_console_lines_are_for_people_and_hide_as_much() -> None:
    text = run("debug", "console")
    assert "上传完成" in text
    assert "細節" in text
    assert "hunter2" not in text
    assert "every wake-up" not in text


def test_the_level_is_kept() -> None:
    assert run("error", "console") == ""
