"""The demo's channels: on air in the first seconds, true in their guide, made once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.blobs import BlobStore
from core.db import session_scope
from county import audit
from county.places import find_place
from epg.channels.tables import Channel
from epg.channels.version import epg_version
from epg.guide.tables import Programme
from epg.playout.reading import loop_entries
from tests.factories import make_channel, make_title
from tests.fakes import START
from vod_server.bootstrap import House
from vod_server.cli.content import (
    DEMO_CHANNELS_LOADED,
    DEMO_LOADED,
    add_demo_places,
    demo_is_loaded,
)
from vod_server.demo.cards import HEADING_SIZE, LINE_SIZE, TEXT_WIDTH, text_width
from vod_server.demo.channel_list import CHANNELS, LIUHE_CODE, PARTY_FILM
from vod_server.demo.channels import (
    add_demo_channels,
    fill_demo_loops,
    share_films,
    store_logos,
)
from vod_server.demo.logos import draw_logo, logo_file
from vod_server.demo.titles import demo_titles
from vod_server.streams.addresses import media_type, resolve

FILMS = {title.file_name: title for title in (*demo_titles(), PARTY_FILM)}


def channels(session: Session) -> dict[int, Channel]:
    return {channel.number: channel for channel in session.scalars(select(Channel))}


def load(session: Session, blobs: BlobStore) -> int:
    return add_demo_channels(session, store_logos(blobs), now=START)


@pytest.fixture
def county(session: Session) -> Session:
    """Return a session in which the demo's places are there."""
    add_demo_places(session)
    return session


def add_titles(session: Session, *, but: Sequence[str] = ()) -> None:
    for title in demo_titles():
        if title.file_name not in but:
            place = find_place(session, title.place) if title.place else None
            make_title(session, file_name=title.file_name, state="published", place=place)


def test_the_county_has_its_channels_with_sources_and_logos(county: Session, house: House) -> None:
    before = epg_version(county)
    assert load(county, house.blobs) == len(CHANNELS)
    assert epg_version(county) > before
    made = channels(county)
    assert {n: c.kind for n, c in made.items()} == {
        51: "live",
        64: "live",
        65: "loop",
        91: "loop",
        100: "live",
    }
    sources = {n: [(s.kind, s.url) for s in c.sources] for n, c in made.items() if c.sources}
    assert sources == {
        51: [("file", "demo/51")],
        64: [("file", "demo/64")],
        100: [("card", "clock?title=青禾标准时间")],
    }
    assert all(channel.wanted for channel in made.values())
    assert [p.code for p in made[91].places] == [LIUHE_CODE]
    assert not any(channel.places for n, channel in made.items() if n != 91)


def test_logos_are_served_as_pictures_and_told_apart(house: House) -> None:
    addresses = store_logos(house.blobs)
    assert addresses == store_logos(house.blobs), "the same drawing lies there once"
    small = {}
    for number, address in addresses.items():
        found = resolve(address, "key", house.clock.now())
        assert media_type(found.blob_key) == "image/jpeg"
        with house.blobs.open(found.blob_key) as file:
            content = file.read()
        assert hashlib.sha256(content).hexdigest()[:16] in address
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.size == (240, 240)
            small[number] = picture.convert("RGB").resize((8, 8)).tobytes()
    for one, other in combinations(small.values(), 2):
        difference = sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)
        assert difference > 10, "two logos look alike"


def test_a_logo_is_the_same_every_time() -> None:
    demo = CHANNELS[0]
    one, other = (logo_file(draw_logo(*demo.logo, demo.number), demo.number) for _ in range(2))
    assert one == other


def test_loading_again_changes_nothing_and_leaves_others_alone(
    county: Session, house: House
) -> None:
    mine = make_channel(county, number=51, name="早就有的台")
    assert load(county, house.blobs) == len(CHANNELS) - 1
    programmes = county.query(Programme).count()
    loop = channels(county)[65]
    loop.name = "改了名"
    county.flush()
    assert load(county, house.blobs) == 0
    assert county.query(Programme).count() == programmes
    assert channels(county)[65].name == "改了名"
    assert (mine.name, mine.logo, mine.sources) == ("早就有的台", "", [])


