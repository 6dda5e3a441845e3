"""Loop channels follow what workers make: a real title goes on air and plays without a fault."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from catalog.titles import service as titles
from catalog.titles import wants
from catalog.titles.tables import Title
from core.db import read_scope, session_scope
from core.jobs.runner import Runner
from core.jobs.tables import Job
from epg.channels.tables import Channel, Playout
from epg.playout.reading import loop_entries, loop_timeline
from epg.playout.rows import milliseconds
from epg.timeline.model import Segment
from epg.timeline.window import Window, select
from tests.epg.playout.loop_rows import loop_channel, published, set_titles
from tests.factories import make_ready
from vod_server.bootstrap import House
from vod_server.streams.windows import window_playlist
from vod_server.worker.playout import REFRESH_EVERY, keep_back, make_playout_chore


def make_loop(house: House, *title_ids: int, **fields: object) -> int:
    with session_scope(house.sessions) as session:
        members = [session.get_one(Title, title_id) for title_id in title_ids]
        return loop_channel(session, members, **fields).id


def rows(house: House) -> int:
    with read_scope(house.sessions) as session:
        return session.query(Playout).count()


@pytest.mark.media
def test_real_titles_play_one_after_the_other_without_a_fault(
    house: House,
    runner: Runner,
    clips: Callable[..., Path],
    import_file: Callable[..., int],
    tmp_path: Path,
) -> None:
    one = import_file(clips(7.4), publish="system")
    two = import_file(clips(3, gop=25), publish="system")
    channel_id = make_loop(house, one, two)
    chore = make_playout_chore(house)
    chore()
    assert rows(house) == 0, "nothing can be played yet"
    runner.run_due()
    chore()
    now = house.clock.now()
    # Three rounds of some 10.4 s: a past stretch that begins and ends amidst titles.
    start_s = int(now.timestamp()) - 34
    with read_scope(house.sessions) as session:
        channel = session.get_one(Channel, channel_id)
        timeline = loop_timeline(session, channel, now_ms=milliseconds(now) + 130_000)
        listing = select(
            timeline, Window(start_s=start_s, stop_s=start_s + 31), milliseconds(now) + 130_000
        )
        entries = loop_entries(session, channel_id, start_s, start_s + 31)
    played = listing.segments
    assert {s.key.split("/")[1] for s in played} == {str(one), str(two)}
    assert sum(s.opens for s in played[1:]) >= 5
    assert all(b.start_ms == a.end_ms for a, b in pairwise(played))
    opened = [s.start_ms for s in played if s.opens]
    assert [e.start_ms for e in entries][-len(opened) :] == opened

    def local(segment: Segment) -> str:
        path = house.blobs.local_path(segment.key)
        assert path is not None
        assert path.stat().st_size == segment.size_bytes
        return str(path)

    playlist = tmp_path / "loop.m3u8"
    playlist.write_text(window_playlist(listing, local))
    seconds = sum(s.duration_ms for s in played) / 1000
    assert abs(decoded_pictures(playlist) - seconds * 25) <= 2
    assert all(abs(probed_ms(Path(local(s))) - s.duration_ms) <= 1 for s in played)


def decoded_pictures(playlist: Path) -> int:
    """Play strictly; return how many pictures came."""
    words = ["ffmpeg", "-v", "warning", "-xerror", "-nostdin", "-allowed_extensions", "ALL"]
    words += ["-i", str(playlist), "-map", "0:v", "-map", "0:a", "-f", "null"]
    done = subprocess.run(
        [*words, "-progress", "pipe:1", "-"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # A title's last frame of sound (21 ms) reaches into the next title; nothing else may be said.
    said = [line for line in done.stderr.splitlines() if "non monotonically" not in line]
    assert (done.returncode, said) == (0, [])
    return int(done.stdout.rpartition("frame=")[2].split()[0])


def probed_ms(path: Path) -> float:
    """Count a segment's pictures, each 40 ms."""
    words = ["ffprobe", "-v", "error", "-select_streams", "v", "-count_packets"]
    words += ["-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", str(path)]
    counted = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return int(counted.stdout.split()[0].strip(",")) * 40


