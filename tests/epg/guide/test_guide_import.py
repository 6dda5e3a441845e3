"""Importing guides: what is replaced, what stays, what is refused, and who is told."""

from __future__ import annotations

import gzip
import io
import itertools
import re
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import SessionFactory, session_scope
from core.errors import InvalidInputError, JobCancelledError, NotFoundError
from county.alerts import open_alerts
from epg.channels.tables import Channel
from epg.channels.version import epg_version
from epg.guide import feeds, spool
from epg.guide.editing import edit_programme
from epg.guide.importing import import_xmltv
from epg.guide.matching import guide_channels
from epg.guide.reading import entries
from epg.guide.report import ImportReport
from epg.guide.schedule import Row
from epg.guide.storing import Goal, batches
from epg.guide.tables import GuideChannel, GuideFeed, Programme
from tests.conftest import CHECKOUT
from tests.factories import make_channel
from tests.fakes import START, FakeClock

H, DAY = 3600, 86400
#: Midnight of the county before the clock's first instant.
TODAY = int(START.timestamp()) // DAY * DAY - 8 * H

Shown = list[tuple[int, int, str]]


def stamp(second: int) -> str:
    return datetime.fromtimestamp(second + 8 * H, START.tzinfo).strftime("%Y%m%d%H%M%S")


def tv(*programmes: tuple[str, int, int | None, str], channels: Sequence[str] = ()) -> bytes:
    """Return a guide: (ref, start, stop, title), seconds from today's midnight."""
    parts = ["<tv>"]
    parts += [f'<channel id="{r}"><display-name>{r}台</display-name></channel>' for r in channels]
    for ref, start, stop, title in programmes:
        ending = "" if stop is None else f' stop="{stamp(TODAY + stop)} +0800"'
        times = f'start="{stamp(TODAY + start)} +0800"{ending}'
        parts.append(f'<programme {times} channel="{ref}"><title>{title}</title></programme>')
    return "".join([*parts, "</tv>"]).encode()


def hours(ref: str, count: int, first: int = 0) -> list[tuple[str, int, int | None, str]]:
    return [(ref, h * H, (h + 1) * H, f"{ref}-{h}") for h in range(first, first + count)]


@pytest.fixture
def feed_id(sessions: SessionFactory) -> int:
    with session_scope(sessions) as session:
        return feeds.add_feed(session, name="省网", now=START).id


@pytest.fixture
def channel_id(sessions: SessionFactory) -> int:
    with session_scope(sessions) as session:
        return make_channel(session, name="青禾综合", tvg_id="1").id


class Guide:
    """What the tests do with one feed and look at of one channel."""

    def __init__(self, sessions: SessionFactory, feed_id: int, channel_id: int) -> None:
        self.sessions, self.feed_id, self.channel_id = sessions, feed_id, channel_id

    def take(self, content: bytes, **options: Any) -> ImportReport:
        stream = io.BytesIO(content)
        return import_xmltv(self.sessions, self.feed_id, stream, clock=FakeClock(), **options)

    def rows(self) -> Shown:
        with session_scope(self.sessions) as session:
            statement = select(Programme).where(Programme.channel_id == self.channel_id)
            return [
                (row.start_s - TODAY, row.stop_s - TODAY, row.title)
                for row in session.scalars(statement.order_by(Programme.start_s))
            ]

    def alerts(self) -> dict[str, str]:
        with session_scope(self.sessions) as session:
            return {alert.kind: alert.words for alert in open_alerts(session)}


@pytest.fixture
def guide(sessions: SessionFactory, feed_id: int, channel_id: int) -> Guide:
    return Guide(sessions, feed_id, channel_id)


def create(session: Session, row: GuideChannel, now: datetime) -> Channel:
    name = row.names[0] if row.names else row.ref
    return make_channel(session, name=name, tvg_id=row.ref, wanted=False, now=now)


def test_what_is_matched_is_written_and_the_rest_remembered(guide: Guide) -> None:
    report = guide.take(tv(*hours("1", 3), *hours("2", 2), channels=["1", "2"]))
    assert (report.taken, report.channels, report.programmes, report.matched) == (True, 2, 5, 1)
    assert guide.rows() == [(h * H, (h + 1) * H, f"1-{h}") for h in range(3)]
    with session_scope(guide.sessions) as session:
        left = guide_channels(session, guide.feed_id, only_unmatched=True)
        assert [(row.ref, row.names, row.programmes) for row in left] == [("2", ["2台"], 2)]
        feed = feeds.get_feed(session, guide.feed_id)
        assert (feed.programmes, feed.last_error) == (5, "")
        assert feed.taken_at == START