def test_the_guide_of_a_file_loop_says_what_it_is_and_has_no_gap(
    county: Session, house: House
) -> None:
    load(county, house.blobs)
    made = channels(county)
    for demo in CHANNELS:
        rows = county.scalars(
            select(Programme)
            .where(Programme.channel_id == made[demo.number].id)
            .order_by(Programme.start_s)
        ).all()
        if demo.block is None:
            assert rows == []
            continue
        assert {row.title for row in rows} == {demo.block[0]}
        assert rows[0].start_s <= START.timestamp() < rows[0].stop_s
        assert all(row.stop_s - row.start_s == 3 * 3600 for row in rows)
        assert all(a.stop_s == b.start_s for a, b in pairwise(rows))
        assert rows[-1].stop_s >= (START + timedelta(days=13)).timestamp()


def test_loops_play_their_titles_as_these_can_be_played(county: Session, house: House) -> None:
    load(county, house.blobs)
    fill_demo_loops(county, now=START)
    assert not any(channel.loop for channel in channels(county).values())
    add_titles(county, but=["06-rice.mp4"])
    fill_demo_loops(county, now=START)
    made = channels(county)
    names = [item.title.file_name for item in made[65].loop]
    assert names == [f for f in CHANNELS[2].films if f != "06-rice.mp4"]
    assert loop_entries(county, made[65].id, int(START.timestamp()), int(START.timestamp()) + 60)
    made[65].loop.pop()
    county.flush()
    fill_demo_loops(county, now=START)
    assert len(made[65].loop) == len(names) - 1, "an editor's order stays"


def test_what_is_for_one_village_is_on_no_channel() -> None:
    bound = {title.file_name for title in demo_titles() if title.place}
    assert bound
    assert not any(bound & set(demo.films) for demo in CHANNELS)


def test_file_loops_hold_films_that_fit_as_they_are() -> None:
    for demo in CHANNELS:
        assert set(demo.films) <= FILMS.keys()
        if demo.source and demo.source[0] == "file":
            assert {FILMS[film].encoding for film in demo.films} == {"fits"}


def test_films_are_shared_as_they_come_without_a_second_copy(tmp_path: Path) -> None:
    drawn, inbox = tmp_path / "demo", tmp_path / "inbox"
    drawn.mkdir()
    share_films(drawn, inbox)
    assert sorted(p.name for p in (inbox / "demo").iterdir()) == ["51", "64"]
    assert list((inbox / "demo/51").iterdir()) == []
    (drawn / "01-spring.mp4").write_bytes(b"film")
    (drawn / "10-ledger.mp4").write_bytes(b"for one village")
    for _ in range(2):
        share_films(drawn, inbox)
    assert [p.name for p in inbox.rglob("*.*")] == ["01-spring.mp4"]
    assert (inbox / "demo/51/01-spring.mp4").samefile(drawn / "01-spring.mp4")


def test_the_party_film_can_be_read() -> None:
    for slide in PARTY_FILM.slides:
        assert all(text_width(line, LINE_SIZE) + 34 <= TEXT_WIDTH for line in slide.lines)
        assert text_width(slide.heading, HEADING_SIZE) <= TEXT_WIDTH
    assert "".join(PARTY_FILM.lines) == PARTY_FILM.title
    assert 15 <= PARTY_FILM.duration_s <= 40


def test_a_demo_of_an_earlier_release_is_not_whole(house: House) -> None:
    """`cuntai run` loads it again then, which adds the channels; later it lets them be."""
    seen = [demo_is_loaded(house)]
    for action in (DEMO_LOADED, DEMO_CHANNELS_LOADED):
        with session_scope(house.sessions) as session:
            audit.record(session, at=START, actor="system", action=action, subject="county")
        seen.append(demo_is_loaded(house))
    assert seen == [False, False, True]