def test_the_chore_follows_every_change_and_rests_between(house: House) -> None:
    with session_scope(house.sessions) as session:
        first, second = published(session, 6.0).id, published(session, 6.0).id
    on = make_loop(house, first)
    make_loop(house, first, wanted=False)
    chore = make_playout_chore(house)
    chore()
    assert rows(house) == 1, "only the wanted one"
    chore()  # sees the version that its own row has raised
    with session_scope(house.sessions) as session:
        session.query(Playout).delete()
    chore()
    assert rows(house) == 0, "no version has moved, so nothing is looked at"
    with session_scope(house.sessions) as session:
        channel = session.get_one(Channel, on)
        set_titles(session, channel, [session.get_one(Title, second)])
    chore()
    assert rows(house) == 1
    with session_scope(house.sessions) as session:
        title = session.get_one(Title, second)
        titles.move_title(session, title, "withdraw", actor="test", now=house.clock.now())
    chore()
    assert rows(house) == 2, "the channel is off"


def test_the_chore_looks_all_the_same_now_and_then(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session_scope(house.sessions) as session:
        title_id = published(session, 6.0).id
    make_loop(house, title_id)
    chore = make_playout_chore(house)
    chore()
    chore()
    with session_scope(house.sessions) as session:
        session.query(Playout).delete()
    later = house.clock.now() + REFRESH_EVERY + timedelta(seconds=1)
    monkeypatch.setattr(house.clock, "now", lambda: later, raising=False)
    chore()
    assert rows(house) == 1


def test_files_that_the_past_still_lists_are_kept_back(house: House) -> None:
    with session_scope(house.sessions) as session:
        title = published(session, 6.0)
        title_id, old = title.id, title.media_gen
    make_loop(house, title_id)
    make_playout_chore(house)()
    with session_scope(house.sessions) as session:
        title = session.get_one(Title, title_id)
        make_ready(session, title, ())
        never_played = f"vod/{title_id}/{'0' * 16}"
        prefixes = [f"vod/{title_id}/{old}", never_played]
        now = house.clock.now()
        assert keep_back(session, title, prefixes, now=now) == {prefixes[0]}
        assert keep_back(session, title, [never_played], now=now) == set()
    with read_scope(house.sessions) as session:
        (job,) = session.query(Job).filter(Job.kind == "tidy")
        assert job.payload == {"prefixes": [prefixes[0]]}
        assert job.run_after >= now + timedelta(hours=23)


@pytest.mark.media
def test_a_transcode_anew_does_not_take_the_past_away(
    house: House, runner: Runner, clips: Callable[..., Path], import_file: Callable[..., int]
) -> None:
    """The catch-up of yesterday lists the old generation; its files are still there."""
    title_id = import_file(clips(), publish="system")
    runner.run_due()
    channel_id = make_loop(house, title_id)
    chore = make_playout_chore(house)
    chore()
    with session_scope(house.sessions) as session:
        title = session.get_one(Title, title_id)
        old = title.media_gen
        wants.want_transcode(session, title, {}, now=house.clock.now())
    runner.run_due()
    chore()
    now_ms = milliseconds(house.clock.now())
    with read_scope(house.sessions) as session:
        channel = session.get_one(Channel, channel_id)
        timeline = loop_timeline(session, channel, now_ms=now_ms + 120_000)
        found = timeline.between(now_ms - 60_000, now_ms + 120_000)
        new = session.get_one(Title, title_id).media_gen
    gens = [s.key.split("/")[2] for s in found]
    assert list(dict.fromkeys(gens)) == [old, new]
    assert all(house.blobs.exists(s.key) for s in found)