def test_the_same_again_changes_no_row(guide: Guide) -> None:
    content = tv(*hours("1", 30))
    guide.take(content)
    with session_scope(guide.sessions) as session:
        before = session.scalars(select(Programme.id).order_by(Programme.id)).all()
    report = guide.take(content)
    assert (report.added, report.removed, report.unchanged) == (0, 0, 30)
    with session_scope(guide.sessions) as session:
        assert session.scalars(select(Programme.id).order_by(Programme.id)).all() == before


def test_the_same_again_with_more_to_tell_changes_no_row(guide: Guide) -> None:
    more = "</title><episode-num>第 3 集</episode-num><credits><actor>李</actor></credits>"
    content = tv(*hours("1", 12)).replace(b"</title>", more.encode())
    assert guide.take(content).added == 12
    again = guide.take(content)
    assert (again.added, again.removed, again.unchanged) == (0, 0, 12)
    with session_scope(guide.sessions) as session:
        facts = session.scalars(select(Programme.facts)).all()
    assert facts == [{"episode-num": ["第 3 集"], "credits": [{"actor": ["李"]}]}] * 12


def test_channels_are_written_together_up_to_a_number_of_rows() -> None:
    row: Row = (0, 1, "x", "", "", "", None)
    goals = [Goal(str(size), size, [row] * size) for size in (900, 900, 900, 5000, 0, 10)]
    assert [[goal.channel_id for goal in batch] for batch in batches(goals)] == [
        [900, 900],
        [900],
        [5000],
        [0, 10],
    ]


def test_a_channel_with_more_than_any_guide_has_is_cut_and_told(
    guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "BUFFERED_ROWS", 10)
    monkeypatch.setattr(spool, "MAX_ROWS_PER_CHANNEL", 20)
    report = guide.take(tv(*hours("1", 35), *hours("2", 5)))
    assert (report.programmes, report.junk) == (25, 15)
    assert "频道 1" in report.junk_lines[0].words
    assert guide.rows() == [(h * H, (h + 1) * H, f"1-{h}") for h in range(20)]


def test_programmes_without_an_end_are_not_doubled(guide: Guide) -> None:
    content = tv(*((ref, start, None, title) for ref, start, _, title in hours("1", 8)))
    assert guide.take(content).mended == 8
    again = guide.take(content)
    assert (again.added, again.unchanged, len(guide.rows())) == (0, 8, 8)
    assert guide.rows()[-1][:2] == (7 * H, 8 * H)


def test_a_retimed_programme_is_replaced_and_the_version_rises(guide: Guide) -> None:
    guide.take(tv(("1", 8 * H, 9 * H, "新闻"), ("1", 9 * H, 10 * H, "戏曲")))
    with session_scope(guide.sessions) as session:
        before = epg_version(session)
    report = guide.take(tv(("1", 8 * H, 9 * H + 600, "新闻"), ("1", 9 * H + 600, 10 * H, "戏曲")))
    assert (report.added, report.removed) == (2, 2)
    assert guide.rows() == [(8 * H, 9 * H + 600, "新闻"), (9 * H + 600, 10 * H, "戏曲")]
    with session_scope(guide.sessions) as session:
        assert epg_version(session) > before


def test_what_was_before_the_feeds_time_stays_and_what_runs_into_it_is_cut(guide: Guide) -> None:
    guide.take(tv(("1", -5 * H, -H, "昨天"), ("1", -H, H, "跨夜"), ("1", H, 2 * H, "旧")))
    guide.take(tv(("1", 0, 2 * H, "新"), ("2", -30 * 60, H, "别台")))
    assert guide.rows() == [(-5 * H, -H, "昨天"), (-H, 0, "跨夜"), (0, 2 * H, "新")]


def test_a_slip_of_decades_does_not_wipe_the_past(guide: Guide) -> None:
    guide.take(tv(*hours("1", 5, first=-100)))
    slip = b'<programme start="2000" channel="1"><title>x</title></programme></tv>'
    guide.take(tv(*hours("1", 5)).replace(b"</tv>", slip))
    assert [title for _, _, title in guide.rows()][1:6] == [f"1-{h}" for h in range(-100, -95)]
    assert len(guide.rows()) == 11


