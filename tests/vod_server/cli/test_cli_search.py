"""`cuntai reindex` and `cuntai search` as their users meet them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from catalog.search import failures
from core.db import session_scope
from tests.conftest import CHECKOUT
from tests.factories import make_channel, make_county, make_title
from tests.fakes import START
from vod_server.bootstrap import House

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

Cuntai = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def cuntai(house: House, child_environ: dict[str, str]) -> Cuntai:
    with session_scope(house.sessions) as session:
        places = make_county(session)
        make_title(session, name="农业保险怎么买", state="published", summary="讲清条款")
        make_title(session, name="农家乐", state="published", place=places.village)
        make_channel(session, name="农业频道", number=17)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "vod_server", *arguments],
            cwd=CHECKOUT,
            env=child_environ,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


def test_everything_is_indexed_and_found(cuntai: Cuntai) -> None:
    done = cuntai("reindex", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["documents"] == {
        "channel": 1,
        "series": 0,
        "title": 2,
        "programme": 0,
    }
    found = cuntai("search", "nongye", "--json")
    answer = json.loads(found.stdout)
    assert [(item["kind"], item["title"]) for item in answer["items"]] == [
        ("channel", "农业频道"),
        ("title", "农业保险怎么买"),
    ]
    assert answer["items"][1]["snippet"] == "讲清条款"
    assert answer["counts"] == {"channel": 1, "title": 1}
    here = cuntai("search", "农", "--place", "990000101201", "--kind", "title")
    assert "农家乐" in here.stdout
    assert "农业频道" not in here.stdout
    assert "没有找到" in cuntai("search", "农家").stdout


def test_what_cannot_be_is_told(cuntai: Cuntai) -> None:
    wrong = cuntai("search", "农", "--place", "nowhere")
    assert wrong.returncode == 1
    assert "nowhere" in wrong.stderr
    assert cuntai("reindex", "--help").returncode == 0


def test_what_waits_and_what_fails_is_told(cuntai: Cuntai, house: House) -> None:
    with session_scope(house.sessions) as session:
        failures.write_down(session, "title", "7", ValueError("坏"), now=START)
    told = json.loads(cuntai("search", "--status", "--json").stdout)
    assert told["documents"] == {"channel": 0, "series": 0, "title": 0, "programme": 0}
    assert (told["waiting"], told["failing"]) == (2, 1)
    assert told["failures"][0][:3] == ["title", "7", 1]
    shown = cuntai("search", "--status").stdout
    assert "等待索引 2 条" in shown
    assert "title 7：已试 1 次" in shown
    assert "ValueError: 坏" in shown
    cuntai("reindex")
    told = json.loads(cuntai("search", "--status", "--json").stdout)
    assert (told["documents"]["title"], told["waiting"]) == (2, 0)


def test_a_search_for_nothing_is_refused(cuntai: Cuntai) -> None:
    done = cuntai("search")
    assert done.returncode == 2
    assert "--status" in done.stderr
