from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from core.db import read_scope
from core.errors import InvalidInputError
from core.jobs.tables import Job
from core.settings import Settings
from county.tables import AuditEntry
from epg.channels.reading import list_channels
from epg.guide.feeds import add_feed
from epg.guide.tables import GuideChannel
from tests.factories import make_channel
from vod_server.bootstrap import House
from vod_server.cli.channels import export_m3u, import_m3u

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def run(settings: Settings, command: Any, *args: str, fails: bool = False) -> Result:
    done = CliRunner().invoke(command, list(args), obj=settings)
    assert (done.exit_code != 0) == fails, done.output
    return done


@pytest.fixture
def real_list(shared_dir: Path) -> Path:
    return shared_dir / "guide" / "beijing-unicom.m3u"


def test_the_real_list_goes_in_once_and_comes_out(
    settings: Settings, house: House, real_list: Path, tmp_path: Path
) -> None:
    first = run(settings, import_m3u, str(real_list), "--json")
    report = json.loads(first.stdout)
    assert (report["created"], report["refused"], len(report["lines"])) == (230, 0, 230)
    with read_scope(house.sessions) as session:
        assert not any(channel.wanted for channel in list_channels(session))
        actions = session.scalars(select(AuditEntry.action)).all()
        assert "channel.import" in actions
    assert "未变 230" in run(settings, import_m3u, str(real_list)).stdout
    out = tmp_path / "out.m3u"
    run(settings, export_m3u, "--output", str(out))
    assert out.read_text() == run(settings, export_m3u).stdout
    again = json.loads(run(settings, import_m3u, str(out), "--json").stdout)
    assert (again["same"], again["created"], again["changed"]) == (230, 0, 0)


def test_refused_lines_are_told_and_the_others_go_in(
    settings: Settings, house: House, tmp_path: Path
) -> None:
    source = tmp_path / "list.m3u"
    source.write_text("#EXTM3U\n#EXTINF:-1,好\nhttp://a/1\n#EXTINF:-1,坏\nrtsp://a/2\n")
    done = run(settings, import_m3u, str(source), "--on-air", fails=True)
    assert "第 4 行（坏）" in done.stderr
    assert "新增 1 个频道" in done.stdout
    with read_scope(house.sessions) as session:
        [channel] = list_channels(session)
        assert (channel.name, channel.wanted) == ("好", True)


def test_channels_are_matched_with_the_guide_that_is_there(
    settings: Settings, house: House, tmp_path: Path
) -> None:
    with house.sessions() as session, session.begin():
        feed = add_feed(session, name="省网", now=house.clock.now())
        theirs = GuideChannel(feed_id=feed.id, ref="A1", names=["甲台"], icon="", matched_by="")
        session.add(theirs)
    source = tmp_path / "list.m3u"
    source.write_text('#EXTM3U\n#EXTINF:-1 tvg-id="A1",甲\nhttp://a/1\n')
    run(settings, import_m3u, str(source))
    with read_scope(house.sessions) as session:
        [channel] = list_channels(session)
        found = session.get_one(GuideChannel, theirs.id)
        assert (found.channel_id, found.matched_by) == (channel.id, "id")
        [job] = session.query(Job).all()
        assert (job.kind, job.subject) == ("fetch_guide", f"feed:{feed.id}")


@pytest.fixture
def web_folder(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a folder on the loopback interface."""
    folder = tmp_path / "www"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            del args

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()
        thread.join(30)


def test_a_list_is_fetched(settings: Settings, house: House, web_folder: tuple[str, Path]) -> None:
    base, folder = web_folder
    (folder / "l.m3u").write_bytes("#EXTINF:-1,央视\r\nhttp://a/1\r\n".encode("gb18030"))
    run(settings, import_m3u, f"{base}/l.m3u")
    with read_scope(house.sessions) as session:
        assert [channel.name for channel in list_channels(session)] == ["央视"]
    gone = run(settings, import_m3u, f"{base}/none.m3u", fails=True)
    assert isinstance(gone.exception, InvalidInputError)
    assert "none.m3u" in gone.exception.message


@pytest.mark.parametrize("src", ["/nowhere/list.m3u", "http://127.0.0.1:9/l.m3u", "http://["])
def test_what_cannot_be_read_is_told(settings: Settings, house: House, src: str) -> None:
    done = run(settings, import_m3u, src, fails=True)
    assert isinstance(done.exception, InvalidInputError)
    assert src in done.exception.message
    del house


def test_channels_without_an_address_are_named(settings: Settings, house: House) -> None:
    with house.sessions() as session, session.begin():
        make_channel(session, kind="loop")
    done = run(settings, export_m3u)
    assert done.stdout == "#EXTM3U\n"
    assert "1 个频道" in done.stderr