def test_two_feeds_do_not_touch_each_other(guide: Guide) -> None:
    guide.take(tv(*hours("1", 3)))
    with session_scope(guide.sessions) as session:
        other = feeds.add_feed(session, name="市网", now=START).id
    stream = io.BytesIO(tv(("1", 0, 3 * H, "市网的")))
    import_xmltv(guide.sessions, other, stream, clock=FakeClock())
    assert len(guide.rows()) == 4


def test_a_correction_survives_imports(guide: Guide) -> None:
    guide.take(tv(*hours("1", 3)))
    with session_scope(guide.sessions) as session:
        wrong = entries(session, [guide.channel_id], TODAY, TODAY + DAY)[guide.channel_id][1]
        edit_programme(session, wrong.id, title="更正", now=START)
    guide.take(tv(*hours("1", 3)))
    guide.take(tv(("1", 0, H, "改一"), ("1", H, 2 * H, "改二"), ("1", 2 * H, 3 * H, "改三")))
    with session_scope(guide.sessions) as session:
        shown = entries(session, [guide.channel_id], TODAY, TODAY + DAY)[guide.channel_id]
    assert [(entry.title, entry.origin) for entry in shown] == [
        ("改一", "feed"),
        ("更正", "person"),
        ("改三", "feed"),
    ]


def test_a_feed_that_shrinks_leaves_the_guide_alone_until_it_recovers(guide: Guide) -> None:
    guide.take(tv(*hours("1", 20)))
    report = guide.take(tv(*hours("1", 9)))
    assert not report.taken
    assert "20" in report.words
    assert len(guide.rows()) == 20
    assert "省网" in guide.alerts()["guide.shrunk"]
    assert guide.take(tv(*hours("1", 10))).taken
    assert guide.alerts() == {}


def test_a_shrunk_feed_is_taken_when_a_person_says_so(guide: Guide) -> None:
    guide.take(tv(*hours("1", 20)))
    assert not guide.take(tv(*hours("1", 2))).taken
    assert guide.take(tv(*hours("1", 2)), force=True).taken
    assert guide.alerts() == {}
    assert len([row for row in guide.rows() if row[0] < 2 * H]) == 2


def test_a_channel_that_shrinks_or_goes_keeps_what_it_has(guide: Guide) -> None:
    guide.take(tv(*hours("1", 20), *hours("2", 100), channels=["1", "2"]))
    report = guide.take(tv(*hours("1", 4), *hours("2", 100), channels=["1", "2"]))
    assert report.taken
    assert len(guide.rows()) == 20
    assert "1台" in guide.alerts()["guide.shrunk"]
    guide.take(tv(*hours("2", 100), channels=["2"]))
    assert len(guide.rows()) == 20
    assert "guide.shrunk" in guide.alerts()
    guide.take(tv(*hours("1", 20), *hours("2", 100)))
    assert guide.alerts() == {}


@pytest.mark.parametrize("damage", [lambda c: c[:-40], lambda c: b"<html/>", lambda c: b""])
def test_a_failed_import_changes_nothing_and_somebody_is_told(guide: Guide, damage: Any) -> None:
    content = tv(*hours("1", 20))
    guide.take(content)
    rows = guide.rows()
    other = tv(*hours("1", 20, first=1)) + b"\n"
    with pytest.raises(InvalidInputError) as refused:
        guide.take(damage(other))
    assert guide.rows() == rows
    assert refused.value.message in guide.alerts()["guide.failed"]
    with session_scope(guide.sessions) as session:
        assert feeds.get_feed(session, guide.feed_id).last_error == refused.value.message
    guide.take(content)
    assert guide.alerts() == {}


def test_junk_is_counted_and_told_and_the_rest_comes_in(guide: Guide) -> None:
    junk = b'<programme start="soon" channel="1"><title>x</title></programme></tv>'
    report = guide.take(tv(*hours("1", 3)).replace(b"</tv>", junk))
    assert (report.junk, report.programmes) == (1, 3)
    assert "soon" in report.junk_lines[0].words
    assert len(guide.rows()) == 3


def test_an_import_that_is_stopped_is_made_good_by_the_next(guide: Guide) -> None:
    content = tv(*hours("1", 5), *hours("2", 5))

    def stop_when_writing(fraction: float) -> None:
        if fraction >= 0.6:
            raise JobCancelledError("停")

    with pytest.raises(JobCancelledError):
        guide.take(content, create=create, on_progress=stop_when_writing, size_bytes=len(content))
    with session_scope(guide.sessions) as session:
        before = epg_version(session)
    assert guide.take(content).taken
    assert len(guide.rows()) == 5
    with session_scope(guide.sessions) as session:
        assert epg_version(session) > before


def test_channels_are_made_of_the_feeds_once(guide: Guide) -> None:
    content = tv(*hours("1", 2), *hours("7", 2), channels=["1", "7"])
    first = guide.take(content, create=create)
    assert (first.created, first.matched, first.added) == (1, 2, 4)
    again = guide.take(content, create=create)
    assert (again.created, again.matched, again.added) == (0, 2, 0)


def test_one_channel_is_brought_in_alone(guide: Guide) -> None:
    content = tv(*hours("1", 20), *hours("2", 20))
    guide.take(content)
    with session_scope(guide.sessions) as session:
        row = session.scalars(select(GuideChannel).where(GuideChannel.ref == "2")).one()
        row.channel_id = make_channel(session, name="别的").id
        row.matched_by = "person"
    report = guide.take(content, only="2")
    assert (report.taken, report.added) == (True, 20)
    with session_scope(guide.sessions) as session:
        feed = session.get(GuideFeed, guide.feed_id)
        assert feed is not None
        assert feed.programmes == 40, "one channel says nothing of the feed"


def test_several_channels_may_share_a_guide_id(guide: Guide) -> None:
    with session_scope(guide.sessions) as session:
        other = make_channel(session, name="青禾综合高清", tvg_id="1").id
    guide.take(tv(*hours("1", 3)))
    assert len(guide.rows()) == 3
    assert len(Guide(guide.sessions, guide.feed_id, other).rows()) == 3


def test_an_unknown_feed_is_said_to_be_unknown(sessions: SessionFactory) -> None:
    with pytest.raises(NotFoundError):
        import_xmltv(sessions, 99, io.BytesIO(b"<tv/>"), clock=FakeClock())


def test_the_real_guide_of_beijing_comes_in_whole(guide: Guide, shared_dir: Path) -> None:
    packed = (shared_dir / "guide" / "beijing-unicom-epg.xml.gz").read_bytes()
    text = gzip.decompress(packed).decode()
    counted = Counter(re.findall(r'<programme [^>]*channel="([^"]+)"', text))
    starts = set(re.findall(r'<programme start="(\d{14}) \+0800" [^>]*channel="([^"]+)"', text))
    with session_scope(guide.sessions) as session:
        session.query(Channel).update({"tvg_id": ""})
    first = guide.take(packed, create=create)
    assert (first.channels, first.created, first.programmes) == (155, 155, counted.total())
    assert first.junk == 0
    # One start a channel: the feed gives three programmes twice.
    assert first.added == len(starts) == counted.total() - first.doubles
    with session_scope(guide.sessions) as session:
        stored = session.execute(
            select(Channel.tvg_id, Programme.start_s, Programme.stop_s)
            .join(Channel, Channel.id == Programme.channel_id)
            .order_by(Programme.channel_id, Programme.start_s)
        ).all()
    assert {(stamp(start_s), ref) for ref, start_s, _ in stored} == starts
    assert all(
        ref != next_ref or stop_s <= next_start
        for (ref, _, stop_s), (next_ref, next_start, _) in itertools.pairwise(stored)
    )
    again = guide.take(packed, create=create)
    assert (again.created, again.added, again.removed) == (0, 0, 0)
    assert again.unchanged == first.added


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A child's peak at ten times the size is that of one time, but for a few megabytes."""
    script = textwrap.dedent("""
        import pathlib, sys
        from epg.guide.schedule import close_rows
        from epg.guide.spool import Spool
        from epg.guide.unpacking import GuideFile
        from epg.guide.xmltv import read_guide
        with open(sys.argv[1], "rb") as stream, Spool() as spool:
            items = read_guide(GuideFile(stream), zone="UTC")
            spool.fill(items, on_channel=lambda c: None, on_junk=print)
            spool.close()
            rows = sum(len(close_rows(spool.rows(ref)).rows) for ref in spool.counts)
        # Not ru_maxrss: a child's begins with its parent's.
        status = pathlib.Path("/proc/self/status").read_text()
        print(rows, int(status.split("VmHWM:")[1].split()[0]) // 1024)
    """)
    peaks = []
    for times in (1, 8):
        path = tmp_path / f"{times}.xml"
        path.write_bytes(tv(*(row for ref in range(40 * times) for row in hours(str(ref), 300))))
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        )
        rows, peak = map(int, done.stdout.split())
        assert rows == 40 * times * 300
        peaks.append(peak)
    assert peaks[1] < peaks[0] + 15, peaks
